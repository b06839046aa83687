"""An organisation's own packs: read in place of ours, checked before anything is served, named on a page."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from governance import checks
from governance.lib import packs
from governance.purposes.policy import packs as policy
from governance.purposes.views.packs import HOLDS
from tests.cast import Cast
from tests.visits import visit

TOP = Path(__file__).resolve().parents[3]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "packs"
    folder.mkdir()
    monkeypatch.setattr(settings, "PACKS", str(folder))
    yield folder


def copy(own: Path, name: str, was: str = "", now: str = "") -> None:
    text = (packs.HOME / name).read_text(encoding="utf-8")
    assert was in text
    (own / name).write_text(text.replace(was, now, 1), encoding="utf-8")


VERSION = ('version = "', 'version = "own-1-')


def test_without_a_folder_ours_are_used() -> None:
    assert packs.problems() == [] and packs.place("laws.toml") == packs.HOME / "laws.toml"
    assert policy.place() == policy.HOME


def test_what_lies_in_the_folder_replaces_ours_and_the_rest_stays(own: Path) -> None:
    copy(own, "retention.toml", *VERSION)
    assert packs.problems() == []
    assert packs.place("retention.toml") == own / "retention.toml"
    assert packs.place("laws.toml") == packs.HOME / "laws.toml" and policy.place() == policy.HOME
    shutil.copytree(policy.HOME, own / "policy")
    assert policy.place() == own / "policy"


@pytest.mark.parametrize(
    ("name", "was", "now", "said"),
    [
        ("clocks.toml", "version = ", "edition = ", "it has no version"), ("lists.toml", "[list.kind]", "[list.kinds]", "list.kind is missing"),
        ("lists.toml", "[list.kind]", "[list.kind", "it is no TOML"), ("laws.toml", "[provision.", "[provisions.", "is missing"),
        ("retention.toml", 'min = "P1Y"', 'min = "P2Y"', "has the same version"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_says_why(own: Path, name: str, was: str, now: str, said: str) -> None:
    copy(own, name, was, now)
    found = packs.problems()
    assert any(said in line and line.startswith(name) for line in found), found
    with pytest.raises(SystemExit, match="SAMMATI_PACKS cannot be used"):
        checks.refuse_broken_packs()


def test_a_folder_of_nothing_or_of_something_else_is_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packs.problems() == ["SAMMATI_PACKS: there is no pack in this folder."]
    (own / "retension.toml").write_text('version = "1"\n')
    assert packs.problems() == ["retension.toml: no pack has this name."]
    monkeypatch.setattr(settings, "PACKS", str(own / "nowhere"))
    assert packs.problems() == ["SAMMATI_PACKS: nowhere is no folder."]


def test_a_broken_rule_keeps_the_portal_from_starting(own: Path) -> None:
    shutil.copytree(policy.HOME, own / "policy")
    path = own / "policy" / "eu.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("signal.off_duty", "signal.asleep", 1), encoding="utf-8"
    )
    with pytest.raises(SystemExit, match=r"no fact “signal\.asleep”"):
        checks.refuse_broken_packs()


def _check(own: Path | None) -> dict[str, Any]:
    """What a new process says of the packs that it would use."""
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "SECRET_KEY": "x" * 50,
    }
    env |= {"SAMMATI_VAR": str(settings.VAR), "DJANGO_SETTINGS_MODULE": "governance.settings"}
    if own is not None:
        env["SAMMATI_PACKS"] = str(own)
    done = subprocess.run(
        [sys.executable, str(TOP / "manage.py"), "check_policy", "--json"], env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def test_a_new_process_uses_the_own_rules_and_says_their_hash(own: Path) -> None:
    shutil.copytree(policy.HOME, own / "policy")
    path = own / "policy" / "pack.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('version = "', 'version = "own-1-', 1), encoding="utf-8"
    )
    found, ours = _check(own), _check(None)
    assert found["valid"] and found["version"].startswith("own-1-") and found["sha256"] != ours["sha256"]
    assert ours["sha256"] == policy.load(policy.HOME).sha256
    copy(own, "lists.toml", "[list.kind]", "[list.kinds]")
    broken = _check(own)
    assert not broken["valid"] and "list.kind is missing" in broken["problems"][0]


def test_the_page_names_every_pack_with_its_hash_for_those_who_watch(cast: Cast) -> None:
    for person in (cast.dev, cast.arun, cast.lata):
        with visit(person) as client:
            page = client.get("/register/packs/").content.decode()
        for name in packs.names():
            assert packs.load(name).sha256 in page and f"{name}.toml" in page
        assert policy.default().sha256 in page and "as shipped" in page
    for person in (cast.asha, cast.ira, cast.omar, cast.meera):
        with visit(person) as client:
            assert client.get("/register/packs/").status_code == 403


def test_every_pack_has_its_words_on_the_page() -> None:
    assert set(HOLDS) == set(packs.names())
