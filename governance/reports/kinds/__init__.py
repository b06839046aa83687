"""The kinds of report. A new one is the nearest file beside this one and its templates, copied, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity
from governance.reports.kinds import certificate, receipt, register
from governance.reports.kinds.subject import Subject


@dataclass(frozen=True)
class Kind:
    """`subject(scope, entity)`: what it is about, or None when the scope is not whole. `settled(scope)`: is the log as
    far as the kind wants to show it? `facts(report)`: plain data, read once. `words(content, frame)`: finished sentences
    of that data in the language that is active, without any query."""

    code: str
    title: Any
    sentence: Any
    icon: str
    subject: Callable[[dict[str, str], Entity], Subject | None]
    settled: Callable[[dict[str, str]], bool]
    facts: Callable[[Any], dict[str, Any]]
    words: Callable[[dict[str, Any], Any], dict[str, Any]]


KINDS = {
    "register": Kind(
        "register", _("Purpose register"),
        _("Every activity of one entity with its purpose, grounds, signals, recipients and time limits: the record of processing activities."),
        "books", register.subject, register.settled, register.facts, register.words,
    ),
    "certificate": Kind(
        "certificate", _("Certificate of erasure"),
        _("What one erasure order found, erased and read back in each system, and what it did not erase and why."),
        "eraser", certificate.subject, certificate.settled, certificate.facts, certificate.words,
    ),
    "receipt": Kind(
        "receipt", _("Consent receipt"),
        _("What one person decided, on which words and when. Only that person gets it."),
        "receipt", receipt.subject, receipt.settled, receipt.facts, receipt.words,
    ),
}  # fmt: skip
