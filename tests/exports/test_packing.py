"""The package: opened by its recipient alone, of those who still say yes alone, with a manifest that checks out."""

import io
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db.utils import ProgrammingError

from governance.audit.models import Entry
from governance.capture import programmes
from governance.capture.models import Programme
from governance.consents import ledger, optouts
from governance.consents.models import ConsentRecord
from governance.exports import asking, manifest, packing
from governance.exports.client import package
from governance.exports.models import Export, ExportedPerson, ExportedSegment, PackagePart
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests import make
from tests.exports.conftest import Scene, again


def taken(scene: Scene, export: Export) -> bytes:
    asking.take(export.pk, by=again(scene.bela))
    return b"".join(asking.sealed(export))


def opened(scene: Scene, whole: bytes) -> list[dict[str, object]]:
    return list(package.check(package.unseal(scene.private, io.BytesIO(whole))))


def test_the_recipient_opens_what_was_asked_for_and_nothing_more(scene: Scene) -> None:
    export = scene.packed()
    assert export.state == "ready"
    rows = opened(scene, taken(scene, export))
    events = [row for row in rows if row["kind"] == "event"]
    assert len(events) == 2  # app_usage was not asked for
    assert set(events[0]) == {"kind", "subject", "signal", "event"}
    assert set(events[0]["event"]) == {"at", "application", "action", "role", "kind"}  # type: ignore[call-overload]
    text = json.dumps(rows)
    for name in ("Asha", "N-1001", str(scene.cast.asha.pk), "field-7", "Bela", "Omar"):
        assert name not in text, name
    head = rows[-1]
    assert (head["events"], head["segments"], head["subjects"]) == (2, 1, 1)
    assert head["recipient"]["key_sha256"] == scene.recipient.fingerprint  # type: ignore[index]
    assert head["policy"]["sha256"] and head["minimiser_sha256"] and head["purpose_version"] >= 1  # type: ignore[index, operator]
    segment = next(row for row in rows if row["kind"] == "segment")
    given = scene.cast.asha.consents.get(signal="ui_event").events.get(status="given")
    assert segment["consent_event"] == str(given.pk)
    assert manifest.is_intact(export) and head["root"] == export.manifest["root"]  # type: ignore[index]


def test_the_package_as_its_recipient_opens_it_without_us(scene: Scene, tmp_path: object) -> None:
    from base64 import b64encode
    from pathlib import Path

    home = Path(str(tmp_path))
    (home / "mine.key").write_text(b64encode(scene.private).decode())
    (home / "x.sammati").write_bytes(taken(scene, scene.packed()))
    done = subprocess.run(
        [sys.executable, package.__file__, "open", "mine.key", "x.sammati"], cwd=home, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 5  # package, two events, segment, manifest


def test_a_byte_changed_or_the_end_cut_off_does_not_open(scene: Scene) -> None:
    whole = taken(scene, scene.packed())
    for broken in (whole[:-1], whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]):
        with pytest.raises(InvalidTag):
            opened(scene, broken)
    scene.private = b"\1" * 32
    with pytest.raises(InvalidTag):
        opened(scene, whole)


def test_no_other_process_can_pack(scene: Scene) -> None:
    export = scene.agreed()
    for login in ("web", "worker", "eraser"):
        scene.sign_in(login)
        with pytest.raises(ProgrammingError):
            packing.pack(export.pk)
    scene.sign_in("web")
    with pytest.raises(ProgrammingError):
        list(packing._lying(export))


def test_who_withdrew_meanwhile_is_not_in_it(scene: Scene) -> None:
    export = scene.agreed()
    ledger.withdraw(
        ConsentRecord.objects.get(person=scene.cast.asha, signal="ui_event").pk, by=again(scene.cast.asha)
    )
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "failed"
    export.refresh_from_db()
    assert export.ended_because == "nothing_allowed" and not PackagePart.objects.exists()
    assert not ExportedPerson.objects.exists()


@pytest.mark.parametrize("says_no", ["everything", "application"])
def test_an_opt_out_keeps_it_in_the_vault(scene: Scene, says_no: str) -> None:
    export = scene.agreed(fields={"ui_event": ["role"], "app_usage": []})
    more = {} if says_no == "everything" else {"purpose": scene.cast.purpose, "application": "Chrome"}
    optouts.opt_out(by=again(scene.cast.asha), **more)  # type: ignore[arg-type]
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "failed"


def test_a_withdrawal_in_the_middle_throws_the_package_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening of somebody's events and the letting go: they are in no package."""
    cast, world = scene.cast, scene.world
    assert world is not None
    scene.consents(cast.bela, "ui_event")
    make.post(cast, make.event("N-1002"))
    export = scene.agreed()
    head = packing._Work.head

    def withdrawn_now(self: "packing._Work") -> dict[str, object]:
        record = ConsentRecord.objects.filter(person=cast.asha, signal="ui_event").latest("number")
        if record.is_on:
            world.sign_in("web")
            ledger.withdraw(record.pk, by=again(cast.asha))
            world.sign_in("exporter")
        return head(self)

    monkeypatch.setattr(packing._Work, "head", withdrawn_now)
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "waiting"
    assert not ExportedSegment.objects.exists() and not PackagePart.objects.exists()
    assert packing.pack(export.pk) == "ready"
    assert list(ExportedPerson.objects.values_list("person_id", flat=True)) == [cast.bela.pk]


def test_a_paused_programme_hands_nothing_out(scene: Scene) -> None:
    export = scene.agreed()
    programmes.pause(
        Programme.objects.get(pk=scene.cast.programme.pk), by=again(scene.cast.omar), because="exposure"
    )
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "failed"
    export.refresh_from_db()
    assert export.ended_because == "stopped"


def test_everybody_in_it_is_told_and_reads_where_it_went(scene: Scene) -> None:
    scene.packed()
    assert Message.objects.filter(person=scene.cast.asha, code="exported").count() == 1
    assert not Message.objects.filter(code="exported").exclude(person=scene.cast.asha).exists()


def test_only_the_asker_takes_it_and_each_time_is_recorded(scene: Scene) -> None:
    export = scene.packed()
    with pytest.raises(Refused):
        asking.take(export.pk, by=again(scene.cast.dev))
    taken(scene, export)
    assert (
        export.downloads.count() == 1
        and Entry.objects.filter(code="export.downloaded", about_id=export.pk).count() == 1
    )


def test_the_link_expires_and_the_package_is_gone(scene: Scene) -> None:
    export = scene.packed()
    Export.objects.filter(pk=export.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        taken(scene, export)
    scene.sign_in("exporter")
    assert packing.expire() == 1
    assert not PackagePart.objects.exists()
    assert ExportedSegment.objects.filter(
        export=export
    ).exists()  # a withdrawal still finds what was handed out


def test_an_exporter_that_was_killed_is_carried_on(scene: Scene) -> None:
    export = scene.agreed()
    scene.sign_in("exporter")
    claim = packing._claim(export.pk)
    assert claim is not None and packing.pack(export.pk) is None  # under its lease it is the other's
    Export.objects.filter(pk=export.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert packing.pack(export.pk) == "ready"
    with pytest.raises(packing.Overtaken):
        packing._end(claim, "failed", "stopped")
