"""What is typed about a task by hand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.retention.models import ManualTask


class ProofForm(forms.Form):
    found = forms.IntegerField(
        label=_("How much was there"), min_value=0, max_value=1_000_000,
        help_text=_("Sheets, rows or files that you erased. 0 when nothing of the person was there."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Proof"), max_length=500,
        help_text=_("A record of deletion or a picture of the empty search: PDF, PNG, JPEG, plain text, ODT or DOCX, at most "
                    "10 MB. It must not show the data. It is kept until a second person has looked; then its hash is."),
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
    )  # fmt: skip


class SendBackForm(forms.Form):
    because = forms.ChoiceField(
        label=_("What is wrong with it"), choices=ManualTask.SENT_BACK, widget=forms.RadioSelect
    )
