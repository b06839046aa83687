"""Whole files and objects come due by the store's own date where a map says so, and otherwise never by themselves."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import simulating, sweep, systems
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.models import DataMap, ErasureOrder
from tests.retention import at_hand
from tests.retention.conftest import Stage
from tests.retention.test_pages import signed_in
from tests.visits import reading, words

NEVER = "It does not tell how old its data are."


def aged(path: Path, days: float) -> None:
    """As if nobody had changed it for so long."""
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def due(connector: Any, days: float) -> set[str]:
    """Numbers of whom something there is older than that."""
    found = connector.due(uuid4(), datetime.now(UTC) - timedelta(days=days))
    people = Person.objects.in_bulk([one.person for one in found if one.person])
    return {one.number for one in found if one.number} | {str(person.number) for person in people.values()}


def test_a_file_is_as_old_as_its_last_change_and_belongs_to_whom_its_name_names_whole(
    stage: Stage, tmp_path: Path
) -> None:
    stage.world.sign_in("eraser")
    home = tmp_path / "whole"
    (home / "people").mkdir(parents=True)
    (home / "mail").mkdir()
    asha, bela = stage.cast.asha, stage.cast.bela
    for name, days in (
        (f"people/{asha.number}.json", 400), (f"people/{asha.number}-new.json", 1), (f"people/{asha.number}0.json", 900),
        (f"people/x{bela.number}.json", 900), (f"mail/{bela.email}.eml", 100), ("people/N-9999.json", 900),
    ):  # fmt: skip
        (home / name).write_text("{}")
        aged(home / name, days)
    entry = {"files": "people/{number}*", "age": "store"}
    told = {"own": [entry, {"files": "mail/{email}.eml", "age": "store"}]}
    FilesConnector.check_map(told)
    assert FilesConnector.tells_times(told)
    folder = lambda spec: FilesConnector({"folder": str(home)}, spec)  # noqa: E731
    assert due(folder(told), 500) == set(), "a number counts only whole, and nobody unknown is due"
    assert due(folder(told), 300) == {asha.number}
    assert due(folder(told), 50) == {asha.number, bela.number}
    silent = {"own": ["people/{number}*", {"files": "mail/{email}.eml"}]}
    assert not FilesConnector.tells_times(silent) and due(folder(silent), 0) == set()
    for wrong in (
        {"own": [{"files": "**/{number}.json", "age": "store"}]}, {"own": [{"files": "{number}", "age": "mtime"}]},
        {"own": [{"age": "store"}]}, {"text": [{"files": "*.txt", "age": "store"}]},
    ):  # fmt: skip
        with pytest.raises(Refused):
            FilesConnector.check_map(wrong)


def test_what_is_due_is_what_the_order_erases_and_then_nothing_is(stage: Stage, tmp_path: Path) -> None:
    stage.world.sign_in("eraser")
    spec = {"own": [{"files": "people/{number}*", "age": "store"}]}
    old, new = (stage.folder / "people" / f"{stage.cast.asha.number}{end}" for end in ("-old.json", ".json"))
    old.write_text("{}")
    aged(old, 400)
    connector = FilesConnector({"folder": str(stage.folder)}, spec)
    assert due(connector, 300) == {stage.cast.asha.number}
    scope = at_hand.scope(
        person=stage.cast.asha.pk, identifiers={"number": stage.cast.asha.number},
        before=datetime.now(UTC) - timedelta(days=300),
    )  # fmt: skip
    assert connector.erase(scope, "own files").count == 1
    assert not old.exists() and new.exists()
    assert due(FilesConnector({"folder": str(stage.folder)}, spec), 300) == set()


def test_a_version_of_an_object_is_as_old_as_the_store_says(
    stage: Stage, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, store = at_hand.bucket(moto, monkeypatch)
    stage.world.sign_in("eraser")
    asha, bela = stage.cast.asha.number, stage.cast.bela.number
    told = {"own": [{"keys": "people/{number}/**", "age": "store"}]}
    S3Connector.check_map(told)
    bucket = lambda spec: S3Connector(case.options, spec)  # noqa: E731
    assert due(bucket(told), 0) == {asha, bela} and due(bucket(told), 1) == set()
    assert S3Connector.tells_times(told) and not S3Connector.tells_times({"own": ["people/{number}/**"]})
    assert due(bucket({"own": ["people/{number}/**"]}), 0) == set()
    # Only an old version of Asha's is left beneath a newer one, and of Bela's nothing but the mark of a deletion.
    for row in store.list_object_versions(Bucket=case.options["bucket"], Prefix=f"people/{bela}/")[
        "Versions"
    ]:
        store.delete_object(Bucket=case.options["bucket"], Key=row["Key"], VersionId=row["VersionId"])
    store.delete_object(Bucket=case.options["bucket"], Key=f"people/{bela}/pace.json")
    store.put_object(Bucket=case.options["bucket"], Key=f"people/{asha}0/pace.json", Body=b"another's")
    assert due(bucket(told), 0) == {asha}
    for chunk in case.connector.chunks(case.scope):
        case.connector.erase(case.scope, chunk)
    assert due(bucket(told), 0) == set(), "what is gone comes due no more"


def test_what_a_lock_keeps_brings_no_order_every_day(
    stage: Stage, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, store = at_hand.bucket(moto, monkeypatch, locked=True)
    stage.world.sign_in("eraser")
    until = datetime.now(UTC) + timedelta(days=30)
    name = case.options["bucket"]
    asha, bela = stage.cast.asha.number, stage.cast.bela.number
    for row in store.list_object_versions(Bucket=name, Prefix=f"people/{bela}/")["Versions"]:
        store.put_object_retention(
            Bucket=name, Key=row["Key"], VersionId=row["VersionId"],
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
        )  # fmt: skip
    told = {"own": [{"keys": "people/{number}/**", "age": "store"}]}
    assert due(S3Connector(case.options, told), 0) == {asha}


def test_a_folder_of_whole_files_is_swept_by_its_rule(stage: Stage) -> None:
    """The files of one person, of whom no other system tells that anything is old."""
    stage.store.do("TRUNCATE sessions, features, notes")
    today = datetime.now(UTC).date()
    person = stage.cast.emil
    path = stage.folder / "people" / f"{person.number}.json"
    aged(path, 800)
    row = DataMap.objects.get(system=stage.systems["team-files-de"], purpose=stage.cast.purpose_de)
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(today) == 0, "without the word a whole file is never due by itself"
    stage.world.sign_in("web")
    own = [{"files": pattern, "age": "store", "categories": ["AP"]} for pattern in row.spec["own"]]
    told = {**row.spec, "own": own}
    systems.confirm_map(row.system, row.purpose, told, by=stage.cast.dev)
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(today) >= 1
    order = ErasureOrder.objects.get(because="rule.due", person=person)
    assert stage.carry_out(order) == "done" and not path.exists()
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(today) == 0


def test_a_page_says_when_a_system_tells_no_ages(stage: Stage) -> None:
    stage.world.sign_in("web")
    dev = signed_in(reading(stage.cast.dev, "en"))
    files, store = stage.systems["team-files"], stage.systems["feature-store"]
    page = lambda system: words(dev.get(f"/erasures/systems/{system.pk}/connect"))  # noqa: E731
    assert NEVER not in page(files) and NEVER not in page(store)
    spec = DataMap.objects.get(system=files, purpose=stage.cast.purpose).spec
    systems.confirm_map(files, stage.cast.purpose, {"own": spec["own"]}, by=stage.cast.dev)
    assert NEVER in page(files)
    aged_too = {"own": [{"files": pattern, "age": "store"} for pattern in spec["own"]]}
    systems.confirm_map(files, stage.cast.purpose, aged_too, by=stage.cast.dev)
    assert NEVER not in page(files) and "the store's own date" in page(files)
    row = simulating.ask(stage.cast.purpose, law="IN", period="P30D", applies_from=None, by=stage.cast.dev)
    stage.world.sign_in("eraser")
    simulating.work_out(row.pk)
    row.refresh_from_db()
    assert next(e for e in row.result["systems"] if e["system"] == str(files.pk))["state"] == "seen"


def test_a_bucket_of_whole_objects_is_swept_by_its_rule(
    stage: Stage, moto: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Written today, and their period is over in some years; nothing else of these people lies anywhere."""
    stage.store.do("TRUNCATE sessions, features, notes")
    for path in [path for path in stage.folder.rglob("*") if path.is_file()]:
        path.unlink()
    case, store = at_hand.bucket(moto, monkeypatch)
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="more", name="One more", holds="traces", country="IN", entity=stage.cast.software
    )
    systems.connect(more, "s3", case.options, by=stage.cast.dev)
    timeless = [{key: value for key, value in rule.items() if key != "time"} for rule in case.map["rows"]]
    silent = {**case.map, "rows": timeless}
    systems.confirm_map(more, stage.cast.purpose, silent, by=stage.cast.dev)
    later = date(2032, 6, 1)
    settings.TODAY = later.isoformat()
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(later) == 0, "without the word a whole object is never due by itself"
    stage.world.sign_in("web")
    told = {**silent, "own": [{"keys": pattern, "age": "store"} for pattern in silent["own"]]}
    systems.confirm_map(more, stage.cast.purpose, told, by=stage.cast.dev)
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(later) == 2
    for name in ("asha", "bela"):
        order = ErasureOrder.objects.get(because="rule.due", person=stage.cast.people[name])
        assert stage.carry_out(order) == "done"
    left = store.list_object_versions(Bucket=case.options["bucket"])
    assert not [row["Key"] for row in left["Versions"] if row["Key"].startswith("people/")]
    stage.world.sign_in("eraser")
    cache.clear()
    assert sweep.run(later) == 0
