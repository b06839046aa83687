"""A report that is made again and again: once for every period, whatever stood still, and told to those who may open it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.people import post, roles
from governance.people.models import Message
from governance.reports import links, rules_schedule, schedules, tasks
from governance.reports.models import Report, Schedule, Turn
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.visits import visit, words


@pytest.fixture
def monthly(cast: Cast, settings: Any) -> Schedule:
    settings.TODAY = "2026-09-15"
    return schedules.make(
        "register", cast.software, {}, every="month", recipients=[cast.dev, cast.arun], by=cast.lata
    )


def test_it_is_asked_for_on_the_first_day_after_the_month_and_only_once(
    cast: Cast, monthly: Schedule, settings: Any
) -> None:
    assert monthly.next_on == date(2026, 10, 1)
    with as_login("worker"):
        tasks.ask_due()
    assert not Report.objects.exists()
    settings.TODAY = "2026-10-01"
    with as_login("worker"):
        tasks.ask_due()
        tasks.ask_due()
    report = Report.objects.get()
    assert (report.kind, report.asked_by, report.scope) == ("register", cast.lata, {})
    assert Turn.objects.get().period == "2026-09"
    monthly.refresh_from_db()
    assert monthly.next_on == date(2026, 11, 1)
    assert Entry.objects.get(code="schedule.asked").facts["period"] == "2026-09"


def test_after_the_portal_stood_still_periods_are_made_up_for_and_the_state_of_the_day_once(
    cast: Cast, monthly: Schedule, settings: Any
) -> None:
    schedules.make("requests", cast.software, {}, every="month", recipients=[cast.dev], by=cast.dev)
    settings.TODAY = "2026-12-03"
    tasks.ask_due()
    asked = Report.objects.filter(kind="requests").order_by("asked_at", "number")
    assert [report.scope["period"] for report in asked] == ["2026-09", "2026-10", "2026-11"]
    assert Report.objects.filter(kind="register").count() == 1, (
        "the register of a day that has gone cannot be made"
    )
    tasks.ask_due()
    assert Report.objects.count() == 4


def test_a_crash_before_the_next_day_is_written_asks_for_nothing_twice(
    cast: Cast, monthly: Schedule, settings: Any
) -> None:
    settings.TODAY = "2026-10-02"
    tasks.ask_due()
    Schedule.objects.update(next_on=date(2026, 10, 1))
    tasks.ask_due()
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("every", "today", "due", "period"),
    [
        ("month", date(2026, 12, 31), date(2027, 1, 1), "2026-12"),
        ("quarter", date(2026, 11, 29), date(2027, 1, 1), "2026-Q4"),
        ("quarter", date(2026, 1, 1), date(2026, 4, 1), "2026-Q1"),
        ("year", date(2026, 2, 28), date(2027, 1, 1), "2026"),
    ],
)
def test_periods_are_those_of_the_calendar(every: str, today: date, due: date, period: str) -> None:
    assert rules_schedule.next_due(every, today) == due
    assert rules_schedule.ended_before(every, due).period == period


def test_recipients_are_told_and_mailed_with_a_link_that_only_they_can_use(
    cast: Cast, monthly: Schedule, settings: Any, undrawn: None
) -> None:
    settings.PUBLIC_URL = "https://sammati.example"
    settings.TODAY = "2026-10-01"
    tasks.ask_due()
    report = Report.objects.get()
    roles_before = set(Message.objects.values_list("pk", flat=True))
    orders.finish(report)
    told = Message.objects.exclude(pk__in=roles_before)
    assert sorted((m.person.number, m.code) for m in told) == [
        ("N-1030", "report_scheduled"), ("N-1031", "report_ready"), ("N-1032", "report_scheduled"),
    ]  # fmt: skip
    post.send_waiting()
    letters = [letter for letter in mail.outbox if letter.to == [cast.dev.email]]
    (found,) = re.findall(r"https://sammati\.example(/reports/link/\S+)", letters[-1].body)
    assert report.number not in letters[-1].body and "register" not in letters[-1].body.lower()
    with visit(cast.dev) as dev:
        answer = dev.get(found)
        assert answer.status_code == 200 and report.number in answer["Content-Disposition"]
        page = dev.get("/people/messages/")
        assert f"The report {report.number}, which you get by schedule, is ready." in words(page)
    assert Entry.objects.get(code="report.downloaded").by_id == cast.dev.pk
    with visit(cast.lata) as lata:
        assert lata.get(found).status_code == 404, "a link is for one person"
    assert Client().get(found)["Location"].startswith("/account/login/")


def test_a_link_ends_after_some_days_and_a_forged_one_is_none(
    cast: Cast, monthly: Schedule, undrawn: None, monkeypatch: Any
) -> None:
    report = orders.made("register", cast)
    path = links.of(report, cast.dev)
    with visit(cast.dev) as dev:
        assert dev.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
        later = signing.time.time() + timedelta(days=links.DAYS, minutes=1).total_seconds()
        monkeypatch.setattr(signing.time, "time", lambda: later)
        assert links.read(path.rsplit("/", 1)[1]).is_over  # type: ignore[union-attr]
    assert not Entry.objects.filter(code="report.downloaded").exists()


def test_who_may_not_open_the_kind_any_more_is_not_told(
    cast: Cast, monthly: Schedule, settings: Any, undrawn: None
) -> None:
    settings.TODAY = "2026-10-01"
    tasks.ask_due()
    roles.end(cast.arun.roles.in_force().get(entity=cast.software).pk, by=cast.ira)
    orders.finish(Report.objects.get())
    assert not Message.objects.filter(person=cast.arun, code="report_scheduled").exists()
    with visit(cast.lata) as lata:
        assert "is not told: may not open this kind any more" in words(lata.get("/reports/schedule"))


def test_it_stands_still_when_the_one_who_answers_may_no_longer_ask_and_goes_on_afterwards(
    cast: Cast, monthly: Schedule, settings: Any
) -> None:
    role = cast.lata.roles.in_force().get(entity=cast.software)
    roles.end(role.pk, by=cast.ira)
    settings.TODAY = "2026-10-01"
    for _ in range(2):
        tasks.ask_due()
    monthly.refresh_from_db()
    assert (monthly.fault, monthly.next_on) == (
        "may_not_request",
        date(2026, 10, 1),
    ) and not Report.objects.exists()
    assert Entry.objects.filter(code="schedule.halted").count() == 1
    assert Message.objects.filter(code="schedule_halted").count() == 3
    with visit(cast.dev) as dev:
        assert "may no longer ask for reports of this entity" in words(dev.get("/reports/schedule"))
    roles.grant(cast.lata, "legal", cast.software, by=cast.ira, second=cast.dev)
    tasks.ask_due()
    monthly.refresh_from_db()
    assert Report.objects.count() == 1 and not monthly.fault


@pytest.mark.parametrize(
    ("kind", "recipients", "code"),
    [
        ("certificate", ["dev"], "not_schedulable"), ("receipt", ["dev"], "not_schedulable"), ("register", [], "no_recipient"),
        ("register", ["dev", "asha"], "recipient_may_not_open"), ("register", ["dev", "ira"], "recipient_may_not_open"),
        ("requests", ["arun"], "recipient_may_not_open"), ("optouts", ["dev"], "not_for_this_role"),
    ],
)  # fmt: skip
def test_only_what_can_come_again_and_only_for_those_who_may_open_it(
    cast: Cast, kind: str, recipients: list[str], code: str
) -> None:
    people = [getattr(cast, name) for name in recipients]
    with pytest.raises(Refused) as refused:
        schedules.make(kind, cast.software, {}, every="month", recipients=people, by=cast.lata)
    assert refused.value.code == code and not Schedule.objects.exists()


def test_legal_puts_it_there_and_stops_it_and_others_do_not(cast: Cast) -> None:
    with visit(cast.lata) as lata:
        assert "Nothing is on the schedule" in words(lata.get("/reports/schedule"))
        page = lata.get("/reports/schedule/new?kind=register")
        assert "Dev Kulkarni" in words(page) and "Asha Deshmukh" not in words(page)
        data = {"entity": cast.software.pk, "language": "en", "every": "quarter", "recipients": [cast.dev.pk]}
        assert lata.post("/reports/schedule/new?kind=register", data)["Location"] == "/reports/schedule"
        assert "already" in words(lata.post("/reports/schedule/new?kind=register", data))
        made = Schedule.objects.get()
        shown = words(lata.get("/reports/schedule"))
        assert "Purpose register" in shown and "Every quarter" in shown and "Next due" in shown
    with visit(cast.arun) as arun:
        assert arun.get("/reports/schedule").status_code == 403
        assert arun.post(f"/reports/schedule/{made.pk}/end").status_code == 404
    with visit(cast.dev) as dev:
        assert dev.post(f"/reports/schedule/{made.pk}/end").status_code == 302
    made.refresh_from_db()
    assert made.ended_by == cast.dev
    codes = Entry.objects.filter(about_id=made.pk).values_list("code", flat=True)
    assert set(codes) == {"schedule.made", "schedule.ended"}
    with pytest.raises(Refused):
        schedules.end(made, by=cast.dev)
    assert schedules.ask_due(made.pk) == []
