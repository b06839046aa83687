"""What is taken in about an entity."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.lib import languages
from governance.people import rules_entities
from governance.people.entities import FIELDS
from governance.people.models import Entity, Person


class EntityForm(forms.Form):
    """`seen`: when the facts were last changed, as the writer saw them."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(
        max_length=20, label=_("Code"), help_text=_("Capital letters and digits, like NSP. Files and numbers name the entity by it; it stays."),
    )  # fmt: skip
    name = forms.CharField(max_length=200, label=_("Name in law"))
    address = forms.CharField(max_length=1000, label=_("Address"), widget=forms.Textarea(attrs={"rows": 3}))
    country = forms.CharField(
        max_length=2, label=_("Country"), help_text=_("Of its seat: it brings its law. Two capital letters, like IN or DE."),
        widget=forms.TextInput(attrs={"size": 4, "autocomplete": "off"}),
    )  # fmt: skip
    timezone = forms.CharField(
        max_length=64, label=_("Time zone"), help_text=_("In which its days begin and its terms end, like Asia/Kolkata.")
    )  # fmt: skip
    contact_name = forms.CharField(max_length=200, label=_("Who answers questions"))
    contact_email = forms.EmailField(label=_("Address of that person"))
    dpo_name = forms.CharField(required=False, max_length=200, label=_("Data protection officer"))
    dpo_email = forms.EmailField(required=False, label=_("Address of the data protection officer"))
    eu_representative = forms.CharField(
        required=False, max_length=1000, label=_("Representative in the EU"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where the seat is outside the EU and GDPR holds (Art. 27)."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        required=False, label=_("Languages in which people are told"), widget=forms.CheckboxSelectMultiple(),
        help_text=_("Beside English and those that its people read: no notice that asks is published without them."),
    )  # fmt: skip
    second = forms.CharField(
        required=False, max_length=40, label=_("Number of the second person"),
        help_text=_("A data protection officer or somebody of legal there. Needed for everything but time zone and languages, because notices say it."),
    )  # fmt: skip

    def __init__(self, *args: Any, row: Entity | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {name: getattr(row, name) for name in FIELDS} | {
                "seen": row.changed_at.isoformat()
            }
        super().__init__(*args, **kwargs)
        listed = [
            (one.tag, one.native if one.native == one.name() else f"{one.native} ({one.name()})")
            for one in languages.choices()
        ]
        self.fields["languages"].choices = listed  # type: ignore[attr-defined]
        if row is not None:
            del self.fields["code"]
        for name in ("address", "eu_representative"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def _lines(self, name: str) -> str:
        return str(self.cleaned_data[name]).replace("\r\n", "\n").strip()

    def clean_address(self) -> str:
        return self._lines("address")

    def clean_eu_representative(self) -> str:
        return self._lines("eu_representative")

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).strip().upper()

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_timezone(self) -> str:
        zone = str(self.cleaned_data["timezone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Write it like Asia/Kolkata."))
        return zone

    def clean_second(self) -> Person | None:
        number = str(self.cleaned_data["second"]).strip()
        if not number:
            return None
        person = Person.objects.filter(number=number, is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("No person has this number."))
        return person

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    def seen_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None


# How a fact is called on pages.
LABELS = {
    name: field.label for name, field in EntityForm.base_fields.items() if name not in ("seen", "second")
}
assert set(FIELDS) == rules_entities.TOLD | rules_entities.ALONE
