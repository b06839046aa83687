"""What is asked about worn cameras: zones and shifts, and who carries which camera."""

import re
from datetime import time
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture import worn_shown
from governance.capture.models import Device, Programme
from governance.capture.terms import Shift, Terms, Zone
from governance.people.models import Site

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
DAYS = re.compile(r"([1-7])(?:-([1-7]))?\Z")


class Places(forms.Form):
    """Zones and shifts, one in each line."""

    zones = forms.CharField(
        label=_("Zones"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text=_("One in each line: code that the camera sends; site; name. Leave out toilets, rest, prayer and medical rooms and rooms of the union."),
    )  # fmt: skip
    shifts = forms.CharField(
        label=_("Shifts"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text=_("One in each line: code; days from 1 (Monday) to 7 (Sunday), such as 1-6 or 1,3,5; from; to. Example: early; 1-6; 06:00; 14:00"),
    )  # fmt: skip
    adults_only = forms.BooleanField(
        label=_("I have looked: nobody under 18 works in any of these zones or shifts."), required=False,
        help_text=_("Leave out every zone and shift in which somebody under 18 works. No consent opens them."),
    )  # fmt: skip

    def __init__(self, *args: Any, programme: Programme, terms: Terms, **kwargs: Any) -> None:
        self.before = terms
        self.sites = {site.name.casefold(): site for site in Site.objects.filter(entity=programme.entity)}
        kwargs.setdefault("initial", self._initial(terms))
        super().__init__(*args, **kwargs)

    def _initial(self, terms: Terms) -> dict[str, str]:
        names = {site.pk: site.name for site in self.sites.values()}
        return {
            "zones": "\n".join(f"{zone.code}; {names.get(zone.site, '')}; {zone.name}" for zone in terms.zones),
            "shifts": "\n".join(
                f"{one.code}; {','.join(str(day) for day in one.days)}; {one.begins}; {one.ends}" for one in terms.shifts
            ),
        }  # fmt: skip

    def clean_zones(self) -> list[tuple[str, int, str]]:
        found = []
        for parts in _rows(self.cleaned_data["zones"]):
            site = self.sites.get(parts[1].casefold()) if len(parts) == 3 else None
            if site is None or not CODE.match(parts[0]) or not parts[2]:
                raise forms.ValidationError(_("Write: code; site; name. The code has small letters, digits, _ and -; the site is one of this entity."))  # fmt: skip
            found.append((parts[0], site.pk, parts[2][:100]))
        return found

    def clean_shifts(self) -> list[tuple[str, tuple[int, ...], str, str]]:
        found = []
        for parts in _rows(self.cleaned_data["shifts"]):
            try:
                if len(parts) != 4 or not CODE.match(parts[0]):
                    raise ValueError
                begins, ends = (time.fromisoformat(part).strftime("%H:%M") for part in parts[2:])
                found.append((parts[0], _days(parts[1]), begins, ends))
            except ValueError:
                raise forms.ValidationError(_("Write: code; days; from; to, such as early; 1-6; 06:00; 14:00.")) from None  # fmt: skip
        return found

    def terms(self) -> Terms:
        """What was said, in the terms as they were; only after is_valid(). A department that a zone named stays."""
        said = self.cleaned_data
        units = {zone.code: zone.units for zone in self.before.zones}
        zones = [
            Zone(code, site, name, units.get(code, ()), adults_only=said["adults_only"])
            for code, site, name in said["zones"]
        ]
        shifts = [Shift(*one, adults_only=said["adults_only"]) for one in said["shifts"]]
        return msgspec.structs.replace(self.before, zones=tuple(zones), shifts=tuple(shifts))


def _rows(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.split(";")] for line in text.splitlines() if line.strip()]


def _days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        match = DAYS.match(part.strip())
        if match is None:
            raise ValueError
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    if not found:
        raise ValueError
    return tuple(sorted(found))


class Hand(forms.Form):
    """One camera, one person, one shift."""

    camera = forms.ModelChoiceField(Device.objects.none(), label=_("Camera"), empty_label=None)
    number = forms.CharField(
        max_length=40, label=_("Person number"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    shift = forms.ChoiceField(label=_("Shift"))

    def __init__(
        self, *args: Any, programme: Programme, shifts: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["camera"]
        field.queryset = worn_shown.free(programme)
        field.label_from_instance = lambda device: device.number
        self.fields["shift"].choices = shifts  # type: ignore[attr-defined]
