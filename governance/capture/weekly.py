"""What a manager may read of what was taken: per week and signal people, events, bytes and applications, as bands.

A whole week is counted once, when it is over, and what was counted stands in the log, as with the budget: an erasure
overnight changes no figure. No line is made of fewer than ten people, nor where fewer than ten are left out.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from governance.audit import log
from governance.audit.models import Entry
from governance.capture.bands import WEEK, monday
from governance.capture.budget import steps
from governance.capture.models import Programme
from governance.lib import clock, locks
from governance.lib.bands import band
from governance.lib.dates import date_format
from governance.people.models import Employment
from governance.purposes import catalogue

CODE = "programme.week_counted"
SHOWN = 8
SUMS = """
SELECT signal, count(DISTINCT person_id), sum(events)::bigint, sum(bytes)::bigint FROM capture_arrival
WHERE purpose_id = %s AND day >= %s AND day < %s GROUP BY signal ORDER BY signal
"""
APPLICATIONS = """
SELECT a.signal, n.name, count(DISTINCT a.person_id) FROM capture_arrival a, jsonb_object_keys(a.applications) AS n (name)
WHERE a.purpose_id = %s AND a.day >= %s AND a.day < %s GROUP BY 1, 2 ORDER BY 1, 2
"""


def count(today: date | None = None) -> int:
    """Every programme has its figures of the week that is over; how many were counted now."""
    week = monday(today or clock.now().date()) - WEEK
    return sum(_count(programme, week) for programme in Programme.objects.exclude(state="draft"))


@transaction.atomic
def _count(programme: Programme, week: date) -> int:
    locks.exclusively(locks.key("weekly", programme.pk))
    if Entry.objects.filter(about_id=programme.pk, code=CODE, facts__week=week.isoformat()).exists():
        return 0
    span = [programme.purpose_id, week, week + WEEK]
    with connection.cursor() as cursor:
        cursor.execute(SUMS, span)
        sums = cursor.fetchall()
        cursor.execute(APPLICATIONS, span)
        names = cursor.fetchall()
    of = Employment.objects.current().filter(entity=programme.entity_id).values("person").distinct().count()
    log.record(CODE, about=programme, week=week, signals=measure(sums, names, of))
    return 1


def measure(sums: list[Any], names: list[Any], of: int) -> dict[str, dict[str, Any]]:
    """Signal → {"people", "events", "bytes", "applications"}; a signal or an application under the rule of ten is left out."""
    return {
        signal: {
            "people": band(people, of), "events": steps(events), "bytes": steps(size),
            "applications": [name for code, name, users in names if code == signal and band(users, of)],
        }
        for signal, people, events, size in sums
        if band(people, of)
    }  # fmt: skip


def _read(text: str) -> str:
    return "–".join(number_format(int(n), force_grouping=True) for n in text.split("-"))


def shown(programme: Programme, language: str) -> dict[str, Any]:
    """What components/table.html prints. One query."""
    weeks = Entry.objects.filter(about_id=programme.pk, code=CODE).order_by("-id")[:SHOWN]
    known, rows = catalogue.signals(), []
    for entry in weeks:
        first = date.fromisoformat(entry.facts["week"])
        week = f"{date_format(first, 'j M')} – {date_format(first + timedelta(days=6), 'j M Y')}"
        if not entry.facts["signals"]:
            rows.append([week, _("no figure"), "–", "–", "–", "–"])
        for code, row in entry.facts["signals"].items():
            title = known[code].title(language) if code in known else code
            rows.append(
                [
                    week,
                    title,
                    row["people"],
                    _read(row["events"]),
                    _read(row["bytes"]),
                    ", ".join(row["applications"]) or "–",
                ]
            )
    labels = [_("Week"), _("Signal"), _("People"), _("Events"), _("Bytes"), _("Applications")]
    return {"columns": [{"label": label} for label in labels], "rows": rows}
