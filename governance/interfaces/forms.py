"""What the DPO's office decides about a program: its purposes, its scopes, its webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.interfaces import rules
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose


class LetIn(forms.Form):
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Entity"), empty_label=None)
    name = forms.CharField(
        max_length=100, label=_("Name of the program"), help_text=_("As people know it. No names of people.")
    )
    operator = forms.CharField(
        max_length=200, required=False, label=_("Company that runs it"),
        help_text=_("People whose choices it reads see both names. Empty: your own entity runs it."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        choices=list(rules.SCOPES.items()), label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.ModelMultipleChoiceField(
        Purpose.objects.none(), label=_("For which purposes"), widget=forms.CheckboxSelectMultiple,
        help_text=_("It hears nothing about any other purpose."),
    )  # fmt: skip
    per_minute = forms.IntegerField(
        min_value=1, max_value=100_000, initial=600, label=_("Requests a minute, at most"),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = by.entities_where("interfaces.manage_clients")
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=mine)  # type: ignore[attr-defined]
        living = Purpose.objects.filter(entity_id__in=mine, asks_consent=True).exclude(
            state__in=("draft", "retired")
        )
        self.fields["purposes"].queryset = living  # type: ignore[attr-defined]
        self.fields["purposes"].label_from_instance = lambda p: f"{p.number} {p.name} ({p.entity.code})"  # type: ignore[attr-defined]
        self.fields["purposes"].queryset = living.select_related("entity")  # type: ignore[attr-defined]


class SetUp(forms.Form):
    url = forms.CharField(
        max_length=rules.LONGEST_URL, label=_("Address"), help_text=_("Begins with https://, on the public internet."),
        widget=forms.URLInput,
    )  # fmt: skip
    types = forms.MultipleChoiceField(
        choices=list(rules.TYPES.items()), label=_("What it hears of"), widget=forms.CheckboxSelectMultiple,
        initial=list(rules.TYPES),
    )  # fmt: skip
