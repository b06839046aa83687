"""What the log is filtered by. It stands in the URL, so it can name codes and days and nothing else."""

from django import forms
from django.utils.translation import gettext_lazy as _

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Filter(forms.Form):
    code = forms.RegexField(
        r"\A[a-z_.]{0,64}\Z", required=False, label=_("Kind of entry"), help_text=_("A whole code or its beginning, for example consent or order.raised"),
        error_messages={"invalid": _("Codes are lower-case letters, dots and underscores.")},
    )  # fmt: skip
    since = forms.DateField(required=False, label=_("From"), widget=DAY)
    until = forms.DateField(required=False, label=_("To"), widget=DAY)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
