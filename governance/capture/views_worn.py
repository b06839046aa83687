"""Worn cameras: where and when they record, who hands them out, and what bystanders read and hear."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.capture import deciding, handouts, rules_worn, sign, worn_shown
from governance.capture.forms_worn import Hand, Places
from governance.capture.models import HandOut, Programme
from governance.capture.views_life import asked
from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.zones import in_their_zone


@requires("capture.run", of=Programme)
@require_http_methods(["GET", "POST"])
def places_page(request: HttpRequest, row: Programme) -> HttpResponse:
    """Zones and shifts are terms like others: whoever changes them has everything signed anew."""
    if not worn_shown.has_cameras(row):
        raise Http404
    form = Places(request.POST or None, programme=row, terms=deciding.terms_of(row))
    return asked(
        request, row, form, lambda _said: deciding.set_terms(row, form.terms(), by=request.user),  # type: ignore[arg-type]
        title=_("Zones and shifts of worn cameras"), button=_("Save zones and shifts"),
        done=_("Saved. What was signed before does not cover these terms."),
        says=_("Cameras record only in these zones and only in these shifts. Every change makes the programme a draft again."),
    )  # fmt: skip


@requires("capture.hand_out", of=Programme)
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def cameras(request: HttpRequest, row: Programme) -> HttpResponse:
    """Hand a camera out for a shift, and take it back. The page knows nobody's choice."""
    if not worn_shown.has_cameras(row):
        raise Http404
    person: Any = request.user
    form = Hand(request.POST or None, programme=row, shifts=_shifts(row))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            handouts.hand_out(said["camera"], said["number"], said["shift"], by=person)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request, _("Handed out. The camera counts as theirs until it is back or the shift ends.")
            )
            return redirect("capture:cameras", row.pk)
    none_free = _("No camera lies ready. Take one back, or name another on the page of clients and devices.")
    found = {
        "programme": row, "form": form, "handed": worn_shown.handed(row), "keep_days": handouts.keep_days(), "why_not": "" if worn_shown.free(row).exists() else none_free
    }  # fmt: skip
    return render(request, "capture/cameras.html", found, status=400 if form.errors else 200)


def _shifts(row: Programme) -> list[tuple[str, str]]:
    """Those that run now or begin within a day, with their hours; the one that runs, or comes next, first."""
    zone, now = row.entity.timezone, clock.now()
    spans = [(rules_worn.allotted(shift, now, zone), shift) for shift in deciding.terms_of(row).shifts]
    coming = [(span.begins, shift) for span, shift in spans if span is not None]
    return [
        (shift.code, f"{shift.code}, {worn_shown.hours(shift)}")
        for _begins, shift in sorted(coming, key=lambda one: one[0])
    ]


@requires("capture.hand_out", of=HandOut)
@require_POST
def back(request: HttpRequest, row: HandOut) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    if handouts.take_back(row, by=person):
        messages.success(request, _("It is back. Nothing more is taken from it for them."))
    else:
        messages.success(request, _("It was back already."))
    return redirect("capture:cameras", row.device.client.programme_id)


def _zone(request: HttpRequest, row: Programme) -> Any:
    """The zone that the address names, else the first. Http404 where the programme has none of that code."""
    zones = deciding.terms_of(row).zones
    code = request.GET.get("zone") or (zones[0].code if zones else "")
    zone = next((one for one in zones if one.code == code), None)
    if zone is None:
        raise Http404
    return zone


@requires("capture.view_programmes", of=Programme)
@require_safe
def sign_page(request: HttpRequest, row: Programme) -> HttpResponse:
    """To be printed and put up at the door of the zone, one page in each language of the notice."""
    zone = _zone(request, row)
    return render(
        request, "capture/sign.html",
        {
            "programme": row, "zone": zone, "sheets": sign.sheets(row, zone), "unwritten": ", ".join(sign.unwritten(row)),
            "zones": deciding.terms_of(row).zones, "barred": worn_shown.barred(row, zone),
        },
    )  # fmt: skip


@requires("capture.view_programmes", of=Programme)
@require_safe
def spoken(request: HttpRequest, row: Programme) -> HttpResponse:
    """The words to say aloud, as plain text, for a slip or a loudspeaker; with `language`, in that language alone."""
    wanted = request.GET.get("language", "")
    sheets = [one for one in sign.sheets(row, _zone(request, row)) if wanted in ("", one.language)]
    if not sheets:
        raise Http404
    text = "\n\n".join(f"[{one.language}] {one.spoken}" for one in sheets)
    return HttpResponse(text + "\n", content_type="text/plain; charset=utf-8")
