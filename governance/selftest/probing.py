"""The exposure self-test: as an ordinary employee and as an administrator, every address with every id of a canary
colleague, and the vault with the web's own login. Any success pauses the programmes and opens an incident.

Runs in a process with the web's login. Persons, sessions and what the tries change exist inside one transaction alone,
which is rolled back; each try is undone before the next, its locks too. So no session of a probe is ever there for anybody
else to use: whoever asks the portal over another connection cannot see its row. It ends after 60 seconds all the same, should
the transaction ever be kept, and a new one takes its place before that; there is never more than one.
"""

import time
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from governance.audit import log
from governance.capture.models import Programme
from governance.incidents import incidents
from governance.incidents.models import Incident, Probe
from governance.lib import clock
from governance.people.models import Entity, Person
from governance.selftest import canary
from governance.selftest.doors import Door, doors

logger = structlog.get_logger(__name__)
ROLES = ("", "admin")
NAMES = {"": "employee", "admin": "admin"}
SECONDS = 60  # the life of a probe's session
FRESH = 20  # seconds: an older one is not used for a further try, which would meet the sign-in page and take it for an answer
# Where an administrator reads who somebody is; nobody's choice or content stands there.
PEOPLE = ("people:",)
VAULT = (
    "SELECT id FROM vault.segment LIMIT 1",
    "SELECT sealed FROM vault.segment LIMIT 1",
    "SELECT person FROM vault.segment LIMIT 1",
)


@dataclass
class Run:
    """What was tried, as whom, and what was not refused. `findings` name places and roles, never a value."""

    tried: int = 0
    refused: int = 0
    findings: list[dict[str, str]] = field(default_factory=list)
    covered: Counter[tuple[str, str]] = field(default_factory=Counter)  # (door, role) → tries

    def note(self, what: str, role: str, found: str = "") -> None:
        self.tried += 1
        self.covered[what, role] += 1
        if not found:
            self.refused += 1
        elif (row := {"what": what, "as": role, "found": found}) not in self.findings:
            self.findings.append(row)


class _Undone(Exception):
    pass


def probe(entity: Entity, all_doors: list[Door] | None = None, roles: Sequence[str] = ROLES) -> Run:
    """Try everything at this entity as each of these roles; nothing of it stays."""
    run = Run()
    known = all_doors if all_doors is not None else list(doors())
    try:
        with transaction.atomic():
            bird = canary.plant(entity)
            for role in roles:
                _as(run, canary.somebody(entity, role), role, bird, known, entity)
            _vault(run)
            raise _Undone
    except _Undone:
        pass
    # A door that was not tried as every role is a hole in the test itself.
    for door in known:
        for role in roles:
            if not run.covered[door.name, NAMES[role]]:
                run.note(door.name, NAMES[role], "no probe")
    return run


def _ids(door: Door, bird: canary.Canary, entity: Entity) -> list[tuple[str, object]]:
    """(kind, id) with which this address is tried.

    Where the view says what it takes, what the canary has of that; of what the canary has none (a programme, a purpose),
    one that really stands there: it is nobody's own, so only words and name of the canary may not stand in the answer.
    Where the view does not say it, everything of the canary's.
    """
    if not door.takes_id:
        return [("", 0)]
    if door.of is None:
        return bird.ids
    mine = [(kind, pk) for kind, pk in bird.ids if canary.KINDS[kind] is door.of]
    if mine:
        return mine
    rows = door.of.objects.all().order_by("-pk")
    names = {field.name for field in rows.model._meta.get_fields()}
    found = (rows.filter(entity=entity) if "entity" in names else rows).first()
    return [("", found.pk)] if found is not None else [("person", bird.person.pk)]


def _as(run: Run, person: Person, role: str, bird: canary.Canary, known: list[Door], entity: Entity) -> None:
    session = Session(person)
    for door in known:
        for kind, pk in _ids(door, bird, entity):
            address = door.address(pk)
            if address is None:
                run.note(door.name, NAMES[role], "no probe")
                break
            if not address:  # an id of this kind does not fit there
                run.covered[door.name, NAMES[role]] += 1
                continue
            for method in ("get", "post"):
                client = session.client()
                run.note(door.name, NAMES[role], _try(client, method, address, door, role, kind, bird))


class Session:
    """A probe's way in: 60 seconds, minted here and rolled back; there is no password that would make another."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._mint()

    def client(self) -> Client:
        """Signed in, for one try that begins now."""
        if time.monotonic() - self._minted_at > FRESH:
            SessionStore(self._key).flush()
            self._mint()
        return self._client

    def _mint(self) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(self._person.pk)
        session[BACKEND_SESSION_KEY] = "governance.people.signin.PersonBackend"
        session[HASH_SESSION_KEY] = self._person.get_session_auth_hash()
        session.set_expiry(SECONDS)
        session.create()
        self._key, self._minted_at = session.session_key, time.monotonic()
        self._client = Client(raise_request_exception=False)
        self._client.cookies["sessionid"] = self._key


def _try(
    client: Client, method: str, address: str, door: Door, role: str, kind: str, bird: canary.Canary
) -> str:
    """ "" when it was refused or shows nothing of the canary; else what was found."""
    cookies = deepcopy(client.cookies)
    status, body = 0, ""
    try:
        with transaction.atomic():
            answer: Any = getattr(client, method)(address)
            status = answer.status_code
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            body = content.decode(errors="replace")
            raise _Undone
    except _Undone:
        pass
    client.cookies = cookies
    allowed_by_name = role == "admin" and door.name.startswith(PEOPLE)
    if bird.words in body:
        return "words"
    if bird.name in body and not allowed_by_name:
        return "name"
    if kind and door.permission and status < 400 and not (kind == "person" and allowed_by_name):
        return f"{method} {kind}"
    return ""


def _vault(run: Run) -> None:
    """The silo, asked with this process's own login."""
    for query in VAULT:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(query)
                found = "vault opened"
        except ProgrammingError:
            found = ""
        run.note("vault.segment", "web login", found)


def run_all(all_doors: list[Door] | None = None) -> Run:
    """Every entity is probed, with a programme or without; what was found is recorded, pauses what runs there and opens
    an incident, so that its legal and its DPO are told."""
    total = Run()
    known = all_doors if all_doors is not None else list(doors())
    for entity in Entity.objects.order_by("code"):
        run = probe(entity, known)
        total.tried += run.tried
        total.refused += run.refused
        total.findings += [finding for finding in run.findings if finding not in total.findings]
        total.covered += run.covered
        if run.findings:
            _alarm(entity, run)
    with transaction.atomic():
        covered = {
            "addresses": len({door.name for door in known}),
            "roles": len(ROLES),
            "covered": len(_pairs(total, known)),
        }
        Probe.objects.create(tried=total.tried, refused=total.refused, findings=total.findings, **covered)
        log.record(
            "exposure.probed",
            tried=total.tried,
            refused=total.refused,
            findings=len(total.findings),
            **covered,
        )
    return total


def _pairs(run: Run, known: list[Door]) -> set[tuple[str, str]]:
    """Address and role of everything that could be tried; what has no probe is a finding and no coverage."""
    untried = {(row["what"], row["as"]) for row in run.findings if row["found"] == "no probe"}
    pairs = {(door.name, NAMES[role]) for door in known for role in ROLES}
    return {pair for pair in pairs if run.covered[pair]} - untried


SAYS = "Opened by itself by the exposure self-test, which reached what it must not: "


def _alarm(entity: Entity, run: Run) -> None:
    """Every programme of the entity stops, legal and the DPO are told; where none runs, an incident of the entity tells
    them. What is open already is not opened again with every run."""
    places = "; ".join(f"{row['what']} as {row['as']} ({row['found']})" for row in run.findings[:10])
    running = list(Programme.objects.filter(entity=entity, state="running"))
    for programme in running:
        incidents.open_incident(
            entity, SAYS + places, aware_at=clock.now(), by=None, programme=programme, pause=True
        )
    told = Incident.objects.filter(entity=entity, state="open", opened_by=None, what=SAYS + places)
    if not running and not told.exists():
        incidents.open_incident(entity, SAYS + places, aware_at=clock.now(), by=None)
    logger.error("exposure.found", entity=entity.code, stopped=len(running), findings=len(run.findings))


def coverage(run: Run) -> list[tuple[str, dict[str, int]]]:
    """Door by door: how often it was tried as whom."""
    rows: dict[str, dict[str, int]] = {}
    for (door, role), tries in sorted(run.covered.items()):
        rows.setdefault(door, {})[role] = tries
    return list(rows.items())
