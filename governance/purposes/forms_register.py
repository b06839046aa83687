"""What the list of the register takes in: filters that stand in the URL, and words, which do not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.purposes import headings, lists
from governance.purposes.listing import Asked
from governance.purposes.models import Purpose

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


@dataclass(frozen=True)
class Part:
    """An entity of which the reader sees something, with its departments: ((id, name), …)."""

    id: UUID
    code: str
    name: str
    units: tuple[tuple[int, str], ...] = ()


class Filters(forms.Form):
    """All in the URL, so that a filtered register can be sent to a colleague. They are codes and days, never words."""

    FIRST = ("entity", "state", "verdict", "on")

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("every state")), *Purpose.STATES]
    )
    law = forms.ChoiceField(label=_("Law"), required=False)
    verdict = forms.ChoiceField(
        label=_("Verdict today"), required=False,
        choices=[("", _("every verdict")), *((code, verdict.word) for code, verdict in headings.VERDICTS.items())],
    )  # fmt: skip
    people = forms.ChoiceField(label=_("People concerned"), required=False)
    ground = forms.ChoiceField(label=_("Ground"), required=False)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$", label=_("Country"), required=False, help_text=_("Two letters, like IN or DE."),
        error_messages={"invalid": _("Write a country as two letters, like IN or DE.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 4, "maxlength": 2}),
    )  # fmt: skip
    sort = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("", _("by number")), ("review", _("by next review"))]
    )
    on = forms.DateField(
        label=_("In force on"), required=False, widget=DAY,
        error_messages={"invalid": _("Write a day as year-month-day, like 2026-03-04.")},
    )  # fmt: skip
    overdue = forms.BooleanField(label=_("Review overdue"), required=False)
    missing = forms.BooleanField(label=_("Something is missing"), required=False)
    mine = forms.BooleanField(label=_("I am the owner"), required=False)

    def __init__(self, data: Any, *, parts: Iterable[Part], today: date) -> None:
        super().__init__(data)
        self.today = today
        parts = list(parts)
        self.ids = {part.code: part.id for part in parts}
        units = [(str(pk), f"{name} ({part.code})") for part in parts for pk, name in part.units]
        self.fields["entity"] = forms.ChoiceField(
            label=_("Entity"),
            required=False,
            choices=[("", _("every entity")), *((p.code, p.name) for p in parts)],
        )
        self.fields["unit"] = forms.ChoiceField(
            label=_("Department"), required=False, choices=[("", _("every department")), *units]
        )
        grounds = [
            (law, f"{short}:", name)
            for law, short, name in (("EU", "EU", "basis_eu"), ("IN", "IN", "ground_in"))
        ]
        choices: dict[str, list[Any]] = {
            "law": [("", _("every law")), *lists.choices("law")],
            "people": [("", _("everybody")), *lists.choices("people")],
            "ground": [("", _("every ground"))]
            + [
                (f"{prefix}{code}", label)
                for _law, prefix, name in grounds
                for code, label in lists.choices(name)
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.order_fields(
            [*self.FIRST, "unit", "law", "people", "ground", "country", "sort", "overdue", "missing", "mine"]
        )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day is still to come. Choose today or a day before."))
        return day

    def chosen(self) -> dict[str, str]:
        """Only what was understood, as it stands in a URL: a mistyped filter is no filter."""
        self.is_valid()
        return {
            name: "yes" if value is True else value.isoformat() if isinstance(value, date) else str(value)
            for name, value in self.cleaned_data.items()
            if value
        }

    def asked(self, words: str) -> Asked:
        said = {
            name: value for name, value in self.cleaned_data.items() if value and name not in ("on", "sort")
        }
        entity, unit = said.pop("entity", None), said.pop("unit", None)
        return Asked(
            **said,
            words=words,
            entity_id=self.ids[entity] if entity else None,
            unit_id=int(unit) if unit else None,
        )

    def first(self) -> list[Any]:
        return [self[name] for name in self.FIRST]

    def more(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in self.FIRST]


class Words(forms.Form):
    """Searched by POST and kept in the session under a short token: a name of a person in a URL would stay in logs."""

    words = forms.CharField(
        max_length=100, label=_("Words or a number"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class Assign(forms.Form):
    who = forms.CharField(
        max_length=200,
        label=_("Staff number or e-mail address"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    right = forms.ChoiceField(
        label=pgettext_lazy("what somebody may do", "May"), choices=[("view", _("see this entry")), ("edit", _("see and edit this entry"))],
        widget=forms.RadioSelect, initial="view",
    )  # fmt: skip
