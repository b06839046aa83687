"""A target that will not let go of a row: the order is done in part, and says which row."""

import re

import pytest

from governance.demo import stubborn
from governance.people.models import Message
from governance.retention.models import Proof, Step
from tests.retention.conftest import Stage
from tests.retention.test_pages import signed_in
from tests.visits import reading, words


def test_the_row_that_would_not_go_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stubborn, "NAME", stage.cast.purpose.name)
    doors = f"sqlite:///{stage.folder.parents[1] / stubborn.FILE}"
    monkeypatch.setenv("BADGES_URL", doors)
    monkeypatch.setenv("BADGES_READ_URL", doors)
    stage.world.sign_in("web")
    order = stubborn.build(stage.cast)
    assert order is not None and stubborn.build(stage.cast) is None, "once"
    request = order.requests.get()
    assert request.channel == "letter"

    assert stage.carry_out(order) == "partly"

    step = Step.objects.get(order=order, system__code="badges")
    assert step.residue[-1] == "entries: 3" and (step.found_before, step.erased) == (3, 2)
    assert step.found_after == 1, "one row, although its key and its text both name her"
    assert not Proof.objects.filter(order=order, system__code="badges").exists()
    assert Message.objects.filter(person=stage.cast.dev, code="order_office_partly").exists()
    stage.world.sign_in("web")
    page = words(signed_in(reading(stage.cast.dev, "en")).get(f"/erasures/{order.pk}"))
    assert "What would not go" in page and request.number in page
    left = re.search(r"What would not go.*?Door system entries (\d+)\b", page, re.DOTALL)
    assert left and left[1] == "3", "the very row is named"
