"""How days are written in the language that is active: "4 March 2026", in German "4. März 2026", with the comma of Urdu. Pure.

Django's own formats are replaced by one order for every language (governance/formats); what a language adds is here.
"""

import re
from datetime import date, datetime, time

from django.utils import formats
from django.utils.translation import get_language, gettext_noop

# Django's own Hindi misspells these; ours, in governance/locale, stand before it.
MISSPELT = [
    gettext_noop("September"),
    gettext_noop("November"),
    gettext_noop("December"),
    gettext_noop("dec"),
]
POINTED = ("de",)  # the number of a day is an ordinal there, and carries a point
COMMAS = {"ur": "،"}  # between day and hour: "12 نومبر 2026، 10:40"
DAY_BEFORE_MONTH = re.compile(r"\bj(?= [FM])")


def pattern(written: str) -> str:
    """The pattern, e.g. "j F Y", as the active language wants it."""
    language = (get_language() or "en").partition("-")[0]
    if language in COMMAS:
        return written.replace(",", COMMAS[language])
    return DAY_BEFORE_MONTH.sub("j.", written) if language in POINTED else written


def date_format(value: date | datetime | time, written: str = "DATE_FORMAT") -> str:
    """As Django's of that name, with the point where it belongs. `written`: letters as Django's `date` filter has them."""
    return formats.date_format(value, pattern(formats.get_format(written) or written))
