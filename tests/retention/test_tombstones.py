"""A backup comes back, and what had been erased is erased again, although nobody kept a name."""

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command

from governance.demo import systems as demo
from governance.lib.connectors import Scope
from governance.people.models import Person
from governance.retention import orders, systems, tombstones
from governance.retention.models import ErasureOrder, Proof, Tombstone
from tests.retention.conftest import Stage


def replay(stage: Stage, system: str) -> str:
    out = io.StringIO()
    stage.world.sign_in("eraser")
    call_command("replay_erasures", system, stdout=out)
    return out.getvalue()


def test_a_restored_database_forgets_again(stage: Stage) -> None:
    order = stage.withdraw_without_capture("emil")
    assert stage.carry_out(order) == "done"
    rows = list(Tombstone.objects.values_list("digest", "kind"))
    assert rows and all("N-2001" not in text and "Emil" not in text for row in rows for text in row)

    # The backup of yesterday: Emil is in it, and so is Nisha, who has never said a word.
    demo.fill_store(stage.store.owner_url, [stage.cast.emil], on=datetime.now(UTC) - timedelta(days=1))
    nishas = stage.store.rows_of(stage.cast.nisha)
    assert stage.store.rows_of(stage.cast.emil) == 13
    assert "1 erased again" in replay(stage, "feature-store-de")
    assert stage.store.rows_of(stage.cast.emil) == 0 and stage.store.rows_of(stage.cast.nisha) == nishas
    assert "1 found empty" in replay(stage, "feature-store-de")

    # The staff list has forgotten him as well: the number that the system lists is recognised by its hash.
    demo.fill_store(stage.store.owner_url, [stage.cast.emil], on=datetime.now(UTC) - timedelta(days=1))
    stage.store.do("DELETE FROM notes WHERE body LIKE '%%Emil%%'")  # a name needs the staff list
    stage.world.sign_in("owner")
    type(stage.cast.emil).objects.filter(pk=stage.cast.emil.pk).update(number=None, name=None, email=None)
    with pytest.raises(SystemExit):  # and that a name in free text cannot be found so is said
        replay(stage, "feature-store-de")
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 0

    # What came in after the order stays: it was not what the order was about.
    demo.fill_store(stage.store.owner_url, [stage.cast.emil], on=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(SystemExit):
        replay(stage, "feature-store-de")
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 3

    # Files list nobody: that is said, and the command fails rather than being silent.
    with pytest.raises(SystemExit):
        replay(stage, "team-files-de")
    assert ErasureOrder.objects.get(pk=order.pk).state == "done"


def test_whoever_was_forgotten_everywhere_is_found_in_a_backup_whatever_the_map_says_of_times(
    stage: Stage,
) -> None:
    """Such an order names no purpose, the staff list has forgotten the person, and a table may know no times."""
    emil, system = stage.cast.emil, stage.systems["feature-store-de"]
    timeless = [
        {key: value for key, value in row.items() if key != "time"} for row in demo.STORE_MAP["tables"]
    ]
    systems.confirm_map(system, None, {**demo.STORE_MAP, "tables": timeless}, by=stage.cast.dev)
    scope = Scope(emil.pk, None, (), datetime.now(UTC))
    order = orders.raise_order(scope, because="request.erasure", because_id=uuid4())
    stage.carry_out(order)
    assert Proof.objects.filter(order=order, system=system).exists()
    stage.world.sign_in("owner")
    Person.objects.filter(pk=emil.pk).update(number=None, name=None, email=None)
    demo.fill_store(stage.store.owner_url, [emil], on=datetime.now(UTC) - timedelta(days=1))
    stage.store.do("DELETE FROM notes")
    with pytest.raises(SystemExit):  # by number alone: that the name was not looked for is said
        replay(stage, "feature-store-de")
    assert stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-2001'") == 0


def test_the_hash_needs_the_key_and_says_nothing_without_it(settings: object) -> None:
    one = tombstones.digest("number", "N-1001")
    assert one == tombstones.digest("number", " n-1001 ") != tombstones.digest("name", "N-1001")
    settings.TOMBSTONE_KEY = "another"  # type: ignore[attr-defined]
    assert tombstones.digest("number", "N-1001") != one
    settings.TOMBSTONE_KEY = ""  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        tombstones.digest("number", "N-1001")
