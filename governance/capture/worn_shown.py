"""Zones, shifts and cameras of a programme, as its page shows them: by number, and never whether somebody agreed."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.capture import deciding, places, rules_worn
from governance.capture.forms import DAYS
from governance.capture.models import Device, HandOut, Programme
from governance.capture.terms import Shift
from governance.lib.access import may
from governance.lib.dates import date_format
from governance.people.models import Person, Site

SHOWN = 50


def days(shift: Shift) -> str:
    """In the language in force: "Monday–Saturday", or one by one."""
    names, chosen = dict(DAYS), sorted(shift.days)
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{names[chosen[0]]}–{names[chosen[-1]]}"
    return ", ".join(str(names[day]) for day in chosen)


def hours(shift: Shift) -> str:
    return f"{days(shift)} {shift.begins}–{shift.ends}"


def has_cameras(row: Programme) -> bool:
    """Its purpose films, or it still has zones of a time when it did."""
    return bool(deciding.terms_of(row).zones) or places.films(row)


def of(row: Programme, person: Person) -> dict[str, Any] | None:
    """None where the programme has no worn cameras."""
    if not has_cameras(row):
        return None
    terms = deciding.terms_of(row)
    young = places.young_in(terms, row.entity_id)
    sites = dict(Site.objects.filter(pk__in={zone.site for zone in terms.zones}).values_list("pk", "name"))
    may_hand = may(person, "capture.hand_out", row)
    return {
        "columns": [{"label": label} for label in (_("Zone or shift"), _("Where or when"), _("Now"))],
        "rows": [
            [{"text": zone.name or zone.code, "note": zone.code}, sites.get(zone.site, ""), _open(not rules_worn.zone_code(zone, zone.code in young))]
            for zone in terms.zones
        ] + [[shift.code, f"{hours(shift)} ({row.entity.timezone})", _open(shift.adults_only)] for shift in terms.shifts],
        "cite": places.cite(row), "may_hand": may_hand, "handed": handed(row) if may_hand else None,
    }  # fmt: skip


def barred(row: Programme, zone: Any) -> str:
    """Why nothing is recorded in this zone (terms.Zone) now; "" where it is open."""
    young = places.young_in(deciding.terms_of(row), row.entity_id)
    return str(_open(False)["word"]) if rules_worn.zone_code(zone, zone.code in young) else ""


def _open(is_open: bool) -> dict[str, str]:
    if is_open:
        return {"state": "active", "word": _("open")}
    return {
        "state": "refused",
        "word": _("barred: somebody under 18 works there, or nobody has looked"),
        "colour": "warn",
    }


def free(row: Programme) -> QuerySet[Device]:
    """The cameras that lie ready to be handed out."""
    out = HandOut.objects.living().values("device")
    living = Device.objects.filter(client__programme=row, client__is_active=True)
    return living.exclude(pk__in=out).order_by("number")


def handed(row: Programme) -> dict[str, Any]:
    """What is out, and the newest that came back. For those who hand out: by number, and of nobody whether they agreed."""
    found = HandOut.objects.filter(device__client__programme=row).select_related(
        "device", "person", "given_by"
    )
    labels = (_("Camera"), _("Carried by"), _("Shift"), _("Handed out by"), _("Back"))
    return {
        "out": [
            {"pk": one.pk, "camera": one.device.number, "person": one.person.number or "–", "shift": one.shift, "until": _at(one.ends_at)}
            for one in found.living().order_by("device__number")
        ],
        "columns": [{"label": label} for label in labels],
        "rows": [
            [
                one.device.number, one.person.number or "–", {"text": one.shift, "note": f"{_at(one.begins_at)} – {_at(one.ends_at)}"},
                {"text": one.given_by.number or "–", "note": _at(one.given_at)},
                {"text": _at(one.back_at), "note": "" if one.back_to_id else _("the shift was over")},
            ]
            for one in found.filter(back_at__isnull=False).order_by("-back_at")[:SHOWN]
        ],
    }  # fmt: skip


def _at(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j M, H:i")
