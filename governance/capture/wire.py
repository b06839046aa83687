"""From what came over the wire to the one JSON body that the gate reads: unpacked within bounds, NDJSON folded."""

import zlib

import msgspec

from governance.capture.gate import BatchRefused
from governance.capture.shapes import ENCODINGS, MAX_BYTES, MAX_EVENTS, Head, zstandard

HEAD = msgspec.json.Decoder(Head, strict=True)
LINE = msgspec.json.Decoder(msgspec.Raw)
WINDOW = 8 * 1024 * 1024  # of zstd: a frame that wants more memory is refused


def unpack(body: bytes, encoding: str) -> bytes:
    """The body without its Content-Encoding. Never makes more than MAX_BYTES + 1 bytes of it, whatever it claims to hold."""
    encoding = encoding.strip().lower() or "identity"
    if encoding == "identity":
        return body
    if encoding not in ENCODINGS:
        raise BatchRefused("unsupported_encoding")
    plain = _gzip(body) if encoding == "gzip" else _zstd(body)
    if len(plain) > MAX_BYTES:
        raise BatchRefused("too_large")
    return plain


def _gzip(body: bytes) -> bytes:
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = reader.decompress(body, MAX_BYTES + 1)
    except zlib.error:
        raise BatchRefused("not_unpacked") from None
    if len(plain) <= MAX_BYTES and (
        not reader.eof or reader.unused_data
    ):  # cut short, or something behind it
        raise BatchRefused("not_unpacked")
    return plain


def _zstd(body: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
    plain, left = b"", memoryview(body)
    try:
        while left and not reader.eof and len(plain) <= MAX_BYTES:
            # Small bites: one byte of a bomb makes at most one block (128 kB), so a bite makes little over the limit.
            plain += reader.decompress(left[:16])
            left = left[16:]
    except zstandard.ZstdError:
        raise BatchRefused("not_unpacked") from None
    if len(plain) <= MAX_BYTES and (not reader.eof or left or reader.unused_data):
        raise BatchRefused("not_unpacked")
    return plain


def fold(body: bytes) -> bytes:
    """NDJSON (a head, then an event in each line) as the JSON of a batch. Every line is read by itself."""
    head, *lines = body.split(b"\n")
    events = [line for line in lines if line.strip()]
    if len(events) > MAX_EVENTS:
        raise BatchRefused("too_large")
    try:
        first = msgspec.json.encode(HEAD.decode(head))
        for line in events:
            LINE.decode(line)
    except msgspec.ValidationError:
        raise BatchRefused("wrong_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BatchRefused("not_json") from None
    return first[:-1] + b',"events":[' + b",".join(events) + b"]}"
