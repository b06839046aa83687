"""A copy of what was erased does not open any more, though the one process that could opens it with all it has."""

from typing import Any

import pytest
from django.db import ProgrammingError, connections

from governance.capture import openings
from governance.capture.models import Opening
from governance.retention.models import Proof, Step
from tests.retention.conftest import Stage


def test_an_order_is_done_only_when_the_exporter_has_tried_a_kept_copy_and_failed(
    stage: Stage, settings: Any
) -> None:
    settings.OPENING_SECONDS = 0.1
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "partly", "nobody has tried yet"
    step = Step.objects.filter(order=order, system=stage.systems["vault"]).first()
    assert step is not None and step.residue == ["a kept sealed copy"]

    stage.world.sign_in("eraser")
    with pytest.raises(ProgrammingError):  # the eraser can neither open nor answer for the exporter
        openings.try_waiting()
    stage.world.sign_in("exporter")
    assert openings.try_waiting() == 2 and openings.try_waiting() == 0

    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    proof = Proof.objects.get(order=order, system=stage.systems["vault"])
    assert "2 kept sealed copies, tried with the exporter's door: 0 opened" in proof.looked_at


def test_a_key_that_somebody_kept_opens_the_copy_and_no_order_is_done(stage: Stage, settings: Any) -> None:
    settings.OPENING_SECONDS = 0.1
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    with connections["keys"].cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT * FROM stream_key")
    assert stage.carry_out(order) == "partly"
    stage.world.sign_in("owner")
    with connections["keys"].cursor() as cursor:
        cursor.execute("INSERT INTO stream_key SELECT * FROM kept")  # as a restored backup would
    stage.world.sign_in("exporter")
    openings.try_waiting()
    stage.world.sign_in("owner")
    assert set(Opening.objects.values_list("opened", flat=True)) == {True}
    stage.due_again(order)
    assert stage.carry_out(order) == "partly"
    assert not Proof.objects.filter(order=order, system=stage.systems["vault"]).exists()


def test_what_is_kept_to_be_tried_is_nobodys_content(stage: Stage) -> None:
    stage.consent("asha")
    stage.carry_out(stage.withdraw("asha"))
    stage.world.sign_in("owner")
    row = Opening.objects.first()
    assert row is not None and len(bytes(row.sealed)) == len(openings.NOTHING) + 48
    stage.world.sign_in("web")
    with pytest.raises(ProgrammingError):
        Opening.objects.count()
