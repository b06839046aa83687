"""No to parts: one signal, one application, hours of the week. A no beats every yes; the allow-list beats both."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given as examples
from hypothesis import strategies as st

from governance.capture import recorded
from governance.consents import decide, optouts
from governance.consents.decide import Window
from governance.consents.models import ConsentRecord, OptOut
from governance.lib.refusals import Refused
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

PUNE = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def given(cast: Cast) -> Cast:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    ConsentRecord.objects.update(given_at=timezone.now() - timedelta(days=6))
    return cast


def admitted(cast: Cast, ago: timedelta = timedelta(), **more: str) -> int:
    at = (timezone.now() - ago).isoformat()
    return make.post(cast, make.event("N-1002", at=at, **more))["admitted"]


def clock_in_pune(shift: timedelta = timedelta()) -> time:
    return (timezone.now().astimezone(PUNE) + shift).time().replace(second=0, microsecond=0)


def test_of_one_application_the_others_go_on(given: Cast) -> None:
    optouts.opt_out(by=given.bela, application="Excel")
    assert admitted(given, application="Excel") == 0 and admitted(given, application="Chrome") == 1
    assert ConsentRecord.objects.on().count() == 2 and not ErasureOrder.objects.exists()


def test_the_allow_list_wins_over_everything(given: Cast) -> None:
    answer = make.post(given, make.event("N-1002", application="Solitaire"))
    assert answer["turned_away"] == {"application_not_listed": 1}


def test_in_these_hours_nothing_is_taken_and_every_yes_stays(given: Cast) -> None:
    optouts.opt_out(
        by=given.bela, since=clock_in_pune(-timedelta(hours=1)), to=clock_in_pune(timedelta(hours=1))
    )
    assert make.post(given, make.event("N-1002"))["turned_away"] == {"not_permitted": 1}
    assert ConsentRecord.objects.on().count() == 2 and not ErasureOrder.objects.exists()


def test_at_other_hours_it_goes_on_but_what_happened_in_them_is_never_taken(given: Cast) -> None:
    optouts.opt_out(
        by=given.bela, since=clock_in_pune(-timedelta(hours=4)), to=clock_in_pune(-timedelta(hours=2))
    )
    assert admitted(given) == 1
    assert admitted(given, timedelta(hours=3)) == 0
    assert admitted(given, timedelta(hours=5)) == 1


def test_hours_of_one_application(given: Cast) -> None:
    optouts.opt_out(
        by=given.bela,
        application="Excel",
        since=clock_in_pune(-timedelta(hours=1)),
        to=clock_in_pune(timedelta(hours=1)),
    )
    assert admitted(given, application="Excel") == 0 and admitted(given, application="Chrome") == 1


def test_of_one_site_and_what_is_under_it_the_others_go_on(given: Cast) -> None:
    row = optouts.opt_out(by=given.bela, host="https://WWW.Wiki.example/login?x=1")
    assert row.host == "wiki.example"
    for url in ("https://wiki.example/a", "http://Mail.wiki.example:8443/?q=1", "https://u:p@wiki.example./"):
        assert admitted(given, url=url) == 0, url
    for url in (
        "https://notwiki.example/",
        "https://wiki.example.org/",
        "https://x.example/?to=wiki.example",
    ):
        assert admitted(given, url=url) == 1, url
    assert (
        admitted(given) == 1 and ConsentRecord.objects.on().count() == 2 and not ErasureOrder.objects.exists()
    )
    answer = make.post(given, make.event("N-1002", url="https://wiki.example/"))
    assert answer["turned_away"] == {"not_permitted": 1}
    optouts.lift(row.pk, by=given.bela)
    assert admitted(given, url="https://wiki.example/") == 1


def test_a_dot_at_the_end_opens_no_site_that_is_never_recorded(given: Cast) -> None:
    for url in ("https://bank.example/", "https://bank.example./"):
        assert admitted(given, url=url) == 0, url


def test_a_site_of_one_application_and_signal(given: Cast) -> None:
    optouts.opt_out(by=given.bela, host="wiki.example", application="Excel", signal="ui_event")
    assert admitted(given, url="https://wiki.example/") == 1
    assert admitted(given, url="https://wiki.example/", application="Excel") == 0


@pytest.mark.parametrize("said", ["not a site", "https://", "a..b", "-x.example", "http://[::1", "x" * 300])
def test_what_is_no_site_is_refused(given: Cast, said: str) -> None:
    with pytest.raises(Refused) as refused:
        optouts.opt_out(by=given.bela, host=said)
    assert refused.value.code == "no_such_site" and not OptOut.objects.exists()


def test_on_other_days_it_goes_on(given: Cast) -> None:
    today = timezone.now().astimezone(PUNE).isoweekday()
    row = optouts.opt_out(by=given.bela, weekdays=[today % 7 + 1])
    assert admitted(given) == 1
    optouts.lift(row.pk, by=given.bela)
    optouts.opt_out(by=given.bela, weekdays=[today])
    assert admitted(given) == 0


def test_the_first_line_of_the_page_does_not_take_hours_for_everything(given: Cast) -> None:
    optouts.opt_out(by=given.bela, weekdays=[6, 7])
    assert "switched on" in recorded.answer(given.bela, timezone.now()).says


@pytest.mark.parametrize(
    ("hours", "code"),
    [({"since": time(9)}, "half_a_time"), ({"to": time(9)}, "half_a_time"), ({"since": time(9), "to": time(9)}, "no_time"), ({"weekdays": [8]}, "no_such_day")],
)  # fmt: skip
def test_hours_that_are_none_are_refused(given: Cast, hours: dict, code: str) -> None:
    with pytest.raises(Refused) as refused:
        optouts.opt_out(by=given.bela, **hours)
    assert refused.value.code == code and not OptOut.objects.exists()


class TestAWindow:
    @pytest.mark.parametrize(
        ("moment", "inside"),
        [
            ("2026-11-28T17:59", False), ("2026-11-28T18:00", True), ("2026-11-28T23:59", True),  # a Saturday
            ("2026-11-29T05:59", True), ("2026-11-29T06:00", False), ("2026-11-29T18:30", False), ("2026-11-28T03:00", False),
        ],
    )  # fmt: skip
    def test_over_midnight_it_belongs_to_the_day_on_which_it_began(self, moment: str, inside: bool) -> None:
        saturday_night = Window(frozenset({6}), time(18), time(6), "Asia/Kolkata")
        assert saturday_night.covers(datetime.fromisoformat(moment).replace(tzinfo=PUNE)) is inside

    @examples(st.datetimes(timezones=st.just(UTC)), st.times(), st.times())
    def test_a_window_and_its_rest_are_the_whole_day(self, moment: datetime, one: time, other: time) -> None:
        if one != other:
            inside = Window(frozenset(), one, other, "Asia/Kolkata").covers(moment)
            assert inside is not Window(frozenset(), other, one, "Asia/Kolkata").covers(moment)

    def test_an_unknown_zone_is_utc_and_no_fault(self) -> None:
        assert Window(frozenset(), time(9), time(10), "Nowhere/Town").covers(
            datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        )

    def test_no_grant_ever_beats_a_no_without_hours(self) -> None:
        person, now = uuid4(), datetime(2026, 11, 24, tzinfo=UTC)
        standing = decide.Standing(declared=frozenset({"a"}), noes={person: [decide.No(objected=True)]})
        assert decide.decide(standing, person, "a", "", now, now).code == "objected"


class TestThePage:
    def test_an_application_and_hours_are_chosen_and_ended(self, given: Cast) -> None:
        with visit(given.bela) as client:
            assert "Choose the parts" in words(client.get("/me/"))
            form = {
                "application": "Excel",
                "weekdays": ["6", "7"],
                "since": "18:00",
                "to": "06:00",
                "purpose": str(given.purpose.pk),
            }
            page = words(client.post("/me/opt-outs/", form, follow=True))
            assert (
                "your switches stay as they are" in page
                and "Saturday and Sunday, 18:00–06:00" in page
                and "Excel" in page
            )
            row = OptOut.objects.get()
            assert "You said no to 1 part" in words(client.get("/me/"))
            assert "Excel, Saturday and Sunday, 18:00–06:00 Opted out" in words(client.get("/me/history/"))
            choices = words(client.get("/me/"))
            assert "every purpose" not in choices and "Excel, Saturday and Sunday, 18:00–06:00" in choices
            assert "Not recorded, because you said no to it: Excel, Saturday and Sunday" in choices
            ended = words(client.post(f"/me/opt-out/{row.pk}/lift/", follow=True))
            assert "What you switched on is recorded there again" in ended and "stays off" not in ended
            assert "there is no opt-out of yours" in ended

    def test_in_hours_of_a_no_the_switch_says_so_and_the_way_out_stays(self, given: Cast) -> None:
        optouts.opt_out(by=given.bela, weekdays=[1, 2, 3, 4, 5, 6, 7])
        with visit(given.bela) as client:
            page = client.get("/me/")
            assert "Not recorded, because you said no to it: Monday, Tuesday" in words(page)
            assert page.content.decode().count('form="withdraw-') == 2
            client.post(f"/me/purposes/{given.purpose.pk}/withdraw/")
        assert not ConsentRecord.objects.on().exists()

    def test_a_no_to_one_signal_is_said_to_be_theirs(self, given: Cast) -> None:
        optouts.opt_out(by=given.bela, signal="mouse_path")
        with visit(given.bela) as client:
            page = words(client.get("/me/"))
        assert "You said no to this on" in page and "or somebody who speaks for you all" not in page

    def test_ending_a_no_to_one_signal_does_not_say_that_everything_is_off(self, given: Cast) -> None:
        row = optouts.opt_out(by=given.bela, signal="mouse_path")
        with visit(given.bela) as client:
            ended = words(client.post(f"/me/opt-out/{row.pk}/lift/", follow=True))
        assert "This signal stays off until you switch it on yourself." in ended and "Everything" not in ended

    def test_one_signal_ends_it_and_erases_what_is_there(self, given: Cast) -> None:
        with visit(given.bela) as client:
            page = words(client.post("/me/opt-outs/", {"signal": "ui_event"}, follow=True))
        assert "It ends now" in page and ErasureOrder.objects.filter(because="opt_out.placed").exists()
        assert set(ConsentRecord.objects.on().values_list("signal", flat=True)) == {"app_usage"}

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({}, "Choose a signal, an application, a site or hours."), ({"since": "09:00"}, "Say from when and until when"),
            ({"host": "not a site"}, "not the address of a site"),
            ({"application": "Solitaire"}, "Select a valid choice"), ({"signal": "keystrokes"}, "Select a valid choice"), ({"since": "25:00"}, "valid time"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_told(self, given: Cast, form: dict[str, str], told: str) -> None:
        with visit(given.bela) as client:
            page = client.post("/me/opt-outs/", form)
        assert page.status_code == 400 and told in words(page) and not OptOut.objects.exists()

    def test_nobody_ends_somebody_elses(self, given: Cast) -> None:
        row = optouts.opt_out(by=given.bela, weekdays=[6])
        for who in ("asha", "meera", "dev", "rupa"):
            with visit(getattr(given, who)) as client:
                assert client.post(f"/me/opt-out/{row.pk}/lift/").status_code == 404
                assert "Saturday" not in words(client.get("/me/opt-outs/")).split("Days of the week")[0]
