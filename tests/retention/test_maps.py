"""A column that no map classifies fails `manage.py check_maps`, so that new ones cannot hide."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.demo import systems as demo
from governance.lib.refusals import Refused
from governance.purposes.models import DataSystem
from governance.retention import maps, systems
from governance.retention.connectors import sqlmap
from governance.retention.connectors.sql import SqlConnector
from tests.retention import at_hand
from tests.retention.conftest import Stage
from tests.retention.test_connectors_conform import LOGINS


def run() -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("check_maps", stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def test_the_companys_own_maps_classify_every_column(stage: Stage) -> None:
    stage.world.sign_in("web")
    status, said = run()
    assert status == 0 and "2 of 2 databases" in said, said


def test_a_column_and_a_table_added_yesterday_fail(stage: Stage) -> None:
    stage.store.do("ALTER TABLE notes ADD COLUMN author text")
    stage.store.do("CREATE TABLE badges (id int PRIMARY KEY, holder text)")
    stage.store.do("GRANT SELECT ON ALL TABLES IN SCHEMA public TO store_reader")
    stage.store.do("ALTER TABLE sessions ADD COLUMN browser text")  # goes with its row
    stage.world.sign_in("web")
    status, said = run()
    assert status == 1
    lines = [line for line in said.splitlines() if line.startswith("feature-store:")]
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["badges.holder.", "badges.id.", "notes.author."]


def test_what_one_purposes_map_leaves_to_another_is_classified(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hand.badges(at_hand.sqlite_url(tmp_path), monkeypatch)
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="badges", name="Badge archive", holds="doors", country="IN", entity=stage.cast.software
    )
    systems.connect(more, "sql", at_hand.LOGINS, by=stage.cast.dev)
    assert not next(found for found in maps.check() if found.system == more).mapped
    first, second = at_hand.BADGE_MAP["tables"][:2], at_hand.BADGE_MAP["tables"][2:]
    systems.confirm_map(more, stage.cast.purpose, {"tables": first}, by=stage.cast.dev)
    left = next(found for found in maps.check() if found.system == more).unclassified
    assert left == ("remarks.body", "remarks.id", "remarks.written")
    systems.confirm_map(more, None, {"tables": second}, by=stage.cast.dev)
    assert next(found for found in maps.check() if found.system == more).is_sound
    monkeypatch.setenv("BADGE_READ_URL", "sqlite:////nowhere/there.db")
    status, said = run()
    assert status == 1 and "badges: it did not answer" in said


def test_what_is_kept_stands_on_the_certificate_with_its_reason(stage: Stage) -> None:
    stage.store.do('UPDATE models SET trained_on = \'{"by": "Asha Deshmukh"}\'')
    stage.world.sign_in("eraser")
    scope = at_hand.scope()
    connector = SqlConnector(LOGINS, demo.STORE_MAP)
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    read = connector.residue(scope)
    assert read.count == 0
    assert [(row.where, row.count, row.why) for row in read.kept] == [
        ("models.trained_on", 1, "counts of what models were trained on, nobody by name")
    ]


@pytest.mark.parametrize("keep", [{"models": ""}, {"models": None}, ["models"]])
def test_nothing_is_kept_without_a_reason(keep: object) -> None:
    with pytest.raises(Refused):
        sqlmap.check({**at_hand.BADGE_MAP, "keep": keep})
