"""Rows of Parquet files: take out one person's, and leave schema, metadata, row groups and compression as they were.

pyarrow does the work. It is large, so that only who has such files installs it (decisions/0049).
"""

import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAGIC, SEALED = b"PAR1", b"PARE"  # the second one has an encrypted footer
Test = Callable[[Any], bool]


class Broken(Exception):
    """No Parquet file, an encrypted one, or one without a column that the map names."""


class ParquetPackageMissing(Exception):
    """There is a Parquet file, and nothing here can read it: neither erased nor taken for empty."""


def is_installed() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def is_one(raw: bytes) -> bool:
    """Also where the rest of it is missing: half a file still holds somebody's rows."""
    return raw.startswith((MAGIC, SEALED))


class _File:
    """One Parquet file in memory, read row group by row group. Raises Broken, ParquetPackageMissing."""

    def __init__(self, raw: bytes, *, words: bool = False) -> None:
        """With `words`, columns of text are read with all words of their dictionaries, used or not."""
        if not is_installed():
            raise ParquetPackageMissing
        import pyarrow as pa
        from pyarrow import compute, parquet

        self.pa: Any = pa
        self.pc: Any = compute
        self.pq: Any = parquet
        try:
            self.file = self.pq.ParquetFile(self.pa.BufferReader(raw))
            self.schema = self.file.schema_arrow
            if words:
                leaves = map(self.file.schema.column, range(len(self.file.schema)))
                texts = [
                    leaf.path
                    for leaf in leaves
                    if leaf.physical_type == "BYTE_ARRAY" and "." not in leaf.path
                ]
                self.file = self.pq.ParquetFile(self.pa.BufferReader(raw), read_dictionary=texts)
        except (self.pa.ArrowException, OSError, ValueError) as error:
            raise Broken from error

    def groups(self, columns: list[str] | None = None) -> Iterator[Any]:
        """Each row group as a table, with these columns or all."""
        for group in range(self.file.num_row_groups):
            try:
                yield self.file.read_row_group(group, columns=columns, use_threads=False)
            except (self.pa.ArrowException, OSError, ValueError) as error:
                raise Broken from error

    def needs(self, *columns: str) -> None:
        if not set(columns) <= set(self.schema.names):
            raise Broken

    def plain(self, column: Any) -> Any:
        """The values themselves: of a dictionary, those that are used; of a moment, no finer than microseconds."""
        kind = column.type
        if self.pa.types.is_dictionary(kind):
            return column.cast(kind.value_type)
        if self.pa.types.is_timestamp(kind) and kind.unit == "ns":
            return column.cast(self.pa.timestamp("us", kind.tz), safe=False)
        return column

    def mine(self, table: Any, field: str, time: str, whose: Test, when: Test) -> list[int]:
        """The numbers of the rows whose field is the person's and whose time says yes; each value is asked once."""
        column = self.plain(table.column(field))
        wanted = [value for value in self.pc.unique(column).to_pylist() if value is not None and whose(value)]
        if not wanted:
            return []
        at = self.pc.indices_nonzero(self.pc.is_in(column, value_set=self.pa.array(wanted, type=column.type)))
        if not time:
            found: list[int] = at.to_pylist()
            return found
        moments = self.plain(table.column(time).take(at)).to_pylist()
        return [i for i, moment in zip(at.to_pylist(), moments, strict=True) if when(moment)]

    def without_rows(self, table: Any, rows: list[int]) -> Any:
        gone = self.pa.array(rows, type=self.pa.int64())
        numbers = self.pa.array(range(table.num_rows), type=self.pa.int64())
        left = table.filter(self.pc.invert(self.pc.is_in(numbers, value_set=gone)))
        for i, field in enumerate(left.schema):
            if "dictionary<" in str(field.type):
                # A dictionary keeps words that no row uses any more, and would be written with the person in it.
                left = left.set_column(i, field, self._fresh(left.column(i), field.type))
        return left

    def _fresh(self, column: Any, kind: Any) -> Any:
        if not self.pa.types.is_dictionary(kind):  # inside a list or a structure
            return self.pa.array(column.to_pylist(), type=kind)
        made = column.cast(kind.value_type).combine_chunks().dictionary_encode()
        made = made.combine_chunks() if isinstance(made, self.pa.ChunkedArray) else made
        indices = made.indices.cast(kind.index_type)
        return self.pa.DictionaryArray.from_arrays(indices, made.dictionary, ordered=kind.ordered)

    def compression(self) -> Any:
        """As it was, column by column."""
        if not self.file.num_row_groups:
            return "snappy"
        group = self.file.metadata.row_group(0)
        columns = [group.column(i) for i in range(group.num_columns)]
        return {
            column.path_in_schema: {"UNCOMPRESSED": "NONE"}.get(column.compression, column.compression)
            for column in columns
        }


def count(raw: bytes, field: str, time: str, whose: Test, when: Test) -> int:
    """How many rows take_out would take; only the columns that decide are read."""
    file = _File(raw)
    named = list(dict.fromkeys([field, *([time] if time else [])]))
    file.needs(*named)
    return sum(len(file.mine(table, field, time, whose, when)) for table in file.groups(named))


def take_out(raw: bytes, field: str, time: str, whose: Test, when: Test) -> tuple[bytes, int]:
    """The file without the rows whose `field` is the person's and whose `time` says yes ("" for no time), and how many went.

    What is left keeps its order, its row groups, the schema with its metadata, and its compression.
    """
    if not count(raw, field, time, whose, when):
        return raw, 0
    file, gone = _File(raw), 0
    sink = file.pa.BufferOutputStream()
    writer = file.pq.ParquetWriter(
        sink, file.schema, compression=file.compression(), version=_version(file.file.metadata.format_version),
        store_schema=b"ARROW:schema" in (file.file.metadata.metadata or {}),
    )  # fmt: skip
    with writer:
        for table in file.groups():
            rows = file.mine(table, field, time, whose, when)
            gone += len(rows)
            left = file.without_rows(table, rows) if rows else table
            if left.num_rows:
                writer.write_table(left, row_group_size=left.num_rows)
    return sink.getvalue().to_pybytes(), gone


def rows(raw: bytes, field: str, time: str, whose: Test, when: Test) -> Iterator[Mapping[str, Any]]:
    """The person's rows."""
    file = _File(raw)
    file.needs(field, *([time] if time else []))
    for table in file.groups():
        found = file.mine(table, field, time, whose, when)
        if found:
            yield from _simple(file, table.take(found)).to_pylist()


def texts(raw: bytes) -> Iterator[str]:
    """All that stands in the file, for whoever looks for a name: metadata, then every column of every row group.

    Compressed and packed as it is, its bytes would show nothing. Of dictionaries also the words that no row uses.
    """
    file = _File(raw, words=True)
    told = file.file.metadata.metadata or {}
    yield "\n".join(f"{_text(key)} {_text(value)}" for key, value in told.items())
    yield "\n".join(file.schema.names)
    for table in file.groups():
        for name, column in zip(table.schema.names, _simple(file, table, words=True), strict=True):
            yield "\n".join([name, *map(_text, column)])


def _simple(file: _File, table: Any, *, words: bool = False) -> Any:
    """The table without moments that Python cannot hold; with `words`, its columns as lists of values."""
    columns = []
    for column in table.columns:
        made = file.plain(column)
        if words:
            made = made.to_pylist()
            if file.pa.types.is_dictionary(column.type):
                all_words = {word for chunk in column.chunks for word in chunk.dictionary.to_pylist()}
                made += all_words - set(made)
        columns.append(made)
    return columns if words else file.pa.table(columns, names=table.schema.names)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=_text)
    return "" if value is None else str(value)


def _version(told: str) -> str:
    return told if told in ("1.0", "2.4", "2.6") else "2.6"
