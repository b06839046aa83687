"""One text of a notice in one language: its words, and who has read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from governance.lib import languages
from governance.purposes import lint, rules_notice


class Language(forms.Form):
    """Every language of the portal that the notice has no text in, by its own name."""

    def __init__(self, *args: Any, there: set[str], reader: str = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rest = [row for row in languages.all() if row.tag not in there]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[(row.tag, self._says(row, reader)) for row in rest],
            error_messages={
                "invalid_choice": _("Choose one of the languages in the list."),
                "required": _("Choose one of the languages in the list."),
            },
        )

    @staticmethod
    def _says(row: languages.Language, reader: str) -> str:
        called = row.name(reader)
        return row.native if called == row.native else f"{row.native} · {called}"


class Prose(forms.CharField):
    """Lines of a notice. A browser ends them with two characters: no change of what is written.

    `required` is only said: a draft is kept with an empty part, and publishing says what is missing.
    """

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def validate(self, value: Any) -> None:
        pass

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


def rows_for(words: str) -> int:
    """High enough that nothing of the text is out of sight, and some room to go on."""
    return max(3, 1 + sum(1 + len(line) // 56 for line in words.splitlines()))


class Text(forms.Form):
    """Title, one field per part of the notice, one per signal for why it is needed. `seen`: hash of what was opened.

    `cites`: part → who asks for it, in one line. `english`: what the writer translates: their field is as high.
    """

    use_required_attribute = False

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    title = forms.CharField(
        label=_("Title")
    )  # too long a title is said by the lint, and keeps what was typed

    def __init__(
        self, *args: Any, language: str, parts: list[str], cites: Mapping[str, str], kept: Any = None,
        english: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:  # fmt: skip
        self.language, self.parts = language, parts
        said: Mapping[str, str] = kept.elements if kept else {}
        if kept is not None:
            kwargs["initial"] = {
                "title": kept.title, "seen": kept.sha256, **{f"element_{code}": words for code, words in said.items()},
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self._others = {code: words for code, words in said.items() if code not in parts}
        for code in parts:
            self.fields[f"element_{code}"] = Prose(
                label=rules_notice.part_name(code),
                rows=rows_for(said.get(code) or (english or {}).get(code, "")),
                required=code in cites,
                help_text=format_lazy(_("asked for by {law}"), law=cites[code]) if code in cites else "",
            )
        for name, field in self.fields.items():
            if name != "seen":
                field.widget.attrs |= {"lang": language, "dir": languages.direction(language)}

    def elements(self) -> dict[str, str]:
        written = {code: self.cleaned_data[f"element_{code}"] for code in self.parts}
        return {**{code: words for code, words in written.items() if words}, **self._others}

    def clean(self) -> dict[str, Any]:
        """What is not kept is said at its field; everything typed stays there."""
        cleaned = super().clean() or {}
        said = {code: cleaned.get(f"element_{code}") or "" for code in self.parts}
        for finding in lint.unsafe(lint.Text.of(self.language, cleaned.get("title") or "", said)):
            name = "title" if finding.element == "title" else f"element_{finding.element}"
            self.add_error(name, f"{finding.says} {finding.suggestion}")
        return cleaned


class Review(forms.Form):
    """Who has read a text: a colleague, or somebody without a login whose name a colleague enters."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reviewer = forms.CharField(
        label=_("Who has read it"),
        max_length=200,
        help_text=_("Somebody who knows the language and did not write the text, for example a translator."),
    )
    reviewed_on = forms.DateField(
        label=_("On which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, seen: str, today: date, **kwargs: Any) -> None:
        initial = {"seen": seen, "reviewed_on": today}
        super().__init__(*args, initial=initial, auto_id="review_%s", **kwargs)  # beside the text's own form
