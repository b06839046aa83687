"""A new activity: a few words, then straight to the sections."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person, Unit
from governance.purposes import assignments, headings, rules, versions
from governance.purposes.activity import Activity
from governance.purposes.forms_fields import Day, One, Words

Place = tuple[Entity, Unit | None]


class New(forms.Form):
    place = forms.ChoiceField(label=gettext_lazy("Entity and department"))
    name = Words(
        label=headings.FIELDS["name"],
        long=200,
        required=True,
        help_text=gettext_lazy("Short, as people in the company call it."),
    )
    function = One("function", label=headings.FIELDS["function"])
    kind = One("kind", empty=None, required=True, initial="other", label=headings.FIELDS["kind"])
    owner = forms.CharField(
        label=gettext_lazy("Staff number of the accountable owner"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("A programme owner of this entity, never the DPO (GDPR Art. 38(6)). It can be said later."),
    )  # fmt: skip
    review_on = Day(label=gettext_lazy("Next review by"))

    def __init__(self, *args: Any, places: dict[str, Place], own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (key, entity.name if unit is None else f"{entity.name} · {unit.name}")
            for key, (entity, unit) in places.items()
        ]
        if own:  # who answers for what they enter is the one who enters it
            del self.fields["owner"]


def places(person: Person) -> tuple[dict[str, Place], bool]:
    """Where this person may enter an activity, and whether only as its own accountable owner."""
    entities, units = person.entities_where("purposes.edit"), person.units_where("purposes.edit")
    own = not entities and not units
    if own:
        entities, units = person.theirs_where("purposes.edit")
    found: dict[str, Place] = {}
    for unit in Unit.objects.select_related("entity").order_by("entity__name", "name"):
        if unit.entity_id in entities:
            found.setdefault(unit.entity.code, (unit.entity, None))
        if unit.entity_id in entities or unit.pk in units:
            found[f"{unit.entity.code}/{unit.pk}"] = (unit.entity, unit)
    for entity in Entity.objects.filter(pk__in=entities):
        found.setdefault(entity.code, (entity, None))
    return found, own


@requires("purposes.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    there, own = places(person)
    form = New(request.POST or None, places=there, own=own)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        entity, unit = there[said["place"]]
        try:
            owner = person if own else assignments.find(said["owner"]) if said["owner"] else None
            if said["review_on"]:
                rules.check_review(said["review_on"], clock.law_date(entity.timezone))
            purpose = versions.enter(
                entity, Activity(name=said["name"], function=said["function"], kind=said["kind"]), by=person, owner=owner, unit=unit,
                review_on=said["review_on"],
            )  # fmt: skip
        except Refused as refused:
            field = "review_on" if refused.code == "review_in_the_past" else "owner"
            form.add_error(
                field if field in form.fields and refused.code != "not_an_activity" else None,
                refused.sentence,
            )
        else:
            messages.success(
                request,
                _("%(number)s stands in the register as a draft. Fill in its sections, then hand it in.")
                % {"number": purpose.number},
            )
            return redirect("purposes:draft", purpose.pk)
    return render(request, "purposes/new.html", {"form": form})
