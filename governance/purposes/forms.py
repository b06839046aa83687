"""The register's filters, and one text of a notice in one language."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.purposes import catalogue, words
from governance.purposes.models import NoticeText, Purpose

LANGUAGE_CODE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class Filters(forms.Form):
    """All in the URL, so that a filtered register can be sent to a colleague. What is searched names no person."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("every state")), *Purpose.STATES]
    )
    law = forms.ChoiceField(
        label=_("Law"), required=False, choices=[("", _("every law")), *words.LAWS.items()]
    )

    def __init__(self, data: Any, entities: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["entity"] = forms.ChoiceField(
            label=_("Entity"), required=False, choices=[("", _("every entity")), *entities]
        )

    def chosen(self) -> dict[str, str]:
        """Only what was understood: a mistyped filter is no filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class Language(forms.Form):
    language = forms.RegexField(
        LANGUAGE_CODE, label=_("Language"), max_length=12,
        help_text=_("Its code, for example ta for Tamil, ur for Urdu or de for German."),
        error_messages={"invalid": _("Write a language code like ta, ur or de.")},
    )  # fmt: skip


class Text(forms.Form):
    """Title, one field per element that laws ask for, and who reviewed it."""

    title = forms.CharField(label=_("Title"), max_length=300)
    reviewed_by = forms.CharField(
        label=_("Reviewed by"),
        max_length=200,
        required=False,
        help_text=_("The person who read this text and answers for it."),
    )
    reviewed_on = forms.DateField(
        label=_("Reviewed on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, *args: Any, text: NoticeText | None, language: str, asked_by: dict[str, str], **kwargs: Any
    ) -> None:
        if text is not None:
            kwargs["initial"] = {
                "title": text.title, "reviewed_by": text.reviewed_by, "reviewed_on": text.reviewed_on,
                **{f"element_{code}": words_ for code, words_ in text.elements.items()},
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self._others = {
            k: v for k, v in (text.elements if text else {}).items() if k not in catalogue.ELEMENTS
        }
        for code in catalogue.ELEMENTS:
            asked = asked_by.get(code)
            self.fields[f"element_{code}"] = forms.CharField(
                label=catalogue.heading(code, "en"), required=False, widget=forms.Textarea(attrs={"rows": 4, "lang": language}),
                help_text=_("asked for by %(law)s") % {"law": asked} if asked else "",
            )  # fmt: skip
        self.fields["title"].widget.attrs["lang"] = language
        self.order_fields(
            ["title", *(f"element_{code}" for code in catalogue.ELEMENTS), "reviewed_by", "reviewed_on"]
        )

    def elements(self) -> dict[str, str]:
        written = {code: self.cleaned_data[f"element_{code}"] for code in catalogue.ELEMENTS}
        return {**self._others, **{code: words_ for code, words_ in written.items() if words_}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("reviewed_by")) != bool(cleaned.get("reviewed_on")):
            self.add_error("reviewed_on", _("A review has a person and a day: give both, or neither."))
        return cleaned
