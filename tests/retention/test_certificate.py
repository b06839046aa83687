"""What a certificate says of an order that was really carried out, with the rows of the vault really gone."""

from types import SimpleNamespace
from typing import Any

from django.utils import translation

from governance.capture import admitted
from governance.capture.models import Arrival
from governance.reports.kinds import certificate, certificate_words
from governance.retention import endings, rules, wording
from governance.retention.models import ErasureOrder
from tests.retention.conftest import Stage


def facts(stage: Stage, order: ErasureOrder) -> dict[str, Any]:
    """As the worker reads it, who presses reports."""
    stage.world.sign_in("worker")
    return certificate.facts(
        SimpleNamespace(kind="certificate", scope={"order": str(order.pk)}, language="en")
    )  # type: ignore[arg-type]


def test_a_done_order_still_says_when_something_was_last_let_in(stage: Stage) -> None:
    stage.consent("asha")
    stage.world.sign_in("owner")
    let_in = Arrival.objects.get(person=stage.cast.asha).admitted_at
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "done"
    stage.world.sign_in("owner")
    assert not Arrival.objects.filter(person=stage.cast.asha).exists()

    times = facts(stage, order)["times"]

    assert times["last_admitted_at"] == let_in
    assert times["nothing_admitted"] is False
    assert admitted.last(stage.cast.asha.pk, stage.cast.purpose.pk) == let_in


def test_nothing_was_ever_let_in_is_said_only_where_nothing_was(stage: Stage) -> None:
    order = stage.withdraw_without_capture("asha")
    assert stage.carry_out(order) == "done"
    times = facts(stage, order)["times"]
    assert times["last_admitted_at"] is None and times["nothing_admitted"] is True


def test_every_cause_of_an_order_has_its_words_on_pages_and_on_paper() -> None:
    assert set(wording.BECAUSE) == set(rules.CAUSES)
    assert set(rules.CAUSES) <= set(certificate_words.BECAUSE)
    assert set(endings.ENDINGS.values()) <= set(rules.CAUSES)
    with translation.override("en"):
        assert all(str(words).endswith(".") for words in certificate_words.BECAUSE.values())


def test_every_cause_that_the_code_raises_is_a_known_one() -> None:
    import ast
    from pathlib import Path

    import governance
    from governance.consents.rules import ENDED

    raised = {f"consent.{status}" for status in ENDED}
    for path in Path(governance.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "raise_order":
                raised |= {
                    keyword.value.value
                    for keyword in node.keywords
                    if keyword.arg == "because" and isinstance(keyword.value, ast.Constant)
                }
    assert raised <= set(rules.CAUSES)
