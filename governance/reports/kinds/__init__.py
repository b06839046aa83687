"""The kinds of report. A new one is the nearest file beside this one and its templates, copied, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity
from governance.reports.kinds import certificate, changes, fiche, notice, processors, receipt, register
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
    "changes": Kind(
        "changes", _("What changed since a day"),
        _("Versions, verdicts, notices, papers and processors of one entity that changed from a day on."),
        "history", changes.subject, changes.settled, changes.facts, changes.words,
    ),
    "processors": Kind(
        "processors", _("Register of processors"),
        _("Who processes for one entity under which contract, and for whom it processes: the record of Art. 30(2) GDPR."),
        "briefcase", processors.subject, processors.settled, processors.facts, processors.words,
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
    "notice": Kind(
        "notice", _("Notice"),
        _("What people are told about a purpose, word for word: one version in one language, to keep."),
        "file-description", notice.subject, notice.settled, notice.facts, notice.words,
    ),
    "fiche": Kind(
        "fiche", _("Record of one activity"),
        _("One activity of the register on a sheet, in the order of the CNIL’s record."),
        "file-text", fiche.subject, fiche.settled, fiche.facts, fiche.words,
    ),
}  # fmt: skip
