"""A store that breaks off in the middle, after any message, with its answer unsaid or half said, and refuses from then on:
the order is partly done and says why, or it is done and nothing is left; with the store back it is done, once.

By day four cuts for each kind of store, by night twenty. The seed is printed; SAMMATI_SEED repeats a run.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from governance.purposes.models import DataSystem
from governance.retention import systems
from governance.retention.models import ErasureOrder, Proof, Step
from tests.faults.cable import Cable
from tests.faults.test_killed_in_the_middle import NIGHT
from tests.retention import at_hand, service
from tests.retention.at_hand import Case
from tests.retention.conftest import Stage, founded, keystore, moto, stage, store, web_service

__all__ = ["founded", "keystore", "moto", "stage", "store", "web_service"]
CUTS = 20 if NIGHT else 4
LAST = {"s3": 40, "redis": 30, "http": 5}  # messages of a whole order, about


@contextmanager
def s3(
    request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> Iterator[tuple[Cable, Callable[[], Case]]]:
    at = urlsplit(request.getfixturevalue("moto"))

    def fresh() -> Case:
        made = at_hand.bucket(at.geturl(), patch)[0]
        patch.setenv("BUCKET_ENDPOINT", f"http://127.0.0.1:{cable.port}")
        return made

    with Cable((at.hostname, at.port)) as cable:
        yield cable, fresh


@contextmanager
def redis(
    request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> Iterator[tuple[Cable, Callable[[], Case]]]:
    path = request.getfixturevalue("keystore")

    def fresh() -> Case:
        made = at_hand.keys(path, patch)[0]
        patch.setenv("KEYS_URL", f"redis://eraser:x@127.0.0.1:{cable.port}/0")
        patch.setenv("KEYS_READ_URL", f"redis://reader:x@127.0.0.1:{cable.port}/0")
        return made

    with Cable(path) as cable:
        yield cable, fresh


@contextmanager
def http(
    request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> Iterator[tuple[Cable, Callable[[], Case]]]:
    asked = request.getfixturevalue("web_service")

    def fresh() -> Case:
        made = service.case(asked, patch)
        patch.setenv("SERVICE_URL", f"http://127.0.0.1:{cable.port}")
        return made

    with Cable(("127.0.0.1", asked.port)) as cable:
        yield cable, fresh


@pytest.mark.slow
@pytest.mark.parametrize("kind", [s3, redis, http])
def test_a_store_that_breaks_off_is_never_taken_for_empty(
    stage: Stage, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: Callable[..., Iterator[tuple[Cable, Callable[[], Case]]]]
) -> None:  # fmt: skip
    seed = int(os.environ.get("SAMMATI_SEED", "0")) or random.randrange(1, 10**6)
    print(f"seed {seed}")
    dice, partly, cuts = random.Random(seed), 0, 0
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="more", name="One more", holds="traces", country="IN", entity=stage.cast.software
    )
    with kind(request, monkeypatch) as (cable, fresh):
        for _ in range(CUTS):
            cable.mend()
            case = fresh()
            stage.world.sign_in("web")
            systems.connect(more, case.connector.name, case.options, by=stage.cast.dev)
            systems.confirm_map(more, stage.cast.purpose, case.map, by=stage.cast.dev)
            order = stage.withdraw_without_capture("asha")
            cable.left, cable.half, before = (
                dice.randint(1, LAST[kind.__name__]),
                dice.random() < 0.5,
                cable.cuts,
            )
            state = stage.carry_out(order)
            proofs = Proof.objects.filter(order=order)
            if cable.cuts > before and state != "done":
                cuts, partly = cuts + 1, partly + 1
                assert state == "partly" and not proofs.filter(system=more).exists()
                assert proofs.count() == 4, "the other systems did not wait"
                said = [
                    f"{step.fault} {step.residue}" for step in Step.objects.filter(order=order, system=more)
                ]
                assert any(one.strip(" []") for one in said), "nobody is told why"
                assert not any("N-1001" in one for one in said)
            else:  # it was cut after the last word, or a client of the store tried again by itself
                cuts += cable.cuts > before
                assert state == "done" and not case.still_there()
            cable.mend()
            stage.due_again(order)
            ErasureOrder.objects.filter(pk=order.pk).exclude(state="done").update(attempts=0)
            if state != "done":
                assert stage.carry_out(order) == "done", said
            proof = proofs.get(system=more)
            assert not case.still_there() and proof.found_before >= proof.erased and proof.found_after == 0
    assert partly, "no cut was felt"
    print(f"{kind.__name__}: cut {cuts} times, {partly} orders partly done each time and done afterwards")
