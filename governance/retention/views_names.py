"""The names that were opened, and asking for one: pages of the DPO and of legal."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import clock
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.people.zones import in_their_zone
from governance.retention import names
from governance.retention import rules_names as rules
from governance.retention.models import NameOpening

PAGE = 50


class AskForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("Person number"), max_length=40)
    matter = forms.CharField(
        label=gettext_lazy("Matter"), max_length=20, help_text=gettext_lazy("Its number, for example M-0001. Legal opens matters.")
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why the number is not enough"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Write no name into it. The second person reads it before agreeing."),
    )  # fmt: skip


def _who(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


@requires(names.MAY)
@never_cache
@in_their_zone
@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    """Every asking at the entities in one's care, newest first: numbers, never a name."""
    found = NameOpening.objects.filter(matter__entity_id__in=_who(request).entities_where(names.MAY))
    page = Paginator(found.select_related("person", "matter", "asked_by", "second_by"), PAGE).get_page(
        request.GET.get("page")
    )
    labels = (_("Person"), _("Matter"), _("Asked by"), _("Agreed by"), _("Asked"), _("State"))
    return render(
        request, "retention/names.html",
        {"page": page, "rows": [_cells(row) for row in page], "columns": [{"label": label} for label in labels]},
    )  # fmt: skip


def _cells(row: NameOpening) -> list[Any]:
    return [
        {"text": row.person.number or _("forgotten"), "url": reverse("retention:name", args=[row.pk])}, row.matter.number,
        str(row.asked_by), str(row.second_by) if row.second_by else "", date_format(localtime(row.asked_at), "j M Y, H:i"), _state(row),
    ]  # fmt: skip


def _state(row: NameOpening) -> dict[str, str]:
    now = clock.now()
    if row.until is not None:
        return (
            {"state": "on", "word": _("open")}
            if now < row.until
            else {"state": "closed", "word": _("closed again")}
        )
    if now >= row.asked_at + rules.WAITS_FOR:
        return {"state": "closed", "word": _("lapsed")}
    return {"state": "waiting", "word": _("waits for a second person")}


@requires(names.MAY)
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """One asks; nothing is shown before another has agreed."""
    form = AskForm(
        request.POST if request.method == "POST" else None, initial={"number": request.GET.get("number", "")}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            row = names.ask(said["number"], matter=said["matter"], reason=said["reason"], by=_who(request))
        except Refused as refused:
            where = {
                "no_such_number": "number",
                "own_number": "number",
                "no_open_matter": "matter",
                "no_reason": "reason",
            }
            form.add_error(where.get(refused.code), refused.sentence)
        else:
            messages.success(
                request, _("Asked. The name opens when a second person agrees, and the person is told.")
            )
            return redirect("retention:name", row.pk)
    return render(request, "retention/name_ask.html", {"form": form}, status=400 if form.errors else 200)


@requires(names.MAY, of=NameOpening)
@never_cache
@in_their_zone
@require_safe
def name(request: HttpRequest, row: NameOpening) -> HttpResponse:
    """Who asked and why; while it is open and for the two alone, the name. Each look is shown to the person."""
    who = _who(request)
    shown = names.read(row, by=who)
    facts = [
        {"label": _("Person"), "value": row.person.number or _("forgotten")},
        {"label": _("Matter"), "value": row.matter.number},
        {"label": _("Why the number is not enough"), "value": row.reason},
        {"label": _("Asked by"), "value": {"text": str(row.asked_by), "note": date_format(localtime(row.asked_at), "j M Y, H:i")}},
        {"label": _("Agreed by"), "value": {"text": str(row.second_by), "note": date_format(localtime(row.agreed_at), "j M Y, H:i")} if row.second_by and row.agreed_at else _("nobody yet")},
    ]  # fmt: skip
    if shown and row.until:
        facts.append({"label": _("Name"), "value": {"text": shown, "note": _("until %(at)s") % {"at": date_format(localtime(row.until), "j M Y, H:i")}}})  # fmt: skip
    waits = row.second_by_id is None
    why_not = reason(rules.check_agree, names.facts_of(row, by=who), clock.now()) if waits else ""
    context = {"row": row, "facts": facts, "state": _state(row), "waits": waits, "why_not": why_not}
    return render(request, "retention/name.html", context)


@requires(names.MAY, of=NameOpening)
@require_POST
def agree(request: HttpRequest, row: NameOpening) -> HttpResponse:
    """The second person opens it for both."""
    try:
        names.agree(row.pk, by=_who(request))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The name is open to you both for a day, and the person was told."))
    return redirect("retention:name", row.pk)
