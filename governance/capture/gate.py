"""The gate: one batch, one transaction, one answer. Killed anywhere it is all or nothing, and a retry hears the same."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from governance.capture import blobs, codes, excess, limits, rules, rules_worn, segments
from governance.capture.alike import Arrived
from governance.capture.terms import Shift, Zone
from governance.consents import decide, jobs
from governance.lib import locks, prepared, sealing
from governance.lib.connectors import SystemAway
from governance.lib.prepared import Ask
from governance.lib.refusals import Refused

MINUTE = timedelta(minutes=1)
ZONES = msgspec.json.Decoder(tuple[Zone, ...])
SHIFTS = msgspec.json.Decoder(tuple[Shift, ...])
# Of a binding b: to a worn camera only while it is handed out, at most to the end of the shift.
HANDED_OUT = """EXISTS (SELECT 1 FROM capture_handout o WHERE o.device_id = b.device_id AND o.person_id = b.person_id
    AND o.back_at IS NULL AND o.given_at <= %(now)s AND o.ends_at > %(now)s)"""
# Somebody under 18 works in a zone today, by the roster.
YOUNG = """SELECT EXISTS (SELECT 1 FROM people_employment e JOIN people_person p ON p.id = e.person_id
    WHERE e.site_id = %s AND p.is_under_18 AND p.is_active AND e.starts_on <= %s AND (e.ends_on IS NULL OR e.ends_on >= %s)
      AND (cardinality(%s::bigint[]) = 0 OR e.unit_id = ANY(%s)))"""


@dataclass(frozen=True)
class Sender:
    """An authenticated client and the programme that it may send for."""

    client_id: UUID
    programme_id: UUID
    programme_number: str
    purpose_id: UUID
    policy: tuple[Any, ...] = ()  # what policy.of() tells the client of


class BatchRefused(Refused):
    """The whole batch is refused, and nothing of it was stored. `status` is the HTTP status."""

    def __init__(self, code: str) -> None:
        self.status, sentence = codes.BATCH[code]
        super().__init__(sentence, code=code)


# Names of a client's systems without their permission on file.
HELD = """ARRAY(SELECT held.name FROM jsonb_each_text(p.permissions) AS held (name, paper) WHERE NOT EXISTS (
    SELECT 1 FROM purposes_evidence x
    WHERE x.id = NULLIF(held.paper, '')::uuid AND x.purpose_id = u.id AND x.kind = 'client_permission'
      AND x.outcome = 'approved' AND x.withdrawn_at IS NULL AND x.signed_on <= current_date
      AND (x.expires_on IS NULL OR x.expires_on > current_date)))"""
SENDER = f"""
SELECT c.id, p.id, p.number, p.purpose_id, p.state = 'running' AND u.state = 'active', p.applications, {HELD}, p.ends_on, p.sampling,
       p.hours::text, (p.terms->'signals')::text, t.timezone,
       (SELECT jsonb_object_agg(s.code, s.fields)::text FROM purposes_signal s WHERE s.purpose_id = u.id), (p.terms->'hosts')::text,
       (p.terms->'zones')::text, (p.terms->'shifts')::text
FROM capture_client c JOIN capture_programme p ON p.id = c.programme_id JOIN purposes_purpose u ON u.id = p.purpose_id
JOIN people_entity t ON t.id = u.entity_id WHERE c.key_sha256 = %s AND c.is_active
"""  # noqa: S608  our own words


def sender(key: str) -> Sender:
    """Who sends, by the client key. Raises BatchRefused(no_client)."""
    try:
        rows = _who(key)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()  # it died while it lay idle; asking beforehand would be a round trip for every batch
        rows = _who(key)
    if not rows:
        raise BatchRefused("no_client")
    client_id, programme_id, number, purpose_id, *policy = rows[0]
    return Sender(client_id, programme_id, number, purpose_id, tuple(policy))


def _who(key: str) -> list[Any]:
    return prepared.alone(SENDER, [hashlib.sha256(key.encode()).hexdigest()])


def admit(batch: Arrived, body: bytes, *, client: Sender) -> dict[str, Any]:
    """Let in what was decided, turn away the rest, and answer with counts and codes.

    Returns {"batch_id", "admitted", "turned_away": {code: n}, "bytes_kept", "segments"}. Raises BatchRefused.
    The order of the steps is the promise: locks first, and only then, in new statements, what they protect.
    """
    if batch.programme != client.programme_number:
        raise BatchRefused("unknown_programme")
    with prepared.together() as send:
        digest = hashlib.sha256(body).digest()
        users = list({event.user for event in batch.alike})
        found = send.ask(ENTER, [client.client_id, batch.batch_id, digest, users]).fetchall()
        if not found[0][0]:
            return _before(send.ask, batch.batch_id, digest, client)
        persons = {number: person for _new, number, person in found if number is not None}
        if len(persons) < len(users):
            raise BatchRefused("unknown_person")
        share(send.do, client, persons.values())
        facts = facts_now(send.ask, client, batch.device, persons, zone=batch.zone)
        if rules.check_times(batch.times, facts.now):
            raise BatchRefused("bad_time")
        judgement = rules.judge(batch, facts)
        rows, sealed = _sealed(judgement, batch.batch_id, client)
        answer = {
            "batch_id": str(batch.batch_id),
            "admitted": judgement.admitted,
            "turned_away": judgement.turned_away,
            "bytes_kept": sum(map(len, sealed)),
            "segments": len(judgement.piles),
        }
        beyond = excess.of(batch, body, facts.fields) | judgement.tripped
        if rows:
            _keep(send.do, rows, sealed, batch.batch_id, client, facts.now, answer, beyond)
        else:
            answered(send.do, batch.batch_id, client, answer, beyond)
    return answer


Do = Callable[[str, Any], Any]  # carries out a statement of which nothing is read


def share(do: Do, client: Sender, persons: Iterable[UUID]) -> None:
    """The locks of an admission: whatever narrows takes one of them exclusively, and waits for us or we for it."""
    wide = [locks.everybody(), locks.purpose(client.purpose_id), locks.programme(client.programme_id)]
    do(locks.SHARE, locks.to_share(wide, [locks.person(person) for person in persons]))


ANSWERED = """UPDATE capture_intake SET answer = %(answer)s::jsonb, excess = %(beyond)s::jsonb, at = clock_timestamp()
    WHERE client_id = %(client)s AND batch_id = %(batch)s"""


def answered(do: Do, batch_id: UUID, client: Sender, answer: dict[str, Any], beyond: dict[str, int]) -> None:
    """What this batch, clip or chunk was answered stands on its intake row, with what it brought in excess."""
    do(ANSWERED, _answer(batch_id, client, answer, beyond))


def _answer(batch_id: UUID, client: Sender, answer: dict[str, Any], beyond: dict[str, int]) -> dict[str, Any]:
    """The values of ANSWERED."""
    return {
        "answer": msgspec.json.encode(answer).decode(), "beyond": msgspec.json.encode(beyond).decode(), "client": client.client_id,
        "batch": batch_id,
    }  # fmt: skip


def enter(ask: Ask, batch_id: UUID, digest: bytes, client: Sender) -> dict[str, Any] | None:
    """None when this batch is new; its stored answer when it is not. A twin that is under way is waited for."""
    new = ask(
        "INSERT INTO capture_intake (client_id, batch_id, body_sha256) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING TRUE",
        [client.client_id, batch_id, digest],
    )
    if new.fetchall():
        return None
    return _before(ask, batch_id, digest, client)


def _before(ask: Ask, batch_id: UUID, digest: bytes, client: Sender) -> dict[str, Any]:
    """What this batch was answered before. Raises BatchRefused(batch_reused) for another body under its id."""
    ((stored, answer),) = ask(
        "SELECT body_sha256, answer::text FROM capture_intake WHERE client_id = %s AND batch_id = %s",
        [client.client_id, batch_id],
    ).fetchall()
    if bytes(stored) != digest:
        raise BatchRefused("batch_reused")
    return msgspec.json.decode(answer)


# A new batch's intake row, and who is named in it. Whose number it is never changes while the person is there.
ENTER = """
WITH new AS (INSERT INTO capture_intake (client_id, batch_id, body_sha256) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING TRUE)
SELECT EXISTS (SELECT FROM new), p.number, p.id
FROM (SELECT) AS batch LEFT JOIN people_person p ON p.number = ANY(%s) AND p.is_active
"""


def facts_now(
    ask: Ask,
    client: Sender,
    device: str,
    persons: dict[str, UUID],
    *,
    zone: str = "",
    clips: bool = False,
) -> rules.Facts:
    """Everything the judgement needs, read after the locks. Raises BatchRefused.

    `zone`: where a worn camera says that it is. `clips`: judged is what comes as clips, not what comes as events.
    """
    read = ask(
        f"""SELECT clock_timestamp(), p.state = 'running' AND u.state = 'active', p.applications, p.ends_on, p.sampling,
                  p.hours::text, p.population::text, (p.terms->'signals')::text, (p.terms->'hosts')::text,
                  coalesce((p.terms->>'idle_minutes')::int, 0),
                  {HELD}, (p.terms->'zones')::text, (p.terms->'shifts')::text,
                  u.entity_id, u.asks_from_notice, (SELECT t.timezone FROM people_entity t WHERE t.id = u.entity_id),
                  (SELECT jsonb_object_agg(s.code, s.fields)::text FROM purposes_signal s WHERE s.purpose_id = u.id),
                  (SELECT d.id FROM capture_device d WHERE d.client_id = %s AND d.number = %s)
           FROM capture_programme p JOIN purposes_purpose u ON u.id = p.purpose_id WHERE p.id = %s""",  # noqa: S608  our own words
        [client.client_id, device, client.programme_id],
    )
    (
        (now, running, applications, ends_on, sampling, hours, population, agreed, hosts, idle, held, *rest),
    ) = read.fetchall()
    zones, shifts, entity, asks_from, tz, declared, device_id = rest
    day = jobs.day_at(tz, now)
    if device_id is None:
        raise BatchRefused("wrong_client")
    if not running or (ends_on is not None and ends_on < day):
        raise BatchRefused("programme_not_running")
    fields = limits.agreed(
        msgspec.json.decode(declared or "{}"), msgspec.json.decode(agreed or "null"), clips=clips
    )
    who = msgspec.json.decode(population)
    worn = ZONES.decode(zones) if zones else ()
    at_device = ask(
        f"""SELECT b.person_id, {limits.INSIDE if who else "TRUE"}, b.id, b.seen_at FROM capture_binding b
           WHERE b.device_id = %(device)s AND b.person_id = ANY(%(persons)s) AND b.from_at <= %(now)s
             AND (b.to_at IS NULL OR b.to_at > %(now)s)
             AND {HANDED_OUT if worn else "TRUE"}
             AND (%(idle)s = 0 OR coalesce(b.seen_at, b.from_at) > %(now)s - make_interval(mins => %(idle)s))""",  # noqa: S608  our own words
        {
            "device": device_id,
            "persons": list(persons.values()),
            "now": now,
            "entity": entity,
            "day": day,
            "idle": idle,
        }
        | limits.who(who),
    )
    about = decide.About(client.purpose_id, entity, asks_from, day, tz)
    said = decide.ask(ask, about, persons.values(), now)
    rows = at_device.fetchall()
    bound = frozenset(row[0] for row in rows)
    if idle:
        _see(ask, [row[2] for row in rows if row[3] is None or now - row[3] >= MINUTE], now)
    standing = decide.stand(about, fields, said.fetchall())
    bounds = limits.Limits(
        client.programme_id, frozenset(row[0] for row in rows if not row[1]), frozenset(held), limits.hours(msgspec.json.decode(hours)),
        tz, sampling, tuple(msgspec.json.decode(hosts or "[]")),
        _place(ask, worn, zone, day) if worn else "", SHIFTS.decode(shifts) if shifts else (),
    )  # fmt: skip
    return rules.Facts(
        now, standing, persons, bound, frozenset(applications), fields, bounds, _key(client.programme_id)
    )


def _place(ask: Ask, zones: tuple[Zone, ...], code: str, day: date) -> str:
    """The code that everything of this zone is turned away with today, or ""."""
    zone = next((one for one in zones if one.code == code), None)
    if zone is not None:
        ((young,),) = ask(YOUNG, [zone.site, day, day, list(zone.units), list(zone.units)]).fetchall()
        return rules_worn.zone_code(zone, young)
    return rules_worn.zone_code(None, False)


def _see(ask: Ask, bindings: list[int], now: datetime) -> None:
    """These people are at their devices. At most once a minute each; whoever else writes the same now has said it."""
    if bindings:
        ask(
            "UPDATE capture_binding SET seen_at = %s WHERE id IN (SELECT id FROM capture_binding WHERE id = ANY(%s) AND to_at IS NULL"
            " ORDER BY id FOR UPDATE SKIP LOCKED) RETURNING id",
            [now, bindings],
        )


def _key(programme: UUID) -> bytes:
    """With which window titles of this programme become signs; two programmes cannot be compared by them."""
    secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(programme.bytes, key=secret, person=b"window-titles").digest()


def info(stream: UUID, programme: UUID, batch: UUID) -> bytes:
    """What a sealed segment is bound to: moved elsewhere it does not open."""
    return b"sammati segment 1|" + stream.bytes + programme.bytes + batch.bytes


def chunk_info(stream: UUID, programme: UUID, clip: UUID, number: int) -> bytes:
    """What a sealed chunk is bound to: as another part, or of another clip, it does not open."""
    return b"sammati clip 1|" + stream.bytes + programme.bytes + clip.bytes + number.to_bytes(4, "big")


# `said`: one row a stream, in the order of `sealed`, which is empty where the content lies outside.
KEEP = f"""
WITH answered AS ({ANSWERED}),
said AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(said)s::jsonb)
        AS x (n int, segment uuid, stream uuid, person uuid, signal text, events int, bytes int, expires_on date,
              applications jsonb, last_at timestamptz, blob_key text, blob_bytes bigint, blob_sha256 text)),
kept AS (
    INSERT INTO vault.segment (id, stream, person, purpose, programme, batch, signal, events, admitted_at, expires_on,
        sealed, blob_key, blob_bytes, blob_sha256)
    SELECT segment, stream, person, %(purpose)s::uuid, %(programme)s::uuid, %(batch)s::uuid, signal, events, %(now)s::timestamptz,
        expires_on, (%(sealed)s::bytea[])[n], blob_key, blob_bytes, decode(blob_sha256, 'hex')
    FROM said)
INSERT INTO capture_arrival (segment, stream, person_id, purpose_id, signal, day, events, bytes, applications, last_at, admitted_at)
SELECT segment, stream, person, %(purpose)s::uuid, signal, %(day)s::date, events, bytes, applications, last_at, %(now)s::timestamptz
FROM said
"""  # noqa: S608  our own words


def _sealed(
    judgement: rules.Judgement, batch_id: UUID, client: Sender
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """What KEEP says of each stream's segment, and the segments, sealed; where they lie outside they lie there now."""
    if not judgement.piles:
        return [], []
    try:
        store = blobs.store()
    except SystemAway:
        raise BatchRefused("busy") from None
    rows: list[dict[str, Any]] = []
    found: list[bytes] = []
    outside: list[tuple[str, bytes]] = []
    for number, (stream, pile) in enumerate(judgement.piles.items(), 1):
        content = sealing.seal(
            pile.grant.public_key, segments.pack(pile), info(stream, client.programme_id, batch_id)
        )
        segment = uuid4()
        row: dict[str, Any] = {
            "n": number, "segment": segment, "stream": stream, "person": pile.person, "signal": pile.signal, "events": len(pile.order),
            "bytes": len(content), "expires_on": pile.grant.expires_on, "applications": pile.applications, "last_at": pile.last_at,
        }  # fmt: skip
        if store is not None:
            _nothing, key, size, digest = blobs.lies(stream, segment, content)
            row |= {"blob_key": key, "blob_bytes": size, "blob_sha256": digest.hex()}
            outside.append((key, content))
        rows.append(row)
        found.append(content)
    if store is not None:
        try:  # before their rows: what is admitted is durable, and what is put in vain is swept
            blobs.put_all(store, outside)
        except SystemAway:
            raise BatchRefused("busy") from None
    return rows, found


def _keep(
    do: Do,
    rows: list[dict[str, Any]],
    sealed: list[bytes],
    batch_id: UUID,
    client: Sender,
    now: datetime,
    answer: dict[str, Any],
    beyond: dict[str, int],
) -> None:
    """The segments are in the vault, or what names them outside is, of each stands what may be shown of it, and the
    batch is answered."""
    lies_here = "blob_key" not in rows[0]
    do(KEEP, {
        "said": msgspec.json.encode(rows).decode(), "sealed": sealed if lies_here else [], "now": now, "day": now.date(),
        "purpose": client.purpose_id, "programme": client.programme_id, **_answer(batch_id, client, answer, beyond),
    })  # fmt: skip
