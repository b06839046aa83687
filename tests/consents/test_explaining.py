"""One table says every answer of decide.py in words; a program hears of it only what is the same for everybody."""

import ast
import inspect
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone, translation

from governance.consents import decide, explaining, jobs, objections, optouts, rules
from governance.lib import packs
from governance.people.models import Person
from governance.purposes.models import Purpose
from tests.cast import Cast
from tests.visits import visit, words


def codes_of_decide() -> set[str]:
    """Every word that a Verdict is given in decide.py, and every status that enables nothing."""
    found = {status for status, _name in rules.STATUSES if status not in rules.ENABLING}
    for node in ast.walk(ast.parse(inspect.getsource(decide))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Verdict":
            found |= {one.value for arg in node.args for one in ast.walk(arg) if isinstance(one, ast.Constant) and isinstance(one.value, str)}  # fmt: skip
    return found


def test_the_table_is_total_and_every_sentence_stands_alone() -> None:
    assert codes_of_decide() <= set(explaining.TABLE), codes_of_decide() - set(explaining.TABLE)
    sentences = [str(said.sentence) for said in explaining.TABLE.values()]
    assert len(set(sentences)) == len(sentences) and all(text.endswith(".") for text in sentences)


def test_every_rule_is_a_provision_that_is_known() -> None:
    for code, said in explaining.TABLE.items():
        assert set(said.rules) <= set(packs.provisions()), code
        assert bool(said.cited) == bool(said.rules)


@pytest.mark.parametrize("code", sorted(set(explaining.TABLE) - {""}))
def test_a_program_hears_one_code_for_whatever_a_person_said_or_is(code: str) -> None:
    heard = explaining.to_program(code)
    assert heard == (code if code in ("not_declared", "purpose_not_active") else "not_permitted")


def test_a_code_that_nobody_knows_is_an_error_and_no_yes() -> None:
    with pytest.raises(KeyError):
        explaining.of("no_such_code")


def answer(person: Person, purpose: Purpose, signal: str) -> decide.Verdict:
    now = timezone.now()
    about = decide.About(
        purpose.pk,
        purpose.entity_id,
        purpose.asks_from_notice,
        jobs.day_at("UTC"),
        "UTC",
        purpose.asks_consent,
    )
    with connection.cursor() as cursor:
        declared = list(purpose.signals.values_list("code", flat=True))
        standing = decide.read(cursor, about, declared, [person.pk], now)
    return decide.decide(standing, person.pk, signal, "", now, now)


@pytest.fixture
def leaks(cast: Cast) -> Purpose:
    return Purpose.objects.select_related("entity").get(name__startswith="Detect leaks", entity=cast.software)


def test_what_runs_without_asking_is_allowed_until_somebody_objects(cast: Cast, leaks: Purpose) -> None:
    signal = leaks.signals.values_list("code", flat=True).first() or "any"
    assert answer(cast.bela, leaks, signal) == decide.Verdict(True)  # and never with a stream
    optouts.opt_out(by=cast.bela)  # takes back every yes; there is none here
    assert answer(cast.bela, leaks, signal).allowed
    row = objections.object_to(leaks, by=cast.bela)
    assert answer(cast.bela, leaks, signal).code == "objected"
    assert answer(cast.asha, leaks, signal).allowed
    objections.decide(row.pk, upheld=False, answer="The law asks for it.", by=cast.dev)
    assert answer(cast.bela, leaks, signal).allowed
    again = objections.object_to(leaks, "There is news.", by=cast.bela)
    objections.decide(again.pk, upheld=True, by=cast.dev)
    assert answer(cast.bela, leaks, signal).code == "objected"


def test_without_a_yes_nothing_that_rests_on_consent_is_allowed_by_it() -> None:
    standing = decide.Standing(declared=frozenset({"a"}))
    assert standing.on_consent is True
    assert decide.decide(standing, uuid4(), "a", "", timezone.now(), timezone.now()).code == "never_asked"


def test_my_choices_says_why_it_is_off_with_the_provision(cast: Cast) -> None:
    cast.bela.language = "en"
    cast.bela.save(update_fields=["language"])
    with visit(cast.bela) as client, translation.override("en"):
        page = words(client.get("/me/", headers={"Accept-Language": "en"}))
    said = explaining.of("never_asked")
    assert str(said.sentence) in page and said.cited in page
