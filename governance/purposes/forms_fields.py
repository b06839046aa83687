"""Fields of the register's forms: each reads and writes the plain value that an Activity keeps."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from governance.purposes import lists
from governance.purposes.activity import COUNTRY, PERIOD
from governance.purposes.when import WHEN

NOT_RECORDED = _("not recorded")


class Words(forms.CharField):
    """One line, or several with `rows`."""

    def __init__(self, *, rows: int = 0, long: int = 2000, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        super().__init__(required=kwargs.pop("required", False), max_length=long, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        """A browser ends lines with two characters: no change of what is written."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class Lines(forms.CharField):
    """A list of words, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = kwargs.pop("help_text", _("One on each line."))
        super().__init__(
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=help_text,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value) or ""
        return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class Countries(forms.CharField):
    """ISO 3166-1 codes between commas or spaces."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = kwargs.pop("help_text", _("Two capital letters each, like IN, DE."))
        super().__init__(required=False, max_length=400, help_text=help_text, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        codes = list(dict.fromkeys(re.findall(r"[^\s,;]+", (super().clean(value) or "").upper())))
        for code in codes:
            if not COUNTRY.fullmatch(code):
                raise ValidationError(
                    _("“%(code)s” is no country code. Write two capital letters, like IN or DE."),
                    params={"code": code},
                )
        return codes


class Country(Countries):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text=kwargs.pop("help_text", ""), **kwargs)
        self.widget.attrs |= {"size": 4, "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return value

    def clean(self, value: Any) -> str:  # type: ignore[override]
        codes = super().clean(value)
        if len(codes) > 1:
            raise ValidationError(_("Write one country."))
        return codes[0] if codes else ""


class One(forms.ChoiceField):
    """One code of a list, or nothing. With `explain`, radio buttons with a sentence on when each fits."""

    def __init__(
        self,
        name: str,
        *,
        explain: bool = False,
        radio: bool = False,
        empty: Any = NOT_RECORDED,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("required", False)
        widget = forms.RadioSelect() if explain or radio else forms.Select()
        super().__init__(choices=lambda: choices(name, explain=explain, empty=empty), widget=widget, **kwargs)


class Many(forms.MultipleChoiceField):
    """Any number of codes of a list, as ticks, kept in the order of the list."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: lists.choices(name),
            required=False,
            widget=forms.CheckboxSelectMultiple(),
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        said = super().clean(value)
        return [code for code, _label in self.choices if code in said]


class YesNo(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", _("not recorded")), ("yes", _("yes")), ("no", _("no"))],
            required=False,
            widget=forms.RadioSelect(),
            **kwargs,
        )


class Tick(forms.BooleanField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("Write a day as year-month-day, like 2026-03-04.")}, **kwargs,
        )  # fmt: skip


class Period(forms.CharField):
    """ISO 8601: P30D, P12M, P7Y."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=8,
            widget=forms.TextInput(attrs={"size": 8, "placeholder": "P12M"}),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        text = (super().clean(value) or "").upper().replace(" ", "")
        if text and not PERIOD.fullmatch(text):
            raise ValidationError(
                _("“%(text)s” is no period. Write P30D, P12M or P7Y."), params={"text": text}
            )
        return text


class Term(forms.CharField):
    """A term of DPV 2.3: pd:Behavioural, Behavioural or its address; kept as its address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=120, **kwargs)
        self.widget.attrs |= {"list": "dpv-terms", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return short_term(value) if value else value

    def clean(self, value: Any) -> str:
        text = super().clean(value) or ""
        iri = lists.dpv(text) if text else ""
        if text and not iri:
            raise ValidationError(
                _("“%(term)s” is no term of DPV 2.3. Begin to type, and choose one of the list."),
                params={"term": text},
            )
        return iri


def short_term(iri: str) -> str:
    """pd:Behavioural for the address of that term."""
    base, _hash, name = iri.rpartition("#")
    return f"pd:{name}" if base.endswith("/pd") else name


def terms() -> list[str]:
    return sorted(short_term(iri) for iri in lists.dpv_terms())


def choices(name: str, *, explain: bool = False, empty: Any = None) -> list[tuple[str, Any]]:
    listed: list[tuple[str, Any]] = list(lists.choices(name))
    if explain:
        listed = [
            (code, format_html('<span>{}<span class="when">{}</span></span>', label, WHEN[name, code]))
            for code, label in listed
        ]
    return listed if empty is None else [("", empty), *listed]


def plain(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values as an Activity keeps them: days as text, None and "" apart only for days."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in cleaned.items()}
