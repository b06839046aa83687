"""Ask for a report, and write down who took it away."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.capture.models import Programme
from governance.consents.models import Receipt
from governance.lib import clock, locks, numbers
from governance.lib.canonical import digest
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Entity, Person
from governance.purposes.models import NoticeText, Purpose
from governance.reports import kinds, links, rules, tables, words
from governance.reports.kinds import statement
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report, ReportFile
from governance.retention import reads
from governance.retention.models import ErasureOrder


@transaction.atomic
def ask(
    kind: str,
    entity: Entity,
    scope: dict[str, Any] | None = None,
    *,
    by: Person,
    language: str = "en",
    law_on: date | None = None,
) -> Report:
    """A report of this kind is waiting to be made. Raises Refused.

    `scope` holds the ids that the kind reads, as text: {"order": "…"}. The same kind, scope, language and law date
    asked for again while it is being made gives the one under way.
    """
    scope = {key: str(value) for key, value in (scope or {}).items()}
    law_on = law_on or clock.law_date(entity.timezone)
    subject = check(kind, entity, scope, by, language)
    # Lock before reading: two tabs ask at once and find each other's row.
    locks.exclusively(locks.key("report", digest([kind, entity.pk, scope, language, law_on])))
    same = Report.objects.filter(kind=kind, entity=entity, scope=scope, language=language, law_on=law_on)
    under_way = same.filter(state__in=rules.BEING_MADE).first()
    if under_way:
        return under_way
    report = Report.objects.create(
        number=numbers.take("G", clock.now().year), kind=kind, entity=entity, scope=scope, about=subject.about,
        language=language, law_on=law_on, asked_by=by,
    )  # fmt: skip
    log.record("report.asked", by=by, about=report, kind=kind, number=report.number, law_on=law_on)
    nudge("reports.press")
    if kind in rules.FIRST:
        nudge("reports.press_first")
    return report


def check(kind: str, entity: Entity, scope: dict[str, str], by: Person, language: str) -> Subject:
    """What the report would be about, when this person may have it. Raises Refused."""
    made = kinds.KINDS.get(kind)
    subject = made.subject(scope, entity) if made else None
    rules.check_ask(
        rules.AskFacts(
            kind_is_known=made is not None,
            personal=rules.is_for_its_person(kind, scope) or bool(subject and subject.personal),
            language_is_known=language in dict(words.languages(kind)),
            scope_is_whole=subject is not None,
            may_request=by.holds("reports.request", entity.pk),
            about_themselves=bool(subject and subject.is_for(by)),
            may_see_what_is_in_it=kind not in rules.NEEDS or by.holds(rules.NEEDS[kind], entity.pk),
        )
    )
    assert subject is not None
    return subject


def ask_for_receipt(receipt: Receipt, *, by: Person) -> Report:
    """The person's own receipt as a document, in the language in which they were asked: a ready one is given again."""
    scope = {"receipt": str(receipt.pk)}
    notice = receipt.body.get("notice") or {}
    language = words.spoken(notice.get("language") or by.language, "receipt")
    ready = Report.objects.filter(kind="receipt", scope=scope, language=language, state="ready").first()
    return ready or ask("receipt", receipt.purpose.entity, scope, by=by, language=language)


def ask_for_notice(text: NoticeText, *, by: Person) -> Report:
    """A notice as a document in its own language: one for all whom it tells, so a ready one is given again."""
    scope, language = (
        {"notice": str(text.notice_id), "language": text.language},
        words.spoken(text.language, "notice"),
    )
    entity = text.notice.purpose.entity
    check("notice", entity, scope, by, language)
    ready = Report.objects.filter(kind="notice", scope=scope, language=language, state="ready").first()
    return ready or ask("notice", entity, scope, by=by, language=language)


def _theirs(by: Person, chosen: str, kind: str) -> str:
    """The language that they read the portal in, where this kind is made in it, else their own."""
    return chosen if chosen in dict(words.languages(kind)) else words.spoken(by.language, kind)


def ask_for_statement(*, by: Person, chosen: str = "") -> Report:
    """The person's own statement, of this moment, in the language that they chose, else in theirs.

    Raises Refused when no entity answers them.
    """
    entity = statement.answering(by)
    if entity is None:
        raise Refused(
            _("You never worked at an entity of this portal, so nobody here has anything of yours."),
            code="no_entity",
        )
    language = _theirs(by, chosen, "statement")
    return ask("statement", entity, {"person": by.pk}, by=by, language=language)


def ask_for_bundle(purpose: Purpose, *, by: Person, chosen: str = "") -> Report:
    """The person's own evidence bundle on this purpose, of this moment; its language as a statement's. Raises Refused."""
    scope = {"person": by.pk, "purpose": purpose.pk}
    language = _theirs(by, chosen, "evidence_bundle")
    return ask("evidence_bundle", purpose.entity, scope, by=by, language=language)


def ask_for_works_pack(programme: Programme, *, by: Person) -> Report:
    """The works-council pack of this programme, of this moment, in the language of who asks. Raises Refused."""
    scope = {"programme": programme.pk}
    return ask("works_pack", programme.entity, scope, by=by, language=words.spoken(by.language))


def ask_for_door_sign(programme: Programme, zone: str, *, by: Person) -> Report:
    """The sign at the doors of this zone, as the terms and the notice say today. Raises Refused."""
    scope = {"programme": programme.pk, "zone": zone}
    return ask("door_sign", programme.entity, scope, by=by, language=words.spoken(by.language))


def ask_for_own_certificate(order: ErasureOrder, *, by: Person) -> Report:
    """The certificate of the person's own order in their language, which tells its cause: again the same one while
    nothing has changed."""
    _kind, key, value = rules.FOR_ITS_PERSON
    scope, language = {"order": str(order.pk), key: value}, words.spoken(by.language)
    ready = Report.objects.filter(kind="certificate", scope=scope, language=language, state="ready").first()
    if ready and ready.facts and ready.facts["content"]["order"]["state"] == order.state == "done":
        return ready
    return ask("certificate", order.entity, scope, by=by, language=language)


def ask_for_own_court_certificate(report: Report, *, by: Person) -> Report:
    """The certificate for a court over a document of the person's own: for them alone. Raises Refused."""
    scope = {"report": str(report.pk), "own": "yes"}
    return ask("bsa_certificate", report.entity, scope, by=by, language=words.spoken(by.language))


@transaction.atomic
def cancel(report: Report, *, by: Person) -> Report:
    """Nobody makes this report any more: whoever draws it stops within seconds. Raises Refused."""
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    rules.check_cancel(cancel_facts(report, by))
    Report.objects.filter(pk=report.pk).update(state="cancelled", step="", lease_until=None, fault="")
    log.record("report.cancelled", by=by, about=report, number=report.number)
    report.refresh_from_db()
    return report


def cancel_facts(report: Report, by: Person) -> rules.CancelFacts:
    return rules.CancelFacts(
        being_made=report.is_being_made,
        asked_themselves=report.asked_by_id == by.pk,
        may_request=not report.only_for_its_person and by.holds("reports.request", report.entity_id),
    )


def make_ready(report: Report, *, pdf_sha256: str, seal: dict[str, Any]) -> None:
    """Log entry, message and state, in the caller's transaction: a ready report has all of them."""
    twin = report.files.get(kind="json")
    entry = log.record(
        "report.made", about=report, kind=report.kind, number=report.number, facts_sha256=report.facts_sha256,
        pdf_sha256=pdf_sha256, json_sha256=sha256(bytes(twin.content)).hexdigest(), seal=seal.get("kid", ""), program=report.drawn_by.get("program", ""),
    )  # fmt: skip
    Report.objects.filter(pk=report.pk).update(
        state="ready", step="", progress=100, lease_until=None, pdf_sha256=pdf_sha256, seal=seal, entry_id=entry,
        ready_at=Now(), fault="",
    )  # fmt: skip
    recipients = report.recipients()
    if report.asked_by and report.asked_by not in recipients:
        notify.tell(report.asked_by, "report_ready", report=report.pk, number=report.number)
    for person in recipients:
        notify.tell(
            person, "report_scheduled", report=report.pk, number=report.number, link=links.of(report, person)
        )


@transaction.atomic
def hand_over(report: Report, kind: str, *, by: Person) -> ReportFile | None:
    """The file, after it was written down who takes it; None when there is no such file."""
    file = ReportFile.objects.filter(report=report, kind=kind, report__state="ready").first()
    if file is not None:
        note_read(report, by=by)
        log.record("report.downloaded", by=by, about=report, file=kind, sha256=digest(bytes(file.content)))
    return file


def note_read(report: Report, *, by: Person) -> None:
    """A register of opt-outs and objections shows what people chose, by number: whoever reads it is written down."""
    if report.kind == "optouts" and report.facts:
        content = report.facts["content"]
        numbers = {row["person_number"] for row in [*content["opt_outs"], *content["objections"]]} - {None}
        people = Person.objects.filter(number__in=numbers).values_list("pk", flat=True)
        reads.note_choices([(pk, None) for pk in people], entity=report.entity_id, how="optouts", by=by)


def body(report: Report) -> str:
    """The page of a ready report without its frame, in the report's language."""
    kind = kinds.KINDS[report.kind]
    with translation.override(report.language):
        context = words.paper(report.facts or {}, kind, report.facts_sha256, report.template_version)
        return render_to_string(f"reports/{report.kind}_body.html", context)


@transaction.atomic
def hand_over_tables(report: Report, kind: str, *, by: Person) -> bytes | None:
    """The tables of a ready report as `csv` or `xlsx`, after it was written down who takes them; None before it is ready."""
    if report.state != "ready" or report.facts is None:
        return None
    note_read(report, by=by)
    found = tables.of(body(report))
    if kind == "csv":
        content = tables.as_csv(found)
    else:
        made_at = datetime.fromisoformat(report.facts["report"]["read_at"])
        content = tables.as_xlsx(found, title=report.number, made_at=made_at)
    log.record("report.downloaded", by=by, about=report, file=kind, sha256=digest(content))
    return content
