"""Who asks: one client, by its key, in one query; how often it may; and what it has no business with."""

import hashlib
import time
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext_lazy as _

from governance.lib import clock
from governance.lib.refusals import Refused

log = structlog.get_logger(__name__)
PREFIX, TOKEN = "smi_", "smo_"
MARK = 16  # hexadecimal digits of a key's hash by which a token knows its key


class Problem(Refused):
    """A refusal with its HTTP status."""

    def __init__(self, status: int, code: str, sentence: object, *, wait: int = 0, **facts: object) -> None:
        super().__init__(sentence, code=code, **facts)
        self.status, self.wait = status, wait


@dataclass(frozen=True)
class Caller:
    """An authenticated client, what it may do, and for which purposes."""

    id: UUID
    entity_id: UUID
    scopes: frozenset[str]
    per_minute: int
    used_on: date | None
    purposes: frozenset[UUID]

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Problem(
                403, "scope_missing",
                _("Your key has no scope “%(scope)s”. Ask the data protection office that gave it to you."), scope=scope,
            )  # fmt: skip


CALLER = """
SELECT c.id, c.entity_id, c.scopes, c.per_minute, c.used_on,
       ARRAY(SELECT p.purpose_id FROM interfaces_apiclient_purposes p WHERE p.apiclient_id = c.id)
FROM interfaces_apiclient c WHERE c.ended_at IS NULL AND
"""


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def known(key: str) -> Caller | None:
    """Whose key this is; None: nobody's."""
    key = key.strip()
    if not key.startswith(PREFIX) or len(key) > 100:
        return None
    return _read("c.key_sha256 = %s", [hashed(key)])


def by_mark(client_id: UUID, mark: str) -> Caller | None:
    """The client of a token, as long as the key is in use that the token was given for."""
    return _read("c.id = %s AND left(c.key_sha256, %s) = %s", [client_id, MARK, mark])


def _read(which: str, values: list[Any]) -> Caller | None:
    with connection.cursor() as cursor:
        cursor.execute(CALLER + which, values)
        row = cursor.fetchone()
        if row is None:
            return None
        caller = Caller(row[0], row[1], frozenset(row[2]), row[3], row[4], frozenset(row[5]))
        today = clock.now().date()
        if caller.used_on != today:
            cursor.execute("UPDATE interfaces_apiclient SET used_on = %s WHERE id = %s", [today, caller.id])
    return caller


SHARE = 50  # a process tells the others of a fiftieth of what a client may ask in a minute at once


@dataclass
class Turns:
    """Of one client in one minute: requests that this process has not told the others of, and all that were told."""

    minute: int
    here: int = 0
    told: int = 0


_turns: dict[UUID, Turns] = {}
_turning = Lock()


def take_turn(caller: Caller) -> None:
    """Raises Problem(429) when this client has asked more than its share of this minute. Without a cache nobody counts.

    Processes count for themselves and meet in the cache now and then, so that a request waits for no round trip; what one
    lets in too much meanwhile is less than a fiftieth for each process.
    """
    second = int(time.time())
    minute = second // 60
    with _turning:
        turns = _turns.get(caller.id)
        if turns is None or turns.minute != minute:
            turns = _turns[caller.id] = Turns(minute)
        turns.here += 1
        untold = turns.here if turns.here >= max(1, caller.per_minute // SHARE) else 0
        turns.here -= untold
    if untold:
        place = f"interfaces:{caller.id}:{minute}"
        try:
            cache.add(place, 0, 120)
            told = cache.incr(place, untold)
        except Exception as error:
            log.warning("interfaces.uncounted", error=type(error).__name__)
            return
        with _turning:
            turns.told = max(turns.told, told)
    if turns.told + turns.here > caller.per_minute:
        raise Problem(
            429, "too_many_requests", _("That is more than your key may ask in a minute. Wait, then go on."),
            wait=60 - second % 60,
        )  # fmt: skip
