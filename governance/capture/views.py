"""Programmes: that they run, what they take, how many take part as a band, and what was turned away. Never who."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.capture import (
    agreed_shown,
    bands,
    budget,
    codes,
    deciding,
    excess_shown,
    kept,
    life_shown,
    places,
    programmes,
    rules_life,
    rules_worn,
    signals_shown,
    states,
    stop_requests,
    stops,
    weekly,
    worn_shown,
)
from governance.capture.code_words import CODES
from governance.capture.models import Programme
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.people.zones import in_their_zone
from governance.purposes.models import Purpose

DAYS = 14


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
                {"state": programme.stands, "word": programme.stands_word},
                ", ".join(signal.title for signal in programme.purpose.signals.all()),
                {"text": band["figure"], "note": band["words"]},
            ]
        )
    columns = [
        {"label": _("Programme")}, {"label": _("Entity")}, {"label": _("State")}, {"label": _("Signals")}, {"label": _("Taking part")},
    ]  # fmt: skip
    may_run = may(request.user, "capture.run")
    return render(request, "capture/programmes.html", {"rows": rows, "columns": columns, "may_run": may_run})


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
            "watched": None if counts is None else _watched(row),
            "excess": None if counts is None else excess_shown.of([row], timezone.now().date(), language),
            "signals": signals_shown.of(row, language),
            "weekly": weekly.shown(row, language) if may(request.user, "capture.view_counts", row) else None,
            "went": agreed_shown.went(row) if may(request.user, "exports.view", row) else None,
            "may_ask_stop": row.state != "ended" and may(request.user, "capture.ask_stop", row),
            "may_answer_stop": may(request.user, "capture.answer_stop", row), "may_run": may(request.user, "capture.run", row),
            "facts": _facts(row), "life": life_shown.of(row, request.user),  # type: ignore[arg-type]
            "worn": worn_shown.of(row, request.user),  # type: ignore[arg-type]
            "may_start": may(request.user, "capture.run", row) and "start" in states.verbs_from(row.state),
            "may_stop": may(request.user, "capture.stop", row),
            "why_not_start": _why_not_start(row, request.user),  # type: ignore[arg-type]
            "may_have_pack": may(request.user, "reports.request_works_pack", row),
        },
    )  # fmt: skip


def _watched(row: Programme) -> dict[str, Any]:
    """What those who watch over it read besides: what the minimiser leaves, how much is kept, when it stood still."""
    return {
        "kept": kept.shown(row), "columns": kept.columns(), "budget": budget.shown(row), "stops": stops.shown(row),
        "asked": stop_requests.shown(row), "compared": agreed_shown.compared(row),
    }  # fmt: skip


def _why_not_start(row: Programme, by: Person) -> str:
    return (
        reason(states.follow, row.state, "start")
        or reason(rules_life.check_start, deciding.facts(row, by=by))
        or reason(rules_worn.check_places, places.of(row, deciding.terms_of(row)))
    )


def _facts(row: Programme) -> list[dict[str, Any]]:
    since = date_format(timezone.localtime(row.changed_at), "j F Y, H:i")
    paused = (
        [{"label": _("Reason"), "value": stops.because(row.stopped_because)}] if row.state == "paused" else []
    )
    if row.stands == "held":
        paused = [
            {"label": _("Reason"), "value": row.purpose.paused_because or _("its purpose is not active")}
        ]
    lines = signals_shown.processors(row)
    return [
        {
            "label": _("State"),
            "value": {
                "state": row.stands,
                "word": row.stands_word,
                "note": _("since %(moment)s") % {"moment": since},
            },
        },
        *paused,
        {"label": _("Entity"), "value": row.entity.name},
        {"label": _("Owner"), "value": str(row.owner) if row.owner else ""},
        {
            "label": _("Processors"),
            "lines": lines,
            "value": None if lines else _("none"),
        },
        {
            "label": _("Until"),
            "value": date_format(row.ends_on, "j F Y") if row.ends_on else _("no date set"),
        },
    ]


def _turned_away(row: Programme) -> dict[str, Any]:
    """Counts per code and day of the last two weeks, and one weekly band of what a choice has turned away.

    The counts shown by day depend on no choice. What does is `not_permitted`: one withdrawal overnight would show in it,
    so it is never shown by day nor as a number (rule of ten).
    """
    today = timezone.now().date()
    days = [today - timedelta(days=i) for i in range(DAYS)]
    by_day = sorted(codes.TURNED_AWAY - {codes.NOT_PERMITTED})
    counted = (
        row.turned_away.filter(day__gte=days[-1], code__in=by_day)
        .values("code", "day")
        .annotate(n=Sum("count"))
    )
    counts = {(entry["code"], entry["day"]): entry["n"] for entry in counted}
    totals = {code: sum(counts.get((code, day), 0) for day in days) for code in by_day}
    bars = [
        {"label": CODES[code], "value": total, "words": number_format(total, force_grouping=True)}
        for code, total in totals.items()
    ]
    shown = [code for code, total in totals.items() if total]
    return {
        "choices": _by_choice(row),
        "bars": sorted(bars, key=lambda bar: -bar["value"]), "top": max([*totals.values(), 1]), "any": bool(shown),
        "columns": [{"label": _("Day")}, *({"label": CODES[code], "num": True} for code in shown)],
        "rows": [
            [date_format(day, "j M"), *(number_format(counts.get((code, day), 0), force_grouping=True) for code in shown)]
            for day in days
            if any((code, day) in counts for code in shown)
        ],
    }  # fmt: skip


def _by_choice(row: Programme) -> dict[str, str]:
    """What was turned away because of choices, as the band of the last whole week."""
    band = bands.of(row)
    said = {"words": _("events were not permitted: never asked, refused, withdrawn, paused or opted out")}
    if band is None or not band.not_permitted:
        return {
            "figure": "–", "words": _("no figure of what was not permitted"),
            "note": _("A weekly figure in wide steps is shown only when at least ten at these devices take part and at least ten do not."),
        }  # fmt: skip
    week = date_format(band.week - bands.WEEK, "j F Y")
    return {"figure": band.not_permitted, **said, "note": _("Week of %(day)s.") % {"day": week}}


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
            row, by=request.user, because=request.POST.get("because", "").strip()[:200] or stops.BY_HAND
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
        programmes.start_connected(row, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("It runs. The gate takes batches of those who agreed."))
    return redirect("capture:programme", row.pk)
