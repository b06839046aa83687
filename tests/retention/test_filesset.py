"""A folder ends as if each of a set had been worked on alone, and each is told the same of it."""

import os
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from governance.lib.connectors import Scope
from governance.retention.connectors import folder
from governance.retention.connectors.files import CHUNKS, FilesConnector

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
MAP: dict[str, Any] = {
    "own": ["people/{number}*", "mail/{email}/*.json", "{number}.txt"],
    "rows": [
        {"files": "teams/*.csv", "format": "csv", "field": "person", "is": "number", "time": "at"},
        {"files": "people/*.csv", "format": "csv", "field": "person", "is": "number"},
        {"files": "*.jsonl", "format": "jsonl", "field": "user", "is": "email"},
    ],
    "text": ["minutes/*.txt", "teams/*.csv"],
}
PEOPLE = [
    {"number": f"N-{i}", "name": f"{'Zoë' if i % 3 else 'Mia'} Bench{i}", "email": f"z{i}@x.example"}
    for i in range(1, 13)
]


def filled(root: Path, dice: random.Random) -> None:
    for name in ("people", "teams", "minutes", "events/deep", *(f"mail/{one['email']}" for one in PEOPLE)):
        (root / name).mkdir(parents=True)
    for i, one in enumerate(PEOPLE):
        for place in (f"people/{one['number']}.json", f"people/{one['number']}9.json", f"people/{one['number']}_a.csv", f"mail/{one['email']}/1.json", f"{one['number']}.txt"):  # fmt: skip
            other = dice.choice(PEOPLE)["number"]
            (root / place).write_text(f"person,at\n{one['number']},{NOW.isoformat()}\n{other},x\n")
            at = (NOW + timedelta(days=dice.randrange(-4, 4))).timestamp()
            os.utime(root / place, (at, at))
        with (root / "minutes" / f"{i % 3}.txt").open("a") as file:
            file.write(
                f"{one['name']} met {dice.choice(PEOPLE)['number']} – and {dice.choice(PEOPLE)['email'].upper()}.\n"
            )
    for name in ("teams/a.csv", "teams/b.csv"):
        rows = [f'{dice.choice(PEOPLE)["number"]},{(NOW + timedelta(days=dice.randrange(-4, 4))).isoformat()},"{dice.choice(PEOPLE)["name"]}"' for _ in range(60)]  # fmt: skip
        (root / name).write_text("\n".join(["person,at,said", *rows]) + "\n")
    lines = [f'{{"user": "{dice.choice(PEOPLE)["email"]}", "n": {n}}}' for n in range(40)]
    (root / "events/deep/a.jsonl").write_text("\n".join(lines) + "\n")
    (root / ".sammati-unfinished-7").write_text("N-1")


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("linked", [False, True], ids=["plain", "a link to another folder"])
@pytest.mark.parametrize("seed", range(3))
def test_a_folder_ends_as_if_each_had_been_worked_on_alone(tmp_path: Path, seed: int, linked: bool) -> None:
    dice = random.Random(seed)
    scopes = [
        Scope(uuid4(), None, (), NOW + timedelta(days=dice.randrange(-2, 3)), one) for one in PEOPLE[:8]
    ]
    ends, told = [], []
    for way in ("alone", "together"):
        root = tmp_path / way
        filled(root, random.Random(seed))
        if linked:
            shutil.move(root / "people", tmp_path / f"people-{way}")
            (root / "people").symlink_to(tmp_path / f"people-{way}")
        connector = FilesConnector({"folder": str(root)}, MAP)
        works = [(scope, chunk) for chunk in CHUNKS for scope in scopes]
        if way == "alone":
            counts, done = [], []
            for work in works:
                counts.append(connector.count(*work))
                done.append(connector.erase(*work))
        else:
            counts, done = connector.count_all(works), connector.erase_all(works)
        assert connector.count_all(works) == [connector.count(*work) for work in works] == [0] * len(works)
        read = connector.residues(scopes)
        assert read == [connector.residue(scope) for scope in scopes]
        ends.append(contents(root) | contents(tmp_path / f"people-{way}" if linked else root))
        told.append((counts, done, read))
    assert ends[0] == ends[1]
    assert [one.count for one in told[0][1]] == [one.count for one in told[1][1]] and told[0][2] == told[1][2]
    assert [(one.kept, one.method) for one in told[0][1]] == [(one.kept, one.method) for one in told[1][1]]
    assert (not linked and seed < 9 and sum(told[1][0]) >= sum(told[0][0])) or linked


def test_a_pattern_fits_as_a_path_would_match_it() -> None:
    dice = random.Random(3)
    names = ["a", "ab", ".a", "a.csv", "b.csv", "teams"]
    for _ in range(2000):
        path = "/".join(dice.choices(names, k=dice.randrange(1, 4)))
        pattern = "/".join(dice.choices([*names, "*", "*.csv", "**", "?", "[ab]*"], k=dice.randrange(1, 4)))
        fits = folder.fits(Path(path).parts, Path(pattern).parts)
        assert fits == Path(path).match(pattern), (path, pattern)
