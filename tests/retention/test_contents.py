"""A map tells of each table, pattern and step which categories of data and which purposes it holds; the pages say so."""

from typing import Any

import pytest
from django.utils import translation

from governance.lib.refusals import Refused
from governance.purposes.models import DataSystem
from governance.retention import contents, looking, shown, systems
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.keyvalue import RedisConnector
from governance.retention.connectors.s3 import S3Connector
from governance.retention.models import DataMap
from tests.retention import at_hand
from tests.retention.conftest import Stage
from tests.retention.test_maps import run
from tests.retention.test_pages import signed_in
from tests.visits import reading, words


def classified(spec: dict[str, Any], place: str, **said: Any) -> dict[str, Any]:
    tables = [{**row, **said} if row["table"] == place else row for row in spec["tables"]]
    return {**spec, "tables": tables}


def test_a_connector_never_sees_what_an_entry_holds() -> None:
    spec = {
        "own": [{"files": "people/{number}*", "categories": ["KD"]}, "old/{number}.json"],
        "rows": [{"files": "a.csv", "format": "csv", "field": "who", "is": "number", "purposes": ["P-1"]}],
        "text": [{"files": "*.txt"}],
    }
    bare = contents.plain(spec)
    FilesConnector.check_map(bare)
    made = FilesConnector({"folder": "x"}, bare)
    assert made.map["own"] == ["people/{number}*", "old/{number}.json"] and made.map["text"] == ["*.txt"]
    assert [(one.place, one.categories, one.purposes) for one in contents.of(spec)] == [
        ("people/{number}*", ("KD",), ()), ("old/{number}.json", (), ()), ("a.csv", (), ("P-1",)), ("*.txt", (), ()),
    ]  # fmt: skip
    keys = {"own": [{"keys": "people/{number}/**", "categories": ["KD"]}]}
    S3Connector.check_map(contents.plain(keys))
    RedisConnector.check_map(contents.plain(at_hand.KEYS_MAP))
    assert contents.plain(at_hand.KEYS_MAP) == at_hand.KEYS_MAP, "a map that says nothing stays as it is"
    for wrong in ({"own": [{"files": "{number}*", "wrong": 1}]}, {"own": [7]}, {"text": [{"keys": "*.txt"}]}):
        with pytest.raises(Refused):
            FilesConnector.check_map(wrong)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"categories": ["ZZ"]}, "unknown_category"), ({"categories": "KD"}, "map_wrong"), ({"categories": [7]}, "map_wrong"),
        ({"purposes": ["PA-9999"]}, "unknown_purpose"), ({"category": ["KD"]}, "map_wrong"),
    ],
)  # fmt: skip
def test_a_map_with_a_word_of_no_list_is_refused_and_the_old_one_stays(
    stage: Stage, said: dict[str, Any], code: str
) -> None:
    stage.world.sign_in("web")
    system = stage.systems["feature-store"]
    row = DataMap.objects.get(system=system, purpose=stage.cast.purpose)
    with pytest.raises(Refused) as refused:
        systems.confirm_map(
            system, stage.cast.purpose, classified(row.spec, "sessions", **said), by=stage.cast.dev
        )
    assert refused.value.code == code
    assert DataMap.objects.get(pk=row.pk).spec == row.spec


def test_an_entry_of_a_purposes_map_holds_data_of_that_purpose(stage: Stage) -> None:
    stage.world.sign_in("web")
    system, purpose = stage.systems["feature-store"], stage.cast.purpose
    other = type(purpose).objects.filter(entity=system.entity).exclude(pk=purpose.pk).first()
    assert other is not None
    spec = DataMap.objects.get(system=system, purpose=purpose).spec
    with pytest.raises(Refused) as refused:
        systems.confirm_map(
            system, purpose, classified(spec, "sessions", purposes=[other.number]), by=stage.cast.dev
        )
    assert refused.value.code == "map_of_another"
    both = classified(spec, "sessions", purposes=[purpose.number, other.number])
    systems.confirm_map(system, purpose, both, by=stage.cast.dev)


def test_the_page_of_a_system_and_a_dry_run_say_what_lies_in_each_table(stage: Stage) -> None:
    stage.world.sign_in("web")
    system, purpose = stage.systems["feature-store"], stage.cast.purpose
    DataSystem.objects.filter(pk=system.pk).update(categories=["AP", "ID"])
    spec = classified(DataMap.objects.get(system=system, purpose=purpose).spec, "notes", categories=["ID"])
    systems.confirm_map(system, purpose, spec, by=stage.cast.dev)
    dev = signed_in(reading(stage.cast.dev, "en"))
    page = words(dev.get(f"/erasures/systems/{system.pk}/connect"))
    with translation.override("en"):
        from governance.purposes import lists

        ids, apps = lists.category("ID"), lists.category("AP")
    assert f"notes {ids} {purpose.number}" in page
    whole = ", ".join((apps, ids))
    assert f"sessions {whole} {purpose.number}" in page
    row = DataMap.objects.get(system=system, purpose=purpose)
    assert f"replace {ids}" in words(dev.get(f"/erasures/systems/{system.pk}/maps/{row.pk}"))

    order = stage.withdraw_without_capture("asha")
    stage.world.sign_in("eraser")
    looking.look(order.pk)
    order.refresh_from_db()
    seen = next(one for one in order.looked if one["system"] == str(system.pk))
    held = {part["part"]: part["categories"] for part in seen["parts"]}
    assert held["notes"] == ["ID"] and sorted(held["sessions"]) == ["AP", "ID"]
    with translation.override("en"):
        cells = {row[1]["text"]: row[1]["note"] for row in shown.look_rows(order) if row[0] == system.name}
    assert cells["notes"] == ids
    assert stage.carry_out(order) == "done", "what a table holds changes nothing in how it is erased"
    assert stage.store.rows_of(stage.cast.asha) == 0


def test_a_category_that_left_the_list_fails_the_check_of_the_maps(stage: Stage) -> None:
    stage.world.sign_in("web")
    row = DataMap.objects.get(system=stage.systems["team-files"], purpose=stage.cast.purpose)
    DataMap.objects.filter(pk=row.pk).update(
        spec={**row.spec, "text": [{"files": row.spec["text"][0], "categories": ["ZZ"]}]}
    )
    status, said = run()
    assert status == 1 and "team-files: no list knows these categories of data: ZZ." in said
    assert "2 of 2 databases" in said
