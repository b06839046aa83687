"""One purpose as it was in force on a day: /register/<id>/?on=2026-03-04."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import clock
from governance.people.zones import zone_of
from governance.purposes import listing, said
from governance.purposes.forms_register import DAY
from governance.purposes.models import Purpose


class Day(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Which version was in force on"), widget=DAY,
        error_messages={"invalid": gettext_lazy("Write a day as year-month-day, like 2026-03-04.")},
    )  # fmt: skip


def show(request: HttpRequest, row: Purpose) -> HttpResponse:
    """For a request that names a day; the view of the purpose calls it, so that list and page share one address."""
    form = Day(request.GET)
    version, why = None, ""
    if form.is_valid():
        day = form.cleaned_data["on"]
        if day > clock.law_date(zone_of(request.user)):  # type: ignore[arg-type]
            why = _("This day is still to come. Choose today or a day before.")
        else:
            version = listing.version_on(row, day)
            why = "" if version else _("No version of this entry was in force on that day.")
    else:
        why = " ".join(str(error) for error in form.errors.get("on", []))
    return render(
        request, "purposes/then.html",
        {
            "purpose": row, "version": version, "form": form, "why": why, "day": form.cleaned_data.get("on"),
            "facts": said.facts(version.activity) if version else [],
            "here": reverse("purposes:purpose", args=[row.pk]),
        },
        status=400 if form.errors else 200,
    )  # fmt: skip
