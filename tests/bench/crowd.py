"""Many people who work at Nimbus Software, half of whom agreed to the training purpose, and nineteen more purposes each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from tests.bench.company import company
from tests.bench.register import FIRST, Open, as_owner, fill
from tests.bench.table import NIGHT
from tests.conftest import World, fresh_world

PEOPLE = int(os.environ.get("SAMMATI_BENCH_PEOPLE", "100000" if NIGHT else "24000"))
PURPOSES = 20
SIGNALS = ("ui_event", "app_usage", "window_title", "clipboard")
AGREED = PEOPLE // 2  # N-B-1 … agreed; the rest never said anything: they are there to say yes

FILL = [
    """
INSERT INTO people_person (id, password, is_superuser, number, name, language, is_under_18, is_active)
SELECT gen_random_uuid(), '!', false, 'N-B-' || n, 'Person ' || n, 'en', false, true FROM generate_series(1, %(people)s) n
""",
    """
INSERT INTO people_employment (person_id, entity_id, country, employer, starts_on)
SELECT id, %(entity)s::uuid, 'IN', '', date '2025-01-01' FROM people_person WHERE number LIKE 'N-B-%%'
""",
    """
INSERT INTO consents_consentrecord (id, number, person_id, purpose_id, signal, status, notice_id, given_at, expires_at, job_id, ended_because)
SELECT gen_random_uuid(), 'B-' || p.number || s.code, p.id, %(purpose)s::uuid, s.code, 'given', %(notice)s::uuid, now() - interval '1 day',
    now() + interval '300 days', e.id, ''
FROM people_person p JOIN people_employment e ON e.person_id = p.id, LATERAL unnest(ARRAY['ui_event', 'app_usage']) s (code)
WHERE p.number LIKE 'N-B-%%' AND substr(p.number, 5)::int <= %(agreed)s
""",
    """
INSERT INTO consents_consentevent (id, record_id, person_id, purpose_id, signal, status, by_kind, method, notice_id, language, text_sha256, at)
SELECT gen_random_uuid(), r.id, r.person_id, r.purpose_id, r.signal, 'given', 'person', 'bench', r.notice_id, 'en', '', r.given_at
FROM consents_consentrecord r WHERE r.number LIKE 'B-N-B-%%'
""",
    """
INSERT INTO consents_stream (id, person_id, purpose_id, event_id, signal, month, expires_on, state, public_key, opened_at)
SELECT gen_random_uuid(), e.person_id, e.purpose_id, e.id, e.signal, date_trunc('month', now()), now() + interval '90 days', 'open',
    decode(repeat('07', 32), 'hex'), now()
FROM consents_consentevent e WHERE e.method = 'bench'
""",
    """
INSERT INTO consents_consentrecord (id, number, person_id, purpose_id, signal, status, notice_id, given_at, expires_at, job_id, ended_because)
SELECT gen_random_uuid(), 'B-' || p.number || '-' || u.ordinal, p.id, u.id, 'ui_event', 'given', %(notice)s::uuid, now() - interval '1 day',
    now() + interval '300 days', e.id, ''
FROM people_person p JOIN people_employment e ON e.person_id = p.id, purposes_purpose u
WHERE p.number LIKE 'N-B-%%' AND u.ordinal BETWEEN %(first)s AND %(last)s
""",
]


@contextmanager
def crowded(world: World, purposes: int = PURPOSES) -> Iterator[tuple[World, Any]]:
    """A copy of the company's database with the crowd in it, and the company."""
    made = company(world)
    connections.close_all()
    with fresh_world(Open(), {"default": world.main, "keys": world.keys}) as full:
        last = FIRST + purposes - 2
        fill(full, made, FIRST, last)
        facts = {
            "people": PEOPLE, "agreed": AGREED, "entity": made.software.pk, "purpose": made.purpose.pk, "first": FIRST, "last": last,
            "notice": made.purpose.published_notice().pk,
        }  # fmt: skip
        as_owner(full, [(statement, facts) for statement in FILL] + [("ANALYZE", None)])
        try:
            yield full, made
        finally:
            world.sign_in("web")


def agreed(count: int) -> list[str]:
    return [f"N-B-{n}" for n in range(1, count + 1)]


def silent(start: int, count: int) -> list[str]:
    """People who have said nothing yet; who has been handed out is not handed out again."""
    if AGREED + start + count > PEOPLE:
        raise RuntimeError("Nobody is left who could say yes. Set SAMMATI_BENCH_PEOPLE higher.")
    return [f"N-B-{AGREED + start + n}" for n in range(1, count + 1)]
