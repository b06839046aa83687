"""How codes of the register read to people: fields, laws, languages, periods, and the grounds as the law of a day knows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from governance.lib import countries, languages, packs
from governance.lib.dates import date_format
from governance.purposes import catalogue, lists
from governance.purposes.activity import Activity
from governance.purposes.models import Purpose, Signal

FIELDS = {
    "time": gettext_lazy("time"), "action": gettext_lazy("action"), "application": gettext_lazy("application"),
    "site": gettext_lazy("site, without the page"), "role": gettext_lazy("kind of element"),
    "element": gettext_lazy("name of the element"), "kind": gettext_lazy("type of the field"),
    "x": gettext_lazy("position across"), "y": gettext_lazy("position down"),
    "quarter": gettext_lazy("quarter of an hour"), "keys": gettext_lazy("keys in a minute, in steps of ten"), "picture": gettext_lazy("the picture, faces and screens blurred"),
    "window": gettext_lazy("sign of the window, without its title"),
}  # fmt: skip
ALWAYS_KEPT = ("time", "action", "application")
LAWS = {"IN": gettext_lazy("India (DPDP)"), "EU": gettext_lazy("European Union (GDPR)")}

# What consent rests on: law → provision. Receipts cite the same.
CONSENT = {"IN": "dpdp.s6", "EU": "gdpr.6-1-a"}


def field(code: str) -> str:
    return str(FIELDS.get(code, code))


def law(code: str) -> str:
    return str(LAWS.get(code, code))


def language(code: str) -> str:
    """The language's own name; the tag itself where it is not in the list."""
    return languages.native(code)


def period(text: str) -> str:
    """P12M → "12 months"; "" stays ""."""
    if not text:
        return ""
    number = int(text[1:-1])
    if text[-1] == "Y":
        return ngettext("%(n)d year", "%(n)d years", number) % {"n": number}
    if text[-1] == "M":
        return ngettext("%(n)d month", "%(n)d months", number) % {"n": number}
    return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}


def reader() -> str:
    return get_language() or "en"


def citation(provision_id: str, on: date, part: str = "") -> str:
    """The provision as a page of this day may name it, in the reader's language (packs.cite is what is stored).

    `part` is what follows the citation: "(1)(c)".
    """
    provision = packs.provisions()[provision_id]
    cited = provision.cite + part
    if provision.in_force(on):
        return cited
    if on < provision.from_:
        day = date_format(provision.from_, "j F Y")
        return _("%(cite)s (applied voluntarily, in force from %(day)s)") % {"cite": cited, "day": day}
    return _("%(cite)s (no longer in force)") % {"cite": cited}


def citations(asked: Iterable[tuple[str, str]], on: date) -> str:
    """Several provisions as (id, part) in one line; those of one coming day share the words that say so."""
    told: dict[str, list[str]] = {}
    for provision_id, part in asked:
        cited = packs.provisions()[provision_id].cite + part
        told.setdefault(citation(provision_id, on, part).replace(cited, "%s", 1), []).append(cited)
    return "; ".join(says.replace("%s", ", ".join(cited), 1) for says, cited in told.items())


def ground(purpose: Purpose, law_code: str) -> str:
    """On what it rests under one law, as the list of grounds names it; "" when nothing is recorded."""
    if law_code == "EU":
        return lists.label("basis_eu", purpose.basis_eu) if purpose.basis_eu else ""
    return lists.label("ground_in", purpose.ground_in) if purpose.ground_in else ""


def short_grounds(purpose: Purpose) -> list[str]:
    """One line per law with a ground: for lists."""
    return [f"{code}: {said}" for code in purpose.jurisdictions if (said := ground(purpose, code))]


@dataclass(frozen=True)
class Ground:
    law: str  # as read: "India (DPDP)"
    says: str  # the ground with its citation of the day


def grounds(purpose: Purpose, on: date) -> list[Ground]:
    """On what the purpose rests under each of its laws. Consent is cited from the pack, anything else as the list names it."""
    found = []
    for code in purpose.jurisdictions:
        if purpose.asks_consent and code in CONSENT:
            says = _("Your consent: %(cite)s") % {"cite": citation(CONSENT[code], on)}
        else:
            says = ground(purpose, code)
        found.append(Ground(law(code), says))
    return found


def recipients(activity: Activity) -> list[str]:
    """One line each: name, kind, country."""
    lines = []
    for row in activity.recipients:
        parts = [row.name, lists.label("recipient_kind", row.kind), countries.called(row.country), row.note]
        lines.append(", ".join(part for part in parts if part))
    return lines


def always_kept(signal: str) -> list[str]:
    """What stays of every event of this signal, whatever fields are declared: what its example shows."""
    known = catalogue.signals().get(signal)
    return [code for code in ALWAYS_KEPT if known is None or code in known.sample]


def sample_row(signal: Signal) -> list[dict[str, Any]]:
    """The catalogue's example of one event, cut down to what this purpose declares: [{"name", "value"}]."""
    kept = {*always_kept(signal.code), *signal.fields}
    return [
        {"name": field(code), "value": value} for code, value in signal.entry.sample.items() if code in kept
    ]
