"""Over-collection as pages show it: what is declared, what arrived beyond it, and how much of it on which day."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.capture import excess
from governance.capture.models import Excess, Programme
from governance.lib.dates import date_format
from governance.purposes import catalogue, words
from governance.purposes.models import Signal

DAYS = 14
UNKNOWN_SIGNAL = gettext_lazy("a signal that the catalogue does not know")
TRIPPED = {
    "aadhaar": gettext_lazy("text with an Aadhaar number"), "pan": gettext_lazy("text with a PAN"),
    "iban": gettext_lazy("text with an IBAN"), "card": gettext_lazy("text with the number of a card"),
    "email": gettext_lazy("text with an e-mail address"), "phone": gettext_lazy("text with a telephone number"),
    "health": gettext_lazy("text about health"), "union": gettext_lazy("text about a union"),
}  # fmt: skip
UNKNOWN_FIELD = gettext_lazy("a field that no signal has")


@dataclass(frozen=True)
class Finding:
    """What components/columns.html and components/table.html print. `kinds`: how many different things arrive."""

    kinds: int = 0
    sentence: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    bars: list[dict[str, Any]] = field(default_factory=list)
    top: int = 1
    first: str = ""
    last: str = ""


def of(programmes: Collection[Programme], today: date, language: str) -> Finding:
    """The last fourteen days of these programmes. Two queries."""
    days = [today - timedelta(days=n) for n in reversed(range(DAYS))]
    found = list(
        Excess.objects.filter(programme__in=programmes, day__gte=days[0]).select_related("programme")
    )  # nothing here is of a person: counts are shown as they are
    if not found:
        return Finding()
    kinds: Counter[tuple[Programme, str, str]] = Counter()
    per_day: Counter[date] = Counter()
    for row in found:
        kinds[row.programme, row.signal, row.field] += row.events
        per_day[row.day] += row.events
    declared = {
        (signal.purpose_id, signal.code): signal.fields
        for signal in Signal.objects.filter(purpose__in={p.purpose_id for p in programmes})
    }
    several = len(programmes) > 1
    head = [_("Signal"), _("Arrives without being declared"), _("Declared"), _("Events")]
    head = [_("Programme"), *head] if several else head
    bars = [{"label": date_format(day, "j M"), "value": per_day[day]} for day in days]
    return Finding(
        len(kinds), sentence(len(kinds)),
        [{"label": label, "num": n == len(head) - 1} for n, label in enumerate(head)],
        [
            ([programme.number] if several else [])
            + [
                signal_name(signal, language), field_name(name),
                _declared(declared.get((programme.purpose_id, signal)), name),
                number_format(events, force_grouping=True),
            ]
            for (programme, signal, name), events in kinds.most_common()
        ],
        bars, max(max(per_day.values()), 1), bars[0]["label"], bars[-1]["label"],
    )  # fmt: skip


def sentence(kinds: int) -> str:
    return ngettext(
        "In the last 14 days the client sent %(n)s thing that is not declared. It was dropped at the gate and stored nowhere.",
        "In the last 14 days the client sent %(n)s things that are not declared. They were dropped at the gate and stored nowhere.",
        kinds,
    ) % {"n": kinds}


def signal_name(code: str, language: str) -> str:
    kind = catalogue.signals().get(code)
    return kind.title(language) if kind else str(UNKNOWN_SIGNAL)


def field_name(name: str) -> str:
    if not name:
        return _("the whole signal")
    if name.startswith(excess.TRIPWIRE):
        return str(TRIPPED[name.removeprefix(excess.TRIPWIRE)])
    return str(UNKNOWN_FIELD) if name == excess.UNKNOWN else words.field(name)


def _declared(fields: list[str] | None, name: str) -> str:
    if name.startswith(excess.TRIPWIRE):
        return _("never kept")
    if fields is None:
        return _("not declared") if not name else _("not declared any more")
    if not name or name in fields:
        return _("declared since")
    return ", ".join(words.field(one) for one in fields) or _("time, action and application only")
