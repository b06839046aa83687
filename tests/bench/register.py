"""The pages of the register with 1,000 and with 100,000 purposes: server time, queries, and what permissions cost."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from statistics import median
from typing import Any

from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.people.models import Person
from governance.purposes.exchange import outgoing
from governance.purposes.exchange.outgoing import FORMS
from governance.purposes.models import Purpose, PurposeQuerySet
from tests.bench.company import company
from tests.bench.table import NIGHT, Row, measure, row
from tests.conftest import World, fresh_world
from tests.visits import BACKEND

SMALL, LARGE = 1_000, 100_000
TIMES = 30
FIRST = 1_000_001  # the numbers of the bench's own rows begin here
BY_NAME = "list, opened by name"
PAGES = {
    "list": "/register/",
    "list, three filters": "/register/?state=active&people=applicants&country=DE",
    "list, by next review": "/register/?sort=review&missing=yes",
    "list, words": "",
    "list, in the middle": "/register/?after=_{ordinal}",
    "list, of a day": "/register/?on=2026-06-01",
    "entry": "/register/{pk}/",
    "entry, of a day": "/register/{pk}/?on=2026-06-01",
}

# Every second row is NG's, every third active; a word of seven, a country of three, a verdict of three.
FILL = """
INSERT INTO purposes_purpose (id, number, entity_id, owner_id, state, version, asks_from_notice, review_on, approved_by_id, paused_because,
    name, description, uses, kind, function, people_codes, countries, jurisdictions, basis_eu, ground_in, asks_consent, trains_ai,
    item_count, processor_codes, recipient_countries, longest, missing, missing_count, verdict, verdict_on, verdict_next,
    retention_conflicts, search)
SELECT gen_random_uuid(), 'P-' || n, CASE WHEN n %% 2 = 0 THEN %(software)s ELSE %(gmbh)s END::uuid, %(owner)s::uuid,
    CASE n %% 3 WHEN 0 THEN 'active' WHEN 1 THEN 'draft' ELSE 'paused' END, 1, 0, date '2026-01-01' + n %% 700, %(approver)s::uuid, '',
    'Activity ' || n || ' about ' || w.word, repeat('What is done with it. ', 10), '', 'other', 'hr',
    CASE WHEN n %% 5 = 0 THEN '{employees,applicants}' ELSE '{employees}' END::varchar[],
    CASE n %% 3 WHEN 0 THEN '{IN,DE}' WHEN 1 THEN '{IN}' ELSE '{FR}' END::varchar[], '{IN,EU}', 'f', 's7i', false, false,
    n %% 12, CASE WHEN n %% 4 = 0 THEN '{samruddhi,lohnwerk}' ELSE '{}' END::varchar[], '{IN,DE}', 'P7Y',
    CASE WHEN n %% 10 = 0 THEN '[{"field": "security", "law": "EU"}]' ELSE '[]' END::jsonb, CASE WHEN n %% 10 = 0 THEN 1 ELSE 0 END,
    CASE n %% 3 WHEN 0 THEN 'HOLD' WHEN 1 THEN 'ALLOW' ELSE 'OPT_IN' END, current_date, '[{"on": "2027-05-13", "outcome": "HOLD"}]',
    '[]'::jsonb,
    to_tsvector('simple', 'Activity ' || n || ' about ' || w.word)
FROM generate_series(%(first)s, %(last)s) n,
    LATERAL (SELECT (ARRAY['salaries','leave','badges','training','travel','benefits','audits'])[1 + n %% 7] AS word) w
"""
VERSIONS = """
INSERT INTO purposes_purposeversion (id, purpose_id, number, content, sha256, state, revision, author_id, editors, sent_back_because,
    approved_by_id, approved_at, approval_note, in_force_at, material)
SELECT gen_random_uuid(), p.id, 1, %(content)s::jsonb, repeat('0', 64), 'in_force', 1, %(author)s::uuid, '{}', '', %(approver)s::uuid,
    now(), '', timestamptz '2026-03-01', '[]'
FROM purposes_purpose p WHERE p.ordinal BETWEEN %(first)s AND %(last)s
"""
ASSIGN = """
INSERT INTO purposes_purposeuserobjectpermission (user_id, permission_id, content_object_id)
SELECT %(reader)s::uuid, (SELECT id FROM auth_permission WHERE codename = 'view_purpose'), id
FROM purposes_purpose WHERE ordinal BETWEEN %(first)s AND %(last)s AND ordinal %% 10 = 0
"""


def fill(world: World, made: Any, first: int, last: int) -> None:
    facts = {
        "software": made.software.pk, "gmbh": made.gmbh.pk, "owner": made.omar.pk, "author": made.dev.pk, "approver": made.dara.pk,
        "reader": made.nisha.pk, "first": first, "last": last, "content": json.dumps(made.purpose.versions.first().content),
    }  # fmt: skip
    as_owner(
        world,
        [(statement, facts) for statement in (FILL, VERSIONS, ASSIGN)]
        + [("VACUUM ANALYZE purposes_purpose", None), ("ANALYZE", None)],
    )  # as autovacuum does


def as_owner(world: World, statements: list[tuple[str, dict[str, Any] | None]]) -> None:
    world.sign_in("owner")
    with connection.cursor() as cursor:
        for statement, facts in statements:
            cursor.execute(statement, facts)
    world.sign_in("web")


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk), backend=BACKEND)
    return client


def timed(client: Client, url: str, said: dict[str, str] | None = None) -> tuple[float, int]:
    """With `said`, by POST. (milliseconds of the server, queries) of this page, warm, median of TIMES."""
    visit = (lambda: client.get(url)) if said is None else (lambda: client.post(url, said))
    visit()
    with CaptureQueriesContext(connection) as asked:
        answer = visit()
    # Counted now: the next request empties the log. Where a transaction begins and ends asks for nothing.
    count = sum(query["sql"] not in ("BEGIN", "COMMIT") for query in asked)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        visit()
        took.append((time.perf_counter() - began) * 1000)
    return median(took), count


@contextmanager
def without_permissions() -> Iterator[None]:
    """The reference: the same page with the same rows, asked without who may see them."""
    real: Callable[..., Any] = PurposeQuerySet.visible_to
    PurposeQuerySet.visible_to = lambda self, person: self  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        PurposeQuerySet.visible_to = real  # type: ignore[method-assign]


class Open:
    """What fresh_world asks of pytest, where there is none."""

    def unblock(self) -> AbstractContextManager[None]:
        return nullcontext()


@measure("register")
def register(world: World) -> list[Row]:
    """Two copies of the company's database, one with a long register; every page is measured in both, one after the other."""
    made = company(world)
    connections.close_all()
    templates = {"default": world.main, "keys": world.keys}
    with fresh_world(Open(), templates) as small, fresh_world(Open(), templates) as large:
        fill(small, made, FIRST, FIRST + SMALL - 1)
        fill(large, made, FIRST, FIRST + LARGE - 1)
        try:
            return [*_measured(small, large, made), *_whole(small, large, made)]
        finally:
            world.sign_in("web")


def _measured(small: World, large: World, made: Any) -> list[Row]:
    there: dict[str, list[tuple[float, int]]] = {}
    bare: tuple[float, int] = (0.0, 0)
    for name in [*PAGES, *(f"export of 99 as {form}" for form in FORMS), BY_NAME]:
        for here in (small, large):
            here.sign_in("web")
            client = browser(made.nisha if name == BY_NAME else made.dev)
            there.setdefault(name, []).append(visited(client, name, SMALL if here is small else LARGE))
        if name == "list":
            with without_permissions():
                bare = timed(browser(made.dev), "/register/")
    note = f"server time of the page in process as the web's login, warm, median of {TIMES}; reference: with {SMALL:,} purposes"
    few = f"queries of the page, the same with {SMALL:,} and {LARGE:,}"
    rows = [
        row(f"register, {name}, {LARGE:,} purposes", long, short, "ms", at_most=2, note=note)
        for name, ((short, _few), (long, _many)) in there.items()
    ]
    rows += [
        row(
            f"register, queries, {name}",
            many,
            None,
            "queries",
            at_most=6,
            of_ours=True,
            note=few if less == many else f"{less} with {SMALL:,}",
        )
        for name, ((_short, less), (_long, many)) in there.items()
    ]
    without = "reference: the same page without asking who may see what"
    return [
        *rows,
        row("register, permissions by entity", there["list"][1][0], bare[0], "ms", at_most=4, note=without),
        row(
            f"register, permissions by name, {LARGE // 10:,} of them",
            there[BY_NAME][1][0],
            bare[0],
            "ms",
            at_most=4,
            note=without,
        ),
    ]


def _whole(small: World, large: World, made: Any) -> list[Row]:
    """The whole register as a file; the long one by night, because a workbook of it takes minutes."""
    rows = []
    for form in FORMS:
        short = _exported(small, made, form)
        long = _exported(large, made, form) if NIGHT else None
        note = f"rows a second of the whole register, {SMALL:,} purposes, once"
        if long is None:
            rows.append(row(f"register, whole export as {form}", short, None, "purposes/s", note=note))
            continue
        note = f"rows a second of the whole register, {LARGE:,} purposes; reference: with {SMALL:,}"
        rows.append(
            row(f"register, whole export as {form}", long, short, "purposes/s", at_least=0.5, note=note)
        )
    return rows


def _exported(here: World, made: Any, form: str) -> float:
    """Purposes a second of one export of everything that the officer may take away; nothing of it is kept."""
    here.sign_in("web")
    dev = Person.objects.get(pk=made.dev.pk)
    began = time.perf_counter()
    file = outgoing.export(form, outgoing.may_take(dev), by=dev, on=date(2026, 11, 23))
    return file.rows / (time.perf_counter() - began)


def visited(client: Client, name: str, size: int) -> tuple[float, int]:
    """This page in this register. The middle one, and the 99 whose number begins with 10000, are there in both."""
    if name.startswith("export"):
        found = client.post("/register/", {"words": "10000"})["Location"].replace(
            "/register/", "/register/export/"
        )
        return timed(client, found, {"form": name.rsplit(" ", 1)[1]})
    if name == "list, words":
        return timed(client, client.post("/register/", {"words": "activ sala"})["Location"])
    middle = Purpose.objects.get(ordinal=FIRST + size // 2)
    return timed(client, PAGES.get(name, "/register/").format(pk=middle.pk, ordinal=middle.ordinal))
