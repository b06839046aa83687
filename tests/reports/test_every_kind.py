"""Every kind from one company's data: made, drawn, and read for what no reader should meet.

SAMMATI_PICTURES=<folder> keeps the pages as pictures, to be looked at.
"""

import os
import re
import subprocess
from datetime import timedelta
from html import unescape
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from governance.capture import bands
from governance.capture.models import Excess, Programme, TurnedAway
from governance.consents import ledger, objections, optouts
from governance.exports import datasets, following
from governance.incidents import incidents
from governance.lib import clock
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.reports import press, reports, words
from governance.reports.kinds import KINDS
from governance.reports.models import Report
from governance.rights import requests
from tests import make, told
from tests.capture import worn
from tests.cast import Cast
from tests.exports.conftest import again, set_scene
from tests.reports import orders

PICTURES = os.environ.get("SAMMATI_PICTURES", "")
LANGUAGES = os.environ.get("SAMMATI_PICTURES_IN", "en").split(",")
# What the code calls things; nobody who reads a document should meet it. Questions of figures are the exception.
RAW = re.compile(
    r"\b(None(?! [a-z]|[.,:;])|True|False|nan|undefined|not_[a-z]+|[a-z]+\.[a-z]+_[a-z]+)\b|<|%\(|\{\{"
)

# The demo's register itself answers "None" where it is asked for automated decisions.
OWN_WORDS = {kind: {"None"} for kind in ("register", "fiche", "ico", "changes")}


@pytest.fixture
def company(db: None) -> Cast:
    """A quarter at work: consents, withdrawals, requests, an incident, packages and models."""
    cast = make.cast(colleagues=24)
    scene = set_scene(cast, None)
    # Asha speaks for herself above; many others say yes, a few say no again.
    others = list(Person.objects.filter(number__startswith="N-11").order_by("number"))
    for person in others[:14]:
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
    export = scene.packed()
    dataset = datasets.register(export, "Claims 2026", holder=cast.meera, by=again(scene.bela))
    datasets.train(dataset, "Reimbursement agent", "1.4", trained_at=clock.now(), by=again(scene.bela))
    systems = [
        orders.system(cast, "crm", "Customer files"),
        orders.system(cast, "notes", "Notes of the help desk"),
    ]
    orders.carry_out(orders.withdrawn(cast, cast.bela), [systems[0]], left=systems[1], not_searched=[])
    ledger.withdraw_purpose(cast.purpose, by=again(others[0]))
    following.follow()
    optouts.opt_out(by=again(cast.rupa), purpose=cast.purpose)
    leaks = Purpose.objects.get(entity=cast.software, name="Detect leaks of trade secrets")
    objections.object_to(leaks, "I keep no secrets.", by=again(cast.bela))
    for right in ("access", "correction", "erasure"):
        requests.raise_request(right, "Please.", by=again(cast.bela))
    now, day = clock.now(), clock.law_date(cast.software.timezone)
    incidents.open_incident(
        cast.software, "A laptop was lost", aware_at=now - timedelta(hours=5), by=cast.dev,
        programme=cast.programme, pause=True,
    )  # fmt: skip
    client = cast.programme.clients.get()
    for code, count in (("not_sampled", 8125), ("application_not_listed", 312), ("outside_hours", 41)):
        TurnedAway.objects.create(client=client, programme=cast.programme, code=code, day=day, count=count)
    Excess.objects.create(programme=cast.programme, signal="ui_event", field="site", day=day, events=1234)
    bands.count(day)
    orders.seal()
    return cast


def scope(kind: str, cast: Cast) -> dict[str, Any]:
    day = clock.law_date(cast.software.timezone)
    quarter = {"period": f"{day.year}-Q{(day.month + 2) // 3}"}
    purpose, programme = {"purpose": cast.purpose.pk}, {"programme": cast.programme.pk}
    asha = again(cast.asha)
    return {
        "changes": {"since": (day - timedelta(days=30)).isoformat()}, "ledger": purpose | quarter, "optouts": quarter, "retention": quarter,
        "requests": quarter, "audit_extract": {"period": f"{day:%Y-%m}"}, "steering": quarter, "deletion_run": {"day": day.isoformat()},
        "evaluation": purpose, "fiche": purpose, "programme": programme, "works_pack": programme,
        "statement": {"person": asha.pk}, "evidence_bundle": {"person": asha.pk} | purpose,
    }.get(kind, {})  # fmt: skip


def made(kind: str, cast: Cast, language: str) -> Report:
    asha = again(cast.asha)
    if kind == "certificate":
        order = cast.bela.orders.latest("created_at")
        report = reports.ask(
            "certificate", cast.software, {"order": order.pk}, by=cast.dev, language=language
        )
    elif kind == "receipt":
        report = reports.ask(
            "receipt", cast.software, {"receipt": asha.receipts.first().pk}, by=asha, language=language
        )
    elif kind == "notice":  # in any language that it was published in, whatever the reports speak
        notice = cast.purpose.published_notice()
        if language not in {text.language for text in notice.usable_texts()}:
            notice = told.in_every_language(cast)  # the cast's own company has three
        scope_ = {"notice": notice.pk, "language": language}
        spoken = words.spoken(language, kind)
        report = reports.ask(kind, cast.software, scope_, by=cast.dev, language=spoken)
    elif kind == "door_sign":
        line = (
            worn.line(cast) if not Programme.objects.filter(name__startswith="Tool change").exists() else None
        )
        programme = line.programme if line else Programme.objects.get(name__startswith="Tool change")
        scope_ = {"programme": programme.pk, "zone": "press-2"}
        report = reports.ask(kind, cast.software, scope_, by=cast.dev, language=language)
    elif kind == "bsa_certificate":
        about = made("register", cast, "en")
        report = reports.ask(kind, cast.software, {"report": about.pk}, by=cast.dev, language=language)
    else:
        by = asha if kind in ("statement", "evidence_bundle") else cast.dev
        report = reports.ask(kind, cast.software, scope(kind, cast), by=by, language=language)
    orders.finish(report)
    return report


def read(report: Report) -> str:
    """What the pages say, without the questions of figures and codes of proofs."""
    html = re.sub(r"(?s)<head>.*?</head>", "", press.html_of(report, report.facts))
    html = re.sub(r'(?s)<(td|p|span|code|div)[^>]*class="[^"]*mono[^"]*".*?</\1>', " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def pictures(report: Report) -> None:
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    name = folder / f"{report.kind}-{report.scope.get('language', report.language)}"
    name.with_suffix(".pdf").write_bytes(bytes(report.files.get(kind="pdf").content))
    if which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "55", "-png", name.with_suffix(".pdf"), name], check=True)


@pytest.mark.night
@pytest.mark.skipif(
    not (os.environ.get("SAMMATI_NIGHT") or PICTURES), reason="drawn by night: ./run test --night"
)
@pytest.mark.django_db(databases=["default", "keys"])
def test_every_kind_reads_well(company: Cast, drawn: None) -> None:
    found = {}
    for kind in os.environ.get("SAMMATI_PICTURES_OF", ",".join(KINDS)).split(","):
        for language in LANGUAGES:
            if kind != "notice" and language not in dict(words.languages(kind)):
                continue
            report = made(kind, company, language)
            assert report.state == "ready", (kind, report.fault)
            text = read(report)
            raw = {match.group(0) for match in RAW.finditer(text)} - OWN_WORDS.get(kind, set())
            if kind == "audit_extract":  # its rows are the log's own codes
                raw = set()
            if raw:
                found[kind, language] = sorted(raw)
            if PICTURES:
                pictures(report)
    assert not found
