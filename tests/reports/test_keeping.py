"""A report is kept for a stated time; then its files go, and what proves that there was one stays."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from governance.audit.models import Entry
from governance.lib import packs
from governance.reports import keeping, reports, rules_keeping, tasks
from governance.reports.kinds import KINDS
from governance.reports.models import Report, ReportFile
from governance.retention import holds
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.visits import visit, words


def aged(report: Report, years: int) -> Report:
    Report.objects.filter(pk=report.pk).update(ready_at=Now() - timedelta(days=366 * years))
    report.refresh_from_db()
    return report


@pytest.fixture
def old(cast: Cast, undrawn: None) -> Report:
    """A register that was made seven years ago."""
    return aged(orders.made("register", cast), 7)


def test_every_kind_has_a_rule_and_every_rule_its_source() -> None:
    for kind in KINDS:
        for country in ("IN", "DE", "US"):
            assert rules_keeping.of(kind, country, date(2026, 11, 1), date(2026, 11, 29)).rule, kind
    for row in packs.load("reports").content["row"]:
        assert row["why"] and row["source"] and row["from"] <= date(2026, 11, 29), row["id"]


@pytest.mark.parametrize(
    ("kind", "country", "until"),
    [
        ("certificate", "IN", date(2033, 3, 1)), ("certificate", "DE", date(2032, 3, 1)), ("receipt", "US", date(2033, 3, 1)),
        ("register", "IN", date(2032, 3, 1)), ("optouts", "DE", date(2029, 3, 1)), ("statement", "IN", date(2027, 3, 1)),
    ],
)  # fmt: skip
def test_evidence_outlives_lists_of_people(kind: str, country: str, until: date) -> None:
    assert rules_keeping.of(kind, country, date(2026, 3, 1), date(2026, 11, 29)).until == until


def test_where_no_rule_covers_it_it_is_kept() -> None:
    kept = rules_keeping.of("gossip", "IN", date(1990, 1, 1), date(2026, 11, 29), rows=[])
    assert kept.until is None and not kept.is_over(date(2200, 1, 1))
    late = [
        {
            "id": "X",
            "kinds": ["*"],
            "country": "*",
            "keep": "P1D",
            "from": date(2030, 1, 1),
            "why": "",
            "source": "",
        }
    ]
    assert not rules_keeping.of("gossip", "IN", date(1990, 1, 1), date(2026, 11, 29), rows=late).rule


def test_after_its_time_files_and_facts_go_and_number_digest_and_log_stay(cast: Cast, old: Report) -> None:
    fresh = orders.made("register", cast)
    with as_login("worker"):
        tasks.expire()
        tasks.expire()
    old.refresh_from_db()
    assert (old.state, old.facts) == ("expired", None) and old.facts_sha256 and old.expired_at
    assert (
        not ReportFile.objects.filter(report=old).exists()
        and ReportFile.objects.filter(report=fresh).exists()
    )
    entry = Entry.objects.get(code="report.expired")
    assert (entry.about_id, entry.facts["number"], entry.facts["facts_sha256"], entry.facts["rule"]) == (
        old.pk, old.number, old.facts_sha256, "ACCOUNTS",
    )  # fmt: skip
    with visit(cast.lata) as lata:
        page = words(lata.get(f"/reports/{old.pk}"))
        assert "its files and facts are deleted" in page and old.number in page and "deleted on" in page
        assert lata.get(f"/reports/{old.pk}/json").status_code == 404
        assert lata.get(f"/reports/{old.pk}/read").status_code == 302
        assert lata.get("/reports/").status_code == 200


def test_until_when_it_is_kept_and_why_stands_on_its_page(cast: Cast, undrawn: None) -> None:
    report = orders.made("register", cast)
    with visit(cast.lata) as lata:
        page = words(lata.get(f"/reports/{report.pk}"))
    until = keeping.of(report).until
    assert until is not None and f"Kept until {until.day} {until:%B %Y}" in page and "GDPR Art. 5(2)" in page


@pytest.mark.parametrize(
    ("what", "kept"), [("person", True), ("purpose", True), ("other entity", False), ("released", False)]
)
def test_a_legal_hold_keeps_what_may_speak_of_its_person(
    cast: Cast, old: Report, what: str, kept: bool
) -> None:
    matter = holds.open_matter(
        cast.gmbh if what == "other entity" else cast.software, "A dispute", by=cast.lata
    )
    if what == "other entity":
        from governance.retention.models import Hold

        Hold.objects.create(matter=matter, person=cast.asha, placed_by=cast.lata)
    else:
        about = {"purpose": cast.purpose} if what == "purpose" else {"on": cast.asha}
        hold = holds.place(because=matter, by=cast.lata, **about)
        if what == "released":
            holds.close_matter(matter, by=cast.lata)
            holds.release(hold, by=cast.lata, second=cast.leon)
    if kept:
        with visit(cast.lata) as lata:
            assert "A legal hold keeps it beyond that" in words(lata.get(f"/reports/{old.pk}"))
    tasks.expire()
    old.refresh_from_db()
    assert (old.state == "ready") == kept


def test_a_hold_on_one_person_does_not_keep_what_is_about_another(cast: Cast, undrawn: None) -> None:
    receipt = reports.ask_for_receipt(make.consent(cast.asha, cast.purpose, "ui_event"), by=cast.asha)
    orders.finish(receipt)
    aged(receipt, 8)
    matter = holds.open_matter(cast.software, "A dispute", by=cast.lata)
    holds.place(because=matter, by=cast.lata, on=cast.bela)
    tasks.expire()
    receipt.refresh_from_db()
    assert receipt.state == "expired" and receipt.about == cast.asha


def test_what_a_certificate_for_a_court_speaks_of_is_kept_as_long_as_the_certificate(
    cast: Cast, old: Report
) -> None:
    orders.seal()
    certificate = orders.made("bsa_certificate", cast, {"report": str(old.pk)})
    assert certificate.state == "ready"
    tasks.expire()
    old.refresh_from_db()
    assert old.state == "ready" and keeping.of(old).until == keeping.of(certificate).until


def test_a_copy_of_an_expired_document_can_still_be_looked_up(cast: Cast, old: Report, client: Any) -> None:
    from governance.reports import codes

    tasks.expire()
    page = words(client.get("/verify/", {"n": old.number, "c": codes.short(old.facts_sha256)}))
    assert "A document with this number and this code was made here." in page
