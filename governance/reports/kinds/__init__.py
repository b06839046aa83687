"""The kinds of report. A new one is the nearest file beside this one and its templates, copied, and a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity
from governance.reports.kinds import (
    audit_extract,
    bsa_certificate,
    certificate,
    changes,
    deletion_run,
    door_sign,
    evaluation,
    evidence_bundle,
    fiche,
    ico,
    ledger,
    notice,
    optouts,
    processors,
    programme,
    receipt,
    register,
    requests,
    retention,
    statement,
    steering,
    training,
    works_pack,
)
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
    "ico": Kind(
        "ico", _("Register in the ICO’s columns"),
        _("The register of one entity under the thirty headings of the template of the British supervisory authority."),
        "books", ico.subject, ico.settled, ico.facts, ico.words,
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
    "door_sign": Kind(
        "door_sign", _("Sign for bystanders"),
        _("What is put up at the doors of a zone where cameras are worn, one sheet in each language, with the words to say aloud."),
        "file-text", door_sign.subject, door_sign.settled, door_sign.facts, door_sign.words,
    ),
    "fiche": Kind(
        "fiche", _("Record of one activity"),
        _("One activity of the register on a sheet, in the order of the CNIL’s record."),
        "file-text", fiche.subject, fiche.settled, fiche.facts, fiche.words,
    ),
    "statement": Kind(
        "statement", _("My statement"),
        _("What runs about one person and all that they ever said: choices, opt-outs, orders, receipts. Only that person gets it."),
        "receipt", statement.subject, statement.settled, statement.facts, statement.words,
    ),
    "ledger": Kind(
        "ledger", _("Consent ledger"),
        _("How many people said what on one purpose in a period, as bands under the rule of ten, and on which words."),
        "list-check", ledger.subject, ledger.settled, ledger.facts, ledger.words,
    ),
    "optouts": Kind(
        "optouts", _("Register of opt-outs and objections"),
        _("Every no that had to be honoured in a period, by person number, for those who honour and decide them."),
        "hand-stop", optouts.subject, optouts.settled, optouts.facts, optouts.words,
    ),
    "retention": Kind(
        "retention", _("Retention schedule"),
        _("What is kept for how long and why, and how it was kept in a period: done, late, held, in conflict."),
        "clock", retention.subject, retention.settled, retention.facts, retention.words,
    ),
    "deletion_run": Kind(
        "deletion_run", _("Report of a deletion run"),
        _("What was erased on one day, order by order and system by system, and what was left."),
        "eraser", deletion_run.subject, deletion_run.settled, deletion_run.facts, deletion_run.words,
    ),
    "programme": Kind(
        "programme", _("Dossier of a capture programme"),
        _("Assessment, minimisation with a sample, papers, stops and what was turned away of one programme."),
        "video", programme.subject, programme.settled, programme.facts, programme.words,
    ),
    "works_pack": Kind(
        "works_pack", _("Works-council pack"),
        _("What one programme is, what it keeps of each event, who sees what, all that can be evaluated with it, and what changed since the agreed version."),
        "users", works_pack.subject, works_pack.settled, works_pack.facts, works_pack.words,
    ),
    "training": Kind(
        "training", _("Provenance of AI training"),
        _("Which datasets and trainings rest on which programmes and consents, who received them, and what came out again when a consent ended."),
        "database", training.subject, training.settled, training.facts, training.words,
    ),
    "steering": Kind(
        "steering", _("Steering pack"),
        _("The quarter of one entity on six pages: participation, requests, erasure, over-collection and incidents, verdicts, and what is due."),
        "report", steering.subject, steering.settled, steering.facts, steering.words,
    ),
    "evaluation": Kind(
        "evaluation", _("Policy evaluation"),
        _("What both laws say of one purpose, rule by rule, what is missing, and on which days the verdict changes."),
        "scale", evaluation.subject, evaluation.settled, evaluation.facts, evaluation.words,
    ),
    "requests": Kind(
        "requests", _("Request log"),
        _("Every request of a period with its law, its clock and its answer’s day."),
        "message-circle", requests.subject, requests.settled, requests.facts, requests.words,
    ),
    "audit_extract": Kind(
        "audit_extract", _("Extract of the audit log"),
        _("The log of a period with the place of every entry, its checkpoints, and what checking them again found."),
        "lock", audit_extract.subject, audit_extract.settled, audit_extract.facts, audit_extract.words,
    ),
    "bsa_certificate": Kind(
        "bsa_certificate", _("Certificate for a court in India"),
        _("For one stored report, under section 63(4) of the Bharatiya Sakshya Adhiniyam, 2023: Part A filled in to be signed, Part B empty for the expert."),
        "scale", bsa_certificate.subject, bsa_certificate.settled, bsa_certificate.facts, bsa_certificate.words,
    ),
    "evidence_bundle": Kind(
        "evidence_bundle", _("Evidence bundle"),
        _("One person and one purpose: what was said when, on which words, who relied on it, and the proofs of erasure. Only that person gets it."),
        "archive", evidence_bundle.subject, evidence_bundle.settled, evidence_bundle.facts, evidence_bundle.words,
    ),
}  # fmt: skip
