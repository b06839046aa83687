"""What else a person does at the kiosk: withdraw one signal, pause, say no to everything, object, say that they felt pressed, read
their messages and the codes of what they said. What was decided stands on no screen unless its code is typed in."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.consents import ledger, objections, optouts, pauses, pressure
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.lib.access import public
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.pages.context import contact_of
from governance.pages.kiosk import METHOD, SECONDS, code, evidence, in_turn, now_of
from governance.people.messages import mark_read, shown
from governance.people.models import Person
from governance.purposes import catalogue
from governance.purposes.models import Purpose

LATEST = 20


@public
@never_cache
@require_POST
@in_turn
def withdraw(request: HttpRequest, person: Person, pk: UUID) -> HttpResponse:
    """One signal, one press."""
    record = get_object_or_404(ConsentRecord, pk=pk, person=person)
    try:
        receipt = ledger.withdraw(record.pk, by=person, method=METHOD, evidence=evidence(person))
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("kiosk:choices")
    return code(request, receipt)


@public
@never_cache
@require_POST
@in_turn
def say(request: HttpRequest, person: Person) -> HttpResponse:
    """`word`: pause, resume, no, lift, pressed or object. The answer says that it is recorded, and not which it was."""
    word = request.POST.get("word", "")
    try:
        if word == "object":
            objections.object_to(_other(request, person), by=person)
        else:
            _carry_out(word, request.POST.get("hours", ""), person)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        return redirect("kiosk:choices")
    return render(request, "pages/kiosk_code.html", {"code": "", "seconds": SECONDS})


def _other(request: HttpRequest, person: Person) -> Purpose:
    try:
        return get_object_or_404(objections.concerning(person), pk=UUID(request.POST.get("purpose", "")))
    except ValueError:
        raise Http404 from None


def _carry_out(word: str, hours: str, person: Person) -> None:
    now = now_of(person)
    if word == "pause":
        pauses.pause(
            by=person, hours=(int(hours) if hours.isdecimal() and len(hours) < 4 else 0) if hours else None
        )
    elif word == "resume":
        if now["pause"]:
            pauses.resume(now["pause"].pk, by=person)
    elif word == "no":
        if not now["everything"]:  # two presses: one truth
            optouts.opt_out(by=person)
    elif word == "lift":
        if now["everything"]:
            optouts.lift(now["everything"].pk, by=person)
    elif word == "pressed":
        pressure.report(by=person)
    else:
        raise Refused(
            _("The page was not sent completely. Please read it again and choose again."), code="bad_form"
        )


class Redeem(forms.Form):
    number = forms.CharField(
        max_length=20, label=gettext_lazy("Code of the receipt"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )  # fmt: skip


@public
@never_cache
@require_http_methods(["GET", "POST"])
@in_turn
def codes(request: HttpRequest, person: Person) -> HttpResponse:
    """The codes and days of what they said; with a code that is theirs, the receipt itself."""
    form = Redeem(request.POST if request.method == "POST" else None)
    mine = Receipt.objects.filter(person=person)
    if request.method == "POST" and form.is_valid():
        row = (
            mine.select_related("purpose__entity")
            .filter(number=form.cleaned_data["number"].strip().upper())
            .first()
        )
        if row is not None:
            events = ConsentEvent.objects.filter(pk__in=row.events, person=person).order_by("signal")
            lines = [{"title": _title(event.signal), "event": event} for event in events]
            return render(
                request, "pages/kiosk_receipt.html", {"receipt": row, "lines": lines, "seconds": SECONDS}
            )
        form.add_error("number", _("None of your receipts has this code. Check each digit."))
    rows = [
        {"code": row.number, "at": date_format(timezone.localtime(row.at), "j M Y, H:i")}
        for row in mine[:LATEST]
    ]
    return render(
        request, "pages/kiosk_codes.html", {"form": form, "rows": rows, "seconds": SECONDS},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _title(signal: str) -> str:
    kind = catalogue.signals().get(signal)
    return kind.title(get_language() or "en") if kind else signal


@public
@never_cache
@require_safe
@in_turn
def news(request: HttpRequest, person: Person) -> HttpResponse:
    """Their messages, without links: the pages behind them are not opened here."""
    rows = list(person.notes.order_by("-created_at")[:LATEST])
    told = shown(rows)
    mark_read(person, [row.pk for row in rows])
    return render(
        request, "pages/kiosk_news.html", {"news": told, "contact": contact_of(person), "seconds": SECONDS}
    )
