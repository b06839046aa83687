"""Decide later, on the person's own page; and the officer's page to say that a consent was none."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.consents import jobs, later, offers, rules
from governance.consents.forms import Choice
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes.models import Purpose


@requires("consents.defer")
@require_POST
def defer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One press, as for a yes and a no."""
    person: Any = request.user
    purpose = get_object_or_404(offers.concerning(person), pk=pk)
    form = Choice(request.POST)
    notice = purpose.notices.filter(pk=form.cleaned_data["notice"]).first() if form.is_valid() else None
    try:
        if notice is None:
            raise Refused(
                _("The page was not sent completely. Please read it again and choose again."), code="bad_form"
            )
        later.defer(purpose, by=person, notice=notice, language=form.cleaned_data["language"])
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        until = rules.deferred_until(jobs.day_at(purpose.entity.timezone))
        messages.success(
            request,
            _("You decide later. Everything stays off, and nobody asks you again until after %(day)s.")
            % {"day": date_format(until, "j F Y")},
        )
    return HttpResponseRedirect(reverse("consents:choices") + f"#purpose-{purpose.pk}")


class Invalid(forms.Form):
    number = forms.CharField(max_length=40, label=gettext_lazy("Person number"))
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    why = forms.ChoiceField(
        label=gettext_lazy("Why it is not valid"), choices=rules.INVALID.items(), widget=forms.RadioSelect,
        help_text=gettext_lazy("The person reads it."),
    )  # fmt: skip

    def __init__(self, data: Any, purposes: list[Purpose]) -> None:
        super().__init__(data)
        self.purposes = {str(purpose.pk): purpose for purpose in purposes}
        fields: Any = self.fields
        fields["purpose"].choices = [(pk, str(purpose)) for pk, purpose in self.purposes.items()]


@requires("consents.invalidate")
@never_cache
@require_http_methods(["GET", "POST"])
def invalidate(request: HttpRequest) -> HttpResponse:
    """Says the same whether something was on or not, and whether there is such a person: nobody's choice is read here."""
    by: Any = request.user
    entities = by.entities_where("consents.invalidate")
    asked = Purpose.objects.filter(entity__in=entities, asks_consent=True).exclude(state="draft")
    form = Invalid(
        request.POST if request.method == "POST" else None,
        list(asked.select_related("entity").order_by("number")),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        person = Person.objects.filter(number=said["number"].strip(), forgotten_at__isnull=True).first()
        try:
            if person is not None:
                later.invalidate(person, form.purposes[said["purpose"]], said["why"], by=by)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request, _("Recorded. Whatever this person had switched on for this purpose has ended and is erased; they are told why, with a receipt.")
            )  # fmt: skip
            return redirect("consents:pressures")
    return render(request, "consents/invalidate.html", {"form": form}, status=400 if form.errors else 200)
