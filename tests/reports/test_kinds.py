"""The kinds that are documents of sections: what each says of the demo company, and who gets it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from governance.audit.models import Entry
from governance.capture import bands
from governance.consents import ledger, objections, optouts
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.rules import PERMISSIONS
from governance.purposes.exchange import ico, outgoing
from governance.purposes.models import Purpose
from governance.reports import press, reports, rules
from governance.reports.kinds import period as periods
from governance.reports.models import Report
from governance.rights import requests
from governance.rights.models import Request
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words

EACH = [
    "ledger",
    "optouts",
    "retention",
    "requests",
    "audit_extract",
    "deletion_run",
    "evaluation",
    "programme",
    "training",
    "works_pack",
    "steering",
    "ico",
]


def month(cast: Cast) -> str:
    return f"{clock.law_date(cast.software.timezone):%Y-%m}"


def day(cast: Cast) -> str:
    return clock.law_date(cast.software.timezone).isoformat()


def quarter(cast: Cast) -> str:
    today = clock.law_date(cast.software.timezone)
    return f"{today.year}-Q{(today.month + 2) // 3}"


def figure(report: Report, code: str) -> Any:
    return next(row["result"] for row in report.facts["content"]["figures"] if row["code"] == code)


def scopes(cast: Cast) -> dict[str, dict[str, str]]:
    period = {"period": month(cast)}
    purpose = {"purpose": str(cast.purpose.pk)}
    return {
        "ledger": purpose | period, "optouts": period, "retention": period, "requests": period, "audit_extract": period,
        "deletion_run": {"day": day(cast)}, "evaluation": purpose, "programme": {"programme": str(cast.programme.pk)},
        "training": {}, "ico": {}, "works_pack": {"programme": str(cast.programme.pk)}, "steering": {"period": quarter(cast)},
    }  # fmt: skip


# --- Opt-outs ------------------------------------------------------------------------------------------------------


def test_the_register_of_opt_outs_names_numbers_and_no_reasons(cast: Cast, undrawn: None) -> None:
    optouts.opt_out(by=cast.bela, purpose=cast.purpose)
    leaks = Purpose.objects.get(entity=cast.software, name="Detect leaks of trade secrets")
    objections.object_to(leaks, "Because of Ramesh", by=cast.bela)
    OptOut.objects.create(country="IN", by=cast.rupa)  # of everybody in the country, from everything
    report = orders.made("optouts", cast, {"period": month(cast)}, by=cast.dev)
    whole = press.twin_of(report, report.facts).decode() + press.html_of(report, report.facts)
    assert "N-1002" in whole and "Fernandes" not in whole and "Ramesh" not in whole
    assert [row["purpose"] for row in report.facts["content"]["objections"]] == [leaks.number]
    assert "IN" in [row["population"] for row in report.facts["content"]["opt_outs"]]
    codes = ("opt_outs", "of_people", "of_groups", "lifted", "objections", "upheld", "undecided")
    assert [figure(report, code) for code in codes] == [2, 1, 1, 0, 1, 0, 1]


def test_who_only_refused_is_not_in_it(cast: Cast, undrawn: None) -> None:
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.bela, notice=cast.purpose.published_notice(), language="en"
    )
    report = orders.made("optouts", cast, {"period": month(cast)}, by=cast.dev)
    assert "N-1002" not in press.twin_of(report, report.facts).decode()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("optouts", "lata"), ("optouts", "arun"), ("requests", "lata"), ("audit_extract", "lata")],
)
def test_a_kind_that_holds_more_is_refused_to_a_role_that_sees_less(
    cast: Cast, undrawn: None, kind: str, name: str
) -> None:
    report, other = orders.made(kind, cast, scopes(cast)[kind], by=cast.dev), cast.people[name]
    with pytest.raises(Refused) as refused:
        reports.ask(kind, cast.software, scopes(cast)[kind], by=other)
    assert refused.value.code in ("not_for_this_role", "may_not_request")
    assert not Report.objects.visible_to(other).filter(pk=report.pk).exists()
    with visit(other) as client:
        for address in (
            reverse("reports:report", args=[report.pk]), reverse("reports:read", args=[report.pk]),
            reverse("reports:download", args=[report.pk, "json"]),
        ):  # fmt: skip
            assert client.get(address).status_code == 404
        library = words(client.get(reverse("reports:library")))
        assert report.number not in library
    with visit(cast.dev) as client:
        assert client.get(reverse("reports:report", args=[report.pk])).status_code == 200


# --- Ledger --------------------------------------------------------------------------------------------------------


def back_to(when: Any) -> None:
    """Everything said so far was said then: rows of the past, as the table's owner makes them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consents_consentevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE consents_consentevent SET at = %s", [when])
        cursor.execute("ALTER TABLE consents_consentevent ENABLE TRIGGER USER")


def test_the_ledger_shows_no_figure_behind_which_one_person_stands(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    back_to(clock.now() - timedelta(days=20))
    for code in {month(cast), f"{clock.now() - timedelta(days=20):%Y-%m}"}:
        report = orders.made("ledger", cast, {"purpose": str(cast.purpose.pk), "period": code})
        assert {row["result"] for row in report.facts["content"]["figures"]} == {""}
        assert {row["on"] for row in report.facts["content"]["weeks"]} <= {""}
        whole = press.twin_of(report, report.facts).decode()
        assert "N-1002" not in whole and str(cast.bela.pk) not in whole
        assert "not shown: fewer than ten people" in said(report)


def test_what_was_said_this_week_does_not_show_before_it_is_over(cast: Cast, undrawn: None) -> None:
    report = orders.made("ledger", cast, scopes(cast)["ledger"])
    until = report.facts["content"]["counted_until"]
    assert until is None or date.fromisoformat(until) < bands.monday(clock.law_date(cast.software.timezone))
    assert ConsentEvent.objects.count() == 0 or until != day(cast)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-Q5", "2999", "2026-11-24", "26-11", "2026-Q0", "2026-00"]
)
def test_a_span_of_somebody_s_choosing_is_no_period(cast: Cast, code: str) -> None:
    assert periods.of(code) is None or code == "2999"
    with pytest.raises(Refused) as refused:
        reports.ask("ledger", cast.software, {"purpose": str(cast.purpose.pk), "period": code}, by=cast.lata)
    assert refused.value.code == "scope_missing"


def test_periods_begin_and_end_with_the_calendar() -> None:
    assert (periods.of("2026-Q4").first, periods.of("2026-Q4").last) == (
        date(2026, 10, 1),
        date(2026, 12, 31),
    )
    assert periods.of("2024-02").last == date(2024, 2, 29) and periods.of("2026").last == date(2026, 12, 31)
    assert periods.recent(date(2026, 1, 15))[:2] == ["2026-Q1", "2025-Q4"]
    assert periods.recent(date(2026, 1, 15))[5:7] == ["2026-01", "2025-12"]


# --- Retention and deletion ----------------------------------------------------------------------------------------


def test_the_retention_schedule_tells_how_it_was_kept(cast: Cast, undrawn: None) -> None:
    system = orders.system(cast, "crm", "Customer files")
    done = orders.carry_out(orders.withdrawn(cast, cast.bela), [system])
    late = orders.withdrawn(cast, cast.asha)
    type(late).objects.filter(pk=late.pk).update(created_at=clock.now() - timedelta(days=31))
    report = orders.made("retention", cast, {"period": month(cast)})
    assert [figure(report, code) for code in ("raised", "done", "open", "late", "held", "conflict")] == [
        2,
        1,
        1,
        1,
        0,
        0,
    ]
    text = said(report)
    assert done.state == "done" and late.number in text and "more than 30 days" in text
    assert "N-1001" not in press.twin_of(report, report.facts).decode()


def test_the_retention_schedule_tells_what_falls_due_next(cast: Cast, undrawn: None) -> None:
    today = clock.law_date(cast.software.timezone)
    Purpose.objects.filter(pk=cast.purpose.pk).update(review_on=today + timedelta(days=40))
    make.consent(cast.asha, cast.purpose, "ui_event")  # one person's consent ends by time, too
    ConsentRecord.objects.update(expires_at=clock.now() + timedelta(days=20))
    report = orders.made("retention", cast, {"period": month(cast)})
    content = report.facts["content"]
    assert (cast.purpose.number, "review") in [(row["of"], row["code"]) for row in content["due"]]
    assert content["records"] == [] and figure(report, "records") == 0
    assert "What falls due next" in said(report) and "no records of ten people or more" in said(report)


def test_the_deletion_run_counts_what_is_left_once(cast: Cast, undrawn: None) -> None:
    one, other = orders.system(cast, "crm", "Customer files"), orders.system(cast, "notes", "Notes")
    order = orders.carry_out(orders.withdrawn(cast, cast.bela), [one, other], left=other)
    report = orders.made("deletion_run", cast, {"day": day(cast)})
    assert [figure(report, code) for code in ("orders", "done", "found", "erased", "left")] == [1, 0, 8, 8, 2]
    assert order.number in said(report) and "It is no certificate." in said(report)


# --- Requests ------------------------------------------------------------------------------------------------------


def test_the_request_log_has_the_clock_of_each_and_no_words(cast: Cast, undrawn: None) -> None:
    open_one = requests.raise_request("access", "About Ramesh", by=cast.bela)
    overdue = requests.raise_request("correction", "My name", by=cast.asha)
    Request.objects.filter(pk=overdue.pk).update(
        due_on=clock.law_date(cast.software.timezone) - timedelta(days=1)
    )
    report = orders.made("requests", cast, {"period": month(cast)}, by=cast.dev)
    assert [figure(report, code) for code in ("received", "in_time", "late", "open", "overdue")] == [
        2,
        0,
        0,
        1,
        1,
    ]
    text = said(report)
    assert open_one.number in text and "N-1002" in text and "Ramesh" not in text


# --- The log -------------------------------------------------------------------------------------------------------


def test_the_extract_of_the_log_is_checked_again(cast: Cast, undrawn: None) -> None:
    orders.seal()
    report = orders.made("audit_extract", cast, {"period": month(cast)}, by=cast.dev)
    assert figure(report, "sealed") == figure(report, "right") > 0 and figure(report, "wrong") == 0
    assert figure(report, "roots") == figure(report, "batches") > 0
    assert "Nothing was found changed." in said(report)


def test_a_changed_entry_is_marked(cast: Cast, undrawn: None) -> None:
    orders.seal()
    entry = Entry.objects.filter(code="purpose.activated").first()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET code = 'purpose.paused' WHERE id = %s", [entry.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    report = orders.made("audit_extract", cast, {"period": month(cast)}, by=cast.dev)
    assert figure(report, "wrong") == 1 and "Something in this extract is not as it was sealed." in said(
        report
    )


# --- Purpose and programme -----------------------------------------------------------------------------------------


def test_the_evaluation_asks_both_laws(cast: Cast, undrawn: None) -> None:
    report = orders.made("evaluation", cast, {"purpose": str(cast.purpose.pk)})
    content, text = report.facts["content"], said(report)
    assert content["laws"] and all(row["fired"] for row in content["laws"])
    assert cast.purpose.number in text and content["pack"]["sha256"] in text
    for law in content["laws"]:
        assert law["fired"][0]["rule"] in text


def test_the_dossier_shows_what_the_minimiser_leaves(cast: Cast, undrawn: None) -> None:
    report = orders.made("programme", cast, {"programme": str(cast.programme.pk)})
    content = report.facts["content"]
    assert content["samples"] and all(
        "Mohan" not in str(row) and "4711" not in str(row) for row in content["samples"]
    )
    assert cast.programme.number in said(report) and "not_permitted" not in str(content["turned_away"])


# --- The ICO's table -----------------------------------------------------------------------------------------------


def test_the_ico_s_table_says_what_the_export_says(cast: Cast, undrawn: None) -> None:
    content = orders.made("ico", cast).facts["content"]
    entry = next(
        one for one in outgoing.entries(Purpose.objects.filter(pk=cast.purpose.pk).select_related("entity", "unit", "owner"))
    )  # fmt: skip
    rows = {
        row["number"]: dict(zip(content["headings"], row["cells"], strict=True)) for row in content["rows"]
    }
    assert len(content["headings"]) == 30 and cast.purpose.number in rows
    assert list(rows[cast.purpose.number].values()) == ico.row(entry.activity)


# --- All of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    EACH,
)
def test_each_is_of_its_own_entity_only(cast: Cast, kind: str) -> None:
    if kind in ("ledger", "evaluation", "programme", "works_pack"):
        with pytest.raises(Refused) as refused:
            reports.ask(kind, cast.gmbh, scopes(cast)[kind], by=cast.dev)
        assert refused.value.code == "scope_missing"
    if scopes(cast)[kind]:
        with pytest.raises(Refused):
            reports.ask(kind, cast.software, {}, by=cast.dev)
    with pytest.raises(Refused):
        reports.ask(kind, cast.software, scopes(cast)[kind] | {"more": "1"}, by=cast.dev)


@pytest.mark.parametrize(
    "kind",
    EACH,
)
def test_the_form_asks_what_the_kind_needs(cast: Cast, undrawn: None, kind: str) -> None:
    scope = scopes(cast)[kind]
    with visit(cast.dev) as client:
        url = reverse("reports:new") + f"?kind={kind}"
        assert client.get(url).status_code == 200
        fields = {"language": "en", "entity": str(cast.software.pk)} | scope
        assert client.post(url, fields).status_code == 302
    assert Report.objects.get(kind=kind).scope == scope


@pytest.mark.parametrize("language", ["en", "hi", "de"])
@pytest.mark.parametrize(
    "kind",
    EACH,
)
def test_every_one_is_said_in_three_languages(cast: Cast, undrawn: None, kind: str, language: str) -> None:
    report = orders.made(kind, cast, scopes(cast)[kind], by=cast.dev, language=language)
    assert report.state == "ready", report.fault
    assert len(said(report)) > 500


def test_the_library_says_what_is_due(cast: Cast, undrawn: None) -> None:
    with visit(cast.dev) as client:
        assert "What is due" in words(client.get(reverse("reports:library")))
    orders.made("register", cast)
    with visit(cast.dev) as client:
        due = [
            (row["kind"].code, row["entity"]) for row in client.get(reverse("reports:library")).context["due"]
        ]
    assert ("register", cast.software) not in due and ("register", cast.gmbh) in due


def test_a_kind_that_needs_more_needs_a_permission_that_somebody_with_reports_has() -> None:
    for kind, needed in rules.NEEDS.items():
        assert any({needed, "reports.request"} <= held for held in PERMISSIONS.values()), kind


@pytest.mark.parametrize("kind", [*EACH, "statement"])
def test_the_worker_s_own_login_reads_all_that_a_kind_needs(cast: Cast, undrawn: None, kind: str) -> None:
    orders.withdrawn(cast, cast.bela)
    scope = scopes(cast).get(kind, {"person": str(cast.bela.pk)})
    report = reports.ask(kind, cast.software, scope, by=cast.bela if kind == "statement" else cast.dev)
    with as_login("worker"):
        press.make(report.pk)
    report.refresh_from_db()
    assert report.state == "ready", report.fault
