"""A person's own statement: what runs about them, every choice, their no's, orders, receipts and requests; for nobody else."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from governance.capture import recorded
from governance.consents import counting, offers, said
from governance.consents.models import ConsentRecord, Objection, OptOut, Pause, Receipt
from governance.lib import clock
from governance.people.models import Entity, Person
from governance.reports import words as say
from governance.reports.kinds import statement_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.retention.models import ErasureOrder
from governance.rights import requests
from governance.rights.models import Request

words = statement_words.words


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """The person of the scope, where this entity is the one that answers them."""
    person = _person(scope)
    if person is None or set(scope) != {"person"} or answering(person) != entity:
        return None
    return Subject(person.number or "", person)


def answering(person: Person) -> Entity | None:
    """Where they work, or worked last."""
    try:
        return requests.entity_of(person)
    except requests.Refused:
        return None


def settled(scope: dict[str, str]) -> bool:
    return True


def _person(scope: dict[str, str]) -> Person | None:
    return Person.objects.filter(pk=id_in(scope, "person")).first()


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when the person is gone. Numbers and codes: no name, and no word that they wrote themselves."""
    person = _person(report.scope)
    if person is None:
        raise LookupError("person")
    now = clock.now()
    with translation.override(report.language), timezone.override(ZoneInfo(report.entity.timezone)):
        answer = recorded.answer(person, now)  # word for word what stands on top of their page
        spoken = [word.plain for word in said.by(person)]
        running = _running(person)
        kept = [_kept(person, purpose) for purpose in offers.concerning(person)]
    return {
        "person_number": person.number,
        "answer": {"says": str(answer.says), "more": str(answer.more)},
        "running": running,
        "kept": kept,
        "said": spoken,
        "titles": {code: say.signal_title(code, report.language) for code in _signals(person)},
        "opt_outs": [
            {
                "at": row.at, "lifted_at": row.lifted_at, "purpose": row.purpose.number if row.purpose else None, "signal": row.signal,
                "application": ", ".join(filter(None, [row.application, row.host])), "weekdays": row.weekdays,
                "from": row.from_time.isoformat("minutes") if row.from_time else None,
                "until": row.until_time.isoformat("minutes") if row.until_time else None,
            }
            for row in OptOut.objects.filter(person=person).select_related("purpose").order_by("at")
        ],
        "pauses": [
            {"at": row.at, "until": row.until, "ended_at": row.ended_at}
            for row in Pause.objects.filter(person=person).order_by("at")
        ],
        "objections": [
            {"purpose": row.purpose.number, "at": row.at, "due_on": row.due_on, "decided_at": row.decided_at, "upheld": row.upheld}
            for row in Objection.objects.filter(person=person).select_related("purpose").order_by("at")
        ],
        "orders": [
            {
                "number": row.number, "purpose": row.purpose.number if row.purpose else None, "because": row.because, "at": row.created_at,
                "state": row.state, "done_at": row.done_at, "kept_until": row.kept_until,
            }
            for row in ErasureOrder.objects.filter(person=person).select_related("purpose").order_by("created_at")
        ],
        "receipts": [
            {"number": row.number, "kind": row.kind, "purpose": row.purpose.number, "at": row.at, "sha256": row.sha256}
            for row in Receipt.objects.filter(person=person).select_related("purpose").order_by("at")
        ],
        "requests": [
            {"number": row.number, "right": row.right, "law": row.law, "at": row.received_at, "due_on": row.due_on, "answered_at": row.answered_at}
            for row in Request.objects.filter(person=person).order_by("received_at")
        ],
    }  # fmt: skip


def _running(person: Person) -> list[dict[str, Any]]:
    """What is switched on, and whether it counts now: a yes of another job or to an older notice does not."""
    counts = set(counting.grants().filter(person=person).values_list("pk", flat=True))
    rows = ConsentRecord.objects.on().filter(person=person).select_related("purpose", "notice")
    return [
        {
            "purpose": row.purpose.number, "purpose_name": row.purpose.called.text, "signal": row.signal, "given_at": row.given_at,
            "expires_at": row.expires_at, "counts": row.pk in counts, "notice_version": row.notice.version if row.notice else None,
        }
        for row in rows.order_by("purpose__ordinal", "signal")
    ]  # fmt: skip


def _kept(person: Person, purpose: Any) -> dict[str, Any]:
    found = recorded.of(person, purpose)
    return {
        "purpose": purpose.number, "purpose_name": purpose.called.text, "events": found.events, "since": found.since,
        "last_at": found.last_at, "by_signal": found.by_signal, "applications": list(found.applications),
    }  # fmt: skip


def _signals(person: Person) -> set[str]:
    spoken = ConsentRecord.objects.filter(person=person).values_list("signal", flat=True)
    left_out = OptOut.objects.filter(person=person).exclude(signal="").values_list("signal", flat=True)
    return set(spoken) | set(left_out)
