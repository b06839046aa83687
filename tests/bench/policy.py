"""The rules engine: hearings a second without the memo, with it, and what it costs to find the same facts again."""

import time
from datetime import date, timedelta

from governance.purposes.policy import PurposeFacts, SignalFacts, evaluate, packs
from governance.purposes.policy.engine import evaluate_anew, forget
from governance.purposes.policy.facts import Asking, Evidence, NoticeFacts, Recipient
from tests.bench.table import Row, measure, row
from tests.conftest import World

ON = date(2027, 6, 1)
UNCACHED, REMEMBERED, REBUILT = 2_000, 100_000, 5_000


def purpose(number: int) -> PurposeFacts:
    """A purpose like the demo's: three signals, two laws, the gate fulfilled; every one differs in its papers."""
    since = date(2024, 1, 1) + timedelta(days=number % 900)
    kinds = (
        "equal_alternative",
        "no_detriment_clause",
        "dpia",
        "worker_consultation",
        "lia",
        "quality_check",
    )
    return PurposeFacts(
        kind="agent_training", laws=frozenset({"EU", "IN"}), countries=frozenset({"DE", "IN"}), basis_eu="a", ground_in="s6",
        signals=(
            SignalFacts("ui_event", "CL", "event", "minimised"), SignalFacts("app_usage", "AP", "periodic", "aggregated"),
            SignalFacts("mouse_path", "MM", "event", "minimised", assessed_until=date(2028, 1, 1)),
        ),
        evidence=tuple(Evidence(kind, since, reference=f"D-{number}") for kind in kinds),
        recipients=(Recipient("Labels LLP", "IN", True, since, None, "scc", True),),
        asking=Asking(
            True, True, 1, 1, True, False, False, 10, 6, False, expires_after_months=12, ends_on_job_change=True,
        ),
        notice=NoticeFacts(people_languages=frozenset({"hi", "de"}), approved_languages=frozenset({"en", "hi", "de"})),
    )  # fmt: skip


@measure("policy")
def policy(world: World) -> list[Row]:
    """Facts of 500 purposes, both laws, one process; building the facts is counted in the last row only."""
    pack = packs.default()
    known = [purpose(number) for number in range(500)]
    assert evaluate(known[0], None, ON).outcome.name == "OPT_IN"
    rounds = []
    for _ in range(3):  # the best of three: other processes share the machine
        began = time.perf_counter()
        for number in range(UNCACHED):
            evaluate_anew(known[number % 500], None, ON, pack)
        rounds.append(UNCACHED / (time.perf_counter() - began))
    uncached = max(rounds)
    forget()
    for facts in known:
        evaluate(facts, None, ON)
    began = time.perf_counter()
    for number in range(REMEMBERED):
        evaluate(known[number % 500], None, ON)
    remembered = REMEMBERED / (time.perf_counter() - began)
    alike, rebuilt = [], []
    for _ in range(3):
        began = time.perf_counter()
        built = [purpose(number % 500) for number in range(REBUILT)]
        then = time.perf_counter()
        for facts in built:
            evaluate(facts, None, ON)
        alike.append(REBUILT / (time.perf_counter() - then))
        rebuilt.append(REBUILT / (time.perf_counter() - began))
    note = f"{len(pack.rules)} rules, 3 signals, both laws"
    return [
        row(
            "policy: evaluate without the memo",
            uncached,
            None,
            "evaluations/s",
            at_least=2_000,
            of_ours=True,
            note=note,
        ),
        row(
            "policy: evaluate with the memo",
            remembered,
            uncached,
            "evaluations/s",
            at_least=20_000,
            of_ours=True,
            note=note,
        ),
        row(
            "policy: the memo asked with equal facts that were built anew",
            max(alike),
            uncached,
            "evaluations/s",
            at_least=20_000,
            of_ours=True,
            note="other objects, found by what they say; building them is not counted",
        ),
        row(
            "policy: facts built anew, then the memo",
            max(rebuilt),
            uncached,
            "evaluations/s",
            note="building them is counted",
        ),
    ]
