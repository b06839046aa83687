"""The data protection officer's table: what is due, by when, by which law, and nobody's choice in it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.capture import turned_away
from governance.consents import ledger
from governance.consents.models import Objection
from governance.incidents import incidents
from governance.lib import clock
from governance.pages import tracker, tracker_due
from governance.pages.tracker import Due
from governance.pages.tracker_due import Desk
from governance.people.models import Person
from governance.purposes import processors, verdicts, versions
from governance.purposes.activity import Activity, Keep
from governance.purposes.models import (
    Assessment,
    Evaluation,
    Evidence,
    NoticeText,
    Override,
    Processor,
    Purpose,
)
from governance.retention.models import ErasureOrder
from governance.rights import requests
from governance.rights.models import Request
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("since", "by", "said"),
    [
        (date(2026, 11, 20), date(2026, 12, 20), "day 3 of 30"), (date(2026, 11, 20), date(2026, 11, 21), "day 3 of 1"),
        (NOW - timedelta(hours=5), NOW + timedelta(hours=67), "hour 5 of 72"), (NOW - timedelta(hours=80), NOW - timedelta(hours=8), "hour 80 of 72"),
        (date(2026, 11, 11), None, "day 12"), (None, date(2026, 11, 30), ""), (date(2026, 12, 1), date(2026, 12, 3), "day 0 of 2"),
        (NOW - timedelta(days=2), date(2026, 12, 1), "day 2 of 10"),
    ],
)  # fmt: skip
def test_a_clock_says_which_day_of_how_many(since: Any, by: Any, said: str) -> None:
    assert tracker.clock(since, by, NOW) == said


@given(
    st.lists(
        st.one_of(
            st.none(), st.dates(date(2026, 11, 1), date(2026, 12, 31)), st.datetimes(timezones=st.just(UTC))
        ),
        max_size=12,
    )
)
def test_the_most_urgent_stands_on_top_and_nothing_is_lost(terms: list[Any]) -> None:
    rows = tracker.merged([tracker.Source([Due("x", "", by) for by in terms])], TODAY)
    days = [row.order(TODAY)[0] for row in rows]
    assert days == sorted(days) and len(rows) == len(terms)


def test_overdue_today_and_later_read_differently() -> None:
    assert tracker.when(TODAY - timedelta(days=2), NOW) == {"state": "overdue", "note": "21 Nov 2026, 2 days"}
    assert tracker.when(TODAY, NOW)["word"] == "today" and tracker.when(None, NOW)["word"] == "now"
    assert tracker.when(TODAY + timedelta(days=1), NOW)["note"] == "tomorrow"
    assert tracker.when(NOW - timedelta(hours=1), NOW)["state"] == "overdue"


def desk(person: Person, **more: Any) -> Desk:
    return Desk(Person.objects.get(pk=person.pk), clock.law_date("Asia/Kolkata"), clock.now(), **more)


def read(person: Person) -> str:
    with visit(person) as client:
        return words(client.get("/"))


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Something of every kind is due."""
    today = clock.law_date("Asia/Kolkata")
    soon = today + timedelta(days=5)
    Purpose.objects.filter(pk=cast.purpose.pk).update(review_on=soon)
    Assessment.objects.filter(purpose=cast.purpose).delete()
    Assessment.objects.create(
        purpose=cast.purpose, item="ui_event", why_needed="w", what_less="l", justified=True, decided_by=cast.dara,
        decided_on=today - timedelta(days=360), until=soon,
    )  # fmt: skip
    Evidence.objects.filter(purpose=cast.purpose).delete()
    Evidence.objects.create(
        purpose=cast.purpose, kind="dpia", signer="Dev", signed_on=today - timedelta(days=100), expires_on=soon, file_name="a.pdf",
        file_type="application/pdf", file_size=1, file_sha256="0" * 64, filed_by=cast.dev,
    )  # fmt: skip
    processors.change(Processor.objects.get(code="samruddhi"), by=cast.dev, contract_until=soon)
    waiting = versions.enter(cast.software, Activity(name="Waits for a second person"), by=cast.dev)
    versions.submit(waiting.versions.get().pk, by=cast.dev)
    asked = requests.raise_request("access", by=cast.bela)
    Request.objects.filter(pk=asked.pk).update(due_on=soon)
    Objection.objects.create(person=cast.asha, purpose=cast.purpose, due_on=soon)
    incidents.open_incident(
        cast.software, "A laptop is gone.", aware_at=clock.now() - timedelta(hours=2), by=cast.dev
    )
    make.consent(cast.asha, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    ErasureOrder.objects.update(state="partly")
    Override.objects.create(purpose=cast.purpose, rule_id="E-MM-EU", asked_by=cast.omar)
    text = cast.purpose.published_notice().texts.get(language="de")
    NoticeText.objects.filter(pk=text.pk).update(english_sha256="0" * 64)
    return cast


KINDS = {
    "Review the activity": ("P-0001", "Look through it"), "Value assessment ends: ui_event": ("DPDP Act s.6(1)", "day 360 of 365"),
    "Evidence ends": ("GDPR Art. 35", "day 100 of 105"), "Contract with a processor ends": ("Samruddhi", "DPDP Act s.8(2)"),
    "waits for approval": ("Waits for a second person", "Look at what changes"), "Answer the request": ("N-1002", "Answer"),
    "Decide an objection": ("GDPR Art. 21(1)", "Decide"), "Data Protection Board of India": ("hour 2 of 72", "DPDP Rules r.7"),
    "Erasure done in part": ("E-20", "See what is left"), "Advise on an override of E-MM-EU": ("GDPR Art. 39", "Advise"),
    "Translation lags behind the English": ("Deutsch", "Open the notice"),
}  # fmt: skip


def test_everything_that_is_due_stands_in_one_table_with_its_clock(busy: Cast) -> None:
    with visit(busy.dev) as client:
        page = client.get("/").content.decode()
    table = page[page.index('class="tracker"') :]
    rows = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
        for row in re.findall(r"(?s)<tr role.*?</tr>", table[: table.index("</table>")])
    ][1:]
    for kind, said in KINDS.items():
        of_it = [row for row in rows if kind in row]
        assert any(all(word in row for word in said) for row in of_it), f"{kind}: {of_it}"
    overdue = [i for i, row in enumerate(rows) if "Overdue" in row]
    assert overdue == list(range(len(overdue))), "the overdue ones come first"


def test_nobody_s_name_and_nobody_s_choice_stands_in_the_table(busy: Cast) -> None:
    page = read(busy.dev)
    assert (
        "Asha" not in page
        and "N-1001" not in page
        and "ithdrew" not in page
        and "onsent withdrawn" not in page
    )
    assert "%" not in page


def test_what_is_due_later_or_done_is_not_there(busy: Cast) -> None:
    far = clock.law_date("Asia/Kolkata") + timedelta(days=15)
    for source, model, field in (
        (tracker_due.reviews, Purpose, "review_on"), (tracker_due.assessments, Assessment, "until"), (tracker_due.papers, Evidence, "expires_on"),
        (tracker_due.contracts, Processor, "contract_until"), (tracker_due.requests, Request, "due_on"), (tracker_due.objections, Objection, "due_on"),
    ):  # fmt: skip
        assert source(desk(busy.dev)).rows, source
        model.objects.update(**{field: far})
        assert not source(desk(busy.dev)).rows, source
        model.objects.update(**{field: far - timedelta(days=1)})
        assert source(desk(busy.dev)).rows, source


def test_a_paper_that_a_newer_one_outlives_is_not_due(busy: Cast) -> None:
    (paper,) = Evidence.objects.filter(purpose=busy.purpose)
    assert tracker_due.papers(desk(busy.dev)).rows
    paper.pk, paper.expires_on = None, None
    paper._state.adding = True
    paper.id = Evidence._meta.pk.get_default()
    paper.save()
    assert not tracker_due.papers(desk(busy.dev)).rows


def test_only_those_who_may_see_it_see_it(busy: Cast) -> None:
    for person in (busy.asha, busy.meera, busy.lata, busy.arun, busy.rupa, busy.ira):
        assert "Due in 14 days" not in read(person)
    assert not tracker_due.reviews(desk(busy.meera)).rows and not tracker_due.requests(desk(busy.omar)).rows


def test_the_owner_has_what_is_theirs(busy: Cast) -> None:
    page = read(busy.omar)
    assert "Yours: due in 14 days, or overdue" in page and "Review the activity" in page
    assert "Answer the request" not in page and "Advise on" not in page and "Decide on" not in page
    Override.objects.update(advice="No.", advised_by=busy.dev, advised_on=TODAY)
    assert "Decide on an override of E-MM-EU" in read(busy.omar)
    Purpose.objects.update(owner=busy.lata)
    assert "Review the activity" not in read(busy.omar)


def test_what_moved_stands_beside_it(busy: Cast) -> None:
    with visit(busy.dev) as client:
        page = words(client.get("/"))
        assert (
            "1 erasures done in part" in page
            and "0 reads of one person’s choice" in page
            and "0 undeclared things" in page
        )
        assert (
            "Nobody did in the last 7 days: 0 reads." in page
            and "Nothing arrived beyond what is declared." in page
        )
        order = ErasureOrder.objects.get()
        client.get(f"/erasures/{order.pk}")
        client.get("/erasures/")
    entry = Entry.objects.filter(code="choice.read").latest("id")
    assert entry.by_id == busy.dev.pk and entry.facts["choices"] == 1 and "person" not in entry.facts
    make.post(busy, make.event("N-1001", "typed_text"))
    turned_away.count()
    last = Evaluation.objects.filter(purpose=busy.purpose).latest("id")
    Evaluation.objects.create(
        purpose=busy.purpose, version=1, because="daily", on=TODAY, outcome="BLOCK", by_law={}, result={}, facts_sha256="", pack_version="", pack_sha256="",
    )  # fmt: skip
    page = read(busy.dev)
    assert "2 reads of one person’s choice" in page and "Dev Kulkarni 2 2" in page
    assert "1 undeclared things" in page and "Typed text" in page
    assert last.outcome != "BLOCK" and "the law or a term of the day" in page


def test_who_looks_at_their_own_order_reads_nobody_s_choice(busy: Cast) -> None:
    order = ErasureOrder.objects.get()
    with visit(busy.asha) as client:
        assert client.get(f"/me/erasures/{order.pk}").status_code == 200
    assert not Entry.objects.filter(code="choice.read").exists()


def test_it_costs_the_same_however_much_is_due(busy: Cast) -> None:
    def queries() -> int:
        with visit(busy.dev) as client, CaptureQueriesContext(connection) as found:
            assert client.get("/").status_code == 200
        return len(found)

    few = queries()
    for n in range(40):
        versions.enter(
            busy.software,
            Activity(name=f"Activity {n}"),
            by=busy.dev,
            owner=busy.omar,
            review_on=TODAY - timedelta(days=n),
        )
    many = queries()
    assert many <= few + 1, "one more to say how many are not shown"
    page = read(busy.dev)
    assert (
        re.search(r"\d+ more: reviews of activities", page)
        and page.count("Review the activity") == tracker.FROM_ONE
    )


LATER = date(2027, 6, 1)  # DPDP Rules r.8(3) holds


def badges(cast: Cast, *countries: str) -> Purpose:
    activity = Activity(
        name="Access badges", kind="access_control", people=("employees",), countries=countries, basis_eu="f", ground_in="s7i",
        keeps=(Keep(category="access badges", start_event="collected", maximum="P3M"),),
    )  # fmt: skip
    return versions.enter(cast.software, activity, by=cast.dev)


def test_where_two_laws_disagree_on_a_period_the_office_sees_both_sources(cast: Cast) -> None:
    both, one = badges(cast, "IN", "FR"), badges(cast, "IN")
    for purpose in (both, one):
        verdicts.settle(purpose, because="daily", on=date(2027, 5, 12))
    assert not tracker_due.disagreements(desk(cast.dev)).rows, "one of the two holds from the next day on"
    verdicts.judge_all(cast.software, LATER)
    (row,) = (row for row in tracker_due.disagreements(desk(cast.dev)).rows if "badges" in row.what)
    assert (row.what, row.law) == (
        "Two laws disagree on how long “access badges” is kept",
        "DPDP Rules r.8(3) ↔ CNIL",
    )
    assert row.about["text"].startswith(both.number) and row.step["url"].endswith(f"{both.pk}/verdict/")
    page = read(cast.dev)
    assert "DPDP Rules r.8(3) ↔ CNIL" in page and "Advise the owner" in page
    assert not tracker_due.disagreements(desk(cast.meera)).rows
    Purpose.objects.filter(pk=both.pk).update(state="retired")
    assert "access badges" not in read(cast.dev)


def test_a_conflict_that_comes_with_a_day_is_seen_on_that_day_though_the_verdict_stands(cast: Cast) -> None:
    both = badges(cast, "IN", "FR")
    for on in (date(2027, 5, 13), LATER):
        verdicts.settle(both, because="daily", on=on)
    Purpose.objects.filter(pk=both.pk).update(retention_conflicts=[])
    verdicts.judge_all(cast.software, LATER + timedelta(days=1))
    both.refresh_from_db()
    (found,) = both.retention_conflicts
    assert found == {
        "category": "access badges",
        "sources": ["DPDP Rules r.8(3)", "CNIL"],
        "rows": ["IN-ALL", "FR-BADGES"],
    }
