"""Relaxing a locked default: owner asks, DPO advises, owner decides; express prohibitions are relaxed by nobody."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people import roles
from governance.people.models import Person
from governance.purposes import judging, relaxing, verdicts, versions
from governance.purposes.activity import Activity, Item
from governance.purposes.models import Override, Purpose
from governance.purposes.policy import Outcome
from tests.cast import Cast
from tests.visits import visit, words

RULE = "E-LO-IN.a"  # off duty nobody's whereabouts are recorded: locked, not express


def today() -> date:
    return clock.law_date("Asia/Kolkata")


@pytest.fixture
def rescue(cast: Cast) -> Purpose:
    """A purpose that a locked default blocks."""
    said = Activity(
        name="Find people after an alarm", kind="safety", countries=("IN",), ground_in="s7i", limb_in="employment",
        items=(Item(code="place", name="Place", category="LO", safeguards=("off_duty",)),),
    )  # fmt: skip
    purpose = versions.enter(cast.software, said, by=cast.dev, owner=cast.omar)
    version = versions.submit(purpose.versions.get().pk, by=cast.dev)
    versions.approve(version.pk, by=cast.dara)
    return Purpose.objects.get(pk=purpose.pk)


def asked(cast: Cast, purpose: Purpose) -> Override:
    return relaxing.ask(purpose, RULE, signal="place", on=today(), by=cast.omar)


def later(days: int = 90) -> date:
    return today() + timedelta(days=days)


def test_owner_asks_dpo_advises_owner_decides_and_both_texts_stay(cast: Cast, rescue: Purpose) -> None:
    assert judging.judge(rescue, today()).outcome is Outcome.BLOCK
    with visit(cast.omar) as client:
        page = client.post(
            f"/register/{rescue.pk}/overrides/ask/", {"rule": RULE, "signal": "place"}, follow=True
        )
        assert "The data protection officer writes the advice first" in words(page)
        made = Override.objects.get(purpose=rescue)
        here = f"/register/overrides/{made.pk}/"
        client.post(here, {"relax": "yes", "reason": "I want to", "until": later().isoformat()})
        made.refresh_from_db()
        assert made.decided_on is None
    with visit(cast.dev) as client:
        assert "Your advice is kept." in words(
            client.post(here, {"advice": "Only with a pause button."}, follow=True)
        )
    assert judging.judge(rescue, today()).outcome is Outcome.BLOCK  # advice alone relaxes nothing
    with visit(cast.omar) as client:
        page = words(
            client.post(
                here,
                {"relax": "yes", "reason": "The button is there.", "until": later().isoformat()},
                follow=True,
            )
        )
    assert "Your decision is kept" in page
    rescue.refresh_from_db()
    assert rescue.verdict == "EXPLICIT_OPT_IN"
    with visit(cast.arun) as client:
        page = words(client.get(f"/register/{rescue.pk}/verdict/"))
    for said in (
        "Only with a pause button.",
        "Dev Kulkarni",
        "The button is there.",
        "Omar Sheikh",
        "relaxed by the owner",
    ):
        assert said in page
    codes = Entry.objects.filter(about_id=rescue.pk, code__startswith="override.").values_list(
        "code", flat=True
    )
    assert set(codes) == {"override.asked", "override.advised", "override.decided"}


def test_it_runs_out_on_its_day(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "With a button.", on=today(), by=cast.dev)
    relaxing.decide(made.pk, relax=True, reason="It is there.", until=later(5), on=today(), by=cast.omar)
    assert judging.judge(rescue, later(4)).outcome is Outcome.EXPLICIT_OPT_IN
    assert judging.judge(rescue, later(5)).outcome is Outcome.BLOCK
    verdicts.judge_all(cast.software, later(5))
    rescue.refresh_from_db()
    assert rescue.verdict == "BLOCK"
    with visit(cast.dev) as client:
        assert "has run out" in words(client.get(f"/register/{rescue.pk}/verdict/?on={later(5)}"))


def test_owner_or_dpo_end_it_and_the_rule_holds_at_once(cast: Cast, rescue: Purpose) -> None:
    for who in (cast.omar, cast.dev):
        made = asked(cast, rescue)
        relaxing.advise(made.pk, "With a button.", on=today(), by=cast.dev)
        relaxing.decide(made.pk, relax=True, reason="It is there.", until=later(), on=today(), by=cast.omar)
        with visit(who) as client:
            assert "The rule holds again in full." in words(
                client.post(f"/register/overrides/{made.pk}/end/", follow=True)
            )
        assert judging.judge(rescue, today()).outcome is Outcome.BLOCK
    with visit(cast.arun) as client:
        assert client.post(f"/register/overrides/{made.pk}/end/").status_code == 404


def test_a_decision_against_it_leaves_the_rule(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Do not.", on=today(), by=cast.dev)
    relaxing.decide(made.pk, relax=False, reason="Agreed.", until=later(), on=today(), by=cast.omar)
    assert judging.judge(rescue, today()).outcome is Outcome.BLOCK


def test_what_is_forbidden_expressly_is_relaxed_by_nobody(cast: Cast) -> None:
    attention = Purpose.objects.get(name="Notice tiredness from typing")
    with visit(cast.omar) as client:
        page = client.post(
            f"/register/{attention.pk}/overrides/ask/",
            {"rule": "EU-19", "signal": "typing_rhythm"},
            follow=True,
        )
    assert "EU-19 is an express prohibition (AI Act Art. 5(1)(f)). Nobody can relax it." in words(page)
    assert not Override.objects.exists()
    # Not even when a row is put there past the verbs:
    Override.objects.create(
        purpose=attention, rule_id="EU-19", advice="a", advised_by=cast.dev, advised_on=today(), reason="r", decided_by=cast.omar,
        decided_on=today(), relaxed=True, until=later(),
    )  # fmt: skip
    heard = judging.judge(attention, today())
    assert heard.outcome is Outcome.BLOCK and [r.code for _o, r in heard.evaluation.refused_overrides] == [
        "express_prohibition"
    ]


@pytest.mark.parametrize(
    ("rule", "signal", "code"),
    [
        ("EU-34.a", "", "not_locked"),
        ("EU-99", "", "no_such_rule"),
        (RULE, "nothing", "no_such_item"),
        ("EU-28", "place", "does_not_apply"),
    ],
)
def test_what_cannot_be_relaxed_is_not_even_asked(
    cast: Cast, rescue: Purpose, rule: str, signal: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        relaxing.ask(rescue, rule, signal=signal, on=today(), by=cast.omar)
    assert refused.value.code == code and not Override.objects.exists()


def test_asking_twice_is_asking_once(cast: Cast, rescue: Purpose) -> None:
    assert asked(cast, rescue).pk == asked(cast, rescue).pk


ADVISERS: list[tuple[str, str]] = [
    ("omar", "one_person"),
    ("lata", "not_the_dpo"),
    ("rupa", "not_the_dpo"),
    ("asha", "not_the_dpo"),
]


@pytest.mark.parametrize(("who", "code"), ADVISERS)
def test_only_the_dpo_advises(cast: Cast, rescue: Purpose, who: str, code: str) -> None:
    made = asked(cast, rescue)
    with pytest.raises(Refused) as refused:
        relaxing.advise(made.pk, "Fine.", on=today(), by=Person.objects.get(pk=cast.people[who].pk))
    assert refused.value.code == code


@pytest.mark.parametrize("who", ["dev", "dara", "lata", "asha", "arun"])
def test_only_the_owner_who_answers_for_it_decides(cast: Cast, rescue: Purpose, who: str) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Fine.", on=today(), by=cast.dev)
    with pytest.raises(Refused) as refused:
        relaxing.decide(made.pk, relax=True, reason="r", until=later(), on=today(), by=cast.people[who])
    assert refused.value.code == "not_the_owner"
    made.refresh_from_db()
    assert made.decided_on is None


def test_whoever_represents_the_workers_does_not_decide_for_the_company(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Fine.", on=today(), by=cast.dev)
    roles.grant(cast.omar, "representative", cast.software, by=Person.objects.get(pk=cast.ira.pk))
    with pytest.raises(Refused) as refused:
        relaxing.decide(
            made.pk, relax=True, reason="r", until=later(), on=today(), by=Person.objects.get(pk=cast.omar.pk)
        )
    assert refused.value.code == "conflict_of_interest"


def test_the_table_itself_keeps_adviser_and_decider_apart(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Fine.", on=today(), by=cast.dev)
    for wrong in ({"decided_by": cast.dev}, {"decided_by": cast.omar, "advised_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Override.objects.filter(pk=made.pk).update(**wrong)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reason": " "}, "no_reason"),
        ({"until": date(2020, 1, 1)}, "until_past"),
        ({"until": date(2099, 1, 1)}, "until_too_late"),
    ],
)
def test_a_decision_has_a_reason_and_an_end(
    cast: Cast, rescue: Purpose, said: dict[str, Any], code: str
) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Fine.", on=today(), by=cast.dev)
    with pytest.raises(Refused) as refused:
        relaxing.decide(
            made.pk, **({"relax": True, "reason": "r", "until": later()} | said), on=today(), by=cast.omar
        )
    assert refused.value.code == code


def test_advice_may_be_written_anew_until_the_decision(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    relaxing.advise(made.pk, "Perhaps.", on=today(), by=cast.dev)
    assert relaxing.advise(made.pk, "No.", on=today(), by=cast.dara).advice == "No."
    relaxing.decide(made.pk, relax=False, reason="Right.", until=later(), on=today(), by=cast.omar)
    with pytest.raises(Refused) as refused:
        relaxing.advise(made.pk, "Yes after all.", on=today(), by=cast.dev)
    assert refused.value.code == "decided"


def test_who_may_see_and_who_may_ask(cast: Cast, rescue: Purpose) -> None:
    made = asked(cast, rescue)
    for person, read in (
        (cast.dev, 200),
        (cast.omar, 200),
        (cast.lata, 200),
        (cast.arun, 200),
        (cast.rupa, 200),
        (cast.asha, 404),
        (cast.ira, 404),
    ):
        with visit(person) as client:
            assert client.get(f"/register/{rescue.pk}/overrides/").status_code == read
            assert client.get(f"/register/overrides/{made.pk}/").status_code == read
            if person != cast.omar:
                assert client.post(f"/register/{rescue.pk}/overrides/ask/", {"rule": RULE}).status_code == 404
