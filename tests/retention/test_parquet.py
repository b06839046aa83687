"""Rows in Parquet files: hers go, all else stays as it was, and nothing of her is left in what no row uses."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.lib.refusals import Refused
from governance.retention.connectors import parquetfiles, rowfiles, unpack
from governance.retention.connectors.files import FilesConnector
from governance.retention.connectors.mentions import Mentions
from governance.retention.connectors.s3 import S3Connector
from tests.retention import at_hand

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
RULE = {"files": "*.parquet", "format": "parquet", "field": "person", "is": "number", "time": "at"}
SCOPE = at_hand.scope(before=NOW)


def written(table: Any, **more: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **more)
    raw: bytes = sink.getvalue().to_pybytes()
    return raw


def read(raw: bytes) -> Any:
    return pq.ParquetFile(io.BytesIO(raw))


def mentions(raw: bytes) -> int:
    return sum(Mentions(at_hand.ASHA).count(text) for text in parquetfiles.texts(raw))


def events(rows: int = 12) -> Any:
    """Hers and Bela's in turn, each hour one; all kinds of columns that such files have."""
    numbers = ["N-1001" if i % 2 else "N-1002" for i in range(rows)]
    schema = pa.schema(
        [
            pa.field("person", pa.string(), nullable=False, metadata={b"unit": b"staff number"}),
            pa.field("team", pa.dictionary(pa.int8(), pa.string())),
            pa.field("at", pa.timestamp("ns", "UTC")),
            pa.field("steps", pa.list_(pa.int32())),
            pa.field("said", pa.struct([pa.field("door", pa.string())])),
            pa.field("sum", pa.decimal128(9, 2)),
        ],
        metadata={b"made by": b"the data team", b"pandas": b'{"columns": []}'},
    )
    columns = [
        numbers, [f"team of {number}" for number in numbers], [NOW - timedelta(hours=i + 1) for i in range(rows)],
        [[i, i + 1] for i in range(rows)], [{"door": "north"} for _ in range(rows)], list(range(rows)),
    ]  # fmt: skip
    arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_her_rows_go_and_the_rest_is_as_it_was(codec: str, version: str) -> None:
    before = events()
    raw = written(before, compression=codec, version=version, row_group_size=5)
    left, gone = rowfiles.without(raw, RULE, SCOPE)
    assert gone == 6 and rowfiles.count(raw, RULE, SCOPE) == 6
    file = read(left)
    after = file.read()
    assert after.column("person").to_pylist() == ["N-1002"] * 6
    of_bela = [i for i, number in enumerate(before.column("person").to_pylist()) if number == "N-1002"]
    for name in ("steps", "said", "team"):
        assert after.column(name).to_pylist() == before.column(name).take(of_bela).to_pylist()
    assert file.schema_arrow.equals(read(raw).schema_arrow, check_metadata=True)
    assert file.schema.equals(read(raw).schema), "the types that other programs see are the same"
    assert file.num_row_groups == 3 and file.metadata.format_version == read(raw).metadata.format_version
    told = [file.metadata.row_group(0).column(i).compression for i in range(3)]
    assert set(told) == {"UNCOMPRESSED" if codec == "none" else codec.upper()}
    assert mentions(raw) and not mentions(left)
    # Uncompressed, the file shows whether a word of hers stayed in a dictionary, in statistics or in an index.
    bare = rowfiles.without(written(before, compression="none"), RULE, SCOPE)[0]
    assert b"N-1002" in bare and b"N-1001" not in bare


def test_a_file_without_her_is_not_written_anew() -> None:
    raw = written(events().filter(pa.array([i % 2 == 0 for i in range(12)])))
    assert rowfiles.without(raw, RULE, SCOPE) == (raw, 0)


def test_a_file_of_hers_alone_stays_with_its_columns() -> None:
    raw = written(events().filter(pa.array([i % 2 == 1 for i in range(12)])))
    left, gone = rowfiles.without(raw, RULE, SCOPE)
    assert gone == 6 and read(left).metadata.num_rows == 0
    assert read(left).schema_arrow.equals(read(raw).schema_arrow, check_metadata=True)


@pytest.mark.parametrize(
    "moments",
    [
        pa.array([NOW - timedelta(days=1), NOW + timedelta(days=1)], pa.timestamp("ns")),
        pa.array([date(2026, 10, 31), date(2026, 11, 2)], pa.date32()),
        pa.array([int(NOW.timestamp()) - 60, int(NOW.timestamp()) + 60], pa.int64()),
        pa.array([int(NOW.timestamp() - 60) * 1000, int(NOW.timestamp() + 60) * 1000], pa.int64()),
        pa.array(["2026-10-31T00:00:00Z", "2026-11-02"], pa.large_string()),
    ],
    ids=["nanoseconds", "days", "seconds", "milliseconds", "text"],
)
def test_what_is_newer_than_the_cut_off_stays(moments: Any) -> None:
    raw = written(pa.table({"person": pa.array(["N-1001", "N-1001"]), "at": moments}))
    left, gone = rowfiles.without(raw, RULE, SCOPE)
    assert gone == 1
    kept = read(left).read().column("at")
    assert kept.to_pylist() == moments.slice(1).to_pylist() and kept.type == moments.type
    looked_at = rowfiles.only_until(left, RULE, SCOPE)
    assert mentions(left) == 1 and not mentions(looked_at), "reading back leaves the newer rows out"


def test_a_row_without_a_time_is_old_and_a_whole_number_finds_her_too() -> None:
    raw = written(
        pa.table(
            {"person": pa.array([4711, 4712, 4711]), "at": pa.array([NOW, None, None], pa.timestamp("s"))}
        )
    )
    left, gone = rowfiles.without(raw, RULE, at_hand.scope(before=NOW, identifiers={"number": "4711"}))
    assert gone == 2 and read(left).read().column("person").to_pylist() == [4712]


def test_words_that_no_row_uses_are_found_and_go_with_the_next_writing() -> None:
    """Who filters a table of categories and writes it keeps the words of those who were taken out."""
    words = pa.array(["N-1001", "N-1002"])
    inside = pa.array([[{"door": "north"}]] * 2)
    kept = pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int8()), words)
    for compression in ("none", "zstd"):
        raw = written(pa.table({"person": kept, "inside": inside}), compression=compression)
        assert mentions(raw) == 1
        assert mentions(written(pa.table({"person": kept}), compression=compression, store_schema=False)) == 1
    both = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), words)
    left, gone = rowfiles.without(
        written(pa.table({"person": both, "inside": inside}), compression="none"), {**RULE, "time": ""}, SCOPE
    )
    assert gone == 1 and not mentions(left) and b"N-1001" not in left
    assert read(left).schema_arrow.field("person").type == pa.dictionary(pa.int8(), pa.string())


def test_a_name_in_another_column_a_structure_or_the_metadata_is_read_back() -> None:
    said = pa.array([{"by": {"name": "Asha Deshmukh"}}])
    note = pa.array([b"written for asha@nirmaan.example"])
    table = pa.table({"said": said, "note": note}).replace_schema_metadata({"owner": "N-1001"})
    assert mentions(written(table, compression="zstd")) == 3


@pytest.mark.parametrize("raw", [b"PAR1", b"PAR1 half a file", b"PARE sealed PARE", b"", b"person,at\n"])
def test_what_is_no_parquet_is_a_fault_and_not_empty(raw: bytes) -> None:
    with pytest.raises(rowfiles.NotReadable):
        rowfiles.count(raw, RULE, SCOPE)
    if raw.startswith(b"PAR"):
        with pytest.raises(unpack.CannotLookInside):
            list(unpack.texts(raw))


def test_a_column_that_is_not_there_is_a_fault() -> None:
    raw = written(pa.table({"who": ["N-1001"]}))
    with pytest.raises(rowfiles.NotReadable):
        rowfiles.without(raw, RULE, SCOPE)


def test_in_a_folder_it_is_erased_beside_others_and_a_copy_that_no_map_names_is_found(tmp_path: Path) -> None:
    (tmp_path / "events.parquet").write_bytes(written(events()))
    (tmp_path / "events.parquet").chmod(0o640)
    connector = FilesConnector({"folder": str(tmp_path)}, {"rows": [RULE]})
    (tmp_path / "attic").mkdir()
    (tmp_path / "attic" / "old.pq").write_bytes(written(events(4), compression="zstd"))
    assert connector.count(SCOPE, "rows") == 6 and connector.named(SCOPE, "rows", 9) == ["events.parquet"]
    assert len(list(connector.export(SCOPE))) == 6
    assert connector.erase(SCOPE, "rows").count == 6
    assert json.dumps(connector.residue(SCOPE).where) == '["attic/old.pq"]'
    assert (tmp_path / "events.parquet").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attic", "events.parquet"], (
        "nothing half written"
    )


def test_in_a_bucket_every_version_of_the_file_forgets_her(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, store = at_hand.bucket(moto, monkeypatch)
    name = case.options["bucket"]
    for _ in range(2):
        store.put_object(Bucket=name, Key="lake/events.parquet", Body=written(events(), compression="zstd"))
    rule = {key: value for key, value in RULE.items() if key != "files"} | {"keys": "lake/*.parquet"}
    connector = S3Connector({**case.options, "prefix": "lake/"}, {"rows": [rule]})
    scope = at_hand.scope(before=NOW)
    assert connector.residue(scope).where == ("lake/events.parquet",)
    assert connector.erase(scope, "rows").count == 12 and connector.residue(scope).count == 0
    body = store.get_object(Bucket=name, Key="lake/events.parquet")["Body"].read()
    assert read(body).read().column("person").to_pylist() == ["N-1002"] * 6
    assert len(store.list_object_versions(Bucket=name, Prefix="lake/")["Versions"]) == 1


class TestWithoutThePackage:
    @pytest.fixture(autouse=True)
    def absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquetfiles, "is_installed", lambda: False)

    @pytest.mark.parametrize("kind", [FilesConnector, S3Connector])
    def test_a_map_that_names_parquet_is_answered_by_a_sentence(self, kind: Any) -> None:
        rule = {**RULE, "keys": "*.parquet"}
        rule.pop("files" if kind is S3Connector else "keys")
        with pytest.raises(Refused, match="pip install pyarrow") as refused:
            kind.check_map({"rows": [rule]})
        assert refused.value.code == "parquet_needs_package"

    def test_a_parquet_file_that_lies_there_is_not_taken_for_empty(self, tmp_path: Path) -> None:
        (tmp_path / "a.parquet").write_bytes(written(events()))
        connector = FilesConnector({"folder": str(tmp_path)}, {"own": ["people/{number}*"]})
        with pytest.raises(parquetfiles.ParquetPackageMissing):
            connector.residue(SCOPE)
