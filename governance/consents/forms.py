"""What the choices form sends: the notice that was on the page, the language it was shown in, what was switched on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Choice(forms.Form):
    """`notice` is the hidden id of the version that the person read; the verb compares it with today's."""

    notice = forms.UUIDField()
    language = forms.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=12)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.signals: list[str] = data.getlist("signals")[:50]


class Object(forms.Form):
    reasons = forms.CharField(required=False, max_length=5000, widget=forms.Textarea)


class Decide(forms.Form):
    """The decision about an objection."""

    OUTCOMES = [
        ("upheld", _("Upheld: it stops for this person, and what there is of it is erased")),
        ("rejected", _("Not upheld: it goes on")),
    ]
    outcome = forms.ChoiceField(label=_("Your decision"), choices=OUTCOMES, widget=forms.RadioSelect)
    answer = forms.CharField(
        required=False, max_length=20000, label=_("Your reasons"), widget=forms.Textarea,
        help_text=_("The person reads them as they stand. A no needs the compelling grounds for which it goes on."),
    )  # fmt: skip


class Pressed(forms.Form):
    """Nothing of it has to be filled in."""

    purpose = forms.ChoiceField(required=False, label=_("What was it about?"))
    words = forms.CharField(
        required=False, max_length=5000, label=_("What happened"), widget=forms.Textarea,
        help_text=_("You need not say anything. Leave out names if you do not want anybody to be recognised, yourself included."),
    )  # fmt: skip
    named = forms.BooleanField(
        required=False, label=_("They may know my name"),
        help_text=_("Without this nobody learns who you are, and so nobody can answer you."),
    )  # fmt: skip

    def __init__(self, data: Any, purposes: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["purpose"].choices = [("", _("In general")), *purposes]  # type: ignore[attr-defined]


class Done(forms.Form):
    words = forms.CharField(max_length=20000, label=_("What was done about it"), widget=forms.Textarea)
