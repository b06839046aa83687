"""What was recorded about a person, as the web may know it: counts, never content. And the first line of their page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from governance.capture.models import Arrival, Programme
from governance.consents import counting
from governance.consents.models import ConsentRecord, OptOut, Pause, Stream
from governance.lib.dates import date_format
from governance.people.models import Person
from governance.purposes import catalogue
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder


@dataclass(frozen=True)
class Recorded:
    """What lies in the vault of one person: `since` and `last_at` are moments, counts are events."""

    events: int = 0
    since: datetime | None = None
    last_at: datetime | None = None
    by_signal: dict[str, int] = field(default_factory=dict)
    applications: tuple[str, ...] = ()


def _arrivals(person: Person, purpose: Purpose | None) -> Any:
    """Arrivals whose key still exists: what was destroyed is not recorded any more."""
    gone = Stream.objects.filter(person=person, state="destroyed").values("pk")
    rows = Arrival.objects.filter(person=person).exclude(stream__in=gone)
    return rows.filter(purpose=purpose) if purpose else rows


def of(person: Person, purpose: Purpose | None = None) -> Recorded:
    rows = _arrivals(person, purpose)
    total = rows.aggregate(events=Sum("events"), since=Min("admitted_at"), last=Max("last_at"), n=Count("pk"))
    if not total["n"]:
        return Recorded()
    by_signal = dict(rows.values_list("signal").annotate(n=Sum("events")).order_by("signal"))
    names: dict[str, int] = {}
    for applications in rows.values_list("applications", flat=True):
        for name, n in applications.items():
            names[name] = names.get(name, 0) + n
    most = sorted(names, key=lambda name: (-names[name], name))
    return Recorded(total["events"], total["since"], total["last"], by_signal, tuple(most))


def per_day(
    person: Person, purpose: Purpose, today: date, days: int = 30
) -> list[tuple[date, dict[str, int]]]:
    """The last `days` days, oldest first, each with its counts by signal; days of nothing are there too."""
    first = today - timedelta(days=days - 1)
    rows = _arrivals(person, purpose).filter(day__gte=first).values("day", "signal").annotate(n=Sum("events"))
    counts: dict[date, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["day"], {})[row["signal"]] = row["n"]
    return [(day, counts.get(day, {})) for day in (first + timedelta(days=i) for i in range(days))]


def last_batches(person: Person, purpose: Purpose, n: int = 5) -> list[dict[str, Any]]:
    """{"at", "events", "bytes"} of the newest batches from which something was kept, the newest first. One query."""
    rows = _arrivals(person, purpose).values("admitted_at")
    rows = rows.annotate(n=Sum("events"), size=Sum("bytes")).order_by("-admitted_at")[:n]
    return [{"at": row["admitted_at"], "events": row["n"], "bytes": row["size"]} for row in rows]


def in_detail(person: Person, purpose: Purpose, today: date, days: int = 14) -> list[dict[str, Any]]:
    """{"day", "signal", "events", "bytes", "applications"}, the newest day first; days of nothing are left out. One query."""
    rows = _arrivals(person, purpose).filter(day__gte=today - timedelta(days=days - 1))
    sums: dict[tuple[date, str], dict[str, Any]] = {}
    for day, signal, events, size, applications in rows.values_list(
        "day", "signal", "events", "bytes", "applications"
    ):
        one = sums.setdefault(
            (day, signal), {"day": day, "signal": signal, "events": 0, "bytes": 0, "names": Counter()}
        )
        one["events"] += events
        one["bytes"] += size
        one["names"].update(applications)
    for one in sums.values():
        one["applications"] = [name for name, _n in one.pop("names").most_common()]
    return [sums[key] for key in sorted(sums, key=lambda key: (-key[0].toordinal(), key[1]))]


@dataclass(frozen=True)
class Answer:
    """The plain answer to "what is recorded about me?". state: off, on or hold, as components/statement.html knows."""

    says: str
    more: str = ""
    state: str = "off"


def _title(code: str) -> str:
    """A signal's title inside a sentence."""
    language = get_language() or "en"
    title = catalogue.signals()[code].title(language) if code in catalogue.signals() else code
    return title[:1].lower() + title[1:] if language.startswith("en") else title


def _listed(items: Iterable[str]) -> str:
    return get_text_list(list(items), _("and"))


def moment(at: datetime, now: datetime) -> str:
    """Today's time alone, else with its day; in the zone in force."""
    local = timezone.localtime(at)
    if local.date() == timezone.localtime(now).date():
        return date_format(local, "H:i")
    return (
        date_format(local, "j M, H:i")
        if local.year == timezone.localtime(now).year
        else date_format(local, "j M Y, H:i")
    )


def answer(person: Person, now: datetime) -> Answer:
    """The first line of an employee's page, from the same rows that the gate reads."""
    on = list(counting.grants().filter(person=person).select_related("purpose").order_by("signal"))
    out = OptOut.objects.filter(person=person, lifted_at__isnull=True, purpose__isnull=True).whole().exists()
    kept = of(person)
    if on and not out:
        pause = Pause.objects.running(now).filter(person=person, purpose__isnull=True).first()
        return _answer_paused(pause, now) if pause else _answer_on(on, kept, now)
    order = (
        ErasureOrder.objects.filter(person=person)
        .exclude(state__in=ErasureOrder.ENDED)
        .order_by("-created_at")
        .first()
    )
    if kept.events or order:
        return _answer_left(kept, order)
    if out:
        return Answer(
            _("Nothing is recorded about you."),
            _("You have said no to everything. Nobody can switch that but you."),
        )
    if person.is_under_18:
        return Answer(
            _("Nothing is recorded about you."), _("Nobody under 18 is recorded, whoever agrees to it.")
        )
    return Answer(
        _("Nothing is recorded about you."), _("Everything is off until you switch it on yourself.")
    )


def _answer_on(on: list[ConsentRecord], kept: Recorded, now: datetime) -> Answer:
    stopped = not Programme.objects.filter(
        purpose__in={r.purpose_id for r in on}, purpose__state="active", state="running"
    ).exists()
    idle = _("The programme does not run now, so nothing arrives.") if stopped else ""
    if not kept.events or kept.since is None or kept.last_at is None:
        titles = _listed(_title(code) for code in dict.fromkeys(r.signal for r in on))
        return Answer(
            _("You have switched on: %(signals)s. Nothing has been recorded yet.") % {"signals": titles},
            idle,
            "on",
        )
    local = timezone.localtime(kept.since)
    since = date_format(local, "j M" if local.year == timezone.localtime(now).year else "j M Y")
    says = ngettext(
        "Recorded since %(since)s: %(signals)s in %(applications)s, %(n)s event, last %(last)s.",
        "Recorded since %(since)s: %(signals)s in %(applications)s, %(n)s events, last %(last)s.",
        kept.events,
    ) % {
        "since": since, "signals": _listed(_title(code) for code in kept.by_signal),
        "applications": _listed(kept.applications[:4]), "n": number_format(kept.events, force_grouping=True), "last": moment(kept.last_at, now),
    }  # fmt: skip
    return Answer(says, idle, "on")


def _answer_paused(pause: Pause, now: datetime) -> Answer:
    resumed = _(
        "What you switched on starts again when you resume; what happens meanwhile is never recorded."
    )
    if pause.until is None:
        return Answer(_("Paused until you resume. Nothing is recorded about you."), resumed, "hold")
    says = _("Paused until %(moment)s. Nothing is recorded about you.") % {"moment": moment(pause.until, now)}
    return Answer(
        says, _("Then what you switched on starts again; what happens meanwhile is never recorded."), "hold"
    )


def _answer_left(kept: Recorded, order: ErasureOrder | None) -> Answer:
    says = _("Nothing more is recorded about you.")
    if order is None:
        more = ngettext(
            "%(n)s event from before is still kept.", "%(n)s events from before are still kept.", kept.events
        )
        return Answer(says, more % {"n": number_format(kept.events, force_grouping=True)}, "hold")
    if order.shown_state() in ("restricted_hold", "held", "retention_conflict"):
        return Answer(
            says,
            _("What was recorded before is locked away and not used; see below why it is not erased yet."),
            "hold",
        )
    return Answer(
        says, _("What was recorded before is being erased (%(number)s).") % {"number": order.number}, "off"
    )
