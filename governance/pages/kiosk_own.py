"""What takes more than a press at the kiosk: a no to a part, everything that they ever said, and requests. By the forms and
verbs of the portal's own pages; what is filled in is kept when more time is asked for."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.consents import offers, optouts, said
from governance.consents.models import OptOut
from governance.lib import clock
from governance.lib.access import public
from governance.lib.refusals import Refused
from governance.pages import parts as no_to_parts
from governance.pages.kiosk import SECONDS, in_turn
from governance.people.models import Person
from governance.people.zones import zone_of
from governance.purposes import words
from governance.rights.forms import Raise
from governance.rights.models import Request
from governance.rights.views import is_raised, remedy, state

MORE = "more"  # the button of whoever needs more time: sent with what is filled in so far
A_PAGE = 20


def _filled_in(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    """What stands in the fields, to be shown again and not judged yet."""
    many = {name for name, field in form.fields.items() if isinstance(field, forms.MultipleChoiceField)}
    return {
        name: request.POST.getlist(name) if name in many else request.POST.get(name, "")
        for name in form.fields
    }


@public
@never_cache
@require_http_methods(["GET", "POST"])
@in_turn
def parts(request: HttpRequest, person: Person) -> HttpResponse:
    """A no to one signal is one press; one to an application, a site or hours is filled in."""
    purposes = list(offers.concerning(person))
    form = no_to_parts.Part(None, purposes)
    if MORE in request.POST:
        form = no_to_parts.Part(None, purposes, initial=_filled_in(request, form))
    elif request.method == "POST":
        form = no_to_parts.Part(request.POST, purposes)
        if form.is_valid():
            try:
                no_to_parts.say_no(form, by=person)
            except Refused as refused:
                form.add_error(None, refused.sentence)
            else:
                return render(request, "pages/kiosk_code.html", {"code": "", "seconds": SECONDS})
    living = OptOut.objects.in_force().filter(person=person).select_related("purpose").order_by("-at")
    return render(
        request, "pages/kiosk_parts.html",
        {
            "form": form, "living": [no_to_parts.told(row) for row in living], "zone": zone_of(person), "seconds": SECONDS,
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


@public
@never_cache
@require_POST
@in_turn
def lift(request: HttpRequest, person: Person, pk: UUID) -> HttpResponse:
    row = get_object_or_404(OptOut, pk=pk, person=person)
    try:
        optouts.lift(row.pk, by=person)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("kiosk:parts")
    return render(request, "pages/kiosk_code.html", {"code": "", "seconds": SECONDS})


@public
@never_cache
@require_safe
@in_turn
def history(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything they ever said, as days and codes; what it was is unfolded, one by one."""
    page = Paginator(said.by(person), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"item": word, "language": words.language(word.event.language) if word.event else ""} for word in page
    ]
    return render(request, "pages/kiosk_history.html", {"rows": rows, "page": page, "seconds": SECONDS})


@public
@never_cache
@require_http_methods(["GET", "POST"])
@in_turn
def mine(request: HttpRequest, person: Person) -> HttpResponse:
    """A request as on My requests, and the days by which those that were made are answered."""
    form = Raise()
    if MORE in request.POST:
        form = Raise(initial=_filled_in(request, form))
    elif request.method == "POST":
        form = Raise(request.POST)
        if form.is_valid() and is_raised(request, form, by=person):
            return redirect("kiosk:requests")
    today = clock.law_date(zone_of(person))
    rows = [
        (row, state(row, today), remedy(row))
        for row in Request.objects.filter(person=person).select_related("entity").order_by("-received_at")
    ]
    return render(
        request, "pages/kiosk_requests.html", {"form": form, "rows": rows, "seconds": SECONDS},
        status=400 if form.errors else 200,
    )  # fmt: skip
