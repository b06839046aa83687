"""What the choices form sends: the notice that was on the page, the language it was shown in, what was switched on."""

from typing import Any

from django import forms


class Choice(forms.Form):
    """`notice` is the hidden id of the version that the person read; the verb compares it with today's."""

    notice = forms.UUIDField()
    language = forms.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=12)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.signals: list[str] = data.getlist("signals")[:50]
