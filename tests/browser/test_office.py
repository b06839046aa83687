"""The data protection officer's Monday: the tracker, over-collection, the register of processors, what changed."""

from datetime import timedelta
from typing import Any

import pytest

from governance.capture.models import Excess
from governance.lib import clock
from governance.purposes import processors, versions
from governance.purposes.activity import Activity
from governance.purposes.models import Assessment, Evaluation, Override, Processor, Purpose
from governance.reports import press, reports, sealing
from governance.rights import requests
from tests.browser.conftest import Portal


def make_busy(portal: Portal) -> dict[str, str]:
    """A week's worth of things to do, and two documents."""
    portal.world.sign_in("owner")
    cast, today = portal.cast, clock.law_date(portal.cast.software.timezone)
    Purpose.objects.filter(pk=cast.purpose.pk).update(review_on=today + timedelta(days=5))
    Assessment.objects.filter(purpose=cast.purpose, item="ui_event", ended_at=None).update(
        until=today + timedelta(days=9)
    )
    processors.change(
        Processor.objects.get(code="samruddhi"), by=cast.dev, contract_until=today + timedelta(days=12), clauses=["security", "audits"],
        subprocessors=[{"name": "Hostline GmbH", "country": "DE", "agreed_on": "2026-03-04"}],
    )  # fmt: skip
    waiting = versions.enter(cast.software, Activity(name="Plan shifts", countries=("IN",)), by=cast.dev)
    versions.submit(waiting.versions.get().pk, by=cast.dev)
    requests.raise_request("grievance", "Nobody answered my question.", by=cast.bela)
    Override.objects.create(purpose=cast.purpose, rule_id="E-MM-EU", asked_by=cast.omar)
    for n, (signal, field, events) in enumerate(
        [("ui_event", "unknown", 4120), ("typed_text", "", 318), ("ui_event", "x", 44)]
    ):
        for back in range(0, 12, n + 1):
            Excess.objects.create(
                programme=cast.programme,
                signal=signal,
                field=field,
                day=clock.now().date() - timedelta(days=back),
                events=events + 17 * back,
            )
    Evaluation.objects.create(
        purpose=cast.purpose, version=1, because="evidence", on=today, outcome="HOLD", by_law={}, result={}, facts_sha256="", pack_version="", pack_sha256="",
    )  # fmt: skip
    made = {}
    for kind, scope in (
        ("changes", {"since": str(today - timedelta(days=7))}),
        ("processors", {}),
        ("register", {}),
    ):
        report = reports.ask(kind, cast.software, scope, by=cast.lata)
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("SAMMATI_NO_PDF", "1")  # what is looked at are pages
            press.make(report.pk)
        sealing.put_on(report.pk)
        made[kind] = f"/reports/{report.pk}/read"
    return made


@pytest.mark.parametrize("width", [1280, 390])
def test_the_office_walks_through_its_monday(portal: Portal, walk: Any, width: int) -> None:
    documents = make_busy(portal) if not Excess.objects.exists() else {}
    cast = portal.cast
    processor = Processor.objects.get(code="samruddhi")
    with walk("dev", width=width) as dev:
        dev.go("/")
        dev.sees("Due in 14 days, or overdue")
        dev.is_clear(name="home")
        for name, path, text in (
            ("programme", f"/programmes/{cast.programme.pk}/", "What is sent beyond what is declared"),
            ("excess", f"/programmes/excess/{cast.purpose.pk}/", "Declared, and what arrived in excess"),
            ("processors", "/register/processors/", "Who processes for us"), ("processor", f"/register/processors/{processor.pk}/", "What is missing"),
            ("processor-form", f"/register/processors/{processor.pk}/change/", "Sub-processors"), ("mandates", "/register/mandates/", "M-0001"),
            ("new-mandate", "/register/mandates/new/", "What is done for it"), ("changes-form", "/reports/new?kind=changes", "Since"),
            *((f"read-{kind}", path, "2026") for kind, path in documents.items()),
        ):  # fmt: skip
            dev.go(path)
            dev.sees(text)
            dev.is_clear(name=name)


def test_the_owner_finds_what_is_theirs(portal: Portal, walk: Any) -> None:
    if not Excess.objects.exists():
        make_busy(portal)
    with walk("omar") as omar:
        omar.go("/")
        omar.sees("Yours: due in 14 days, or overdue")
        omar.is_clear(name="owner")
