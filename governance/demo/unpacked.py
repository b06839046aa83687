"""What lies inside a packed file: the streams, strings and words of a PDF, the members of gzip and zip."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

MOST_BYTES = 512 * 1024 * 1024
"""Unpacked bytes of one file. More is a bomb, and is reported as unreadable."""

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", re.DOTALL)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")


class Packed(Exception):
    """A packed file that could not be opened. The sentence names the reason and nothing of the content."""


def is_packed(start: bytes) -> bool:
    """Do these first bytes (1,024) begin a file that this module opens?"""
    return b"%PDF-" in start or start.startswith((b"\x1f\x8b", b"PK\x03\x04"))


def unpack(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each thing inside with a name for it. Raises Packed, perhaps after some things."""
    try:
        if b"%PDF-" in data[:1024]:
            yield from _pdf(data)
        elif data.startswith(b"\x1f\x8b"):
            yield "gzip", _inflate(data)
        else:
            yield from _zip(data)
    except (
        pikepdf.PdfError,
        zlib.error,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise Packed(f"it could not be unpacked ({type(error).__name__})") from None


def _inflate(data: bytes) -> bytes:
    found = bytearray()
    while data.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(31)
        found += inflater.decompress(data, MOST_BYTES - len(found) + 1)
        if len(found) > MOST_BYTES:
            raise Packed("it unpacks to more than is reasonable")
        if not inflater.eof:
            raise EOFError
        data = inflater.unused_data
    return bytes(found)


def _zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise Packed("it unpacks to more than is reasonable")
        for place, member in enumerate(archive.infolist()):
            yield f"member {place} name", member.filename.encode()
            yield f"member {place}", archive.read(member)


def _pdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        maps: dict[tuple[int, int], dict[bytes, str]] = {}
        for thing in pdf.objects:
            number, generation = thing.objgen
            name = f"object {number} {generation}"
            strings = b"\n".join(_strings(thing, 0))
            if strings:
                yield f"{name} strings", strings
            if isinstance(thing, pikepdf.Stream):
                yield name, _decoded(thing)
                if thing.get("/Subtype") == "/Form":
                    yield (
                        f"{name} words",
                        _words(thing, thing.get("/Resources"), maps).encode("utf-8", "replace"),
                    )
        yield "trailer strings", b"\n".join(_strings(pdf.trailer, 0))
        for place, page in enumerate(pdf.pages, 1):
            yield f"page {place} words", _words(page.obj, page.resources, maps).encode("utf-8", "replace")


def _decoded(stream: pikepdf.Stream) -> bytes:
    """Of a stream of objects (ISO 32000-1, 7.5.7) only the objects: before them stand their numbers and places, which
    are numbers of up to six digits by the thousand."""
    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:  # pictures in a format of their own
        return stream.read_raw_bytes()
    first = stream.get("/First")
    return content[int(first) :] if stream.get("/Type") == "/ObjStm" and first is not None else content


def _strings(thing: pikepdf.Object, depth: int) -> Iterator[bytes]:
    """The strings and names in an object, without following references (each object is visited by itself)."""
    if isinstance(thing, pikepdf.String):
        yield bytes(thing)
        yield str(thing).encode("utf-8", "replace")
    elif isinstance(thing, pikepdf.Name):
        yield str(thing).encode("utf-8", "replace")
    elif depth < 64 and isinstance(thing, pikepdf.Array):
        for item in thing:
            if isinstance(item, pikepdf.Object) and not item.is_indirect:
                yield from _strings(item, depth + 1)
    elif depth < 64 and isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for key in thing.keys():  # noqa: SIM118 - a pikepdf object, no dict
            yield key.encode("utf-8", "replace")
            item = thing[key]
            if isinstance(item, pikepdf.Object) and not item.is_indirect:
                yield from _strings(item, depth + 1)


def _words(
    drawn: pikepdf.Object, resources: pikepdf.Object | None, maps: dict[tuple[int, int], dict[bytes, str]]
) -> str:
    """The words drawn by a page or form, by its fonts' ToUnicode maps (ISO 32000-1, 9.10.3): with the pieces
    of a text object joined closely, and again joined by spaces, because a line may end inside a value.

    Only what the maps tell: for scripts whose letters join, the words of a PDF may differ from the text it
    was made of.
    """
    fonts: Any = (resources.get("/Font") if resources is not None else None) or {}
    pieces: list[str] = []
    close: list[str] = []
    present: dict[bytes, str] = {}
    for instruction in pikepdf.parse_content_stream(drawn):
        operands, kind = instruction.operands, str(instruction.operator)
        if kind == "Tf" and str(operands[0]) in fonts:
            font = fonts[str(operands[0])]
            if font.objgen not in maps or font.objgen == (0, 0):
                maps[font.objgen] = _to_unicode(font)
            present = maps[font.objgen]
        elif kind in ("Tj", "'", '"', "TJ") and operands:
            shown = operands[-1]
            parts = [part for part in shown if isinstance(part, pikepdf.String)] if kind == "TJ" else [shown]
            pieces.append("".join(_read(bytes(part), present) for part in parts))
        elif kind == "ET":
            close.append("".join(pieces))
            close.append(" ".join(pieces))
            pieces = []
    joined = close[::2]
    return "\n".join([*close, "".join(joined), " ".join(joined)])


def _read(data: bytes, present: dict[bytes, str]) -> str:
    if not present:
        return data.decode("latin-1")
    width = max(len(code) for code in present)
    return "".join(present.get(data[at : at + width], "\ufffd") for at in range(0, len(data), width))


def _to_unicode(font: pikepdf.Object) -> dict[bytes, str]:
    """A font's map from character code to text; empty if it has none."""
    stream = font.get("/ToUnicode")
    found: dict[bytes, str] = {}
    if not isinstance(stream, pikepdf.Stream):
        return found
    for kind, block in _BLOCK.findall(_decoded(stream)):
        tokens = [
            opened or closed or bytes.fromhex(text.decode("ascii"))
            for text, opened, closed in _TOKEN.findall(block)
        ]
        at = 0
        if kind == b"bfchar":
            for code, text in zip(tokens[::2], tokens[1::2], strict=False):
                found[code] = text.decode("utf-16-be", "replace")
        while kind == b"bfrange" and at + 2 < len(tokens):
            low, high, target = tokens[at : at + 3]
            first, last = (
                int.from_bytes(low, "big"),
                min(int.from_bytes(high, "big"), int.from_bytes(low, "big") + 65535),
            )
            at += 3
            if target == b"[":
                for code in range(first, last + 1):
                    if at < len(tokens) and tokens[at] != b"]":
                        found[code.to_bytes(len(low), "big")] = tokens[at].decode("utf-16-be", "replace")
                        at += 1
                at += 1
            else:
                for code in range(first, last + 1):
                    number = (int.from_bytes(target, "big") + code - first) % (1 << 8 * len(target))
                    text = number.to_bytes(len(target), "big")
                    found[code.to_bytes(len(low), "big")] = text.decode("utf-16-be", "replace")
    return found
