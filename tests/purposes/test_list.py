"""The list of the register: its columns, filters that survive in the URL, words that do not, and the register of a day."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from governance.people.models import Unit
from governance.purposes import activity, headings, listing, versions
from governance.purposes.activity import Activity
from governance.purposes.models import Processor, Purpose, PurposeVersion
from governance.purposes.policy.outcomes import Outcome
from tests.cast import Cast
from tests.visits import visit, words


def numbers(page: Any) -> list[str]:
    """The numbers of the rows, in their order."""
    return re.findall(r">(P-\d+)</a>", page.content.decode().split("<tbody", 1)[1].split("</tbody")[0])


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def many(cast: Cast, count: int) -> None:
    """Rows beyond a page, of Pune, made at once."""
    last = Purpose.objects.aggregate(last=Max("ordinal"))["last"]
    Purpose.objects.bulk_create(
        Purpose(number=f"P-{last + n:04d}", entity=cast.software, name=f"Filler {n}", review_on=date(2027, 1, 1) + timedelta(days=n % 7))
        for n in range(1, count + 1)
    )  # fmt: skip


def test_the_list_says_what_a_spreadsheet_would(cast: Cast) -> None:
    Purpose.objects.filter(pk=cast.purpose.pk).update(
        verdict="OPT_IN", verdict_next=[{"on": "2999-05-13", "outcome": "HOLD"}, {"on": "2020-01-01", "outcome": "BLOCK"}],
        missing=[{"field": "items[0].why", "law": "EU"}, {"field": "owner", "law": "IN"}], missing_count=2,
        processor_codes=["samruddhi"], recipient_countries=["IN", "US"], review_on="2020-01-01",
        unit=Unit.objects.get(entity=cast.software, name="Pune staff"),
    )  # fmt: skip
    Purpose.objects.filter(pk=cast.purpose_de.pk).update(verdict="", verdict_next=[])
    name = Processor.objects.get(code="samruddhi").name
    with visit(cast.dev) as client:
        page = words(client.get("/register/"))
    for said in (
        cast.purpose.number, cast.purpose.name, "Nirmaan Software Pvt Ltd", "Pune staff", "IN, DE", "Omar Sheikh", "Employees",
        "Consent, Art. 6(1)(a)", "Consent, DPDP s.6", "Opt-in", "Hold from 13 May 2999", name, "IN, US",
        "2 Data items, Accountable owner", "Overdue", "1 Jan 2020", "12 months", "Dara Irani", "not judged yet",
    ):  # fmt: skip
        assert said in page, said
    assert (
        "Blocked" not in page.split("<tbody")[-1].split("Nirmaan Software")[1]
    )  # a change of yesterday is none


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ("state=active", {"state": "active"}), ("law=EU", {"jurisdictions__contains": ["EU"]}), ("entity=NG", {"entity__code": "NG"}),
        ("people=employees", {"people_codes__contains": ["employees"]}), ("ground=EU:a", {"basis_eu": "a"}), ("ground=IN:s6", {"ground_in": "s6"}),
        ("overdue=yes", {"review_on": date(2020, 1, 1)}), ("missing=yes", {"missing_count__gt": 0}), ("verdict=HOLD", {"verdict": "HOLD"}),
        ("country=de", {"countries__contains": ["DE"]}), ("state=active&entity=NSP", {"state": "active", "entity__code": "NSP"}),
    ],
)  # fmt: skip
def test_a_filter_stands_in_the_url_and_keeps_what_it_says(
    cast: Cast, query: str, keeps: dict[str, Any]
) -> None:
    first = Purpose.objects.order_by("ordinal").first()
    assert first is not None
    Purpose.objects.update(review_on="2999-01-01", missing_count=0, verdict="OPT_IN")
    Purpose.objects.filter(pk=first.pk).update(review_on="2020-01-01", missing_count=1, verdict="HOLD")
    wanted = list(Purpose.objects.filter(**keeps).order_by("ordinal").values_list("number", flat=True))
    assert 0 < len(wanted) < Purpose.objects.count()
    with visit(cast.dev) as client:
        assert numbers(client.get(f"/register/?{query}")) == wanted


def test_owner_me_department_and_recipients_abroad(cast: Cast) -> None:
    unit = Unit.objects.get(entity=cast.software, name="Pune staff")
    Purpose.objects.filter(pk=cast.purpose.pk).update(unit=unit, owner=cast.dev, recipient_countries=["US"])
    with visit(cast.dev) as client:
        for query in (f"unit={unit.pk}", "mine=yes", "country=US"):
            assert numbers(client.get(f"/register/?{query}")) == [cast.purpose.number], query


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense", "entity=%00x", "unit=abc", "unit=999999", "country=USA", "on=yesterday", "sort=x", "after=zzz", "before=_x",
        "after=2026-99-99_3", "after=_99999999999999", "s=unknown", "ground=EU:zz", "verdict=<script>", "after=&before=",
    ],
)  # fmt: skip
def test_a_mistyped_filter_is_no_filter(cast: Cast, query: str) -> None:
    with visit(cast.dev) as client:
        page = client.get(f"/register/?{query}")
    assert (
        page.status_code == 200
        and numbers(page)
        and "<script>" not in page.content.decode().split("<main")[1]
    )


def test_a_day_to_come_is_refused_in_words(cast: Cast) -> None:
    with visit(cast.dev) as client:
        assert "This day is still to come" in words(client.get("/register/?on=2999-01-01"))
        assert "This day is still to come" in words(client.get(f"/register/{cast.purpose.pk}/?on=2999-01-01"))


def test_words_are_searched_by_post_and_only_a_token_stands_in_the_address(cast: Cast) -> None:
    with visit(cast.dev) as client:
        answer = client.post("/register/?state=active", {"words": "Pay salar"})
        where = answer["Location"]
        assert answer.status_code == 302 and "alar" not in where and "state=active" in where and "s=" in where
        page = client.get(where)
        salaries = Purpose.objects.get(name="Pay salaries").number
        assert salaries in numbers(page) and cast.purpose.number not in numbers(page)
        assert "Found for “Pay salar”" in words(page)
        assert "s=" in page.content.decode().split('class="narrowing"')[1]  # narrowing down keeps the words
        assert numbers(client.get(client.post("/register/", {"words": "p-0002"})["Location"])) == ["P-0002"]
        assert numbers(client.get(client.post("/register/", {"words": "!!"})["Location"])) == []
        assert len(numbers(client.get(client.post("/register/", {"words": " "})["Location"]))) > 3
    with visit(cast.lata) as client:
        page = client.get(where)
        assert "This search is not kept any more" in words(page) and len(numbers(page)) > 1


def test_the_session_keeps_the_last_ten_searches(cast: Cast) -> None:
    with visit(cast.dev) as client:
        first = client.post("/register/", {"words": "salaries"})["Location"]
        for n in range(10):
            last = client.post("/register/", {"words": f"word{n}"})["Location"]
        assert "not kept any more" in words(client.get(first)) and "word9" in words(client.get(last))


@given(st.text(max_size=100))
def test_no_words_can_break_the_search(text: str) -> None:
    """Whatever is typed becomes a question of letters and digits alone, so that PostgreSQL can read it."""
    found = listing.matching(Purpose.objects.all(), text)
    for _sql, parameters in (
        [found.query.sql_with_params()] if text.strip() and not found.query.is_empty() else []
    ):
        for said in parameters:
            if isinstance(said, str) and ":*" in said:
                assert all(re.fullmatch(r"[^\W_]+:\*", part) for part in said.split(" & "))


class TestPages:
    def walk(self, client: Any, url: str, rel: str = "next") -> list[list[str]]:
        """The numbers of every page from here to the end."""
        pages = []
        while url:
            page = client.get(url)
            pages.append(numbers(page))
            link = re.search(rf'rel="{rel}" href="([^"]+)"', page.content.decode())
            url = f"/register/{link.group(1).replace('&amp;', '&')}" if link else ""
            self.last = page
        return pages

    @pytest.mark.parametrize("sort", ["", "&sort=review"])
    def test_every_row_stands_on_exactly_one_page_forward_and_back(self, cast: Cast, sort: str) -> None:
        many(cast, 120)
        order = ["review_on", "ordinal"] if sort else ["ordinal"]
        every = list(
            Purpose.objects.filter(entity=cast.software).order_by(*order).values_list("number", flat=True)
        )
        Purpose.objects.filter(number__in=every[-3:]).update(review_on=None)
        every = list(
            Purpose.objects.filter(entity=cast.software).order_by(*order).values_list("number", flat=True)
        )
        with visit(cast.dev) as client:
            pages = self.walk(client, f"/register/?entity=NSP{sort}")
            assert [n for page in pages for n in page] == every and len(pages) == 3
            back = re.search(r'rel="prev" href="([^"]+)"', self.last.content.decode())
            assert back is not None
            backwards = self.walk(client, "/register/" + back.group(1).replace("&amp;", "&"), "prev")
        assert list(reversed(backwards)) == pages[:-1]

    @pytest.mark.parametrize("sort", ["", "?sort=review"])
    def test_words_that_very_many_have_find_the_same_rows_in_the_same_order(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, sort: str
    ) -> None:
        many(cast, 130)
        Purpose.objects.filter(name__startswith="Filler 1").update(
            search=SearchVector("name", config="simple")
        )
        asked = listing.Asked(words="fill 1")
        one_by_one = []
        matching = listing.matching

        def seen(purposes: Any, words: str, *, walked: bool = False) -> Any:
            one_by_one.append(walked)
            return matching(purposes, words, walked=walked)

        monkeypatch.setattr(listing, "matching", seen)
        ways = []
        for most in (1000, 20):  # of 42: few, and very many
            monkeypatch.setattr(listing, "COUNTED", most)
            with visit(cast.dev) as client:
                there = client.post("/register/" + sort, {"words": asked.words})["Location"]
                ways.append((self.walk(client, there), words(self.last)))
            assert one_by_one[-1] is (most == 20)
        (few, said), (very_many, counted) = ways
        assert few == very_many and sum(map(len, few)) == 42
        assert "42 purposes" in said and "20+ purposes" in counted

    def test_p_10000_comes_after_p_9999(self, cast: Cast) -> None:
        Purpose.objects.bulk_create(
            Purpose(number=number, entity=cast.software, name="Late")
            for number in ("P-10000", "P-9999", "P-10001")
        )
        assert list(Purpose.objects.filter(name="Late").values_list("number", flat=True)) == [
            "P-9999",
            "P-10000",
            "P-10001",
        ]
        assert versions.enter(cast.software, Activity(name="Next"), by=cast.dev).number == "P-10002"

    def test_beyond_a_thousand_nobody_counts(self, cast: Cast) -> None:
        with visit(cast.dev) as client:
            total = Purpose.objects.count()
            assert f"{total} purposes" in words(client.get("/register/"))
        many(cast, 1100)
        with visit(cast.dev) as client:
            assert "1,000+ purposes" in words(client.get("/register/"))
            assert "1,000+ purposes" in words(client.get("/register/?after=_900"))


class TestTheRegisterOfADay:
    @pytest.fixture
    def changed(self, cast: Cast) -> Purpose:
        """Version 1 from 1 March to 10 March 2026, 08:00 UTC; version 2 since then, under another name."""
        purpose = Purpose.objects.get(name="Pay salaries")
        first = purpose.versions.get()
        draft = versions.draft(purpose, by=cast.dev)
        versions.save(draft.pk, draft.activity.but(name="Pay wages"), revision=draft.revision, by=cast.dev)
        versions.submit(draft.pk, by=cast.dev)
        versions.approve(draft.pk, by=cast.dara)
        PurposeVersion.objects.exclude(purpose=purpose).update(in_force_at=at("2026-02-01"))
        PurposeVersion.objects.filter(pk=first.pk).update(
            in_force_at=at("2026-03-01"), ended_at=at("2026-03-10T08:00")
        )
        PurposeVersion.objects.filter(pk=draft.pk).update(in_force_at=at("2026-03-10T08:00"))
        return purpose

    @pytest.mark.parametrize(
        ("day", "name"),
        [("2026-02-28", None), ("2026-03-01", "Pay salaries"), ("2026-03-04", "Pay salaries"), ("2026-03-09", "Pay salaries"),
         ("2026-03-10", "Pay wages"), ("2026-06-01", "Pay wages")],
    )  # fmt: skip
    def test_which_version_was_in_force(
        self, cast: Cast, changed: Purpose, day: str, name: str | None
    ) -> None:
        with visit(cast.dev) as client:
            page = client.get(f"/register/?on={day}")
            assert (changed.number in numbers(page)) is (name is not None)
            entry = client.get(f"/register/{changed.pk}/?on={day}")
        assert entry.status_code == 200
        if name is None:
            assert "No version of this entry was in force on that day." in words(entry)
        else:
            assert name in words(page) and name in words(entry)
            assert f"/register/{changed.pk}/?on={day}" in page.content.decode()  # one click
            assert ("It was replaced on 10 March 2026" in words(entry)) is (name == "Pay salaries")
            assert "approved by Dara Irani" in words(entry)

    def test_the_day_is_the_readers_day(self, cast: Cast, changed: Purpose) -> None:
        """23:30 UTC on the 9th is the 10th in Pune."""
        PurposeVersion.objects.filter(purpose=changed, number=1).update(ended_at=at("2026-03-09T23:30"))
        PurposeVersion.objects.filter(purpose=changed, number=2).update(in_force_at=at("2026-03-09T23:30"))
        with visit(cast.dev) as client:
            assert "Pay salaries" in words(client.get(f"/register/{changed.pk}/?on=2026-03-09"))
            assert "Pay wages" in words(client.get(f"/register/{changed.pk}/?on=2026-03-10"))

    def test_filters_of_today_are_left_out_and_said_to_be(self, cast: Cast, changed: Purpose) -> None:
        with visit(cast.dev) as client:
            page = client.get("/register/?on=2026-03-04&verdict=BLOCK&entity=NSP")
            assert changed.number in numbers(page) and "Filters that speak of today" in words(page)
            assert cast.purpose_de.number not in numbers(page)
            assert "Filters that speak of today" not in words(
                client.get("/register/?on=2026-03-04&entity=NSP")
            )

    def test_another_entitys_past_stays_closed(self, cast: Cast, changed: Purpose) -> None:
        with visit(cast.rupa) as client:
            assert cast.purpose_de.number not in numbers(client.get("/register/?on=2026-06-01"))
            assert client.get(f"/register/{cast.purpose_de.pk}/?on=2026-06-01").status_code == 404

    def test_every_field_of_a_version_is_shown_with_its_heading(self, cast: Cast) -> None:
        version = cast.purpose.versions.get()
        PurposeVersion.objects.filter(pk=version.pk).update(in_force_at=at("2026-03-01"))
        with visit(cast.arun) as client:
            page = words(client.get(f"/register/{cast.purpose.pk}/?on=2026-04-01"))
        for field in activity.FIELDS:
            assert headings.heading(field) in page, field
        for item in version.activity.items:
            assert item.name in page and item.why in page


def test_every_field_and_every_outcome_has_its_words() -> None:
    assert set(activity.FIELDS) <= set(headings.FIELDS)
    assert set(headings.VERDICTS) == {outcome.name for outcome in Outcome}
    assert headings.heading("items[3].why") == "Data items" and headings.heading("unheard") == "unheard"


@pytest.mark.parametrize(
    "url", ["/register/", "/register/?state=active&sort=review", "/register/?on=2026-03-04"]
)
def test_the_list_costs_the_same_few_queries_however_long_it_is(cast: Cast, url: str) -> None:
    def cost() -> int:
        with visit(cast.dev) as client:
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
        return len(asked)

    short = cost()
    many(cast, 200)
    Purpose.objects.filter(name__startswith="Filler").update(processor_codes=["samruddhi"], state="active")
    assert short <= 6 and cost() <= 6


def test_the_entry_costs_the_same_queries_however_long_the_register_is(cast: Cast) -> None:
    def cost(who: Any) -> int:
        url = f"/register/{cast.purpose.pk}/"
        with visit(who) as client:
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
        return len(asked)

    before = cost(cast.dev)
    many(cast, 200)
    assert cost(cast.dev) == before
