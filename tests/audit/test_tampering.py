"""Whoever changes the log, even as its owner with the triggers off, is named by position."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.audit import keys, log, sealer, verifying
from governance.audit.models import Checkpoint, Entry, Leaf
from governance.lib import clock

pytestmark = pytest.mark.django_db
BATCHES = (3, 1, 4)  # entries per checkpoint: positions 1–3, 4, 5–8


def sql(statement: str, *values: Any) -> None:
    """As the tables' owner with every trigger off: privileges and triggers do not help any more, only proof does."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A sealed log of three batches, with its checkpoints outside."""
    sign = keys.signer(tmp_path / "secrets", tmp_path / "checkpoints")
    for batch, size in enumerate(BATCHES):
        for number in range(size):
            log.record("test.thing", batch=batch, number=number)
        sealer.seal(clock.now(), sign=sign, home=tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


def found(home: Path) -> list[tuple[int, str]]:
    return [(f.position, f.what) for f in sealer.verify(home, check_signature=keys.checker(home))]


def at(position: int) -> Entry:
    return Leaf.objects.get(position=position).entry


def test_an_untouched_log_has_nothing_to_find(home: Path) -> None:
    assert found(home) == []
    assert [(c.first, c.count) for c in Checkpoint.objects.order_by("number")] == [(1, 3), (4, 1), (5, 4)]


@pytest.mark.parametrize("position", range(1, 9))
@pytest.mark.parametrize(
    "change",
    [
        "facts = '{}'",
        "code = 'test.other'",
        "at = at + interval '1 microsecond'",
        "by_id = gen_random_uuid()",
        "about_kind = 'person'",
    ],
)
def test_an_edited_entry_is_named(home: Path, position: int, change: str) -> None:
    entry = at(position)
    sql(f"UPDATE audit_entry SET {change} WHERE id = %s", entry.pk)
    assert found(home) == [(position, f"entry {entry.pk} was changed")]


def test_a_leaf_made_to_fit_an_edited_entry_breaks_its_checkpoint(home: Path) -> None:
    entry = at(6)
    sql("UPDATE audit_entry SET facts = '{}' WHERE id = %s", entry.pk)
    entry.refresh_from_db()
    from governance.audit import merkle
    from governance.lib.canonical import canonical

    sql("UPDATE audit_leaf SET hash = %s WHERE position = 6", merkle.leaf_hash(canonical(entry.body())))
    assert found(home) == [(5, "the leaves of checkpoint 3 do not give its root")]


def test_a_whole_batch_forged_with_its_root_breaks_hash_signature_and_copy(home: Path) -> None:
    sql("UPDATE audit_checkpoint SET root = %s WHERE number = 2", b"\x07" * 32)
    batch = Checkpoint.objects.get(number=2)
    forged = sealer.checkpoint_hash(2, 4, 1, bytes(batch.root), bytes(batch.previous), batch.at)
    sql("UPDATE audit_checkpoint SET hash = %s WHERE number = 2", forged)
    what = [finding for position, finding in found(home) if position == 4]
    assert (
        any("signature" in w for w in what)
        and any("outside" in w for w in what)
        and any("root" in w for w in what)
    )
    assert (5, "checkpoint 3 does not name the one before it") in found(home)


def test_a_deleted_entry_is_named(home: Path) -> None:
    entry = at(2).pk
    sql("DELETE FROM audit_leaf WHERE position = 2")
    sql("DELETE FROM audit_entry WHERE id = %s", entry)
    assert found(home)[0] == (2, "a leaf is missing")


def test_swapped_entries_are_named(home: Path) -> None:
    first, second = at(5).pk, at(7).pk
    hashes = {p: bytes(Leaf.objects.get(position=p).hash) for p in (5, 7)}
    sql("ALTER TABLE audit_leaf DROP CONSTRAINT audit_leaf_entry_id_key")
    sql(
        "UPDATE audit_leaf SET entry_id = CASE position WHEN 5 THEN %s ELSE %s END WHERE position IN (5, 7)",
        second,
        first,
    )
    sql(
        "UPDATE audit_leaf SET hash = CASE position WHEN 5 THEN %s ELSE %s END WHERE position IN (5, 7)",
        hashes[7],
        hashes[5],
    )
    assert found(home) == [(5, "the leaves of checkpoint 3 do not give its root")]


def test_a_log_cut_short_shows_against_the_copy_outside(home: Path) -> None:
    sql("DELETE FROM audit_leaf WHERE position > 4")
    sql("DELETE FROM audit_checkpoint WHERE number = 3")
    assert found(home) == [(5, "the log was cut short: checkpoint 3 was closed, but is not there")]


def test_a_log_emptied_whole_shows_too(home: Path) -> None:
    sql("TRUNCATE audit_leaf, audit_checkpoint, audit_entry")
    assert found(home) == [(1, "the log was cut short: checkpoint 3 was closed, but is not there")]


def test_a_checkpoint_taken_out_of_the_middle_is_named(home: Path) -> None:
    sql("DELETE FROM audit_leaf WHERE position = 4")
    sql("DELETE FROM audit_checkpoint WHERE number = 2")
    assert found(home)[0] == (5, "checkpoint 2 is missing")


def test_a_key_that_was_never_published_signs_nothing(home: Path) -> None:
    (home / "keys.json").unlink()
    assert [what for _position, what in found(home)] == [
        f"the signature of checkpoint {n} does not hold" for n in (1, 2, 3)
    ]


CHANGES: dict[str, Callable[[int], None]] = {
    "edit": lambda p: sql("UPDATE audit_entry SET code = code || 'x' WHERE id = %s", at(p).pk),
    "delete": lambda p: sql("DELETE FROM audit_leaf WHERE position = %s", p),
    "hash": lambda p: sql("UPDATE audit_leaf SET hash = %s WHERE position = %s", b"\x01" * 32, p),
    "move": lambda p: sql("UPDATE audit_leaf SET position = %s WHERE position = %s", 100 + p, p),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(1, 8), change=st.sampled_from(sorted(CHANGES)))
def test_whatever_is_changed_the_first_finding_lies_in_its_batch(
    home: Path, position: int, change: str
) -> None:
    first = next(c.first for c in Checkpoint.objects.order_by("-number") if c.first <= position)
    with transaction.atomic():
        CHANGES[change](position)
        wrong = found(home)
        transaction.set_rollback(True)
    assert wrong and first <= wrong[0][0] <= position
    assert found(home) == []


def test_the_command_ends_with_one_and_names_the_first_position(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_log", checkpoints=home)
    assert "8 entries under 3 checkpoints" in capsys.readouterr().out
    sql("UPDATE audit_entry SET code = 'x' WHERE id = %s", at(7).pk)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_log", checkpoints=home)
    assert ended.value.code == 1 and "First at position 7" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("verify_log", json=True, checkpoints=home)
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is False and told["findings"][0]["position"] == 7


def test_a_copy_of_the_checkpoints_kept_elsewhere_is_enough(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(home, elsewhere)
    sql("DELETE FROM audit_leaf WHERE position > 4")
    sql("DELETE FROM audit_checkpoint WHERE number = 3")
    lines = (home / "checkpoints.jsonl").read_text().splitlines()[:2]
    (home / "checkpoints.jsonl").write_text("\n".join(lines) + "\n")  # the machine's own copy was cut as well
    assert verifying.run(home).holds and not verifying.run(elsewhere).holds


def test_who_waits_is_not_kept_waiting(home: Path) -> None:
    verdict = verifying.run(home, seconds=0.0)
    assert not verdict.finished and not verdict.holds and verdict.findings == ()


def test_that_it_was_verified_is_recorded(home: Path) -> None:
    verifying.run(home)
    assert Entry.objects.get(code="log.verified").facts == {"leaves": 8, "findings": 0, "finished": True}
