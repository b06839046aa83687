"""An order is carried out in every system, read back, and proved; what cannot be proved is never called done."""

import os
from datetime import date

import pytest

from governance.audit.models import Entry
from governance.capture import keys
from governance.consents.models import Stream
from governance.people.models import Message
from governance.retention import erasure, holds, journal, orders, systems
from governance.retention.models import ErasureOrder, Proof, Step
from tests.retention.conftest import Stage


def test_everything_of_asha_is_gone_and_everything_of_bela_is_still_there(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    belas = stage.store.rows_of(stage.cast.bela)
    assert order.state == "waiting"

    assert stage.carry_out(order) == "done"

    assert stage.store.rows_of(stage.cast.asha) == 0
    assert stage.store.rows_of(stage.cast.bela) == belas
    everything = b"".join(path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    assert b"N-1001" not in everything and b"Asha Deshmukh" not in everything
    assert b"N-1002" in everything and b"Bela Fernandes" in everything
    assert not (stage.folder / "people" / "N-1001.json").exists()
    assert set(Stream.objects.filter(person=stage.cast.asha).values_list("state", flat=True)) == {"destroyed"}
    assert not keys.left_of(order.streams)


def test_each_system_has_one_proof_that_says_what_was_found_erased_and_kept(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.carry_out(order)

    proofs = {
        proof.system.code: proof for proof in Proof.objects.filter(order=order).select_related("system")
    }
    assert set(proofs) == {"vault", "feature-store", "team-files", "portal"}
    assert (proofs["vault"].found_before, proofs["vault"].erased) == (
        1,
        1,
    )  # three events in one sealed segment
    assert (proofs["feature-store"].found_before, proofs["feature-store"].erased) == (3 + 9 + 1, 13)
    assert (proofs["team-files"].found_before, proofs["team-files"].erased) == (1 + 4 + 3 + 1, 9)
    assert all(proof.found_after == 0 and len(proof.digest) == 64 for proof in proofs.values())
    assert any("opaque ids" in kept["why"] for kept in proofs["portal"].not_erased)
    assert any("models (id, name, trained_on)" in place for place in proofs["feature-store"].looked_at)
    assert {step.state for step in Step.objects.filter(order=order)} == {"verified"}
    assert order.done_at is not None
    codes = list(Entry.objects.filter(about_id=order.pk).order_by("id").values_list("code", flat=True))
    assert codes[0] == "order.raised" and codes[-1] == "order.done" and codes.count("system.proved") == 4
    assert Message.objects.filter(person=stage.cast.asha, code="order_done").count() == 1


def test_a_name_in_free_text_that_the_map_forgot_is_found_by_the_read_back(stage: Stage) -> None:
    spec = {"tables": [row for row in systems_map() if row["table"] != "notes"]}
    systems.confirm_map(stage.systems["feature-store"], stage.cast.purpose, spec, by=stage.cast.dev)
    stage.consent("asha")
    order = stage.withdraw("asha")

    assert stage.carry_out(order) == "partly"

    step = Step.objects.filter(order=order, system=stage.systems["feature-store"]).first()
    assert step is not None and step.residue[0] == "notes.body" and step.found_after == 1
    assert not Proof.objects.filter(order=order, system=stage.systems["feature-store"]).exists()
    assert Proof.objects.filter(order=order).count() == 3, (
        "the other systems do not wait for the one that failed"
    )
    assert Message.objects.filter(person=stage.cast.asha, code="order_partly").count() == 1


def test_a_store_that_lies_is_never_shown_as_done(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    # Says "DELETE 1" to the one who deletes, and keeps a copy where nobody told the map to look.
    stage.store.do("CREATE TABLE attic (LIKE sessions)")
    stage.store.do("GRANT SELECT ON attic TO store_reader")
    stage.store.do(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$BEGIN INSERT INTO public.attic SELECT OLD.*; RETURN OLD; END$$"
    )
    stage.store.do("CREATE TRIGGER keep BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION keep()")

    assert stage.carry_out(order) == "partly"
    assert Step.objects.filter(order=order, residue__contains=["attic.person_number"]).exists()
    stage.due_again(order)
    assert stage.carry_out(order) == "partly"
    stage.due_again(order)
    ErasureOrder.objects.filter(pk=order.pk).update(attempts=7)
    assert stage.carry_out(order) == "needs_attention", "after eight attempts somebody has to look"
    assert not Proof.objects.filter(order=order, system=stage.systems["feature-store"]).exists()

    stage.store.do("DROP TABLE attic CASCADE")
    stage.store.do("DROP FUNCTION keep CASCADE")
    stage.world.sign_in("web")
    orders.carry_on(order.pk, by=stage.cast.dev)
    assert stage.carry_out(order) == "done"
    proof = Proof.objects.get(order=order, system=stage.systems["feature-store"])
    assert (proof.found_before, proof.erased) == (13, 13), (
        "what was found at the first attempt is what counts"
    )


def test_a_system_that_is_away_is_tried_again_later(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    url = os.environ["FEATURE_STORE_URL"]
    monkeypatch.setenv("FEATURE_STORE_URL", url.replace("test_store", "not_there"))

    assert stage.carry_out(order) == "partly"
    faults = Step.objects.filter(order=order, system=stage.systems["feature-store"]).values_list(
        "fault", flat=True
    )
    assert faults and all(fault.startswith("SystemAway") for fault in faults)
    assert stage.carry_out(order) is None, "not before the pause is over"

    monkeypatch.setenv("FEATURE_STORE_URL", url)
    stage.due_again(order)
    assert stage.carry_out(order) == "done"
    assert Proof.objects.filter(order=order).count() == 4


def test_the_fault_of_a_system_repeats_nothing_that_stands_in_it(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.store.do("REVOKE DELETE ON sessions FROM store_eraser")
    assert stage.carry_out(order) == "partly"
    faults = Step.objects.filter(order=order).exclude(fault="").values_list("fault", flat=True)
    assert faults and all(
        "N-1001" not in fault and "Asha" not in fault and "sessions" not in fault for fault in faults
    )
    assert any("42501" in fault or "SqlFault" in fault for fault in faults)


def test_nobody_claims_what_another_is_carrying_out(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("eraser")
    claim = journal.claim(order.pk)
    assert claim is not None and journal.claim(order.pk) is None
    assert erasure.carry_out(order.pk) is None


def test_an_old_claim_settles_nothing(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("eraser")
    old = journal.claim(order.pk)
    stage.due_again(order)
    stage.world.sign_in("eraser")
    new = journal.claim(order.pk)
    assert old is not None and new is not None and new.fence > old.fence
    with pytest.raises(journal.Overtaken):
        journal.settle(old, [], [])
    order.refresh_from_db()
    assert order.state == "erasing"


def test_an_order_of_a_purpose_without_a_connected_system_is_not_done(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("owner")
    from governance.retention.models import Connection

    Connection.objects.all().delete()
    assert stage.carry_out(order) == "needs_attention"
    assert len(order.not_searched) == 4


def test_a_system_nobody_connected_is_listed_as_not_searched(stage: Stage) -> None:
    stage.world.sign_in("owner")
    from governance.purposes.models import DataSystem

    warehouse = DataSystem.objects.create(
        entity=stage.cast.software, code="warehouse", name="Warehouse", holds="copies", country="IN"
    )
    stage.cast.purpose.systems.add(warehouse)
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "done"
    assert order.not_searched == [{"system": str(warehouse.pk), "why": "not_connected"}]


def test_a_connected_system_without_a_confirmed_map_is_a_fault_and_not_an_empty_system(stage: Stage) -> None:
    stage.world.sign_in("owner")
    from governance.retention.models import DataMap

    DataMap.objects.filter(system=stage.systems["team-files"]).update(confirmed_at=None)
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "partly"
    assert Step.objects.get(order=order, system=stage.systems["team-files"]).fault.startswith("NoMap")


def test_consent_given_again_is_not_erased_with_the_old(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.consent("asha", events=5)
    stage.store.do(
        "INSERT INTO sessions (person_number, workflow, started_at) VALUES ('N-1001', 'new', now())"
    )

    assert stage.carry_out(order) == "done"

    assert (
        stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001' AND workflow = 'new'")
        == 1
    )
    assert Stream.objects.filter(person=stage.cast.asha, state="open").count() == 2
    stage.world.sign_in("owner")
    from governance.capture.models import Arrival

    assert sum(Arrival.objects.filter(person=stage.cast.asha).values_list("events", flat=True)) == 5


def test_withdrawing_one_signal_leaves_the_other_in_the_vault(stage: Stage) -> None:
    from governance.consents import ledger
    from governance.consents.models import ConsentRecord

    stage.consent("asha")
    stage.world.sign_in("web")
    record = ConsentRecord.objects.get(person=stage.cast.asha, signal="app_usage", ended_at__isnull=True)
    ledger.withdraw(record.pk, by=stage.cast.asha)
    order = ErasureOrder.objects.get(person=stage.cast.asha)
    assert stage.carry_out(order) == "done"
    stage.world.sign_in("owner")
    from governance.capture.models import Arrival

    assert Arrival.objects.filter(person=stage.cast.asha, signal="ui_event").count() == 1


def test_the_same_event_orders_once_and_twice_carried_out_erases_once(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "done"
    stage.due_again(order)
    assert stage.carry_out(order) is None
    assert Proof.objects.filter(order=order).count() == 4


def test_from_13_may_2027_the_indian_floor_keeps_ashas_rows_locked_away(
    stage: Stage, settings: object
) -> None:
    settings.TODAY = "2027-06-01"  # type: ignore[attr-defined]
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert order.state == "restricted_hold" and order.kept_until == date(2028, 6, 1)
    assert stage.carry_out(order) is None
    assert stage.store.rows_of(stage.cast.asha) == 13
    assert not Step.objects.filter(order=order).exists()


def test_a_hold_stops_an_order_that_is_waiting(stage: Stage) -> None:
    stage.consent("asha")
    order = stage.withdraw("asha")
    stage.world.sign_in("web")
    matter = holds.open_matter(stage.cast.software, "Deshmukh v. Nirmaan", by=stage.cast.lata)
    holds.place(because=matter, by=stage.cast.lata, on=stage.cast.asha)
    assert stage.carry_out(order) is None
    assert order.state == "held" and stage.store.rows_of(stage.cast.asha) == 13


def systems_map() -> list[dict[str, object]]:
    from governance.demo.systems import STORE_MAP

    return [dict(row) for row in STORE_MAP["tables"]]
