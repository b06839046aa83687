"""A person takes a break: nothing of that time is ever recorded, and every yes stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.consents import following, pauses
from governance.consents.models import ConsentRecord, Pause, Stream
from governance.lib.refusals import Refused
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.fixture
def given(cast: Cast) -> Cast:
    make.consent(cast.bela, cast.purpose, "ui_event")
    ConsentRecord.objects.update(given_at=timezone.now() - timedelta(days=3))
    return cast


def admitted(cast: Cast, ago: timedelta = timedelta()) -> int:
    at = (timezone.now() - ago).isoformat()
    return make.post(cast, make.event("N-1002", at=at))["admitted"]


def ended(row: Pause, *, began: timedelta, over: timedelta) -> None:
    """The pause began and ended that long ago."""
    now = timezone.now()
    Pause.objects.filter(pk=row.pk).update(at=now - began, until=None, ended_at=now - over)


@pytest.mark.parametrize("hours", [1, 4, 24, None])
def test_a_pause_stops_the_next_batch_and_ends_no_yes(given: Cast, hours: int | None) -> None:
    pauses.pause(by=given.bela, hours=hours)
    assert make.post(given, make.event("N-1002"))["turned_away"] == {"not_permitted": 1}
    assert ConsentRecord.objects.get().is_on and not ErasureOrder.objects.exists()
    assert Stream.objects.filter(state="open").exists()
    assert following.follow() == 0


def test_it_ends_by_itself_at_its_hour(given: Cast) -> None:
    row = pauses.pause(by=given.bela, hours=1)
    now = timezone.now()
    Pause.objects.filter(pk=row.pk).update(at=now - timedelta(minutes=60), until=now - timedelta(seconds=1))
    assert admitted(given) == 1


def test_resuming_begins_the_recording_again(given: Cast) -> None:
    row = pauses.pause(by=given.bela)
    pauses.resume(row.pk, by=given.bela)
    assert admitted(given) == 1


def test_what_a_client_kept_back_during_the_pause_is_never_taken(given: Cast) -> None:
    ended(pauses.pause(by=given.bela), began=timedelta(hours=3), over=timedelta(hours=1))
    assert admitted(given, timedelta(hours=2)) == 0
    assert admitted(given, timedelta(hours=4)) == 1
    assert admitted(given, timedelta(minutes=30)) == 1


def test_one_batch_from_before_within_and_after_keeps_the_right_ones(given: Cast) -> None:
    ended(pauses.pause(by=given.bela), began=timedelta(hours=3), over=timedelta(hours=1))
    now = timezone.now()
    events = [make.event("N-1002", at=(now - timedelta(hours=h)).isoformat()) for h in (4, 2.5, 2, 1.5, 0.5)]
    answer = make.post(given, *events)
    assert (answer["admitted"], answer["turned_away"]) == (2, {"not_permitted": 3})


def test_a_pause_of_one_purpose_leaves_the_others(given: Cast) -> None:
    pauses.pause(by=given.bela, purpose=given.purpose_de)
    assert admitted(given) == 1
    pauses.pause(by=given.bela, purpose=given.purpose)
    assert admitted(given) == 0


def test_the_newest_word_holds(given: Cast) -> None:
    pauses.pause(by=given.bela, hours=24)
    pauses.pause(by=given.bela, hours=1)
    running = Pause.objects.running(timezone.now()).get()
    assert running.until and running.until - running.at == timedelta(hours=1)


@pytest.mark.parametrize("hours", [0, 2, -1, 9999])
def test_other_lengths_are_refused(given: Cast, hours: int) -> None:
    with pytest.raises(Refused):
        pauses.pause(by=given.bela, hours=hours)


def test_nobody_resumes_for_somebody_else(given: Cast) -> None:
    row = pauses.pause(by=given.bela)
    with pytest.raises(Refused):
        pauses.resume(row.pk, by=given.asha)
    for someone in (given.asha, given.meera, given.dev, given.ira):
        with visit(someone) as client:
            assert client.post(f"/me/pause/{row.pk}/resume/").status_code == 404
    assert admitted(given) == 0


class TestThePage:
    def post(self, cast: Cast, **form: str) -> Any:
        with visit(cast.bela) as client:
            return client.post("/me/pause/", form, follow=True)

    def test_one_press_pauses_and_one_resumes(self, given: Cast) -> None:
        with visit(given.bela) as client:
            assert "Take a break" in words(client.get("/me/"))
            page = client.post("/me/pause/", {"hours": "4"}, follow=True)
            assert "Paused until" in words(page) and "You paused recording until" in words(page)
            assert "nothing is recorded now" in words(page) and "Withdraw" in words(page)
            row = Pause.objects.get()
            page = client.post(f"/me/pause/{row.pk}/resume/", follow=True)
        assert "The pause has ended." in words(page) and "On since" in words(page)

    def test_until_i_resume(self, given: Cast) -> None:
        assert "Paused until you resume." in words(self.post(given, hours=""))
        assert Pause.objects.get().until is None

    def test_another_number_of_hours_is_refused_in_words(self, given: Cast) -> None:
        assert "A pause lasts 1, 4 or 24 hours" in words(self.post(given, hours="5"))
        assert "A pause lasts 1, 4 or 24 hours" in words(self.post(given, hours="x"))
        assert not Pause.objects.exists()

    def test_who_has_nothing_on_is_not_offered_a_pause(self, cast: Cast) -> None:
        with visit(cast.bela) as client:
            assert "Take a break" not in words(client.get("/me/"))
