"""The short way to a yes: one in its plainest form is written before Django is asked, in three round trips.

Who asks and about whom; then under the person's lock all that a yes depends on; then all that it leaves, the answer to a
retry among it, and the commit. What is checked and what is written, the ledger's own giving.py says. It only ever answers
201, as the long way (api.py) would; for whatever else there is to say it takes back what it began and leaves the word to
the long way.
"""

import json
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import Error
from msgspec import Meta

from governance.consents import giving, receipts
from governance.interfaces import callers, passing_on
from governance.interfaces.callers import Caller
from governance.lib import clock, locks, prepared
from governance.lib.canonical import digest
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused

Environ = dict[str, Any]
PATH = "/api/v1/consents"
LONGEST = 4_000  # bytes of a body
WHO = """
SELECT c.id, c.entity_id, c.scopes, c.per_minute, c.used_on, u.id, p.id,
       EXISTS (SELECT 1 FROM people_employment e WHERE e.person_id = p.id AND e.entity_id = c.entity_id)
FROM interfaces_apiclient c
JOIN interfaces_apiclient_purposes o ON o.apiclient_id = c.id
JOIN purposes_purpose u ON u.id = o.purpose_id
JOIN people_person p ON p.number = %(person)s AND p.is_active
WHERE c.key_sha256 = %(key)s AND c.ended_at IS NULL AND u.number = %(purpose)s
"""
# A twin of the request waits here for the first, and then goes the long way, which tells it the first one's answer.
ANSWERED = """
INSERT INTO interfaces_answered (client_id, key_sha256, request_sha256, status, answer, at)
VALUES (%(client)s::uuid, %(key)s, %(request)s, 201, %(answer)s::jsonb, %(at)s::timestamptz)
"""
WRITE = f"{giving.PARTS}, answered AS ({ANSWERED}) {receipts.PUT}"

Plain = Annotated[str, Meta(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9._-]+$")]  # no id, which has 36
Signals = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_.-]+$")]],
    Meta(min_length=1, max_length=20),
]


class Yes(msgspec.Struct, forbid_unknown_fields=True):
    """What shapes.Yes takes, in its plainest form."""

    person: Plain
    purpose: Plain
    signals: Signals
    notice_version: Annotated[int, Meta(ge=1, le=1_000_000)]
    language: Annotated[str, Meta(min_length=2, max_length=12, pattern=r"^[A-Za-z0-9-]+$")]
    text_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


DECODE = msgspec.json.Decoder(Yes).decode


class Another(Exception):
    """The long way has to say it."""


class Who(NamedTuple):
    caller: Caller
    purpose: UUID
    person: UUID


def who(key: str, once: str, person: str, purpose: str, scope: str) -> Who | None:
    """Who asks, and about whom. None: the long way has to say what is in its way, or to write down the key's use."""
    if not once or len(once) > 200:
        return None
    rows = prepared.alone(WHO, {"person": person, "purpose": purpose, "key": callers.hashed(key)})
    if not rows or not rows[0][7]:
        return None
    row = rows[0]
    caller = Caller(row[0], row[1], frozenset(row[2]), row[3], row[4], frozenset([row[5]]))
    if not caller.may(scope) or caller.used_on != clock.now().date():
        return None
    callers.take_turn(caller)
    return Who(caller, row[5], row[6])


def answered(caller: Caller, once: str, request: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The values of ANSWERED, without the moment."""
    return {
        "client": caller.id,
        "key": callers.hashed(once),
        "answer": json.dumps(answer),
        "request": request,
    }


def written(key: str, once: str, body: bytes) -> dict[str, Any] | None:
    """The answer of a 201, when the yes stands. None: nothing stands, and the long way has to say it."""
    try:
        yes = DECODE(body)
    except msgspec.MsgspecError:
        return None
    try:
        asked = who(key, once, yes.person, yes.purpose, "consents.write")
        if asked is None:
            return None
        answer = _write(asked.caller, yes, once, purpose=asked.purpose, person=asked.person)
    except (Error, Refused, Another):
        return None
    nudge("capture.open_streams")
    return answer


def _write(caller: Caller, yes: Yes, once: str, *, purpose: UUID, person: UUID) -> dict[str, Any]:
    wanted = frozenset(yes.signals)
    with prepared.together() as begin:
        begin.do(locks.SHARED_THEN_ALONE, [locks.purpose(purpose), locks.person(person)])
        asked = giving.asked(person, purpose, wanted, yes.language)
        now = giving.facts(begin.run(giving.READ, asked)[0], yes.language)
        words = now.text
        if (
            not now.is_plain
            or now.notice_version != yes.notice_version
            or words is None
            or words.sha256 != yes.text_sha256
        ):
            raise Another
        giving.check(now, wanted, now.notice, yes.language, unasked=True)
        values, _events, receipt = giving.said(now, wanted, person=person, method=passing_on.method(caller))
        answer = passing_on.told(receipt, yes.purpose)
        request = digest({"do": "consent", **msgspec.to_builtins(yes)})
        begin.do(WRITE, values | answered(caller, once, request, answer))
    return answer
