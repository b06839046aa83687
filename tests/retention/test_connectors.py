"""What the connectors do at their edges: names in text, rows over several lines, maps that cannot be read, links."""

import gzip
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from governance.lib.connectors import Scope
from governance.lib.refusals import Refused
from governance.retention.connectors import rowfiles, sqlmap, unpack
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.sql import SqlConnector

ASHA = {"number": "N-1001", "name": "Asha Deshmukh", "email": "asha@nirmaan.example"}
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
SCOPE = Scope(uuid4(), uuid4(), (), BEFORE, ASHA)


@pytest.mark.parametrize(
    "text",
    [
        "asked Asha Deshmukh about it", "ASHA DESHMUKH", "Deshmukh, Asha", "Asha  Deshmukh", "Asha\nDeshmukh", "asha.deshmukh",
        "see N-1001.", "n-1001", "N-1001_notes", "<asha@nirmaan.example>", "mailto:Asha@Nirmaan.example", "(N-1001)",
    ],
)  # fmt: skip
def test_a_mention_is_found_however_it_is_written(text: str) -> None:
    assert Mentions(ASHA).count(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Asha",
        "Natasha Deshmukh",
        "N-10011",
        "N-100",
        "natasha@nirmaan.example",
        "asha@nirmaan.example.org",
        "Asha Deshmukhi",
        "",
    ],
)
def test_somebody_else_is_not_taken_for_her(text: str) -> None:
    assert Mentions(ASHA).count(text) == 0


def test_a_name_is_found_in_either_unicode_form() -> None:
    composed, decomposed = "J\u00fcrgen Wei\u00df", "Ju\u0308rgen Wei\u00df"
    assert (
        Mentions({"name": composed}).count(f"x {decomposed} y")
        == Mentions({"name": decomposed}).count(composed)
        == 1
    )
    assert Mentions({"name": "आशा देशमुख"}).count("कल आशा देशमुख ने कहा") == 1


def test_digits_alone_are_no_number_inside_an_amount() -> None:
    mentions = Mentions({"number": "4711"})
    assert mentions.count("person 4711 said") == 1
    assert not any(mentions.count(text) for text in ("1,4711", "2026-4711", "4711.50", "14711"))


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_was_replaced_is_not_found_again(left: str, right: str) -> None:
    mentions = Mentions(ASHA)
    text, _times = mentions.replace(f"{left} Asha Deshmukh {right}")
    assert mentions.count(text) == 0


CSV = {"format": "csv", "field": "person", "is": "number", "time": "at"}


def test_a_row_over_several_lines_goes_whole_and_every_other_byte_stays() -> None:
    raw = b'person,at,text\r\nN-1001,2026-10-01,"one\r\ntwo ""x"""\r\nN-1002,2026-10-01,"kept\nas it is"\r\nN-1001,2026-12-01,later\r\n'
    left, gone = rowfiles.without(raw, CSV, SCOPE)
    assert gone == 1
    assert left == b'person,at,text\r\nN-1002,2026-10-01,"kept\nas it is"\r\nN-1001,2026-12-01,later\r\n'


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfperson;at\nN-1001;2026-10-01\n",
        "person\tat\nN-1001\t2026-10-01\n".encode("utf-16-le").join([b"\xff\xfe", b""]),
    ],
)
def test_other_separators_and_encodings_are_read(raw: bytes) -> None:
    assert rowfiles.without(raw, CSV, SCOPE)[1] == 1


@pytest.mark.parametrize("raw", [b"who,when\nN-1001,x\n", b"\xff\xfe\x00", b"person,at\n\xff\xffN-1001\n"])
def test_a_file_that_is_not_as_the_map_says_is_a_fault(raw: bytes) -> None:
    with pytest.raises(rowfiles.NotReadable):
        rowfiles.without(raw, CSV, SCOPE)


@given(st.lists(st.tuples(st.sampled_from(["N-1001", "N-1002"]), st.text(max_size=20)), max_size=20))
def test_only_her_lines_go(rows: list[tuple[str, str]]) -> None:
    rule = {"format": "jsonl", "field": "user", "is": "number"}
    lines = [json.dumps({"user": user, "text": text}) + "\n" for user, text in rows]
    left, gone = rowfiles.without("".join(lines).encode(), rule, SCOPE)
    assert gone == sum(1 for user, _ in rows if user == "N-1001")
    assert (
        left
        == "".join(line for line, (user, _) in zip(lines, rows, strict=True) if user != "N-1001").encode()
    )


def folder(tmp_path: Path, data_map: dict[str, object]) -> FilesConnector:
    return FilesConnector({"folder": str(tmp_path)}, data_map)


def test_the_read_back_looks_into_compressed_and_escaped_and_wide_text(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"met Asha Deshmukh"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("inner.txt", "N-1001")
    (tmp_path / "c.json").write_text(json.dumps({"n": "J\u00fcrgen"}).replace("J", "Asha Deshmukh "))
    (tmp_path / "d.bin").write_bytes(b"\x00 " + "N-1001 ".encode("utf-16-le"))
    (tmp_path / "e.json").write_text('{"who": "\\u004e-1001"}')
    (tmp_path / "f.txt").write_text("nothing of hers")
    read = folder(tmp_path, {"own": ["x/{number}*"]}).residue(SCOPE)
    assert set(read.where) == {"a.gz", "b.zip", "c.json", "d.bin", "e.json"}


def test_a_file_that_cannot_be_looked_into_is_not_taken_for_empty(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8bbroken")
    with pytest.raises(unpack.CannotLookInside):
        folder(tmp_path, {"own": ["x/{number}*"]}).residue(SCOPE)


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("N-1001")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "N-1001.txt").symlink_to(outside)
    connector = folder(inside, {"own": ["{number}*"]})
    assert connector.erase(SCOPE, "own files").count == 0
    assert outside.read_text() == "N-1001"


def test_a_number_with_signs_of_a_pattern_takes_nobody_elses_files(tmp_path: Path) -> None:
    (tmp_path / "N-1001.txt").write_text("x")
    (tmp_path / "N-1002.txt").write_text("x")
    connector = folder(tmp_path, {"own": ["{number}*"]})
    for number in ("*", "N-100?", "../*", "N-100"):
        scope = Scope(uuid4(), None, (), datetime.now(UTC), {"number": number, "name": "Somebody Else"})
        assert connector.erase(scope, "own files").count == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_killed_rewrite_left_behind_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".sammati-unfinished-77").write_text("N-1001")
    os.utime(tmp_path / ".sammati-unfinished-77", (0, 0))
    connector = folder(tmp_path, {"own": ["x/{number}*"]})
    assert connector.residue(SCOPE).count == 1
    connector.erase(SCOPE, "rows")
    assert connector.residue(SCOPE).count == 0


@pytest.mark.parametrize(
    "data_map",
    [
        {}, {"tables": []}, {"tables": [{"table": "a", "action": "erase"}]},
        {"tables": [{"table": "a", "action": "burn", "find": {"column": "n", "is": "number"}}]},
        {"tables": [{"table": "a", "action": "erase", "find": {"column": "n", "is": "shoe size"}}]},
        {"tables": [{"table": "a", "action": "erase", "find": {"through": {"column": "x", "table": "b", "key": "id"}}}]},
        {"tables": [{"table": "a", "action": "null", "find": {"column": "n", "is": "number"}}]},
        {"tables": [
            {"table": "a", "action": "erase", "find": {"through": {"column": "x", "table": "b", "key": "id"}}},
            {"table": "b", "action": "erase", "find": {"through": {"column": "x", "table": "a", "key": "id"}}},
        ]},
    ],
)  # fmt: skip
def test_a_map_that_cannot_be_read_is_refused(data_map: dict[str, object]) -> None:
    with pytest.raises(Refused):
        sqlmap.check(data_map)


@pytest.mark.parametrize(
    "data_map", [{}, {"own": ["*"]}, {"own": ["../{number}"]}, {"rows": [{"files": "*"}]}, {"all": ["*"]}]
)
def test_a_map_of_files_that_would_take_too_much_is_refused(data_map: dict[str, object]) -> None:
    with pytest.raises(Refused):
        FilesConnector.check_map(data_map)


def test_another_kind_of_database_is_worked_on_by_the_same_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite: fields emptied and replaced, a table without a primary key, a number kept as a number, no time column."""
    url = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("STORE", url)
    engine = sa.create_engine(url)
    with engine.begin() as store:
        store.execute(sa.text("CREATE TABLE pay (person INTEGER, author TEXT, amount INTEGER)"))
        store.execute(sa.text("CREATE TABLE log (id INTEGER PRIMARY KEY, who TEXT, what TEXT)"))
        store.execute(
            sa.text(
                "INSERT INTO pay VALUES (10017, 'asha@nirmaan.example', 5), (10018, 'bela@nirmaan.example', 6)"
            )
        )
        store.execute(sa.text("INSERT INTO log (who, what) VALUES ('10017', 'saved'), ('10018', 'saved')"))
    connector = SqlConnector(
        {"url_env": "STORE", "read_url_env": "STORE"},
        {"tables": [
            {"table": "pay", "find": {"column": "person", "is": "number"}, "action": "null", "columns": ["person", "author"]},
            {"table": "log", "find": {"column": "who", "is": "number"}, "action": "replace", "columns": ["who"]},
        ]},
    )  # fmt: skip
    scope = Scope(uuid4(), None, (), BEFORE, ASHA | {"number": "10017"})
    assert [connector.count(scope, chunk) for chunk in connector.chunks(scope)] == [1, 1]
    assert [connector.erase(scope, chunk).count for chunk in connector.chunks(scope)] == [1, 1]
    read = connector.residue(scope)
    assert read.count == 0
    assert "pay: no time column, so rows of every time were erased" in read.looked_at
    with engine.connect() as store:
        assert store.execute(sa.text("SELECT amount FROM pay WHERE person IS NULL")).scalar() == 5
        assert store.execute(sa.text("SELECT count(*) FROM log WHERE who = '10018'")).scalar() == 1
