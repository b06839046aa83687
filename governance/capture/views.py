"""Programmes: that they run, what they take, how many take part as a band, and what was turned away. Never who."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.capture import bands, codes, excess_shown, programmes, rules
from governance.capture.models import Programme
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import words
from governance.purposes.models import Purpose

CODES = {
    codes.NOT_PERMITTED: gettext_lazy(
        "not permitted: never asked, refused, withdrawn, paused or opted out; nobody can tell which"
    ),
    codes.NOT_DECLARED: gettext_lazy("a signal that this programme never records"),
    codes.NOBODY_BOUND: gettext_lazy("nobody is signed in at that device"),
    codes.APPLICATION_NOT_LISTED: gettext_lazy("an application that is not on the list"),
}
DAYS = 14
PAUSED_BY_HAND = "paused on its page"


def _band(programme: Programme) -> dict[str, str]:
    """The figure that may be shown, in words; the rule of ten is explained where it forbids one."""
    band = bands.of(programme)
    if band is None:
        return {
            "figure": "–",
            "words": _("not counted yet"),
            "note": _("The first count comes with the timetable."),
        }
    week = _("Week of %(day)s.") % {"day": date_format(band.week, "j F Y")}
    if not band.text:
        return {
            "figure": "–", "words": _("no figure is shown"),
            "note": _("Fewer than ten take part or fewer than ten do not: no figure is shown.") + " " + week,
        }  # fmt: skip
    return {
        "figure": band.text,
        "words": _("people take part"),
        "note": week + " " + _("Nobody here can see who."),
    }


@requires("capture.view_programmes")
@require_safe
def programmes_page(request: HttpRequest) -> HttpResponse:
    rows = []
    for programme in Programme.objects.visible_to(request.user).select_related("entity", "purpose"):
        band = _band(programme)
        rows.append(
            [
                {
                    "text": f"{programme.number} {programme.name}",
                    "url": reverse("capture:programme", args=[programme.pk]),
                },
                programme.entity.name,
                {"state": programme.state},
                ", ".join(signal.title for signal in programme.purpose.signals.all()),
                {"text": band["figure"], "note": band["words"]},
            ]
        )
    columns = [
        {"label": _("Programme")}, {"label": _("Entity")}, {"label": _("State")}, {"label": _("Signals")}, {"label": _("Taking part")},
    ]  # fmt: skip
    return render(request, "capture/programmes.html", {"rows": rows, "columns": columns})


@requires("capture.view_programmes", of=Programme)
@in_their_zone
@require_safe
def programme(request: HttpRequest, row: Programme) -> HttpResponse:
    language = get_language() or "en"
    counts = _turned_away(row) if may(request.user, "capture.view_turned_away", row) else None
    purpose_url = (
        reverse("purposes:purpose", args=[row.purpose_id])
        if may(request.user, "purposes.view", row.purpose)
        else ""
    )
    return render(
        request, "capture/programme.html",
        {
            "programme": row, "band": _band(row), "turned_away": counts, "purpose_url": purpose_url,
            "excess": None if counts is None else excess_shown.of([row], timezone.now().date(), language),
            "signals": [
                {"signal": s, "fields": [words.field(f) for f in s.fields], "explained": s.entry.explanation(language)}
                for s in row.purpose.signals.all()
            ],
            "facts": _facts(row),
            "may_start": may(request.user, "capture.run", row),
            "may_stop": may(request.user, "capture.stop", row),
            "why_not_start": _why_not_start(row),
        },
    )  # fmt: skip


def _why_not_start(row: Programme) -> str:
    if row.purpose.state != "active":
        return _("Its purpose is not active. Activate the purpose first.")
    return reason(rules.check_move, row.state, "running")


def _facts(row: Programme) -> list[dict[str, Any]]:
    since = date_format(timezone.localtime(row.changed_at), "j F Y, H:i")
    paused = [{"label": _("Reason"), "value": row.stopped_because}] if row.state == "paused" else []
    return [
        {
            "label": _("State"),
            "value": {"state": row.state, "note": _("since %(moment)s") % {"moment": since}},
        },
        *paused,
        {"label": _("Entity"), "value": row.entity.name},
        {"label": _("Owner"), "value": str(row.owner) if row.owner else ""},
        {"label": _("Applications"), "value": ", ".join(row.applications)},
        {
            "label": _("From"),
            "value": date_format(row.starts_on, "j F Y") if row.starts_on else _("no date set"),
        },
        {
            "label": _("Until"),
            "value": date_format(row.ends_on, "j F Y") if row.ends_on else _("no date set"),
        },
    ]


def _turned_away(row: Programme) -> dict[str, Any]:
    """Counts per code and day of the last two weeks; they carry no person, so they may be shown as they are."""
    today = timezone.now().date()
    days = [today - timedelta(days=i) for i in range(DAYS)]
    counted = row.turned_away.filter(day__gte=days[-1]).values("code", "day").annotate(n=Sum("count"))
    counts = {(entry["code"], entry["day"]): entry["n"] for entry in counted}
    totals = {code: sum(counts.get((code, day), 0) for day in days) for code in sorted(codes.TURNED_AWAY)}
    bars = [
        {"label": CODES[code], "value": total, "words": number_format(total, force_grouping=True)}
        for code, total in totals.items()
    ]
    shown = [code for code, total in totals.items() if total]
    return {
        "bars": sorted(bars, key=lambda bar: -bar["value"]), "top": max([*totals.values(), 1]), "any": bool(shown),
        "columns": [{"label": _("Day")}, *({"label": code, "num": True} for code in shown)],
        "rows": [
            [date_format(day, "j M"), *(number_format(counts.get((code, day), 0), force_grouping=True) for code in shown)]
            for day in days
            if any((code, day) in counts for code in shown)
        ],
    }  # fmt: skip


@requires("capture.view_turned_away", of=Purpose)
@in_their_zone
@require_safe
def excess(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    """What is declared for this purpose, and what its programmes send beyond it."""
    found = list(Programme.objects.filter(purpose=purpose))
    return render(
        request, "capture/excess.html",
        {
            "purpose": purpose, "programmes": found,
            "excess": excess_shown.of(found, timezone.now().date(), get_language() or "en"),
            "may_see_purpose": may(request.user, "purposes.view", purpose),
        },
    )  # fmt: skip


@requires("capture.stop", of=Programme)
@require_POST
def pause(request: HttpRequest, row: Programme) -> HttpResponse:
    """Nothing is admitted once this has answered."""
    try:
        programmes.pause(
            row, by=request.user, because=request.POST.get("because", "").strip()[:200] or PAUSED_BY_HAND
        )
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Paused. Nothing is admitted any more until it is started again."))
    return redirect("capture:programme", row.pk)


@requires("capture.run", of=Programme)
@require_POST
def start(request: HttpRequest, row: Programme) -> HttpResponse:
    try:
        programmes.start(row, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("It runs. The gate takes batches of those who agreed."))
    return redirect("capture:programme", row.pk)
