"""What import and export of the register take in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person, Unit
from governance.purposes.exchange import outgoing


class RegisterFile(forms.Form):
    file = forms.FileField(
        label=_("The register as a file"), allow_empty_file=True,
        help_text=_("A workbook (.xlsx) of this page, or a CSV with the ICO’s headings. At most 10 MB and 20,000 activities. The file itself is not kept."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = person.units_where("purposes.import")
        whole = person.entities_where("purposes.import")
        units = Unit.objects.filter(pk__in=alone) | Unit.objects.filter(entity_id__in=whole)
        homes = whole | {unit.entity_id for unit in units if unit.pk in alone}
        self.fields["entity"] = forms.ModelChoiceField(
            Entity.objects.filter(pk__in=homes), label=_("Controller of rows that name no entity"), empty_label=None,
            help_text=_("The ICO’s table has no column for it."), initial=person.entity_id,
        )  # fmt: skip
        self.fields["unit"] = forms.ModelChoiceField(
            units.select_related("entity").order_by("entity__code", "name"), required=bool(alone and not whole), empty_label=_("no department"),
            label=_("Department of rows that name none"),
        )  # fmt: skip
        self.fields["unit"].label_from_instance = lambda unit: f"{unit.name} ({unit.entity.code})"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unit = cleaned.get("unit")
        if unit is not None and unit.entity_id != getattr(cleaned.get("entity"), "pk", None):
            self.add_error(
                "unit", _("This department belongs to another entity. Choose one of this entity, or none.")
            )
        return cleaned


class Confirm(forms.Form):
    packed = forms.CharField(widget=forms.HiddenInput)


class Take(forms.Form):
    form = forms.ChoiceField(
        label=_("Form"),
        choices=[(code, about[0]) for code, about in outgoing.FORMS.items()],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    standing = forms.BooleanField(
        required=False, label=_("With state and version"),
        help_text=_("For reading, in the workbook only. An import sets neither: what comes in is a draft that a second person approves."),
    )  # fmt: skip
