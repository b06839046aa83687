"""What the documents on a capture programme share: its bounds, what the minimiser leaves of a made-up event, its stops."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.capture import deciding, kept, limits, stops
from governance.capture.models import Programme
from governance.lib import clock
from governance.people.models import Site, Unit
from governance.purposes import words as register
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.words import Frame


def samples(programme: Programme, language: str) -> list[dict[str, Any]]:
    """One made-up event of each signal that is declared and agreed, as a client has it and as the gate would seal it."""
    declared = {s.code: tuple(s.fields) for s in programme.purpose.signals.order_by("code")}
    found = []
    for code, fields in limits.agreed(declared, deciding.terms_of(programme).signals).items():
        made, left = kept.event(code), kept.cut(code, fields)
        found.append(
            {
                "code": code, "title": say.signal_title(code, language),
                "fields": [
                    {
                        "field": name, "sent": _plain(look(made)),
                        "kept": "sealed" if name == "user" else ", ".join(_plain(left[one]) for one in leaves if one in left),
                    }
                    for name, (look, leaves) in kept.HAS.items()
                ],
            }
        )  # fmt: skip
    return found


def _plain(value: Any) -> str:
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def sample_tables(rows: Sequence[Mapping[str, Any]], frame: Frame) -> list[dict[str, Any]]:
    """A table for each signal: every field before and after the minimiser."""
    return [
        sheets.table(
            row["title"],
            [_("Field"), _("Before the minimiser"), _("Kept")],
            [[_field(one["field"]), _said(one["sent"], frame), _kept(one, frame)] for one in row["fields"]],
            together=True,
        )
        for row in rows
    ]


def fields_kept(row: Mapping[str, Any]) -> int:
    """How many fields of a sample stay in the row."""
    return sum(1 for one in row["fields"] if one["kept"] and one["field"] != "user")


def _field(code: str) -> str:
    own = {"user": _("person"), "url": _("address of the page")}
    return own.get(code) or register.field(code)


def _kept(one: Mapping[str, str], frame: Frame) -> str:
    if one["field"] == "user":
        return _("not in the row: it is sealed with the person’s own key")
    return ", ".join(_said(part, frame) for part in one["kept"].split(", ") if part) or _(
        "left out, never stored"
    )


def _said(text: str, frame: Frame) -> str:
    """Moments and days as people write them; everything else as it is."""
    try:
        if "T" in text:
            datetime.fromisoformat(text)
            return frame.minute(text)
        return say.day(text) if len(text) == 10 else text
    except ValueError:
        return text


# --- Stops --------------------------------------------------------------------------------------------------------


def stood_still(programme: Programme) -> list[dict[str, Any]]:
    """Every stop with its minutes, the oldest first."""
    now = clock.now()
    return [
        {
            "since": stop.since,
            "to": stop.to,
            "minutes": stop.minutes(now),
            "by_machine": stop.by_machine,
            "because": stop.because,
        }
        for stop in stops.of(programme)
    ]


def stops_table(rows: Sequence[Mapping[str, Any]], frame: Frame) -> dict[str, Any]:
    return sheets.table(
        _("When it stood still, oldest first"), [_("Stopped"), _("Until"), _("Stood still"), _("Stopped by")],
        [
            [
                frame.minute(row["since"]), frame.minute(row["to"]) or _("still stopped"), minutes(row["minutes"]),
                stops.who(row["by_machine"], row.get("because", "")),
            ]
            for row in rows
        ],
        none=_("It was never stopped."), numbers=[2],
    )  # fmt: skip


def minutes(count: int) -> str:
    """ "3 days 4 hours", "2 hours 5 minutes", "under a minute": the two largest parts."""
    if count < 1:
        return _("under a minute")
    days, rest = divmod(count, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [
        ngettext("%(count)s day", "%(count)s days", days) % {"count": days} if days else "",
        ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)s minute", "%(count)s minutes", left) % {"count": left} if left else "",
    ]
    return " ".join([part for part in parts if part][:2])


# --- Bounds -------------------------------------------------------------------------------------------------------


def bounds(programme: Programme) -> dict[str, Any]:
    """What was decided: which applications, whom it can concern, when, how much, until when."""
    terms = deciding.terms_of(programme)
    who = terms.population
    return {
        "applications": [{"name": a.name, "client": a.client, "permitted": bool(a.permission)} for a in terms.applications],
        "sites": list(Site.objects.filter(pk__in=who.sites).order_by("name").values_list("name", flat=True)),
        "units": list(Unit.objects.filter(pk__in=who.units).order_by("name").values_list("name", flat=True)),
        "countries": list(who.countries), "kinds": list(who.kinds),
        "hours": [{"days": list(one.days), "begins": one.begins, "ends": one.ends} for one in terms.hours],
        "zones": [{"code": zone.code, "name": zone.name, "adults_only": zone.adults_only} for zone in terms.zones],
        "shifts": [
            {"code": one.code, "days": list(one.days), "begins": one.begins, "ends": one.ends, "adults_only": one.adults_only}
            for one in terms.shifts
        ],
        "sampling": terms.sampling, "ends_on": terms.ends_on, "trains_ai": terms.trains_ai or programme.purpose.trains_ai,
    }  # fmt: skip


def bounds_facts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = {"own": _("employed here"), "agency": _("sent by an agency")}
    people = [
        *row["sites"], *row["units"], *(say.country(code) for code in row["countries"]), *(kinds.get(kind, kind) for kind in row["kinds"]),
    ]  # fmt: skip
    hours = [f"{_days(one)}, {one['begins']}–{one['ends']}" for one in row["hours"]]
    return [
        sheets.fact(_("Applications"), *(_application(one) for one in row["applications"])),
        sheets.fact(_("Whom it can concern, if they agree"), *people or [_("everybody at the entity")]),
        sheets.fact(_("Hours"), *hours or _worn_hours(row) or [_("at any hour")]),
        *(
            [
                sheets.fact(
                    _("Zones"), *(f"{zone['name'] or zone['code']} ({zone['code']})" for zone in row["zones"])
                )
            ]
            if row.get("zones")
            else []
        ),
        sheets.fact(
            _("Sample"), _("%(share)s per cent of the days of a person") % {"share": row["sampling"]}
        ),
        sheets.fact(_("Ends"), say.day(row["ends_on"]) or _("no day is set")),
        sheets.fact(_("Used for training models"), _("yes") if row["trains_ai"] else _("no")),
    ]


def _worn_hours(row: Mapping[str, Any]) -> list[str]:
    """The shifts of worn cameras; facts that were kept before there were any have none."""
    return [f"{one['code']}: {_days(one)} {one['begins']}–{one['ends']}" for one in row.get("shifts", ())]


def _days(one: Mapping[str, Any]) -> str:
    return ", ".join(str(WEEKDAYS[day - 1]) for day in one["days"])


def _application(one: Mapping[str, Any]) -> str:
    if not one["client"]:
        return str(one["name"])
    state = _("permission on file") if one["permitted"] else _("no permission, so nothing is taken from it")
    return f"{one['name']} ({one['client']}: {state})"
