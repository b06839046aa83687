"""A pack that is broken is refused with a sentence that names the file and the rule."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance.purposes.policy import packs
from governance.purposes.policy.language import BadCondition, can_be_true, compile_, read
from governance.purposes.policy.rule import BrokenPack

VOCABULARY = packs.default().vocabulary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(packs.HOME, tmp_path / "policy")
    return tmp_path / "policy"


def change(folder: Path, file: str, was: str, now: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


BROKEN = [
    ("eu.toml", 'cite = "CJEU C-65/23"\n', "", "EU-34", "citation is missing"),
    ("eu.toml", 'id = "EU-28"', 'id = "EU-27"', "EU-27", "stands in eu.toml already"),
    ("in.toml", 'id = "IN-38"', 'id = "EU-01"', "EU-01", "stands in eu.toml already"),
    ("eu.toml", "signal.off_duty", "signal.asleep", "EU-28", "no fact “signal.asleep”"),
    ("eu.toml", "signal.category is GZ", "signal.category is QQ", "EU-27", "never “QQ”"),
    ("eu.toml", "evidence lacks sa_reply", "evidence lacks sa_rply", "EU-47", "never “sa_rply”"),
    ("eu.toml", 'outcome = "ALLOW"', 'outcome = "MAYBE"', "EU-01", "no outcome MAYBE"),
    ("eu.toml", '"decide_grounds@CL-01"', '"decide_grounds@CL-99"', "EU-07", "no clock CL-99"),
    ("eu.toml", 'needs = ["sa_reply"]', 'needs = ["a_smile"]', "EU-47", "a_smile"),
    ("eu.toml", 'from = "AI_ANNEX_III"', 'from = "SOON"', "EU-23", "names no date: SOON"),
    ("eu.toml", 'covers = false', 'covering = false', "EU-32", "no key covering"),
    ("eu.toml", 'outcome = "OPT_IN"\ncovers', 'outcome = "OPT_IN"\nforce = "express"\ncovers', "EU-32", "only a BLOCK"),
    ("eu.toml", 'express_in = ["DE"]', 'express_in = ["DE"]\nrelaxed = "ALLOW"', "EU-17", "never leaves less"),
    ("combined.toml", 'duties = ["both_laws_apply"]\n', "", "X-02", "neither an outcome nor a duty"),
    ("pack.toml", 'when = "asking.control_per_item"', 'when = "asking.nicely"', "G4", "asking.nicely"),
    ("pack.toml", "[sentence.no_rule]", "[sentence.other]", "", "no_rule is missing"),
    ("pack.toml", "P3 = 2027-05-13", 'P3 = "soon"', "", "every [date] is a day"),
    ("in.toml", "[[rule]]", "[[rule]", "", "it is no TOML"),
]  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: f"{b[0]}-{b[4]}")
def test_a_broken_pack_is_refused_and_says_where(
    folder: Path, broken: tuple[str, str, str, str, str]
) -> None:
    file, was, now, rule, what = broken
    change(folder, file, was, now)
    with pytest.raises(BrokenPack) as refused:
        packs.load(folder)
    assert refused.value.sentence.startswith(f"{file}, rule {rule}: " if rule else f"{file}: ")
    assert what in refused.value.sentence


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(BrokenPack, match=r"pack\.toml"):
        packs.load(tmp_path)


def test_comments_and_order_do_not_change_the_hash_but_words_do(folder: Path) -> None:
    sha = packs.default().sha256
    change(folder, "eu.toml", "version =", "# a comment\nversion =")
    assert packs.load(folder).sha256 == sha
    change(folder, "eu.toml", "out of proportion to any purpose", "too much")
    assert packs.load(folder).sha256 != sha


def test_a_date_is_moved_in_one_place(folder: Path) -> None:
    from datetime import date

    from governance.purposes.policy import Outcome, evaluate
    from tests.purposes.policy.saying import given

    change(folder, "pack.toml", "P3 = 2027-05-13", "P3 = 2026-12-01")
    facts = given("kind=payroll in=s7i cat=FI")
    assert evaluate(facts, "IN", date(2026, 12, 1), packs.load(folder)).outcome is Outcome.ALLOW
    assert evaluate(facts, "IN", date(2026, 12, 1)).outcome is Outcome.EXPLICIT_OPT_IN


def check(*args: Any) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("check_policy", *args, stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_finds_the_pack_in_use_sound() -> None:
    code, said = check()
    assert code == 0 and "are sound" in said and packs.default().sha256 in said and "Note" not in said


def test_the_command_speaks_to_machines_too() -> None:
    code, said = check("--json")
    report = json.loads(said)
    assert code == 0 and report["valid"] and report["sha256"] == packs.default().sha256
    assert sum(report["rules"].values()) == len(packs.default().rules) and report["problems"] == []


def test_the_command_names_everything_that_is_wrong_at_once(folder: Path) -> None:
    change(folder, "eu.toml", 'cite = "CJEU C-65/23"\n', "")
    change(folder, "in.toml", "signal.localised_class", "signal.localized_class")
    change(
        folder,
        "eu.toml",
        'when = "signal.category is GZ and',
        'when = "signal.category is GZ and signal.category is LO and',
    )
    change(folder, "pack.toml", "P3 = 2027-05-13", "P3 = 2027-05-14")
    code, said = check(str(folder))
    assert code == 1
    for line in (
        "eu.toml, rule EU-34",
        "in.toml, rule IN-29",
        "EU-27: it can never fire",
        "the date P3 differs",
    ):
        assert line in said


@pytest.mark.parametrize(
    "text",
    [
        "", "and", "gate and", "gate gate", "(gate", "gate)", "gate is yes", "purpose.kind is", "purpose.kind in []",
        "purpose.kind in [payroll", "evidence is dpia", "evidence has any dpia", "asking.smallest_group > many",
        "__import__", "gate; gate", "purpose.kind.upper", "gate == gate", "not", "'gate'", "purpose.kind has payroll",
    ],
)  # fmt: skip
def test_what_is_not_the_language_is_no_condition(text: str) -> None:
    with pytest.raises(BadCondition):
        read(text, VOCABULARY)


def test_conditions_read_as_people_would_read_them() -> None:
    test = compile_(read("gate or purpose.under_18 and not signal.necessary", VOCABULARY))
    assert test({"gate": True, "purpose.under_18": False, "signal.necessary": True})
    assert test({"gate": False, "purpose.under_18": True, "signal.necessary": False})
    assert not test({"gate": False, "purpose.under_18": True, "signal.necessary": True})


@pytest.mark.parametrize(
    "text",
    [
        "gate and not gate",
        "basis.eu is a and basis.eu in [b, c]",
        "not basis.eu in [none, a, b, c, d, e, f]",
        "evidence has all [dpia, lia] and evidence lacks lia",
        "asking.smallest_group > 9 and asking.smallest_group < 10",
        "evidence has any [dpia, lia] and evidence lacks dpia and evidence lacks lia",
    ],
)
def test_what_contradicts_itself_can_never_be_true(text: str) -> None:
    assert not can_be_true(read(text, VOCABULARY), VOCABULARY)
