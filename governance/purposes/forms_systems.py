"""Forms of the register of systems."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.people.models import Person
from governance.purposes import lists
from governance.purposes.activity import CODE
from governance.purposes.forms_fields import Country, Lines, One, Words
from governance.purposes.forms_processors import Party
from governance.purposes.models import DataSystem


class Categories(forms.MultipleChoiceField):
    """Kinds of data, as ticks, kept in the order of the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: [(code, lists.category(code)) for code in lists.categories()],
            required=False,
            widget=forms.CheckboxSelectMultiple(),
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        said = super().clean(value)
        return [code for code in lists.categories() if code in said]


class Parts(Lines):
    def clean(self, value: Any) -> list[str]:
        lines = super().clean(value)
        if long := next((line for line in lines if len(line) > 300), ""):
            raise ValidationError(_("“%(line)s…” is longer than 300 characters."), params={"line": long[:40]})
        return lines


class SystemForm(Party):
    country_field = "country"
    permission = "purposes.edit_systems"
    code = forms.CharField(
        max_length=40, label=_("Short code"), help_text=_("Small letters and digits, like payroll-db. Entries of the register name the system by it; it stays."),
    )  # fmt: skip
    name = Words(label=_("Name"), long=200, required=True)
    kind = One("system_kind", label=_("Kind"), empty=None, initial="other", required=True)
    holds = Words(label=_("What lies there"), rows=3, required=True)
    country = Country(label=_("Country"), help_text=_("Where it stands. Two capital letters, like IN or DE."))
    owner = Words(
        label=_("Staff number of the one who answers for it"),
        long=40,
        help_text=_("Whom the office asks about it. Empty: not recorded."),
    )
    categories = Categories(label=_("Categories of data"))
    parts = Parts(
        label=_("Tables, columns or paths"),
        help_text=_("One on each line, like hr.salary or //files/automation/extracts."),
    )

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        if row is not None:
            self.initial["owner"] = (row.owner.number or "") if row.owner else ""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().lower()
        if not CODE.fullmatch(code) or not re.search(r"[a-z]", code):
            raise ValidationError(_("A code has small letters, digits, _ and -, at most 40."))
        if DataSystem.objects.filter(code=code).exists():
            raise ValidationError(_("Another system has this code. Choose another."))
        return code

    def clean_owner(self) -> Person | None:
        number = self.cleaned_data["owner"].strip()
        if not number:
            return None
        found = Person.objects.filter(number=number, is_active=True).first()
        if found is None:
            raise ValidationError(_("No person has this staff number."))
        return found


class RetireForm(forms.Form):
    because = Words(
        label=_("Where its data went"),
        rows=3,
        long=300,
        required=True,
        help_text=_("For example: moved to payroll-db on 3 March, disks destroyed, certificate 4711."),
    )
