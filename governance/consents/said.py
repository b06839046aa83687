"""Everything a person ever said, and what was ended for them: for their page and for taking it with them."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from governance.consents.models import ConsentEvent, Objection, OptOut, Pause, Receipt
from governance.lib import clock
from governance.people.models import Person
from governance.purposes import catalogue
from governance.purposes.exchange.cells import guarded
from governance.purposes.models import Purpose


@dataclass(frozen=True)
class Said:
    """One word, newest first on the page. `status`: a DPV state, or opted_out, opt_out_lifted, paused, resumed, objected, objection_upheld,
    objection_rejected or stopped."""

    at: datetime
    status: str
    signal: str = ""  # "": everything
    purpose: Purpose | None = None  # None: every purpose
    event: ConsentEvent | None = None
    receipt: Receipt | None = None
    by: str = "person"  # where there is no event that says so
    only: str = ""  # of an opt-out: the application and the hours, "" for all of it

    @property
    def title(self) -> str:
        kind = catalogue.signals().get(self.signal)
        return kind.title(get_language() or "en") if kind else self.signal

    @property
    def plain(self) -> dict[str, Any]:
        event = self.event
        return {
            "at": self.at.isoformat(),
            "status": self.status,
            "purpose": self.purpose.number if self.purpose else "",
            "purpose_name": self.purpose.name if self.purpose else "",
            "signal": self.signal,
            "only": self.only,
            "by": event.by_kind if event else self.by,
            "method": event.method if event else "",
            "notice_version": event.notice_version if event and event.notice_version else "",
            "language": event.language if event else "",
            "text_sha256": event.text_sha256 if event else "",
            "purpose_version": event.purpose_version or "" if event else "",
            "programmes": " ".join(event.programmes or []) if event else "",
            "receipt": self.receipt.number if self.receipt else "",
        }


def hours(row: OptOut) -> str:
    """ "Saturday and Sunday, 18:00–06:00"; "" for always."""
    parts = []
    if row.weekdays:
        parts.append(get_text_list([str(WEEKDAYS[day - 1]) for day in row.weekdays], _("and")))
    if row.from_time and row.until_time:
        parts.append(f"{time_format(row.from_time, 'H:i')}–{time_format(row.until_time, 'H:i')}")
    return ", ".join(parts)


def part(row: OptOut) -> str:
    """ "Excel, Saturday and Sunday, 18:00–06:00"; "" for all of what it names."""
    return ", ".join(word for word in (row.application, row.host, hours(row)) if word)


def by(person: Person, purpose: Purpose | None = None) -> list[Said]:
    """The newest first; with a purpose, what concerns that one (an opt-out of everything does, too)."""

    def narrowed(rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.filter(purpose__in=[purpose]) | rows.filter(purpose=None) if purpose else rows

    told = Receipt.objects.filter(person=person).exclude(kind="stopped")
    receipts = {event: row for row in told for event in row.events}
    events = narrowed(ConsentEvent.objects.filter(person=person)).select_related("purpose")
    found = [Said(e.at, e.status, e.signal, e.purpose, e, receipts.get(e.pk)) for e in events]
    for stop in narrowed(Receipt.objects.filter(person=person, kind="stopped")).select_related("purpose"):
        # Of what it confirms and no more: another signal of the purpose may go on.
        ended = sorted({event["signal"] for event in stop.body["events"]})
        found += [Said(stop.at, "stopped", signal, stop.purpose, receipt=stop) for signal in ended]
    for row in narrowed(OptOut.objects.filter(person=person)).select_related("purpose"):
        found.append(Said(row.at, "opted_out", row.signal, row.purpose, only=part(row)))
        if row.lifted_at:
            found.append(Said(row.lifted_at, "opt_out_lifted", row.signal, row.purpose, only=part(row)))
    for row in narrowed(Pause.objects.filter(person=person)).select_related("purpose"):
        found.append(Said(row.at, "paused", "", row.purpose))
        over = min((moment for moment in (row.until, row.ended_at) if moment), default=None)
        if over and over <= clock.now():
            found.append(Said(over, "resumed", "", row.purpose))
    for row in narrowed(Objection.objects.filter(person=person)).select_related("purpose"):
        found.append(Said(row.at, "objected", "", row.purpose))
        if row.decided_at:
            decided = "objection_upheld" if row.upheld else "objection_rejected"
            found.append(Said(row.decided_at, decided, "", row.purpose, by="controller"))
    known: dict[Any, Purpose] = {}  # one of each, so that what it is called is asked once
    found = [
        replace(one, purpose=known.setdefault(one.purpose.pk, one.purpose)) if one.purpose else one
        for one in found
    ]
    return sorted(found, key=lambda said: said.at, reverse=True)


def objection_state(row: Objection, today: date) -> dict[str, str]:
    """As the pill component reads it."""
    if row.decided_at:
        return (
            {"state": "done", "word": _("upheld")}
            if row.upheld
            else {"state": "closed", "word": _("not upheld")}
        )
    if row.due_on < today:
        return {"state": "overdue"}
    days = (row.due_on - today).days
    return {"state": "waiting", "word": ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}}


def as_csv(words: list[Said]) -> str:
    """One row a word; what a spreadsheet would run as a formula is guarded."""
    out = io.StringIO()
    rows = [said.plain for said in words]
    writer = csv.DictWriter(out, fieldnames=list(Said(datetime.min, "").plain), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guarded(str(value)) for name, value in row.items()} for row in rows)
    return out.getvalue()
