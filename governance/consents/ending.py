"""A withdrawal, in two statements: all that it depends on, read at once under the person's lock, and all that it leaves.

Everybody's goes this way: ledger.withdraw for pages, desks and programs, and the short way of the API, which sends the
statements together. The order to erase is retention's own (retention/raising.py): read and written with the rest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from governance.audit import log
from governance.consents import receipts, rules
from governance.lib import clock, numbers
from governance.lib.connectors import Scope
from governance.people import notify
from governance.retention import raising

# One statement, one snapshot, after the lock. Nothing is on: no number is taken. `records`, `signal` NULL: all of the purpose.
READ = f"""
SELECT clock_timestamp(), u.id, u.number, u.name, u.version, u.jurisdictions, t.id, t.name, t.address, t.contact_email, t.timezone,
    ARRAY(SELECT r.number || '@' || r.terms_sha256 FROM consents_runningprogramme r WHERE r.purpose_id = u.id AND r.runs ORDER BY r.number),
    o.living,
    ARRAY(SELECT s.id FROM consents_stream s WHERE s.person_id = p.id AND s.purpose_id = u.id AND s.state <> 'destroyed'
        AND s.signal = ANY(o.signals)),
    CASE WHEN o.living IS NOT NULL THEN {raising.FACTS} END,
    CASE WHEN o.living IS NOT NULL THEN nextval('number_r') END, CASE WHEN o.living IS NOT NULL THEN {log.NEXT} END
FROM people_person p CROSS JOIN purposes_purpose u JOIN people_entity t ON t.id = u.entity_id
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(c.id, c.signal, c.status) ORDER BY c.signal) AS living, array_agg(c.signal) AS signals
    FROM consents_consentrecord c
    WHERE c.person_id = p.id AND c.purpose_id = u.id AND c.ended_at IS NULL AND c.status IN ('given', 'renewed')
      AND (%(records)s::uuid[] IS NULL OR c.id = ANY(%(records)s::uuid[])) AND (%(signal)s::text IS NULL OR c.signal = %(signal)s::text)
) o
WHERE p.id = %(person)s AND u.id = %(purpose)s
"""  # noqa: S608  our own words

# `said`: one row a signal. A record that ended here ends with its streams.
PARTS = f"""
WITH said AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%(said)s::jsonb) AS x (record uuid, signal text, event uuid)),
records AS (
    UPDATE consents_consentrecord r SET status = 'withdrawn', ended_at = %(at)s::timestamptz, ended_because = ''
    FROM said WHERE r.id = said.record),
events AS (
    INSERT INTO consents_consentevent (id, record_id, person_id, purpose_id, signal, status, by_kind, by_id, method, language, text_sha256,
        purpose_version, programmes, evidence, provenance, at)
    SELECT event, record, %(person)s::uuid, %(purpose)s::uuid, signal, 'withdrawn', %(by_kind)s, %(by)s::uuid, %(method)s, '', '',
        %(purpose_version)s::int, %(programmes)s::varchar[], %(evidence)s, '', %(at)s::timestamptz
    FROM said),
streams AS (
    UPDATE consents_stream s SET state = 'closed', closed_at = %(at)s::timestamptz
    FROM said WHERE s.person_id = %(person)s::uuid AND s.purpose_id = %(purpose)s::uuid AND s.signal = said.signal
      AND s.state IN ('waiting', 'open')),
{raising.PARTS},
told AS ({notify.PUT}),
entry AS ({log.PUT}),
receipt AS ({receipts.PUT})
"""  # noqa: S608  our own words
STANDS = "SELECT created_at, try_after FROM made"
WRITE = f"{PARTS} {STANDS}"


class Living(msgspec.Struct, array_like=True):
    """A record that is on."""

    id: UUID
    signal: str
    status: str


LIVING = msgspec.json.Decoder(list[Living])


@dataclass(frozen=True, slots=True)
class Facts:
    """The row of READ."""

    at: datetime  # by the database's clock, under the lock
    purpose: receipts.Purpose
    programmes: list[str]
    on: list[Living]
    streams: list[UUID]  # of these signals, that still have a key
    order: raising.Facts | None
    receipt: str
    entry: int


def asked(
    person: UUID, purpose: UUID, *, records: Collection[UUID] | None = None, signal: str | None = None
) -> dict[str, Any]:
    """The values of READ."""
    these = None if records is None else list(records)
    return {"person": person, "purpose": purpose, "records": these, "signal": signal}


def facts(row: Any) -> Facts:
    (
        at, pk, number, name, version, jurisdictions, entity, called, address, contact, zone, programmes, living, streams, order, receipt,
        entry,
    ) = row  # fmt: skip
    purpose = receipts.Purpose(
        pk, number, name, version, jurisdictions, receipts.Controller(entity, called, address, contact, zone)
    )
    if living is None:
        return Facts(at, purpose, programmes, [], [], None, "", 0)
    return Facts(
        at, purpose, programmes, LIVING.decode(living), streams, raising.DECODE(order), numbers.written("R", at.year, receipt), entry
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    values: dict[str, Any]  # of WRITE
    receipt: receipts.Written
    order: raising.Raised


def said(now: Facts, *, person: UUID, by: UUID, by_kind: str, method: str, evidence: str) -> Said:
    """What a withdrawal of all that is on comes to. Raises Refused."""
    assert now.order is not None
    of, words = now.purpose, []
    for one in now.on:
        rules.check_move(one.status, "withdrawn", by_kind)
        words.append(
            receipts.Word(
                uuid4(), one.id, one.signal, "withdrawn", now.at, method, None, None, "", "", of.version, now.programmes, evidence, by_kind
            )
        )  # fmt: skip
    # What was admitted until now is erased, and nothing that comes under a later yes.
    scope = Scope(person=person, purpose=of.pk, streams=tuple(now.streams), before=now.at)
    order = raising.order(
        now.order, scope, because="consent.withdrawn", because_id=words[0].pk, entity=of.entity.pk,
        on=clock.law_date(of.entity.timezone), at=now.at,
    )  # fmt: skip
    events = [word.pk for word in words]
    entry = log.values(
        now.entry,
        "consent.withdrawn",
        by=by,
        kind="purpose",
        about=of.pk,
        at=now.at,
        events=events,
        order=order.id,
    )
    receipt = receipts.write(
        now.receipt,
        "withdrawn",
        words,
        entry=now.entry,
        person=person,
        purpose=of,
        at=now.at,
        order=order.number,
    )
    rows = [{"record": word.record_id, "signal": word.signal, "event": word.pk} for word in words]
    values = {
        "said": msgspec.json.encode(rows).decode(), "person": person, "purpose": of.pk, "by": by, "by_kind": by_kind, "method": method,
        "evidence": evidence, "purpose_version": of.version, "programmes": now.programmes, "at": now.at,
        **notify.values(person, "consent_withdrawn", purpose=of.pk, order=order.id), **order.values, **entry, **receipt.values,
    }  # fmt: skip
    return Said(values, receipt, order)
