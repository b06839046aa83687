"""What is asked on the pages of a programme."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture import limits, minimise
from governance.capture.models import Programme
from governance.capture.terms import Application, Hours, Population, Terms
from governance.people.models import Site, Unit
from governance.purposes.models import Evidence

DAYS = [
    (1, _("Monday")), (2, _("Tuesday")), (3, _("Wednesday")), (4, _("Thursday")), (5, _("Friday")), (6, _("Saturday")), (7, _("Sunday")),
]  # fmt: skip
KINDS = [("own", _("Employed here")), ("agency", _("Sent by an agency"))]


class Sign(forms.Form):
    words = forms.CharField(
        max_length=4000, label=_("What you looked at and what you found"), widget=forms.Textarea,
        help_text=_("Whoever may see the programme reads this. No names."),
    )  # fmt: skip
    in_favour = forms.TypedChoiceField(
        choices=[("yes", _("In favour")), ("no", _("Against"))], coerce=lambda said: said == "yes",
        label=_("Your answer"), widget=forms.RadioSelect,
    )  # fmt: skip


class FileAct(forms.Form):
    paper = forms.ModelChoiceField(
        Evidence.objects.none(), label=_("Paper on file"), empty_label=None,
        help_text=_("File it at the purpose first. What counts is the signed document, not this form."),
    )  # fmt: skip
    number = forms.CharField(max_length=100, label=_("Number of the act"))
    resolution = forms.CharField(
        max_length=200,
        label=_("Resolution"),
        help_text=_("When the body resolved it and with how many votes."),
    )

    def __init__(self, *args: Any, papers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paper"]
        field.queryset = papers
        field.label_from_instance = lambda paper: (
            f"{paper.reference or paper.file_name}, {paper.signed_on:%Y-%m-%d}, {paper.signer}"
        )


class EditTerms(forms.Form):
    """The terms of a programme, but for what its purpose says."""

    own = forms.CharField(
        required=False, label=_("Own applications"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line, by the name that the capture client gives it."),
    )  # fmt: skip
    of_clients = forms.CharField(
        required=False, label=_("Applications of clients"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One in each line: application; client; reference of their written permission. Without a permission on file nothing is taken."),
    )  # fmt: skip
    hosts = forms.CharField(
        required=False, label=_("Sites of the web"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One in each line, such as claims.example; what lies beneath counts too. None: any site that is not on the list of what is never recorded."),
    )  # fmt: skip
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        required=False,
        label=_("Only at these sites"),
        widget=forms.CheckboxSelectMultiple,
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        required=False,
        label=_("Only in these departments"),
        widget=forms.CheckboxSelectMultiple,
    )
    countries = forms.CharField(
        required=False,
        label=_("Only where people work in"),
        help_text=_("Codes of two letters with commas, such as IN, DE."),
    )
    kinds = forms.MultipleChoiceField(
        choices=KINDS, required=False, label=_("Only people who are"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedMultipleChoiceField(
        choices=DAYS,
        coerce=int,
        required=False,
        label=_("Only on these days"),
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.TimeField(
        required=False,
        label=_("From (in the zone of the entity)"),
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    ends = forms.TimeField(required=False, label=_("Up to"), widget=forms.TimeInput(attrs={"type": "time"}))
    days_2 = forms.TypedMultipleChoiceField(
        choices=DAYS,
        coerce=int,
        required=False,
        label=_("And on these days"),
        widget=forms.CheckboxSelectMultiple,
    )
    begins_2 = forms.TimeField(
        required=False, label=_("From"), widget=forms.TimeInput(attrs={"type": "time"})
    )
    ends_2 = forms.TimeField(required=False, label=_("Up to"), widget=forms.TimeInput(attrs={"type": "time"}))
    idle_minutes = forms.IntegerField(
        min_value=0, max_value=1440, initial=0, required=False, label=_("Signed out after so many minutes without a batch"),
        help_text=_("For shared terminals. 0: until they leave."),
    )  # fmt: skip
    shift_hours = forms.IntegerField(
        min_value=0, max_value=24, initial=0, required=False, label=_("Signed out after so many hours"), help_text=_("0: no such limit.")
    )  # fmt: skip
    sampling = forms.IntegerField(
        min_value=1, max_value=100, initial=100, label=_("Share of days, in per cent"),
        help_text=_("Of each person, whole days are taken or left out by chance."),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, programme: Programme, terms: Terms, **kwargs: Any) -> None:
        self.programme, self.before = programme, terms
        kwargs.setdefault("initial", _initial(terms, programme))
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = Unit.objects.filter(entity=programme.entity).order_by("name")  # type: ignore[attr-defined]
        self.fields["sites"].queryset = Site.objects.filter(entity=programme.entity).order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for more in ("", "_2"):
            begins, ends = said.get(f"begins{more}"), said.get(f"ends{more}")
            if said.get(f"days{more}") and not (begins and ends and begins < ends):
                self.add_error(f"begins{more}", _("Say from when up to when on these days."))
        for host in _lines(said.get("hosts", "")):
            if not minimise.HOST.match(host):
                self.add_error(
                    "hosts", _("Write the name of a site, such as claims.example, without https and path.")
                )
                break
            if limits.denied_host(host):
                self.add_error("hosts", _("This site is never recorded, whatever a programme lists."))
                break
        if not all(re.fullmatch(r"[A-Z]{2}", code) for code in _codes(said.get("countries", ""))):
            self.add_error("countries", _("Codes of two letters with commas, such as IN, DE."))
        if not said.get("own", "").strip() and not said.get("of_clients", "").strip():
            self.add_error("own", _("Name at least one application."))
        for line in said.get("of_clients", "").splitlines():
            if line.strip() and line.count(";") not in (1, 2):
                self.add_error("of_clients", _("Write: application; client; reference of the permission."))
                break
        return said

    def terms(self) -> Terms:
        """What was said, as terms; only after is_valid()."""
        said = self.cleaned_data
        own = [Application(line.strip()) for line in said["own"].splitlines() if line.strip()]
        theirs = [
            self._theirs(*(part.strip() for part in line.split(";")))
            for line in said["of_clients"].splitlines()
            if line.strip()
        ]
        hours = tuple(
            Hours(
                tuple(said[f"days{n}"]),
                said[f"begins{n}"].strftime("%H:%M"),
                said[f"ends{n}"].strftime("%H:%M"),
            )
            for n in ("", "_2")
            if said[f"days{n}"]
        )
        who = Population(
            sites=tuple(site.pk for site in said["sites"]), units=tuple(unit.pk for unit in said["units"]),
            countries=tuple(_codes(said["countries"])), kinds=tuple(said["kinds"]),
        )  # fmt: skip
        return Terms(
            applications=tuple(own + theirs), population=who, hours=hours, sampling=said["sampling"], ends_on=said["ends_on"],
            signals=self.before.signals, trains_ai=self.before.trains_ai, hosts=tuple(_lines(said["hosts"])),
            idle_minutes=said["idle_minutes"] or 0, shift_hours=said["shift_hours"] or 0,
            zones=self.before.zones, shifts=self.before.shifts,
        )  # fmt: skip

    def _theirs(self, name: str, client: str, reference: str = "") -> Application:
        paper = (
            Evidence.objects.filter(
                purpose=self.programme.purpose_id, kind="client_permission", reference__iexact=reference
            ).order_by("-filed_at").first()
            if reference
            else None
        )  # fmt: skip
        return Application(name, client=client, permission=str(paper.pk) if paper else "")


def _lines(text: str) -> list[str]:
    return [line.strip().lower() for line in text.splitlines() if line.strip()]


def _codes(text: str) -> list[str]:
    return [code.strip().upper() for code in text.split(",") if code.strip()]


def _initial(terms: Terms, programme: Programme) -> dict[str, Any]:
    papers = {
        str(e.pk): e.reference
        for e in Evidence.objects.filter(purpose=programme.purpose_id, kind="client_permission")
    }
    first = terms.hours[0] if terms.hours else None
    second = terms.hours[1] if len(terms.hours) > 1 else None
    return {
        "own": "\n".join(a.name for a in terms.applications if not a.client),
        "of_clients": "\n".join(
            f"{a.name}; {a.client}; {papers.get(a.permission, '')}" for a in terms.applications if a.client
        ),
        "hosts": "\n".join(terms.hosts), "units": list(terms.population.units), "countries": ", ".join(terms.population.countries),
        "days_2": list(second.days) if second else [], "begins_2": second.begins if second else None,
        "ends_2": second.ends if second else None, "idle_minutes": terms.idle_minutes, "shift_hours": terms.shift_hours,
        "sites": list(terms.population.sites), "kinds": list(terms.population.kinds),
        "days": list(first.days) if first else [], "begins": first.begins if first else None,
        "ends": first.ends if first else None, "sampling": terms.sampling, "ends_on": terms.ends_on,
    }  # fmt: skip
