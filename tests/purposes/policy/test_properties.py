"""What holds for all facts: prohibitions only tighten, laws only add, overrides stop at express prohibitions."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.purposes.policy import Outcome, PurposeFacts, packs
from governance.purposes.policy.engine import evaluate_anew
from governance.purposes.policy.facts import (
    Asking,
    Case,
    Evidence,
    NoticeFacts,
    Override,
    Recipient,
    SignalFacts,
)
from governance.purposes.policy.language import (
    All,
    Any_,
    Has,
    Node,
    Not,
    Number,
    OneOf,
    Yes,
    compile_,
    read,
    write,
)
from tests.purposes.policy.saying import EARLIER, SAFE
from tests.purposes.policy.saying import given as said

PACK = packs.default()
VOCABULARY = PACK.vocabulary
DAYS = st.dates(date(2026, 6, 1), date(2028, 6, 1))
slow = settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))


def words(fact: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(VOCABULARY[fact].words or ()))


def some(fact: str, most: int = 3) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(words(fact), max_size=most)


YES = st.booleans()
SIGNALS = st.builds(
    SignalFacts, code=st.sampled_from("abcd"), category=words("signal.category"), mode=words("signal.mode"),
    form=words("signal.form"), origin=words("signal.origin"), uses=some("signal.uses"), necessary=YES, user_started=YES,
    redacted_on_device=YES, allowlisted=YES, blurred=YES, all_speakers_agree=YES, off_duty=YES, lab_study=YES,
    equal_alternative=YES, special_law=YES, text_only=YES, localised_class=YES,
    assessed_until=st.none() | DAYS,
)  # fmt: skip
RECIPIENTS = st.builds(
    Recipient, name=st.just("r"), country=st.sampled_from(["IN", "DE", "US"]), processor=YES,
    contract_from=st.none() | st.just(EARLIER), transfer_tool=st.sampled_from(["", "scc"]), transfer_assessed=YES,
)  # fmt: skip
CASES = st.builds(Case, kind=words("case.kind"), required_by_law=YES, cyber_incident=YES, grievance_open=YES)
FACTS = st.builds(
    PurposeFacts, kind=words("purpose.kind"), laws=st.frozensets(st.sampled_from(["EU", "IN"]), min_size=1),
    countries=st.frozensets(st.sampled_from(["IN", "DE", "FR"]), max_size=2), basis_eu=words("basis.eu"),
    art9=words("basis.art9"), ground_in=words("basis.in"), limb_in=words("basis.in_limb"), art22=words("basis.art22"),
    signals=st.lists(SIGNALS, max_size=3, unique_by=lambda s: s.code).map(tuple),
    evidence=st.frozensets(words("evidence"), max_size=25).map(lambda kinds: tuple(Evidence(k, EARLIER) for k in sorted(kinds))),
    recipients=st.lists(RECIPIENTS, max_size=2).map(tuple), asking=st.just(SAFE) | st.just(Asking()), case=CASES,
    notice=st.builds(NoticeFacts, people_languages=st.just(frozenset()) | st.just(frozenset({"hi"})), waives_a_right=YES),
    effects=some("effects"), uses_ai=YES, solely_automated=YES, significant_effect=YES, human_route=YES, under_18=YES,
    platform_workers=YES, medical_or_safety=YES, works_council=YES, monitoring_capable=YES, foreign_contract=YES,
    eu_parent_decides=YES, research_exemption=YES, significant_fiduciary=YES,
)  # fmt: skip


def per_signal(
    facts: PurposeFacts, law: str | None, on: date, pack: packs.PolicyPack = PACK
) -> list[Outcome]:
    return [verdict.outcome for verdict in evaluate_anew(facts, law, on, pack).signals]


@slow
@given(
    FACTS,
    DAYS,
    st.sampled_from(PACK.rules),
    st.sampled_from(["EU", "IN", "X"]),
    st.sampled_from(["BLOCK", "REJECT_CONFIG", "HOLD"]),
)
def test_a_prohibition_more_never_loosens_anything(
    facts: PurposeFacts, on: date, like: Any, law: str, outcome: str
) -> None:
    """Signal by signal; and the headline too, unless a signal falls out."""
    extra = replace(
        like,
        id="EU-NEW",
        law=law,
        outcome=Outcome[outcome],
        from_=EARLIER,
        until=None,
        force="",
        express_in=(),
        switches_off=(),
    )
    more = PACK.with_rules(extra)
    for heard in (None, "EU", "IN"):
        before, after = evaluate_anew(facts, heard, on, PACK), evaluate_anew(facts, heard, on, more)
        assert all(was.outcome <= now.outcome for was, now in zip(before.signals, after.signals, strict=True))
        assert set(after.offered) <= set(before.offered)
        if sum(v.outcome is Outcome.BLOCK for v in before.signals) == sum(
            v.outcome is Outcome.BLOCK for v in after.signals
        ):
            assert after.outcome >= before.outcome


@slow
@given(FACTS, DAYS)
def test_two_laws_are_never_looser_than_one(facts: PurposeFacts, on: date) -> None:
    both = evaluate_anew(facts, None, on, PACK)
    for law, headline in both.by_law:
        alone = evaluate_anew(facts, law, on, PACK)
        assert headline is alone.outcome
        assert all(one.outcome <= two.outcome for one, two in zip(alone.signals, both.signals, strict=True))
        assert set(both.offered) <= set(alone.offered)
        if len(facts.signals) <= 1:
            assert both.outcome >= alone.outcome


@slow
@given(FACTS, DAYS)
def test_no_override_touches_an_express_prohibition(facts: PurposeFacts, on: date) -> None:
    everything = tuple(
        Override(rule.id, "omar", "because", EARLIER, "dev", "advice", EARLIER) for rule in PACK.rules
    )
    relaxed = evaluate_anew(facts.but(overrides=everything), None, on, PACK)
    plain = evaluate_anew(facts, None, on, PACK)
    express = [fired for fired in plain.fired if fired.express]
    for fired in express:
        for verdict in relaxed.signals:
            if fired.signal in ("", verdict.code):
                assert verdict.outcome is Outcome.BLOCK
    assert not any(fired.express and fired.relaxed_by for fired in relaxed.fired)
    assert all(fired.outcome >= Outcome.OPT_IN for fired in relaxed.fired if fired.relaxed_by)


@slow
@given(FACTS, DAYS)
def test_nothing_runs_that_no_rule_of_each_law_allows(facts: PurposeFacts, on: date) -> None:
    heard = evaluate_anew(facts, None, on, PACK)
    for verdict in heard.signals:
        if verdict.outcome.may_run:
            for law, _ in heard.by_law:
                assert any(
                    f.law == law and f.outcome is not None and f.signal in ("", verdict.code)
                    for f in heard.fired
                )


@slow
@given(FACTS, DAYS, st.integers(1, 400))
def test_time_alone_turns_verdicts_only_on_days_that_are_foreseen(
    facts: PurposeFacts, on: date, days: int
) -> None:
    from governance.purposes.policy.changes import turns

    later = on + timedelta(days=days)
    if not any(on < day <= later for day in turns(facts, PACK)):
        assert per_signal(facts, None, on) == per_signal(facts, None, later)


def atoms() -> st.SearchStrategy[Node]:
    def atom(fact: str) -> st.SearchStrategy[Node]:
        kind = VOCABULARY[fact]
        if kind.form == "yes_no":
            return st.just(Yes(fact))
        if kind.form == "number":
            return st.builds(
                Number, st.just(fact), st.sampled_from(["<", "<=", ">", ">="]), st.integers(-5, 20)
            )
        listed = st.lists(
            st.sampled_from(sorted(kind.words or {"IN", "DE"})), min_size=1, max_size=3, unique=True
        ).map(tuple)
        if kind.form == "word":
            return st.builds(OneOf, st.just(fact), listed)
        return st.builds(lambda ws, every: Has(fact, ws, every or len(ws) == 1), listed, YES)

    return st.sampled_from(sorted(VOCABULARY)).flatmap(atom)


NODES: st.SearchStrategy[Node] = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Any_(tuple(parts))),
    ),
    max_leaves=10,
)


@slow
@given(NODES)
def test_a_condition_that_is_written_down_reads_as_itself(node: Node) -> None:
    assert read(write(node), VOCABULARY) == node


@slow
@given(NODES, FACTS, DAYS)
def test_what_comes_true_was_said_to_be_possible(node: Node, facts: PurposeFacts, on: date) -> None:
    from governance.purposes.policy.language import can_be_true
    from governance.purposes.policy.vocabulary import NO_SIGNAL, of_purpose, of_signal

    context = of_purpose(facts, on, PACK.tables) | of_signal(
        (facts.signals or (NO_SIGNAL,))[0], on, PACK.tables
    )
    context |= {"gate": True, "act_missing": False}
    if compile_(node)(context):
        assert can_be_true(node, VOCABULARY)
    assert compile_(Not(node))(context) is not compile_(node)(context)


@slow
@given(st.lists(st.sampled_from(PACK.rules), unique_by=lambda rule: rule.id, min_size=1))
def test_a_pack_round_trips(tmp_path_factory: Any, chosen: list[Any]) -> None:
    part = packs._finished(replace(PACK, rules=tuple(chosen), _active={}))
    folder = tmp_path_factory.mktemp("pack")
    packs.write(part, folder)
    again = packs.load(folder)
    assert again.sha256 == part.sha256 and again == part
    facts = said("kind=agent_training eu=a in=s6 gate laws=EU,IN cat=CL")
    assert (
        evaluate_anew(facts, None, date(2027, 6, 1), again).fired
        == evaluate_anew(facts, None, date(2027, 6, 1), part).fired
    )
