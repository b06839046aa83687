"""What is asked on the pages of a programme."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.capture.terms import Application, Hours, Population, Terms
from governance.people.models import Site
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
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        required=False,
        label=_("Only at these sites"),
        widget=forms.CheckboxSelectMultiple,
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
        self.fields["sites"].queryset = Site.objects.filter(entity=programme.entity).order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("days") and not (
            said.get("begins") and said.get("ends") and said["begins"] < said["ends"]
        ):
            self.add_error("begins", _("Say from when up to when on these days."))
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
        hours = (
            (Hours(tuple(said["days"]), said["begins"].strftime("%H:%M"), said["ends"].strftime("%H:%M")),)
            if said["days"]
            else ()
        )
        who = Population(
            sites=tuple(site.pk for site in said["sites"]), units=self.before.population.units,
            countries=self.before.population.countries, kinds=tuple(said["kinds"]),
        )  # fmt: skip
        return Terms(
            applications=tuple(own + theirs), population=who, hours=hours, sampling=said["sampling"], ends_on=said["ends_on"],
            signals=self.before.signals, trains_ai=self.before.trains_ai,
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


def _initial(terms: Terms, programme: Programme) -> dict[str, Any]:
    papers = {
        str(e.pk): e.reference
        for e in Evidence.objects.filter(purpose=programme.purpose_id, kind="client_permission")
    }
    first = terms.hours[0] if terms.hours else None
    return {
        "own": "\n".join(a.name for a in terms.applications if not a.client),
        "of_clients": "\n".join(
            f"{a.name}; {a.client}; {papers.get(a.permission, '')}" for a in terms.applications if a.client
        ),
        "sites": list(terms.population.sites), "kinds": list(terms.population.kinds),
        "days": list(first.days) if first else [], "begins": first.begins if first else None,
        "ends": first.ends if first else None, "sampling": terms.sampling, "ends_on": terms.ends_on,
    }  # fmt: skip
