"""What a recipient reads who opens a package by the command, without us: the events, or a sentence and never a traceback."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from governance.exports.client import package

COMMAND = Path(package.__file__)


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(COMMAND), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A key of the command's own making, and beside it a package for it: `whole`."""
    made = run("key", tmp_path / "mine.key")
    assert made.returncode == 0
    rows = [{"kind": "event", "signal": "ui_event", "event": {"role": "button"}} for _ in range(3000)]
    said = [json.dumps(row).encode() + b"\n" for row in rows]
    segment = {"kind": "segment", "sha256": package.hashlib.sha256(b"".join(said)).hexdigest()}
    manifest = {"kind": "manifest", "root": package.tree([package.canonical(segment)]).hex()}
    content = [*said, json.dumps(segment).encode() + b"\n", json.dumps(manifest).encode() + b"\n"]
    sealed = b"".join(package.seal(base64.b64decode(made.stdout), "X-2026-000001", content))
    (tmp_path / "whole").write_bytes(sealed)
    (tmp_path / "cut").write_bytes(sealed[:-5000])
    (tmp_path / "changed").write_bytes(sealed[:-500] + bytes([sealed[-500] ^ 1]) + sealed[-499:])
    (tmp_path / "none").write_text("hello\n")
    (tmp_path / "number").write_text("5\n")
    (tmp_path / "other.key").write_text("hello")
    run("key", tmp_path / "another.key")
    return tmp_path


def test_it_opens_for_its_key(mine: Path) -> None:
    opened = run("open", mine / "mine.key", mine / "whole")
    assert opened.returncode == 0 and not opened.stderr
    assert [json.loads(line)["kind"] for line in opened.stdout.splitlines()].count("event") == 3000


@pytest.mark.parametrize(
    ("key", "file", "says"),
    [
        ("mine.key", "cut", "It does not open"), ("mine.key", "changed", "It does not open"), ("another.key", "whole", "It does not open"),
        ("mine.key", "none", "no package of Sammati"), ("mine.key", "number", "no package that this program knows"),
        ("other.key", "whole", "no key that"), ("mine.key", "nowhere", "No such file"), ("nowhere.key", "whole", "No such file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(mine: Path, key: str, file: str, says: str) -> None:
    for command in (("open", mine / key, mine / file), ("clips", mine / key, mine / file, mine / "clips")):
        refused = run(*command)
        assert refused.returncode == 1 and says in refused.stderr
        assert len(refused.stderr.splitlines()) == 1, "no traceback"


def test_a_key_is_never_written_over(mine: Path) -> None:
    before = (mine / "mine.key").read_text()
    again = run("key", mine / "mine.key")
    assert (
        again.returncode == 1 and "File exists" in again.stderr and (mine / "mine.key").read_text() == before
    )
