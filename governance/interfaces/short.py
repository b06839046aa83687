"""The short way to a decision: one question in its plainest form is answered before Django is asked, in one statement.

It only ever says yes or no, as the long way (api.py) would. Whatever else there is to say (who asks is not known, the scope
is missing, too much is asked, the form is another) it leaves to the long way, which says it in its words. Nothing is kept
from one question to the next: the key, its scopes and its purposes are read with each.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
from django.db import Error

from governance.consents import decide
from governance.interfaces import answers, callers, short_no, short_yes
from governance.interfaces.callers import Caller, Problem
from governance.lib import clock, early, prepared
from governance.lib.early import Environ

PATH = "/api/v1/decisions"
ASKED = frozenset({"person", "purpose", "signal"})
PLAIN = re.compile(r"[A-Za-z0-9._-]{1,35}", re.ASCII)  # nothing to decode, and no id, which has 36
SIGNAL = re.compile(r"[a-z0-9_.-]{1,35}", re.ASCII)
ENCODE = msgspec.json.Encoder().encode
# Who asks and for what, and where the person stands on it: one row each, or one with nothing beside it.
ASK = f"""
WITH who AS MATERIALIZED (
    SELECT c.id AS client, c.entity_id AS theirs, c.scopes, c.per_minute, c.used_on,
           u.id AS purpose, u.number, u.entity_id AS entity, u.asks_from_notice AS asks_from, u.state, u.asks_consent, t.timezone,
           ARRAY(SELECT s.code FROM purposes_signal s WHERE s.purpose_id = u.id), m.now, %(signal)s::text AS signal,
           (SELECT p.id FROM people_person p WHERE p.is_active AND p.number = %(person)s) AS person,
           (m.now AT TIME ZONE t.timezone)::date AS today, date_trunc('month', m.now AT TIME ZONE 'UTC')::date AS month
    FROM interfaces_apiclient c
    JOIN interfaces_apiclient_purposes o ON o.apiclient_id = c.id
    JOIN purposes_purpose u ON u.id = o.purpose_id
    JOIN people_entity t ON t.id = u.entity_id
    CROSS JOIN (SELECT clock_timestamp() AS now OFFSET 0) m
    WHERE c.key_sha256 = %(key)s AND c.ended_at IS NULL AND u.number = %(purpose)s)
SELECT who.*, found.* FROM who LEFT JOIN LATERAL ({decide.beside("who")}) AS found (what) ON TRUE
"""  # noqa: S608  our own words
WIDE = 18  # columns of who


def answer(environ: Environ) -> bytes | None:
    """The body of a 200. None: the long way has to say it."""
    if environ["REQUEST_METHOD"] != "GET" or not early.is_ours(environ.get("HTTP_HOST", "")):
        return None
    key, question = _key(environ), _question(environ.get("QUERY_STRING", ""))
    if key is None or question is None:
        return None
    try:
        early.begins()
        return _decided(key, question)
    except (Error, Problem):  # Error: also of a connection that has died meanwhile
        return None


def word(environ: Environ, written: Callable[[str, str, bytes], dict[str, Any] | None]) -> bytes | None:
    """The body of a 201: this person's word stands. None: nothing stands yet, and the long way has to say it."""
    size = environ.get("CONTENT_LENGTH") or "0"
    if (
        environ["REQUEST_METHOD"] != "POST"
        or environ.get("QUERY_STRING")
        or not early.is_ours(environ.get("HTTP_HOST", ""))
    ):
        return None
    key = _key(environ)
    if key is None or not size.isdecimal() or not 0 < int(size) <= short_yes.LONGEST:
        return None
    body = environ["wsgi.input"].read(int(size))
    environ["wsgi.input"] = BytesIO(body)  # should the long way have to read it
    early.begins()
    answer = written(key, environ.get("HTTP_IDEMPOTENCY_KEY", ""), body)
    return ENCODE(answer) if answer is not None else None


def yes(environ: Environ) -> bytes | None:
    return word(environ, short_yes.written)


def no(environ: Environ) -> bytes | None:
    return word(environ, short_no.written)


DOORS = {
    PATH: early.always("200 OK", answer),
    short_yes.PATH: early.always("201 Created", yes),
    short_no.PATH: early.always("201 Created", no),
}


def _decided(key: str, question: dict[str, str]) -> bytes | None:
    rows = prepared.alone(ASK, {**question, "key": callers.hashed(key)})
    if not rows:
        return None
    row = rows[0]
    caller = Caller(row[0], row[1], frozenset(row[2]), row[3], row[4], frozenset([row[5]]))
    if not caller.may("decisions") or caller.used_on != clock.now().date():
        return None  # the long way refuses it; or writes down that the key was used today
    callers.take_turn(caller)
    asked, person = answers.Asked(*row[5:12], frozenset(row[12]), row[13]), row[15]
    verdict = None
    if person is not None:
        found = [row[WIDE:] for row in rows if row[WIDE] is not None]
        standing = decide.stand(asked.about, asked.declared, found)
        verdict = decide.decide(standing, person, question["signal"], "", asked.now, asked.now)
    said = answers.told(
        asked,
        answers.one(asked, question["person"], question["signal"], verdict),
        explain=caller.may("explain"),
    )
    return None if said.detail else ENCODE(said)  # words are said in the language that is asked for


def _key(environ: Environ) -> str | None:
    scheme, _space, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return key if scheme == "Bearer" and key.startswith(callers.PREFIX) and len(key) <= 100 else None


def _question(query: str) -> dict[str, str] | None:
    """person, purpose and signal, each once, and nothing besides."""
    pairs = [part.partition("=")[::2] for part in query.split("&", 3)]
    asked = dict(pairs)
    if (
        len(pairs) != 3
        or asked.keys() != ASKED
        or not all(PLAIN.fullmatch(value) for value in asked.values())
    ):
        return None
    return asked if SIGNAL.fullmatch(asked["signal"]) else None
