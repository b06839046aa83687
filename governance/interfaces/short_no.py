"""The short way to a withdrawal, as short_yes.py is to a yes: who asks, then under the person's lock all that it depends
on, then all that it leaves and the commit. What is checked and what is written, the ledger's own ending.py says.

Where nothing is on, or a law or a hold has more to say to the person, it takes back what it began: the long way says it.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.db import Error
from msgspec import Meta

from governance.consents import ending
from governance.interfaces import passing_on, short_yes
from governance.interfaces.callers import Caller
from governance.interfaces.short_yes import Another, Plain
from governance.lib import locks, prepared
from governance.lib.canonical import digest
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused

PATH = "/api/v1/withdrawals"
WRITE = f"{ending.PARTS}, answered AS ({short_yes.ANSWERED}) {ending.STANDS}"


class No(msgspec.Struct, forbid_unknown_fields=True):
    """What shapes.Ending takes, in its plainest form."""

    person: Plain
    purpose: Plain
    signal: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_.-]+$")] | None = None


DECODE = msgspec.json.Decoder(No).decode


def written(key: str, once: str, body: bytes) -> dict[str, Any] | None:
    """The answer of a 201, when the withdrawal is in force. None: nothing stands, and the long way has to say it."""
    try:
        no = DECODE(body)
    except msgspec.MsgspecError:
        return None
    try:
        asked = short_yes.who(key, once, no.person, no.purpose, "withdrawals.write")
        if asked is None:
            return None
        answer = _write(asked.caller, no, once, purpose=asked.purpose, person=asked.person)
    except (Error, Refused, Another):
        return None
    nudge("retention.carry_out")
    return answer


def _write(caller: Caller, no: No, once: str, *, purpose: UUID, person: UUID) -> dict[str, Any]:
    with prepared.together() as begin:
        begin.do(locks.ALONE, [locks.person(person)])
        asked = ending.asked(person, purpose, signal=no.signal)
        now = ending.facts(begin.run(ending.READ, asked)[0])
        if not now.on:
            raise Another
        said = ending.said(
            now,
            person=person,
            by=person,
            by_kind="person",
            method=passing_on.method(caller),
            evidence="account",
        )
        if said.order.has_more_to_it:
            raise Another
        answer = passing_on.told(said.receipt, no.purpose)
        request = digest({"do": "withdraw", **msgspec.to_builtins(no)})
        begin.do(WRITE, said.values | short_yes.answered(caller, once, request, answer))
    return answer
