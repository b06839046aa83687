from django import forms
from django.utils.translation import gettext_lazy as _

from governance.rights.models import Request


class Raise(forms.Form):
    right = forms.ChoiceField(
        label=_("What do you ask for?"), choices=Request.RIGHTS, widget=forms.RadioSelect
    )
    words = forms.CharField(
        required=False, max_length=5000, label=_("In your own words"), widget=forms.Textarea,
        help_text=_("Only those who answer read this. For “Correct”, “Object” and “Complain”, say what is wrong."),
    )  # fmt: skip


class Answer(forms.Form):
    words = forms.CharField(
        max_length=20000, label=_("Your answer"), widget=forms.Textarea,
        help_text=_("What was done, or what not and why; where the person can complain, if it is a no."),
    )  # fmt: skip
