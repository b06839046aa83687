"""What the bytes of a file may say: as UTF-8, UTF-16, escaped JSON, and inside gzip, zip and Parquet."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from governance.retention.connectors import parquetfiles

DEEPEST = 3
LARGEST = 512 * 1024 * 1024
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class CannotLookInside(Exception):
    """Encrypted, broken or too large when unpacked: reading back failed, the file is not taken for empty."""


def texts(raw: bytes, depth: int = 0) -> Iterator[str]:
    """Each reading in which a name could stand. Raises CannotLookInside, and ParquetPackageMissing where it is."""
    plain = raw.decode("utf-8", "replace")
    yield plain
    if "\\u" in plain:
        yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), plain)
    if b"\x00" in raw:
        for start in (0, 1):
            yield raw[start:].decode("utf-16-le", "replace")
            yield raw[start:].decode("utf-16-be", "replace")
    if b"\xff" in raw or any(byte >= 0x80 for byte in raw[:4096]):
        yield raw.decode("latin-1")
    if parquetfiles.is_one(raw):
        try:
            yield from parquetfiles.texts(raw)
        except parquetfiles.Broken as error:
            raise CannotLookInside from error
    for inside in _inside(raw):
        if depth >= DEEPEST:
            raise CannotLookInside
        yield from texts(inside, depth + 1)


def _inside(raw: bytes) -> Iterator[bytes]:
    try:
        if raw.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
                yield _limited(file.read(LARGEST + 1))
        elif raw.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for member in archive.infolist():
                    yield member.filename.encode()
                    with archive.open(member) as file:
                        yield _limited(file.read(LARGEST + 1))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise CannotLookInside from error


def _limited(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise CannotLookInside
    return content
