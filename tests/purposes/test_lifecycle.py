"""A purpose runs, pauses, ends, changes hands: each step from the table of states, each refusal said on its button."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from governance.capture.gate import BatchRefused
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import lifecycle, states
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.purposes.conftest import ATTENDANCE, Office
from tests.visits import visit, words


def at(purpose: Purpose, path: str = "") -> str:
    return f"/register/{purpose.pk}/{path}"


def test_states_md_is_drawn_of_the_table() -> None:
    assert Path(states.__file__).with_name("states.md").read_text() == states.drawn()


def test_every_state_of_the_models_is_in_the_table_and_the_other_way_round() -> None:
    for table, named in (
        (states.PURPOSE, Purpose.STATES),
        (states.VERSION, Purpose.versions.rel.related_model.STATES),
    ):  # type: ignore[attr-defined]
        there = {before for before, _verb in table} | set(table.values())
        assert there == {code for code, _word in named}
        assert {verb for _before, verb in table} <= set(states.VERBS)


@pytest.mark.parametrize("state", [code for code, _word in Purpose.STATES])
@pytest.mark.parametrize("verb", ["pause", "resume", "retire", "activate"])
def test_only_what_the_table_lists_can_happen(office: Office, state: str, verb: str) -> None:
    purpose = office.hold()
    Purpose.objects.filter(pk=purpose.pk).update(state=state)
    purpose.refresh_from_db()
    more: dict[str, Any] = {"because": "x"} if verb in ("pause", "retire") else {}
    if (state, verb) in states.PURPOSE:
        assert getattr(lifecycle, verb)(purpose, by=office.omar, **more).state == states.PURPOSE[state, verb]
    else:
        with pytest.raises(Refused) as refused, transaction.atomic():
            getattr(lifecycle, verb)(purpose, by=office.omar, **more)
        assert refused.value.code == "wrong_transition"


def test_the_page_draws_the_life_and_marks_where_it_stands(office: Office) -> None:
    purpose = office.hold()
    with visit(office.arun) as client:
        html = client.get(at(purpose)).content.decode()
    life = html[html.index('<ol class="life"') :]
    life = life[: life.index("</ol>")]
    assert life.count("<li") == 6 and life.count('aria-current="step"') == 1
    assert life.index("Approved") > life.index('aria-current="step"') and "next: activate, retire" in life


def test_who_may_starts_pauses_and_resumes(cast: Cast) -> None:
    with visit(cast.omar) as client:
        page = words(client.get(at(cast.purpose)))
        assert (
            "Pause" in page and "End for good" in page and "Hand over" not in page
        )  # the owner does not hand over
        assert "Write a reason" in words(client.post(at(cast.purpose, "pause/"), {"because": ""}))
        done = words(
            client.post(at(cast.purpose, "pause/"), {"because": "The works council asks."}, follow=True)
        )
        assert "The purpose is paused." in done and "“The works council asks.”" in done and "Resume" in done
        assert "The purpose runs again." in words(client.post(at(cast.purpose, "resume/"), follow=True))
    for reader in (cast.arun, cast.lata, cast.rupa):
        with visit(reader) as client:
            assert client.post(at(cast.purpose, "pause/"), {"because": "x"}).status_code == 404
            assert "Pause" not in words(client.get(at(cast.purpose))).split("On this page")[0].replace(
                "Paused", ""
            )


def test_a_paused_purpose_takes_nothing_from_the_moment_on(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    with visit(cast.dev) as client:
        client.post(at(cast.purpose, "pause/"), {"because": "Looking into it."})
    with pytest.raises(BatchRefused) as refused:
        make.post(cast, make.event("N-1001"))
    assert refused.value.code == "programme_not_running"


def test_the_reason_why_it_cannot_start_stands_at_the_button(office: Office) -> None:
    asks = office.hold(ATTENDANCE.but(ground_in="s6", limb_in="", kind="benefit"))
    with visit(office.dev) as client:
        page = client.get(at(asks))
        assert "Publish a notice first: nobody can be asked without one." in words(page)
        assert 'id="activate"' in page.content.decode() and 'aria-disabled="true"' in page.content.decode()
        assert "Write the notice" in words(page)
        client.post(at(asks, "activate/"))
    assert Purpose.objects.get(pk=asks.pk).state == "approved"


def test_ending_takes_a_reason_and_is_for_good(office: Office) -> None:
    purpose = office.hold()
    with visit(office.omar) as client:
        assert "It cannot be started again" in words(client.get(at(purpose, "retire/")))
        page = words(client.post(at(purpose, "retire/"), {"because": "Replaced by another."}, follow=True))
    assert (
        "This purpose has ended for good. “Replaced by another.”" in page and "Change the entry" not in page
    )


def test_it_is_handed_over_to_a_programme_owner_and_never_to_the_dpo(office: Office) -> None:
    purpose = office.hold(owner=None)
    with visit(office.dev) as client:
        for number, says in (
            ("N-1030", "Only a programme owner"),
            ("N-1001", "Only a programme owner"),
            ("x", "Nobody has this"),
        ):
            assert says in words(client.post(at(purpose, "hand-over/"), {"owner": number}))
        client.post(at(purpose, "hand-over/"), {"owner": "N-1010"})
    purpose.refresh_from_db()
    assert purpose.owner == office.omar


def test_a_review_is_set_for_a_day_to_come(office: Office) -> None:
    purpose = office.hold()
    today = clock.law_date("Asia/Kolkata")
    with visit(office.dev) as client:
        for day, says in (
            (today, "is past. Choose a later day"),
            ("2026-13-40", "Write a day as year-month-day"),
            ("", "required"),
        ):
            assert says in words(client.post(at(purpose, "review/"), {"review_on": day}))
        client.post(at(purpose, "review/"), {"review_on": today + timedelta(days=30)})
        purpose.refresh_from_db()
        assert purpose.review_on == today + timedelta(days=30)
        Purpose.objects.filter(pk=purpose.pk).update(review_on=date(2020, 1, 1))
        assert "Overdue" in words(client.get(at(purpose)))
