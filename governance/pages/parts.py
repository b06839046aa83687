"""No to parts (consents:opt_outs): to one signal, one application, or hours of the week. It reads the programmes' lists of
applications, so it lives on the roof; the verbs are in governance/consents/optouts.py."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import dates
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.capture.models import Programme
from governance.consents import offers, optouts, said
from governance.consents.models import OptOut
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import catalogue, words
from governance.purposes.models import Purpose

DAYS = [(str(number + 1), name) for number, name in dates.WEEKDAYS.items()]  # ISO: Monday is 1
TIME = {"type": "time"}


class Part(forms.Form):
    """What is chosen together narrows together: this signal, in this application, in these hours."""

    purpose = forms.ChoiceField(required=False, label=gettext_lazy("Purpose"))
    signal = forms.ChoiceField(required=False, label=gettext_lazy("Signal"))
    application = forms.ChoiceField(required=False, label=gettext_lazy("Application"))
    host = forms.CharField(
        required=False, max_length=253, label=gettext_lazy("Web site"),
        help_text=gettext_lazy("As in example.org: what is under it is covered too. What has no address in the browser is not."),
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        required=False, choices=DAYS, label=gettext_lazy("Days of the week"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: every day."),
    )  # fmt: skip
    since = forms.TimeField(
        required=False, label=gettext_lazy("From"), widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    to = forms.TimeField(
        required=False, label=gettext_lazy("Until"), widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
        help_text=gettext_lazy("Both empty: the whole day. It may run over midnight."),
    )  # fmt: skip

    def __init__(self, data: Any, purposes: list[Purpose], **more: Any) -> None:
        super().__init__(data, **more)
        self.purposes = {str(purpose.pk): purpose for purpose in purposes}
        signals = {signal.code: signal.title for purpose in purposes for signal in purpose.signals.all()}
        listed = (
            Programme.objects.filter(purpose__in=purposes)
            .exclude(state="ended")
            .values_list("applications", flat=True)
        )
        applications = sorted({name for names in listed for name in names})
        self._choose(
            "purpose",
            _("Every purpose"),
            [(pk, f"{one.number} {one.called.text}") for pk, one in self.purposes.items()],
        )
        self._choose("signal", _("Every signal"), sorted(signals.items(), key=lambda pair: pair[1]))
        self._choose("application", _("Every application"), [(name, name) for name in applications])

    def _choose(self, field: str, everything: str, choices: list[tuple[str, str]]) -> None:
        self.fields[field].choices = [("", everything), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        part: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(
            part.get(name) for name in ("signal", "application", "host", "weekdays", "since", "to")
        ):
            raise forms.ValidationError(
                _(
                    "Choose a signal, an application, a site or hours. To say no to all of a purpose, use the button on My choices."
                ),
                code="nothing_chosen",
            )
        return part


@dataclass(frozen=True)
class Told:
    row: OptOut
    says: str
    hours: str


def told(row: OptOut) -> Told:
    """One opt-out in words."""
    kind = catalogue.signals().get(row.signal)
    what = [
        row.purpose.called.text if row.purpose else _("every purpose"),
        kind.title(words.reader()) if kind else row.signal,
        row.application,
        row.host,
    ]
    return Told(row, " · ".join(part for part in what if part), said.hours(row))


def say_no(form: Part, *, by: Person) -> OptOut:
    """What was chosen in a form that is valid. Raises Refused."""
    part = form.cleaned_data
    return optouts.opt_out(
        by=by, purpose=form.purposes.get(part["purpose"]), signal=part["signal"], application=part["application"], host=part["host"],
        weekdays=[int(day) for day in part["weekdays"]], since=part["since"], to=part["to"],
    )  # fmt: skip


@requires("consents.opt_out")
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def opt_outs(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    form = Part(request.POST if request.method == "POST" else None, list(offers.concerning(person)))
    if request.method == "POST" and form.is_valid():
        try:
            row = say_no(form, by=person)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(
                request,
                _("Said no. From this moment on nothing of it is taken; your switches stay as they are.") if row.is_narrow
                else _("Said no. It ends now, and what was recorded of it is erased."),
            )  # fmt: skip
            return redirect("consents:opt_outs")
    living = OptOut.objects.in_force().filter(person=person).select_related("purpose").order_by("-at")
    return render(
        request, "consents/opt_outs.html",
        {"form": form, "living": [told(row) for row in living], "zone": zone_of(person)},
        status=400 if form.errors else 200,
    )  # fmt: skip
