"""The demo company's own systems: a feature store in PostgreSQL and a folder of files, as a data team would leave them.

Sammati reaches them like any other company's: with a login that can do only what the map needs, and one that reads.
"""

import csv
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from governance.demo.company import Company
from governance.lib.nudge import nudge
from governance.people.models import Person
from governance.purposes import systems as register_of_systems
from governance.purposes.models import DataSystem, Purpose
from governance.retention import steering, systems
from governance.retention.models import ErasureOrder

FOLDER = "demo/files"  # beneath SAMMATI_VAR
ERASER, READER = "store_eraser", "store_reader"

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_number text NOT NULL,
    workflow text NOT NULL,
    started_at timestamptz NOT NULL
);
-- No ON DELETE on purpose: that is how most tables in the world are.
CREATE TABLE IF NOT EXISTS features (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id bigint NOT NULL REFERENCES sessions (id),
    name text NOT NULL,
    value double precision NOT NULL
);
CREATE INDEX IF NOT EXISTS features_session ON features (session_id);
CREATE TABLE IF NOT EXISTS notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS models (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    trained_on jsonb NOT NULL
);
"""
# What the map below needs, and nothing more: rows are found by number, deleted, and a note's text is rewritten.
GRANTS = [
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {eraser}, {reader}",
    "GRANT USAGE ON SCHEMA public TO {eraser}, {reader}",
    "GRANT SELECT (id, person_number, started_at), DELETE ON sessions TO {eraser}",
    "GRANT SELECT (id, session_id), DELETE ON features TO {eraser}",
    "GRANT SELECT (id, body, written_at), UPDATE (body) ON notes TO {eraser}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}",
]
STORE_MAP: dict[str, Any] = {
    "tables": [
        {
            "table": "sessions",
            "find": {"column": "person_number", "is": "number"},
            "time": "started_at",
            "action": "erase",
        },
        {
            "table": "features",
            "find": {"through": {"column": "session_id", "table": "sessions", "key": "id"}},
            "action": "erase",
        },
        {"table": "notes", "find": {"text": ["body"]}, "time": "written_at", "action": "replace"},
    ],
    "keep": {"models": "counts of what models were trained on, nobody by name"},
}
FILES_MAP: dict[str, Any] = {
    "own": ["people/{number}*"],
    "rows": [
        {"files": "teams/*.csv", "format": "csv", "field": "person", "is": "number", "time": "at"},
        {"files": "events/*.jsonl", "format": "jsonl", "field": "user", "is": "number", "time": "at"},
    ],
    "text": ["minutes/*.txt"],
}


def build_store(owner_url: str, *, eraser: str = ERASER, reader: str = READER) -> None:
    """The feature store's tables are there, and the two logins can do what the map needs. Twice changes nothing."""
    with psycopg.connect(owner_url) as store:
        store.execute(TABLES)
        for statement in GRANTS:
            store.execute(
                sql.SQL(statement).format(eraser=sql.Identifier(eraser), reader=sql.Identifier(reader))
            )


def fill_store(
    owner_url: str, people: Iterable[Person], *, on: datetime | None = None, sessions: int = 3
) -> dict[str, int]:
    """Each person has sessions with features, and a note that names them; returns the rows per table."""
    on = on or datetime.now(UTC)
    rows = {"sessions": 0, "features": 0, "notes": 0}
    with psycopg.connect(owner_url) as store, store.cursor() as cursor:
        for person in people:
            for i in range(sessions):
                started = on - timedelta(hours=2 * i + 1)
                cursor.execute(
                    "INSERT INTO sessions (person_number, workflow, started_at) VALUES (%s, 'reimbursement', %s) RETURNING id",
                    [person.number, started],
                )
                session = cursor.fetchone() or (0,)
                features = [("steps", 14 + i), ("seconds_per_step", 3.5 + i / 10), ("switches", 2 + i)]
                cursor.executemany(
                    "INSERT INTO features (session_id, name, value) VALUES (%s, %s, %s)",
                    [(session[0], *pair) for pair in features],
                )
                rows["sessions"] += 1
                rows["features"] += len(features)
            note = f"Odd order of steps in the batch of {started:%d %B}: asked {person.name}, who attaches the bill first."
            cursor.execute("INSERT INTO notes (body, written_at) VALUES (%s, %s)", [note, started])
            rows["notes"] += 1
        cursor.execute(
            "INSERT INTO models (name, trained_on) SELECT 'reimbursement-agent 0.3', '{\"sessions\": 1180}'"
            " WHERE NOT EXISTS (SELECT 1 FROM models)"
        )
    return rows


def fill_folder(folder: Path, people: Iterable[Person], *, on: datetime | None = None) -> dict[str, int]:
    """A file per person, a table per team, a day of events and minutes that mention them; returns the counts."""
    on = on or datetime.now(UTC)
    people = list(people)
    for name in ("people", "teams", "events", "minutes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    counts = {"files": 0, "rows": 0, "mentions": 0}
    for person in people:
        path = folder / "people" / f"{person.number}.json"
        path.write_text(
            json.dumps({"person": person.number, "pace": 1.2, "steps": ["open", "attach", "send"]}) + "\n"
        )
        os.utime(path, (on.timestamp() - 3600, on.timestamp() - 3600))
        counts["files"] += 1
    with (folder / "teams" / "claims.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["person", "at", "step", "seconds"])
        for i in range(4):
            for person in people:
                at = (on - timedelta(minutes=30 * (i + 1))).isoformat(timespec="seconds")
                table.writerow([person.number, at, ("open", "attach, twice", "check", "send")[i], 3 + i])
                counts["rows"] += 1
    with (folder / "events" / "latest.jsonl").open("w", encoding="utf-8") as lines:
        for i in range(3):
            for person in people:
                at = (on - timedelta(minutes=10 * (i + 1))).isoformat(timespec="seconds")
                lines.write(
                    json.dumps({"user": person.number, "at": at, "element": "button", "order": i}) + "\n"
                )
                counts["rows"] += 1
    minutes = [
        f"{person.name} showed how the bill is attached before the form is saved." for person in people
    ]
    (folder / "minutes" / "workshop.txt").write_text(
        "Minutes of the workshop\n\n" + "\n".join(minutes) + "\n", encoding="utf-8"
    )
    counts["mentions"] += len(minutes)
    return counts


def extract(owner_url: str, folder: Path, person: Person) -> None:
    """What was taken of one person has travelled on: features in the store, a file, rows and a mention in the folder."""
    on = datetime.now(UTC)
    fill_store(owner_url, [person], on=on)
    for name in ("people", "teams", "events", "minutes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "people" / f"{person.number}.json").write_text(
        json.dumps({"person": person.number, "pace": 1.3}) + "\n"
    )
    table = folder / "teams" / "claims.csv"
    fresh = not table.exists()
    at = on.isoformat(timespec="seconds")
    with table.open("a", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        if fresh:
            lines.writerow(["person", "at", "step", "seconds"])
        lines.writerows([person.number, at, step, 4] for step in ("open", "attach", "send"))
    with (folder / "events" / "latest.jsonl").open("a", encoding="utf-8") as events:
        events.write(json.dumps({"user": person.number, "at": at, "element": "button", "order": 1}) + "\n")
    with (folder / "minutes" / "workshop.txt").open("a", encoding="utf-8") as minutes:
        minutes.write(f"{person.name} asked how long the examples are kept.\n")


# What the register says of each beside its name: its kind, and what of people lies there.
ABOUT: dict[str, dict[str, Any]] = {
    "vault": {"kind": "object_store", "categories": ["CL", "AP", "MM"], "parts": ["vault.segment"]},
    "feature-store": {"kind": "warehouse", "categories": ["CL", "AP"]},
    "team-files": {"kind": "files", "categories": ["CL"], "parts": ["extracts", "events", "minutes"]},
    "portal": {"kind": "application", "categories": ["ID"]},
}


BACKUPS = {"vault": 35, "portal": 35, "sql": 35, "files": 30}  # days


def register(company: Company) -> dict[str, DataSystem]:
    """The systems stand in the register of both entities, are connected and mapped for the purposes of the main job.

    Code → system: vault, feature-store, files for each entity; the portal, which holds the proofs, for both purposes too.
    """
    made: dict[str, DataSystem] = {}
    for entity, purpose, suffix in (
        (company.software, company.purpose, ""),
        (company.gmbh, company.purpose_de, "-de"),
    ):
        rows = {
            "vault": ("Sammati vault", "Sealed segments of what was admitted, one key per person, consent and month", "vault", {}),
            "feature-store": (
                "Feature store", "Sessions and features computed from them, notes of the data team", "sql",
                {"url_env": "FEATURE_STORE_URL", "read_url_env": "FEATURE_STORE_READ_URL"},
            ),
            "team-files": ("Files of the automation team", "Extracts per team and person, event lines, minutes", "files", {"folder": FOLDER}),
            "portal": ("Sammati portal", "Decisions, orders and proofs by opaque id; names in tables that can forget", "portal", {}),
        }  # fmt: skip
        for code, (name, holds, kind, options) in rows.items():
            system = DataSystem.objects.filter(code=code + suffix).first() or register_of_systems.enter(
                entity, by=company.dev, code=code + suffix, name=name, holds=holds, country=entity.country,
                owner=company.omar, **ABOUT[code],
            )  # fmt: skip
            systems.connect(system, kind, options, by=company.dev)
            steering.set_pace(
                system,
                from_time=None,
                until_time=None,
                per_hour=None,
                backup_days=BACKUPS[kind],
                by=company.dev,
            )
            _map(system, kind, purpose, company.dev)
            made[code + suffix] = system
    return made


def _map(system: DataSystem, kind: str, purpose: Purpose, by: Person) -> None:
    spec: dict[str, Any] | None = {"sql": STORE_MAP, "files": FILES_MAP}.get(kind)
    if spec is None:
        purpose.systems.add(system)
    else:
        systems.confirm_map(system, purpose, spec, by=by)


def forget_to_clear(owner_url: str, person: Person) -> None:
    """Once: rows of this person from fourteen months ago, which the next sweep finds to be over their period."""
    if not ErasureOrder.objects.filter(because="rule.due").exists():
        fill_store(owner_url, [person], on=datetime.now(UTC) - timedelta(days=430))
        nudge("retention.sweep")


def taking_part() -> list[Person]:
    """Everybody who has said yes to something and has not ended it."""
    agreed = Person.objects.filter(consents__ended_at__isnull=True, consents__status="given")
    return list(agreed.distinct().order_by("number"))


def build(company: Company, *, on: datetime | None = None) -> dict[str, dict[str, int]]:
    """Build, fill and register everything; needs FEATURE_STORE_OWNER_URL. Returns what was filled in, per system.

    Only people who take part already have rows there: of the others nothing was ever recorded.
    """
    people = taking_part()
    owner_url = os.environ["FEATURE_STORE_OWNER_URL"]
    build_store(owner_url)
    filled = {"feature-store": fill_store(owner_url, people, on=on)}
    filled["team-files"] = fill_folder(Path(settings.VAR) / FOLDER, people, on=on)
    register(company)
    return filled
