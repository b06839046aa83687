"""What the people pages take in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.people import rules, sheet
from governance.people.models import Entity, Person, Unit


class Beginning(forms.Form):
    """A filter that may stand in a URL: an entity, and how a number begins. Names are searched by POST."""

    entity = forms.ModelChoiceField(
        Entity.objects.none(), required=False, label=_("Entity"), empty_label=_("All of them")
    )
    number = forms.RegexField(
        r"\A[\w./-]{0,40}\Z", required=False, label=_("Number begins with"),
        error_messages={"invalid": _("A number has letters, digits and dashes. Search names in the other field.")},
    )  # fmt: skip

    def __init__(self, *args: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = entities  # type: ignore[attr-defined]


class Search(forms.Form):
    words = forms.CharField(
        max_length=200,
        label=_("Name, number or address"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RosterFile(forms.Form):
    file = forms.FileField(
        label=_("The staff list as a CSV file"), allow_empty_file=True,
        help_text=_("UTF-8, at most 10 MB, with the columns %(columns)s.") % {"columns": ", ".join(sheet.COLUMNS)},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )  # fmt: skip


class Confirm(forms.Form):
    packed = forms.CharField(widget=forms.HiddenInput)
    end_missing = forms.BooleanField(
        required=False, label=_("Those who are not in the file have left"),
        help_text=_("Their employment ends today. Nobody is deleted."),
    )  # fmt: skip


class Grant(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=[(code, label) for code, label in rules.ROLES.items()])
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Entity"), empty_label=None)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), required=False, label=_("Department"), empty_label=_("the whole entity"),
        help_text=_("For one department only, the role gives what stands in that department's part of the register."),
    )  # fmt: skip
    second = forms.CharField(
        required=False, max_length=40, label=_("Number of the second person"),
        help_text=_("For data protection officer, legal, auditor and exporter. They are asked, and the role is given when they agree."),
    )  # fmt: skip

    def __init__(self, *args: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = entities  # type: ignore[attr-defined]
        units = (
            Unit.objects.filter(entity__in=entities).select_related("entity").order_by("entity__code", "name")
        )
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["unit"].label_from_instance = lambda unit: f"{unit.name} ({unit.entity.code})"  # type: ignore[attr-defined]

    def clean_second(self) -> Person | None:
        number = self.cleaned_data["second"].strip()
        if not number:
            return None
        person = Person.objects.filter(number=number, is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("No person has this number."))
        return person
