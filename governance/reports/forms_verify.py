"""What strangers hand in to be checked: a file or a text; or the number and code of a printed copy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.reports.verifying import LARGEST, LARGEST_PROOF

LONGEST = 200_000  # characters of a receipt


class VerifyForm(forms.Form):
    document = forms.FileField(
        required=False, allow_empty_file=True, label=_("Document"),
        help_text=_("A PDF, or a receipt as a file. At most 10 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf,.json,.jws,.txt"}),
    )  # fmt: skip
    proof = forms.FileField(
        required=False, label=_("And its proof"),
        help_text=_("The file with the place in the log that was downloaded beside the document, if you have it."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )  # fmt: skip
    receipt = forms.CharField(
        required=False, max_length=LONGEST, label=_("Or the text of a receipt"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    handed_in = b""
    handed_in_proof = b""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, text = data.get("document"), data.get("receipt") or ""
        if file and file.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 10 MB. None of our documents is."))
        self.handed_in = file.read() if file else text.strip().encode()
        if not self.handed_in:
            raise forms.ValidationError(
                _("Nothing arrived. Choose a file of at most 10 MB, or paste the text of a receipt.")
            )
        if data.get("proof"):
            self.handed_in_proof = data["proof"].read(LARGEST_PROOF + 1)
        return data


class PaperForm(forms.Form):
    n = forms.CharField(max_length=20, label=_("Number"), help_text=_("As printed, like G-2026-000001."))
    c = forms.CharField(max_length=20, label=_("Code"), help_text=_("Three groups of four signs."))
