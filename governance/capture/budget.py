"""The minimisation budget: how many fields and bytes a programme keeps per person and day, as weekly bands.

A whole week is counted once, when it is over, and what was counted stands in the log: an erasure overnight changes no
band, so it shows nobody. No figure is made of fewer than ten people, nor where fewer than ten are left out.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from governance.audit import log
from governance.audit.models import Entry
from governance.capture import deciding, kept, limits
from governance.capture.bands import WEEK, monday
from governance.capture.models import Arrival, Programme
from governance.lib import clock, locks, packs
from governance.lib.bands import band
from governance.lib.dates import date_format
from governance.people.models import Employment

WEEKS = 8  # of the trend
CODE = "programme.budget_counted"


def allowed() -> int:
    """Sealed bytes per person and day that a programme may keep before its page warns."""
    return int(packs.load("capture").content["budget"]["bytes"])


def count(today: date | None = None) -> int:
    """Every programme has its budget of the weeks that are over; how many weeks were counted."""
    this = monday(today or clock.now().date())
    return sum(_count(p, this) for p in Programme.objects.exclude(state="draft").select_related("purpose"))


@transaction.atomic
def _count(programme: Programme, this: date) -> int:
    locks.exclusively(locks.key("budget", programme.pk))
    known = {entry.facts["week"] for entry in _entries(programme)}
    if (this - WEEK).isoformat() in known:
        return 0
    first = this - WEEKS * WEEK
    rows = list(
        Arrival.objects.filter(purpose=programme.purpose_id, day__gte=first, day__lt=this)
        .values("person_id", "day", "signal")
        .annotate(events=Sum("events"), bytes=Sum("bytes"), n=Count("pk"))
    )
    of = Employment.objects.current().filter(entity=programme.entity_id).values("person").distinct().count()
    fields = {code: len(names) for code, names in _kept_names(programme).items()}
    made = 0
    for week in (first + n * WEEK for n in range(WEEKS)):
        here = [row for row in rows if week <= row["day"] < week + WEEK]
        if week.isoformat() in known or not (here or week == this - WEEK):
            continue
        log.record(CODE, about=programme, week=week, **measure(here, fields, of, allowed()))
        made += 1
    return made


def _kept_names(programme: Programme) -> dict[str, list[str]]:
    """Signal → names of all that one full event of it keeps."""
    agreed = limits.agreed(deciding.recorded_now(programme), deciding.terms_of(programme).signals)
    return {code: list(kept.cut(code, fields)) for code, fields in agreed.items()}


def measure(rows: list[dict[str, Any]], fields: Mapping[str, int], of: int, most: int) -> dict[str, Any]:
    """{"fields", "bytes", "above", "most"} of one week; bands are "" and nothing is above under the rule of ten.

    `rows`: person_id, day, signal, events, bytes. `of`: how many people there could be.
    """
    if not band(len({row["person_id"] for row in rows}), of):
        return {"fields": "", "bytes": "", "above": False, "most": most}
    days = len({(row["person_id"], row["day"]) for row in rows})
    values = sum(row["events"] * fields.get(row["signal"], 0) for row in rows)
    size = sum(row["bytes"] for row in rows)
    return {
        "fields": steps(values // days),
        "bytes": steps(size // days),
        "above": size > most * days,
        "most": most,
    }


def steps(number: int) -> str:
    """The band of 1, 2, 5, 10, 20, 50 and so on that holds the number: "0-9", "10-19", "20-49", "50-99"."""
    if number < 10:
        return "0-9"
    size = 10 ** (len(str(number)) - 1)
    low, end = next((low, end) for low, end in ((5, 10), (2, 5), (1, 2)) if number >= low * size)
    return f"{low * size}-{end * size - 1}"


def _entries(programme: Programme) -> list[Entry]:
    """The newest last."""
    found = Entry.objects.filter(about_id=programme.pk, code=CODE).order_by("-id")[: 2 * WEEKS]
    return sorted(found, key=lambda entry: entry.facts["week"])


def _read(text: str) -> str:
    """A band of the log as people read it."""
    return (
        "–".join(number_format(int(n), force_grouping=True) for n in text.split("-"))
        if text
        else _("no figure")
    )


def shown(programme: Programme) -> dict[str, Any]:
    """What capture/parts/budget.html prints. One query."""
    weeks = [entry.facts for entry in _entries(programme)][-WEEKS:]
    tops = [int(week["bytes"].split("-")[1]) if week["bytes"] else 0 for week in weeks]
    days = [date.fromisoformat(week["week"]) for week in weeks]
    last = weeks[-1] if weeks else {"bytes": "", "fields": "", "above": False}
    most = number_format(allowed(), force_grouping=True)
    verdict = {True: {"state": "failed", "word": _("above")}, False: {"state": "active", "word": _("within")}}
    return {
        "counted": bool(weeks), "above": last["above"], "figures": any(tops),
        "alert": _("Last week this programme kept more than its budget of %(n)s bytes per person and day.") % {"n": most},
        "most": _("Budget: %(n)s bytes per person and day.") % {"n": most},
        "week": _week(days[-1]) if days else "",
        "bytes": _read(last["bytes"]) if last["bytes"] else "–", "fields": _read(last["fields"]) if last["fields"] else "–",
        "top": max([*tops, 1]),
        "bars": [
            {"label": date_format(day, "j M Y"), "value": top, "words": _read(week["bytes"])}
            for day, top, week in zip(days, tops, weeks, strict=True)
        ],
        "columns": [
            {"label": _("Week of")}, {"label": _("Fields, at most"), "num": True}, {"label": _("Bytes"), "num": True}, {"label": _("Budget")},
        ],
        "rows": [
            [date_format(day, "j M Y"), _read(week["fields"]), _read(week["bytes"]), verdict[week["above"]] if week["bytes"] else "–"]
            for day, week in reversed(list(zip(days, weeks, strict=True)))
        ],
    }  # fmt: skip


def _week(first: date) -> str:
    last = first + timedelta(days=6)
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, "j M"),
        "last": date_format(last, "j M Y"),
    }
