"""Who speaks for whom: the office records it and a second member verifies; the holder's page has one button."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.consents import acting, rules_acting
from governance.consents.models import Representation
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person

DAY = {"type": "date"}


class Record(forms.Form):
    person = forms.CharField(max_length=40, label=gettext_lazy("For whom (person number)"))
    holder = forms.CharField(
        required=False, max_length=40, label=gettext_lazy("Who speaks for them (person number)")
    )
    name = forms.CharField(required=False, max_length=200, label=gettext_lazy("Or, from outside: their name"))
    email = forms.EmailField(
        required=False, label=gettext_lazy("And their e-mail address"),
        help_text=gettext_lazy("They set a password by it and see nothing but for whom they speak. Without an address, write down what they ask for as it comes."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("As what"), choices=rules_acting.KINDS.items())
    since = forms.ChoiceField(
        required=False, label=gettext_lazy("Of a nominee: after what"), choices=[("", "–"), *rules_acting.SINCE.items()]
    )  # fmt: skip
    document = forms.CharField(max_length=200, label=gettext_lazy("The paper that shows it"))
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        required=False, label=gettext_lazy("Until"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )  # fmt: skip


def _find(number: str) -> Person | None:
    return Person.objects.filter(number=number.strip(), forgotten_at__isnull=True).first()


@requires(acting.PERMISSION)
@never_cache
@require_http_methods(["GET", "POST"])
def representations(request: HttpRequest) -> HttpResponse:
    by: Any = request.user
    entities = by.entities_where(acting.PERMISSION)
    form = Record(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        person = _find(said["person"])
        try:
            if person is None or acting.entity_of(person) not in entities:
                raise Refused(_("One of these numbers is nobody’s whom you answer for."), code="nobody")
            with transaction.atomic():
                acting.record(
                    person, _holder(person, said, by), said["kind"], document=said["document"], starts_on=said["starts_on"],
                    until_on=said["until_on"], since=said["since"], by=by,
                )  # fmt: skip
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, acting.RECORDED)
            return redirect("consents:representations")
    rows = Representation.objects.filter(entity__in=entities).select_related(
        "person", "holder", "recorded_by", "verified_by"
    )
    return render(
        request, "consents/representations.html", {"form": form, "rows": [_shown(row, by) for row in rows]},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _holder(person: Person, said: dict[str, Any], by: Any) -> Person:
    """Who works here, by number; or who comes from outside, by name and address."""
    number, address = said["holder"].strip(), said["email"]
    rules_acting.check_who(
        bool(number), bool(said["name"].strip() and address), bool(said["name"].strip() or address)
    )
    holder = _find(number) if number else acting.from_outside(person, said["name"], address, by=by)
    if holder is None:
        raise Refused(_("One of these numbers is nobody’s whom you answer for."), code="nobody")
    return holder


def _shown(row: Representation, by: Any) -> dict[str, Any]:
    second = by.pk not in (row.recorded_by_id, row.person_id, row.holder_id)
    may = by.holds(acting.PERMISSION, row.entity_id)
    facts = [
        {"label": _("As what"), "value": str(rules_acting.KINDS[row.kind])},
        {"label": _("Paper"), "value": row.document},
        {"label": _("From"), "value": date_format(row.starts_on, "j F Y")},
        {"label": _("Until"), "value": date_format(row.until_on, "j F Y") if row.until_on else "–"},
        {"label": _("Recorded by"), "value": str(row.recorded_by)},
        {"label": _("Verified by"), "value": str(row.verified_by) if row.verified_by else "–"},
    ]
    if row.since:
        facts.insert(1, {"label": _("After what"), "value": str(rules_acting.SINCE[row.since])})
    why = reason(
        rules_acting.check_verify, may, second, row.verified_at is not None, row.ended_at is not None
    )
    return {"row": row, "facts": facts, "why_not": why}


@requires(acting.PERMISSION, of=Representation, own="consents.act_for")
@never_cache
@require_http_methods(["POST"])
def representation(request: HttpRequest, row: Representation) -> HttpResponse:
    """`do`: verify or end. Whoever it concerns may end it."""
    by: Any = request.user
    try:
        if request.POST.get("do") == "verify":
            acting.verify(row.pk, by=by)
        elif request.POST.get("do") == "end":
            acting.end(row.pk, by=by)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    return redirect(
        "consents:representations" if by.holds(acting.PERMISSION, row.entity_id) else "consents:for_others"
    )


@requires("consents.act_for")
@never_cache
@require_http_methods(["GET", "POST"])
def for_others(request: HttpRequest) -> HttpResponse:
    """For whom I speak, and who speaks for me. What they switched on stands on no page but theirs."""
    by: Any = request.user
    living = Representation.objects.filter(ended_at=None).select_related("person", "holder")
    if request.method == "POST":
        row = (
            living.filter(holder=by, pk=request.POST.get("row") or None).first() if _is_id(request) else None
        )
        if row is None:
            raise Http404
        try:
            acting.withdraw_everything(row.pk, by=by)
        except Refused as refused:
            messages.warning(request, refused.sentence)
        else:
            messages.success(
                request,
                _("Whatever was switched on for them has ended and is erased. The receipts are theirs."),
            )
        return redirect("consents:for_others")
    return render(
        request, "consents/for_others.html",
        {"mine": living.filter(holder=by), "of_me": living.filter(person=by), "kinds": rules_acting.KINDS},
    )  # fmt: skip


def _is_id(request: HttpRequest) -> bool:
    try:
        forms.UUIDField().clean(request.POST.get("row"))
    except forms.ValidationError:
        return False
    return True
