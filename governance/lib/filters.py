"""Template filters of every page: `date` as Django's, with a day written as the active language writes it."""

from typing import Any

from django.template import Library, defaultfilters

from governance.lib.dates import pattern

register = Library()


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, written: str | None = None) -> Any:
    return defaultfilters.date(value, pattern(written) if written else None)
