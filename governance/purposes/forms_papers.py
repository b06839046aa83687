"""Forms of the papers of a purpose: evidence, value assessments, overrides; and the day of a verdict."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import add_months
from governance.purposes import rules_papers, verdict_words
from governance.purposes.models import Evidence
from governance.purposes.policy import packs


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, help_text=help_text, required=required, widget=widget,
        error_messages={"invalid": _("Write the day as 2027-05-13."), "required": _("Give a day.")},
    )  # fmt: skip


def _words(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("This cannot stay empty.")},
    )  # fmt: skip


class Day(forms.Form):
    """The verdict of another day."""

    on = _day(_("Verdict on"))

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if not 2018 <= day.year <= 2100:
            raise forms.ValidationError(_("Choose a day between 2018 and 2100."))
        return day


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(label=_("What this paper is"))
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, PNG, JPEG, plain text, ODT or DOCX, at most 10 MB."), max_length=500,
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
    )  # fmt: skip
    signer = forms.CharField(
        label=_("Signed by"), max_length=200, help_text=_("Name and function, as they stand on the paper."),
        error_messages={"required": _("Write who signed it, as it stands on the paper.")},
    )  # fmt: skip
    signed_on = _day(_("Signed on"))
    expires_on = _day(
        _("Counts until"),
        _("Leave it empty for a paper without an end. From that day on it counts no more."),
        required=False,
    )
    outcome = forms.ChoiceField(label=_("What it says"), choices=Evidence.OUTCOMES, initial="approved")
    reference = forms.CharField(
        label=_("Reference"),
        max_length=200,
        required=False,
        help_text=_("File number, as your own archive has it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = rules_papers.fileable(packs.default())
        self.fields["kind"].choices = [(kind, verdict_words.paper(kind)) for kind in kinds]  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    because = _words(_("Why it counts no more"), rows=3)


class AssessmentForm(forms.Form):
    why_needed = _words(
        _("Why it is needed"), _("What could not be reached without it? One or two sentences.")
    )
    what_less = _words(
        _("What less would do"),
        _(
            "Which smaller form was looked at (fewer fields, coarser, shorter, of fewer people), and why it is enough or not."
        ),
    )
    justified = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect,
        choices=[("yes", _("It is needed in this form")), ("no", _("It is not needed: nothing of it may be recorded"))],
        error_messages={"required": _("Choose one.")},
    )  # fmt: skip
    until = _day(_("Counts until"), _("At most two years. Then the question is asked again."))

    def __init__(self, *args: Any, on: date, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"until": add_months(on, 12)} | (initial or {}), **kwargs)


class AdviceForm(forms.Form):
    advice = _words(
        _("Your advice"),
        _("It stands beside the owner’s decision for good, with your name, also in the PDF."),
        rows=6,
    )


class DecisionForm(forms.Form):
    relax = forms.ChoiceField(
        label=_("Decision"), widget=forms.RadioSelect,
        choices=[("no", _("The rule stays as it is")), ("yes", _("The rule is relaxed for this purpose"))],
        error_messages={"required": _("Choose one.")},
    )  # fmt: skip
    reason = _words(
        _("Your reason"),
        _("Say what you make of the advice. It stays on the page with your name, also in the PDF."),
        rows=6,
    )
    until = _day(_("Counts until"), _("At most two years."))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"until": add_months(on, 12)}, **kwargs)
