"""Clips of worn cameras: first what is said of one, then its chunks, each admitted anew under the locks of the gate.

Begun, a clip has a permit of a few minutes. Each chunk is sealed to the stream's key and bound to its place in the clip;
a withdrawal between two chunks stops the rest, and what had come is erased with the stream.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

import msgspec
from django.conf import settings
from django.db import connection, transaction

from governance.capture import blobs, gate, rules, rules_clips, rules_worn
from governance.capture.gate import BatchRefused, Sender
from governance.capture.shapes import Word
from governance.consents.decide import Verdict
from governance.lib import clock, prepared, sealing
from governance.lib.connectors import SystemAway

Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Clip(msgspec.Struct, forbid_unknown_fields=True):
    """What a camera says of a clip before it sends any of it. Times are RFC 3339 with a zone; hashes SHA-256 in hex."""

    clip_id: UUID
    programme: Word
    device: Word
    signal: Word
    application: Word
    zone: Word
    begins_at: Moment
    ends_at: Moment
    length_ms: Annotated[int, msgspec.Meta(gt=0, le=3_600_000)]
    bytes: Annotated[int, msgspec.Meta(gt=0, le=2**40)]
    sha256: Hash  # of the whole clip; who opens it compares
    chunks: Annotated[list[Hash], msgspec.Meta(min_length=1, max_length=10_000)]  # of each chunk, in order
    blurred: bool  # faces and screens, in the camera
    sound: bool


DECODE = msgspec.json.Decoder(Clip, strict=True)

HOLDER = """
SELECT o.person_id FROM capture_handout o JOIN capture_device d ON d.id = o.device_id
WHERE d.client_id = %s AND d.number = %s AND o.back_at IS NULL
"""
HELD = """
SELECT greatest(o.given_at, o.begins_at), o.ends_at FROM capture_handout o JOIN capture_device d ON d.id = o.device_id
WHERE d.client_id = %s AND d.number = %s AND o.person_id = %s AND o.back_at IS NULL
"""
LET_IN = """
INSERT INTO capture_clip (id, client_id, clip, device_id, person_id, purpose_id, stream, said, permit_until)
SELECT %s, %s, %s, d.id, %s, %s, %s, %s::jsonb, %s FROM capture_device d WHERE d.client_id = %s AND d.number = %s
"""
KNOWN = "SELECT id, person_id, stream, said::text FROM capture_clip WHERE client_id = %s AND clip = %s"
SEGMENT = """
INSERT INTO vault.segment (id, stream, person, purpose, programme, batch, signal, events, admitted_at, expires_on,
    sealed, blob_key, blob_bytes, blob_sha256)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
ARRIVAL = """
INSERT INTO capture_arrival (segment, stream, person_id, purpose_id, signal, day, events, bytes, applications, last_at, admitted_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""
CHUNK = "INSERT INTO capture_chunk (segment, clip_id, number) VALUES (%s, %s, %s)"
# Two last chunks at once each count the other only if it has committed; whoever holds the clip's lock last sees all.
WHOLE = """
UPDATE capture_clip SET whole_at = clock_timestamp()
WHERE id = %s AND (SELECT count(*) FROM capture_chunk WHERE clip_id = %s) = %s
"""


def read(body: bytes) -> Clip:
    """What is said of a clip, or BatchRefused; never a value of it in the answer."""
    try:
        body.decode()
        said = DECODE.decode(body)
    except msgspec.ValidationError:
        raise BatchRefused("wrong_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BatchRefused("not_json") from None
    if "\0" in said.device + said.zone + said.application + said.signal + said.programme:
        raise BatchRefused("wrong_shape")
    return said


def begin(said: Clip, body: bytes, *, client: Sender) -> dict[str, Any]:
    """Let the clip in or turn it away, before any of it is sent.

    Returns {"clip_id", "permitted", "turned_away": {code: 1}} and, when it is let in, {"permit", "permit_until",
    "chunks", "chunk_bytes"}. The same words get the same answer. Raises BatchRefused.
    """
    if said.programme != client.programme_number:
        raise BatchRefused("unknown_programme")
    limits = rules_clips.bounds()
    if not rules_clips.fits(said, limits):
        raise BatchRefused("wrong_clip")
    with transaction.atomic(), connection.cursor() as cursor:
        known = gate.enter(prepared.in_turn(cursor), said.clip_id, hashlib.sha256(body).digest(), client)
        if known is not None:
            return _told(known, client)
        person = _holder(cursor, said, client)
        gate.share(cursor.execute, client, [person] if person else [])
        verdict, facts = _asked(cursor, said, person, client)
        answer: dict[str, Any] = {
            "clip_id": str(said.clip_id), "permitted": isinstance(verdict, Verdict), "admitted": 0, "bytes_kept": 0, "segments": 0,
            "turned_away": {} if isinstance(verdict, Verdict) else {verdict: 1},
        }  # fmt: skip
        if isinstance(verdict, Verdict):
            until = (facts.now + timedelta(minutes=limits.permit_minutes)).replace(microsecond=0)
            cursor.execute(
                LET_IN,
                [uuid4(), client.client_id, said.clip_id, person, client.purpose_id, verdict.stream,
                 msgspec.json.encode(said).decode(), until, client.client_id, said.device],
            )  # fmt: skip
            answer |= {
                "permit_until": until.isoformat(), "chunks": len(said.chunks), "chunk_bytes": limits.chunk_bytes
            }  # fmt: skip
        beyond = {said.signal: 1} if verdict == "not_declared" else {}
        gate.answered(cursor.execute, said.clip_id, client, answer, beyond)
        return _told(answer, client)


def take(clip_id: UUID, number: int, body: bytes, permit: str, *, client: Sender) -> dict[str, Any]:
    """Let in one chunk: sealed, in the vault, counted; or BatchRefused, and nothing of it was stored.

    Returns {"clip_id", "number", "admitted": 1, "turned_away": {}, "bytes_kept", "segments", "whole"}.
    """
    _check_permit(permit, clip_id, client)
    with transaction.atomic(), connection.cursor() as cursor:
        digest = hashlib.sha256(body)
        known = gate.enter(prepared.in_turn(cursor), chunk_id(clip_id, number), digest.digest(), client)
        if known is not None:
            return known
        cursor.execute(KNOWN, [client.client_id, clip_id])
        row = cursor.fetchone()
        if (
            row is None
        ):  # erased, since its permit still runs: they withdrew, and the client hears what it always hears
            raise BatchRefused("not_permitted")
        said = DECODE.decode(row[3])
        if (
            number >= len(said.chunks)
            or len(body) != rules_clips.size_of(said, number, rules_clips.bounds())
            or digest.hexdigest() != said.chunks[number]
        ):
            raise BatchRefused("wrong_chunk")
        gate.share(cursor.execute, client, [row[1]])
        cursor.execute(KNOWN, [client.client_id, clip_id])  # a new statement: what the locks protect
        row = cursor.fetchone()
        if row is None:
            raise BatchRefused("not_permitted")
        pk, person, stream, _said = row
        verdict, facts = _asked(cursor, said, person, client)
        if not isinstance(verdict, Verdict) or verdict.stream != stream:
            raise BatchRefused("not_permitted")
        kept = _store(cursor, said, number, body, verdict, facts.now, pk, person, client)
        answer = {
            "clip_id": str(clip_id), "number": number, "admitted": 1, "turned_away": {}, "bytes_kept": kept, "segments": 1,
            "whole": _whole(cursor, pk, len(said.chunks)),
        }  # fmt: skip
        gate.answered(cursor.execute, chunk_id(clip_id, number), client, answer, {})
        return answer


def chunk_id(clip_id: UUID, number: int) -> UUID:
    """Under which a chunk stands on the intake: the same chunk is the same."""
    return uuid5(clip_id, str(number))


def _holder(cursor: Any, said: Clip, client: Sender) -> UUID | None:
    """Who has the camera; read before the locks, and asked again after them."""
    cursor.execute(HOLDER, [client.client_id, said.device])
    row = cursor.fetchone()
    return row[0] if row else None


def _asked(cursor: Any, said: Clip, person: UUID | None, client: Sender) -> tuple[Verdict | str, rules.Facts]:
    """The judgement on the clip as it is now, read after the locks. Raises BatchRefused."""
    persons = {"": person} if person else {}
    facts = gate.facts_now(prepared.in_turn(cursor), client, said.device, persons, zone=said.zone, clips=True)
    if said.begins_at < facts.now - rules.BEHIND or said.ends_at > facts.now + rules.AHEAD:
        raise BatchRefused("bad_time")
    cursor.execute(HELD, [client.client_id, said.device, person])
    held = [rules_worn.Span(*row) for row in cursor.fetchall()]
    return rules_clips.judge(said, facts, person, held), facts


def _store(
    cursor: Any, said: Clip, number: int, body: bytes, verdict: Verdict, now: datetime, pk: UUID, person: UUID, client: Sender
) -> int:  # fmt: skip
    """The sealed chunk is in the vault; returns its bytes. A clip counts as one event, at its first chunk."""
    assert verdict.stream is not None
    segment, events = uuid4(), int(number == 0)
    bound = gate.chunk_info(verdict.stream, client.programme_id, said.clip_id, number)
    sealed = sealing.seal(verdict.public_key, body, bound)
    lies: tuple[object, ...] = (sealed, None, None, None)
    try:  # before its row: what is admitted is durable, and what is put in vain is swept
        store = blobs.store()
        if store is not None:
            lies = blobs.lies(verdict.stream, segment, sealed)
            blobs.put_all(store, [(blobs.key_of(verdict.stream, segment), sealed)])
    except SystemAway:
        raise BatchRefused("busy") from None
    cursor.execute(
        SEGMENT,
        [segment, verdict.stream, person, client.purpose_id, client.programme_id, said.clip_id, said.signal, events, now,
         verdict.expires_on, *lies],
    )  # fmt: skip
    cursor.execute(
        ARRIVAL,
        [segment, verdict.stream, person, client.purpose_id, said.signal, now.date(), events, len(sealed),
         msgspec.json.encode({said.application: events}).decode(), said.ends_at, now],
    )  # fmt: skip
    cursor.execute(CHUNK, [segment, pk, number])
    return len(sealed)


def _whole(cursor: Any, pk: UUID, chunks: int) -> bool:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"clip:{pk}"])
    cursor.execute(WHOLE, [pk, pk, chunks])
    return bool(cursor.rowcount)


def _told(answer: dict[str, Any], client: Sender) -> dict[str, Any]:
    """As it is kept, with the permit, which is kept nowhere."""
    if "permit_until" not in answer:
        return answer
    until = datetime.fromisoformat(answer["permit_until"])
    return answer | {"permit": _permit(UUID(answer["clip_id"]), until, client)}


def _permit(clip_id: UUID, until: datetime, client: Sender) -> str:
    secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    said = f"{client.client_id}|{clip_id}|{int(until.timestamp())}".encode()
    mark = hmac.new(secret, b"sammati clip permit 1|" + said, hashlib.sha256).digest()
    return f"{int(until.timestamp())}.{urlsafe_b64encode(mark).decode().rstrip('=')}"


def _check_permit(permit: str, clip_id: UUID, client: Sender) -> None:
    """It is ours, of this client and this clip, and its minutes are not over. Asked before anything that could tell."""
    moment = permit.partition(".")[0]
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 11):
        raise BatchRefused("wrong_permit")
    until = datetime.fromtimestamp(int(moment), UTC)
    if not hmac.compare_digest(permit.encode(), _permit(clip_id, until, client).encode()):
        raise BatchRefused("wrong_permit")
    if until <= clock.now():
        raise BatchRefused("permit_expired")
