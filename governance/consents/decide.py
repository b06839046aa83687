"""The one answer: may this signal of this person be taken for this purpose now? Reads committed state only.

The gate asks inside its transaction, after the shared locks and in a new statement; the page and the API ask the same
function. `Standing` is everything that the answer depends on, for many people, in three queries.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    code: str = ""  # never_asked, refused, withdrawn, expired, opted_out, not_open, not_declared, under_18
    stream: UUID | None = None
    public_key: bytes = b""
    expires_on: date | None = None


@dataclass(frozen=True)
class Grant:
    status: str
    given_at: datetime | None
    expires_at: datetime | None
    stream: UUID | None  # the open stream of the month, if it has its key
    public_key: bytes
    expires_on: date | None


@dataclass(frozen=True)
class No:
    """One opt-out in force that concerns the person; "" and None mean all."""

    signal: str = ""
    application: str = ""


@dataclass
class Standing:
    """Where the people of one batch stand on one purpose. person id → signal → Grant; person id → opt-outs."""

    declared: frozenset[str]
    grants: dict[UUID, dict[str, Grant]] = field(default_factory=dict)
    noes: dict[UUID, list[No]] = field(default_factory=dict)
    minors: frozenset[UUID] = frozenset()


def decide(
    standing: Standing, person: UUID, signal: str, application: str, moment: datetime, now: datetime
) -> Verdict:
    """Pure. An opt-out always beats a grant; a grant counts from its moment to its end and only with an open stream."""
    if signal not in standing.declared:
        return Verdict(False, "not_declared")
    if person in standing.minors:
        return Verdict(False, "under_18")
    for no in standing.noes.get(person, ()):
        if no.signal in ("", signal) and no.application in ("", application):
            return Verdict(False, "opted_out")
    grant = standing.grants.get(person, {}).get(signal)
    if grant is None:
        return Verdict(False, "never_asked")
    if grant.status not in ("given", "renewed"):
        return Verdict(False, grant.status)
    if grant.expires_at is None or now >= grant.expires_at:
        return Verdict(False, "expired")
    if grant.given_at is None or moment < grant.given_at:
        return Verdict(False, "before_consent")
    if grant.stream is None:
        return Verdict(False, "not_open")
    return Verdict(True, "", grant.stream, grant.public_key, grant.expires_on)


GRANTS = """
SELECT r.person_id, r.signal, r.status, r.given_at, r.expires_at, s.id, s.public_key, s.expires_on
FROM consents_consentrecord r
LEFT JOIN consents_stream s
       ON s.person_id = r.person_id AND s.purpose_id = r.purpose_id AND s.signal = r.signal
      AND s.state = 'open' AND s.month = %s
WHERE r.purpose_id = %s AND r.person_id = ANY(%s) AND r.ended_at IS NULL
"""

# Every opt-out in force that concerns one of the people: their own, or of a population that they belong to today.
NOES = """
SELECT p.id, o.signal, o.application
FROM people_person p
JOIN consents_optout o ON o.lifted_at IS NULL AND (o.purpose_id IS NULL OR o.purpose_id = %s)
WHERE p.id = ANY(%s)
  AND (o.person_id = p.id
       OR (o.person_id IS NULL AND EXISTS (
            SELECT 1 FROM people_employment e
            WHERE e.person_id = p.id AND e.starts_on <= now() AND (e.ends_on IS NULL OR e.ends_on >= now()::date)
              AND (o.entity_id IS NULL OR o.entity_id = e.entity_id)
              AND (o.site_id IS NULL OR o.site_id = e.site_id)
              AND (o.unit_id IS NULL OR o.unit_id = e.unit_id)
              AND (o.country = '' OR o.country = e.country))))
"""


def read(
    cursor: Any, purpose: UUID, declared: Collection[str], persons: Iterable[UUID], now: datetime
) -> Standing:
    """The standing of these people, by this driver cursor: each query a new statement with a fresh snapshot."""
    ids = list(persons)
    standing = Standing(declared=frozenset(declared))
    month = now.date().replace(day=1)
    cursor.execute(GRANTS, [month, purpose, ids])
    for person, signal, status, given, expires, stream, key, expires_on in cursor.fetchall():
        grant = Grant(status, given, expires, stream, bytes(key) if key else b"", expires_on)
        standing.grants.setdefault(person, {})[signal] = grant
    cursor.execute(NOES, [purpose, ids])
    for person, signal, application in cursor.fetchall():
        standing.noes.setdefault(person, []).append(No(signal, application))
    cursor.execute("SELECT id FROM people_person WHERE id = ANY(%s) AND is_under_18", [ids])
    standing.minors = frozenset(row[0] for row in cursor.fetchall())
    return standing
