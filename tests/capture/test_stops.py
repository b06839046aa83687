"""A stop is shown with its reason and its speed, whether the programme or its purpose stopped; too much excess is one."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from governance.audit.models import Entry
from governance.capture import overflow, programmes, stop_requests, stops, streams, turned_away
from governance.capture.models import Excess, Programme
from governance.incidents import incidents
from governance.lib import clock
from governance.people.models import Message
from governance.purposes import lifecycle
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words

NOW = clock.now()


def said(code: str, by: Any = None, **facts: Any) -> Any:
    return SimpleNamespace(code=code, at=NOW, by_id=by, facts=facts)


def fresh(cast: Cast) -> Programme:
    return Programme.objects.select_related("purpose").get(pk=cast.programme.pk)


def test_an_overlap_of_both_is_one_stop() -> None:
    found = stops.stops(
        [
            said("purpose.activated"), said("programme.running"), said("purpose.paused"), said("programme.paused", last_admitted_ms=12),
            said("purpose.resumed"), said("programme.running"), said("programme.ended"),
        ]
    )  # fmt: skip
    assert [(s.of_purpose, s.by_machine, s.last_ms) for s in found] == [(True, True, 12)]
    assert found[0].to is not None


def test_what_has_not_started_does_not_stand_still() -> None:
    assert stops.stops([said("purpose.activated"), said("purpose.paused"), said("purpose.resumed")]) == []


def test_a_paused_purpose_is_a_stop_of_its_programme(cast: Cast) -> None:
    reading(cast.dev, "en")
    lifecycle.pause(cast.purpose, because="its assessment has expired", by=None)
    programme = fresh(cast)
    assert programme.state == "running" and programme.stands == "held"
    (stop,) = stops.of(programme)
    assert stop.of_purpose and stop.by_machine and stop.to is None
    with visit(cast.dev) as browser:
        page = words(browser.get(f"/programmes/{programme.pk}/"))
        assert "Stands still: its purpose does not run" in page and "its assessment has expired" in page
        assert "its purpose, by the system itself" in page
        assert "Stands still" in words(browser.get("/programmes/"))


def test_the_time_from_the_click_to_the_last_event_is_logged_and_shown(cast: Cast) -> None:
    reading(cast.dev, "en")
    make.consent(cast.asha, cast.purpose)
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    programmes.pause(cast.programme, by=cast.dev, because="a test")
    entry = Entry.objects.filter(code="programme.paused", about_id=cast.programme.pk).latest("id")
    assert (
        entry.facts["last_admitted_ms"] == 0
        and entry.facts["events_after"] == 0
        and entry.facts["clicked_at"]
    )
    with visit(cast.dev) as browser:
        assert "nothing after the click" in words(browser.get(f"/programmes/{cast.programme.pk}/"))


def test_who_stopped_it_and_why_is_said(cast: Cast) -> None:
    def page() -> str:
        reading(cast.dev, "en")
        with visit(cast.dev) as browser:
            return words(browser.get(f"/programmes/{cast.programme.pk}/"))

    with visit(cast.dev) as browser:
        browser.post(f"/programmes/{cast.programme.pk}/pause/")
    assert "stopped on its page" in page() and "a person, on its page" in page()
    programmes.start(fresh(cast), by=cast.omar)
    request = stop_requests.ask(fresh(cast), "It records more than we agreed to.", by=cast.rupa)
    stop_requests.answer(request.pk, "It stops until we have spoken about it.", stop=True, by=cast.dev)
    assert "a person: asked for by the worker representation" in page()
    programmes.start(fresh(cast), by=cast.omar)
    found = incidents.open_incident(
        cast.software, "Keys were readable for an hour.", aware_at=clock.now(), by=cast.dev, programme=fresh(cast), pause=True
    )  # fmt: skip
    assert f"a person: because of the incident {found.number}" in page()
    assert f"because of the incident {found.number}" in page().split("Entity")[0], "and as the reason"


def test_what_somebody_wrote_stays_out_of_the_log(cast: Cast) -> None:
    programmes.pause(cast.programme, by=cast.dev, because="Asha told me that she is ill")
    entry = Entry.objects.filter(code="programme.paused", about_id=cast.programme.pk).latest("id")
    assert "because" not in entry.facts and "Asha" not in str(entry.facts)


def test_what_came_in_just_now_is_not_counted_before_a_stop_could_look_at_it(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose)
    make.post(cast, make.event("N-1001", signal="typed_text"))
    assert turned_away.count(turned_away.SETTLED) == 0 and turned_away.count() == 1


class TestTooMuchExcess:
    def test_the_limits_are_data(self) -> None:
        most = overflow.limits()
        assert overflow.too_much(most["events"], most["tripwire"], most) == ""
        assert overflow.too_much(most["events"] + 1, 0, most) == "events"
        assert overflow.too_much(0, most["tripwire"] + 1, most) == "tripwire"

    def excess(self, cast: Cast, field: str, events: int) -> None:
        Excess.objects.create(
            programme=cast.programme, signal="ui_event", field=field, day=clock.now().date(), events=events
        )

    def test_it_pauses_by_itself_and_tells_owner_and_dpo_once(self, cast: Cast) -> None:
        self.excess(cast, "x", overflow.limits()["events"] + 1)
        with as_login("worker"):
            assert overflow.stop_due() == 1
        assert fresh(cast).state == "paused"
        for person in (cast.omar, cast.dev):
            assert Message.objects.filter(person=person, code="programme_overflowed").count() == 1
        assert stops.of(fresh(cast))[-1].by_machine
        programmes.start(fresh(cast), by=cast.omar)  # somebody has looked
        with as_login("worker"):
            assert overflow.stop_due() == 0

    def test_texts_of_health_have_a_limit_of_their_own(self, cast: Cast) -> None:
        self.excess(cast, "tripwire_health", overflow.limits()["tripwire"] + 1)
        assert overflow.stop_due() == 1

    def test_below_the_limit_nothing_happens(self, cast: Cast) -> None:
        self.excess(cast, "x", overflow.limits()["events"])
        assert overflow.stop_due() == 0 and fresh(cast).state == "running"

    def test_what_really_arrives_is_what_counts(self, cast: Cast, monkeypatch: Any) -> None:
        monkeypatch.setattr(overflow, "limits", lambda: {"events": 1, "tripwire": 5})
        make.consent(cast.asha, cast.purpose)
        make.post(cast, make.event("N-1001", signal="typed_text"), make.event("N-1001", signal="typed_text"))
        turned_away.count()
        assert overflow.stop_due() == 1


def test_keys_and_streams_are_compared_and_shown_to_those_who_watch(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose)
    reading(cast.dev, "en")
    with visit(cast.dev) as browser:
        assert "keys and streams not compared yet" in words(browser.get("/"))
    with as_login("eraser"):
        assert streams.reconcile_and_record() == streams.Reconciled(0, 0)
    for person in (cast.dev, cast.arun):
        reading(person, "en")
        with visit(person) as browser:
            page = words(browser.get("/"))
        assert "0 keys without a stream" in page and "0 streams without a key" in page


def test_a_key_that_belongs_to_nothing_is_told(cast: Cast) -> None:
    from governance.capture import keys

    keys.make(uuid4())
    with as_login("eraser"):
        assert streams.reconcile_and_record().keys_without_stream == 1
    assert Message.objects.filter(person=cast.dev, code="keys_differ").exists()
