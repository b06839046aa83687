"""Forms of the register of processors: who processes for us, and for whom we process."""

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person
from governance.purposes.activity import CODE, COUNTRY
from governance.purposes.forms_fields import Countries, Country, Day, Many, One, Words
from governance.purposes.models import Processor


class Subprocessors(forms.CharField):
    """One on each line: name; country; day on which it was agreed to. Kept as rows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4}), label=_("Sub-processors"),
            help_text=_("One on each line: name; country; day on which you agreed to it. For example: Hostline GmbH; DE; 2026-03-04"),
            **kwargs,
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        return "\n".join(
            "; ".join(str(row.get(part) or "") for part in ("name", "country", "agreed_on")).rstrip("; ")
            for row in value
        )

    def clean(self, value: Any) -> list[dict[str, str]]:
        text = super().clean(value) or ""
        return [self._row(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]

    def _row(self, n: int, line: str) -> dict[str, str]:
        name, country, agreed = [*(part.strip() for part in line.split(";")), "", ""][:3]
        country = country.upper()
        if not name or line.count(";") > 2:
            raise ValidationError(_("Line %(n)s: write name; country; day."), params={"n": n})
        if not COUNTRY.fullmatch(country):
            raise ValidationError(
                _("Line %(n)s: “%(code)s” is no country code. Write two capital letters, like IN or DE."),
                params={"n": n, "code": country},
            )
        if agreed:
            try:
                date.fromisoformat(agreed)
            except ValueError:
                raise ValidationError(
                    _("Line %(n)s: “%(day)s” is no day. Write year-month-day, like 2026-03-04."),
                    params={"n": n, "day": agreed},
                ) from None
        return {"name": name, "country": country, "agreed_on": agreed}


class Party(forms.Form):
    """`seen`: when the entry was last changed, as the writer saw it."""

    country_field = ""  # which cannot stay empty
    permission = "purposes.edit_processors"
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    entity = forms.ModelChoiceField(Entity.objects.none(), label=_("Controller"), empty_label=None)

    def __init__(self, *args: Any, person: Person, row: Any = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {
                name: getattr(row, name) for name in self.base_fields if hasattr(row, name)
            } | {"seen": row.changed_at.isoformat()}
        super().__init__(*args, **kwargs)
        self.fields[self.country_field].required = True
        if row is not None:
            del self.fields["entity"]
            self.fields.pop("code", None)
        else:
            field: Any = self.fields["entity"]
            field.queryset = Entity.objects.filter(pk__in=person.entities_where(self.permission))
            field.initial = person.entity_id

    def asked(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def seen_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None

    def look_again(self, row: Any) -> list[dict[str, str]]:
        """After somebody else saved: their words beside what was typed here, field by field; saving again replaces them."""
        self.data = self.data.copy()
        self.data["seen"] = row.changed_at.isoformat()
        theirs = []
        for name, typed in self.asked().items():
            if getattr(row, name) != typed:
                field = self.fields[name]
                theirs.append(
                    {
                        "label": str(field.label),
                        "theirs": _shown(field, getattr(row, name)),
                        "yours": _shown(field, typed),
                    }
                )
        return theirs


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.MultipleChoiceField):
        labels = dict(field.choices)  # type: ignore[arg-type]
        return ", ".join(str(labels.get(code, code)) for code in value)
    return str(field.prepare_value(value) or "")


class ProcessorForm(Party):
    country_field = "country"
    code = forms.CharField(
        max_length=40, label=_("Short code"), help_text=_("Small letters and digits, like lohnwerk. Entries of the register name the processor by it; it stays."),
    )  # fmt: skip
    name = Words(label=_("Name"), long=200, required=True)
    contact = Words(label=_("Whom to ask there"), long=300)
    country = Country(
        label=_("Country"), help_text=_("Where it processes. Two capital letters, like IN or DE.")
    )
    contract = Words(label=_("Reference of the contract"), long=200)
    contract_from = Day(label=_("In force from"))
    contract_until = Day(
        label=_("In force until"),
        help_text=_("The first day on which it holds no more. Empty: without an end."),
    )
    clauses = Many(
        "clause",
        label=_("What the contract says"),
        help_text=_("GDPR Art. 28(3)(a)–(h); DPDP Rules r.6(1)(f)"),
    )
    subprocessors = Subprocessors()
    tool = One("tool", label=_("Safeguard, where data leave the EEA"))
    assessed_on = Day(label=_("Transfer impact assessment of"))
    security_note = Words(label=_("Security"), rows=3)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().lower()
        if not CODE.fullmatch(code) or not re.search(r"[a-z]", code):
            raise ValidationError(_("A code has small letters, digits, _ and -, at most 40."))
        if Processor.objects.filter(code=code).exists():
            raise ValidationError(_("Another processor has this code. Choose another."))
        return code


class MandateForm(Party):
    country_field = "controller_country"
    controller_name = Words(label=_("Name of the controller"), long=200, required=True)
    controller_contact = Words(label=_("Its contact"), long=300, required=True)
    controller_country = Country(label=_("Its country"), help_text=_("Two capital letters, like IN or DE."))
    representative = Words(label=_("Its representative in the EU"), long=300)
    dpo = Words(label=_("Its data protection officer"), long=300)
    categories = Words(
        label=_("What is done for it"),
        rows=4,
        required=True,
        help_text=_("Categories of processing, GDPR Art. 30(2)(b)."),
    )
    subprocessors = Subprocessors()
    countries = Countries(label=_("Countries to which data go"))
    safeguards = Words(label=_("Safeguards of the transfers"), rows=3)
    security = Many("security", label=_("Security measures"))
    security_note = Words(label=_("About security"), rows=3)
    contract = Words(label=_("Reference of the contract"), long=200)
    starts_on = Day(label=_("From"))
    ends_on = Day(label=_("Until"))

    field_order = ("seen", "entity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "entity" in self.fields:
            self.fields["entity"].label = _("Who processes")
