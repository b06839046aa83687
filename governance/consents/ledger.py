"""Write a person's word: give, refuse, withdraw; and end what the register or the staff list has overtaken. Every verb
leaves one event per signal, a log entry, and for narrowing an order to erase, in one transaction."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from governance.audit import log
from governance.consents import (
    counting,
    ending,
    giving,
    jobs,
    receipts,
    rules,
    running,
    standing,
    streams,
)
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut, Receipt
from governance.lib import clock, numbers, prepared
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Notice, NoticeText, Purpose
from governance.retention import orders


def give(
    purpose: Purpose,
    signals: Iterable[str],
    *,
    by: Person,
    notice: Notice,
    language: str,
    method: str = "portal",
    evidence: str = "",
    unasked: bool = False,
) -> Receipt:
    """These signals, and no other of this purpose, are on for this person. Raises Refused and changes nothing.

    Signals that are on and not in `signals` stay as they are: giving never takes away. The grant becomes effective
    when a worker has made the streams' keys; until then the gate refuses. `unasked`: see giving.check.
    """
    wanted = frozenset(signals)
    with standing.changing(by.pk, purpose.pk), prepared.cursor() as cursor:
        asked = giving.asked(by.pk, purpose.pk, wanted, language)
        now = giving.facts(cursor.run(giving.READ, asked)[0], language)
        giving.check(now, wanted, notice.pk, language, unasked=unasked)
        if not now.is_plain:
            now = _put_in_order(now, by, purpose, wanted) or giving.facts(
                cursor.run(giving.READ, asked)[0], language
            )
        values, _words, receipt = giving.said(now, wanted, person=by.pk, method=method, evidence=evidence)
        cursor.do(giving.WRITE, values)
        nudge("capture.open_streams")
        return receipt.row(person=by, purpose=purpose)


def _put_in_order(
    now: giving.Facts, by: Person, purpose: Purpose, wanted: frozenset[str]
) -> giving.Facts | None:
    """What a yes finds there is ended, closed or renewed before; None: it has to be read again."""
    purpose = Purpose.objects.select_related("entity").get(pk=purpose.pk)
    # What a newer notice ended may be given again; what ended otherwise begins anew.
    ended = end_over(by, purpose, but=frozenset({"notice_superseded"}))
    again = [code for code in wanted if not (code in now.newest and now.newest[code].is_given_to(now.notice))]
    streams.shut(by.pk, purpose.pk, again)  # a renewal begins a stream of its own
    renewed = ConsentRecord.objects.to_renew().filter(person=by, purpose=purpose, signal__in=wanted)
    renewed.update(erase_on=None)
    return None if ended else now


def refuse(
    purpose: Purpose,
    signals: Iterable[str],
    *,
    by: Person,
    notice: Notice,
    language: str,
    method: str = "portal",
    evidence: str = "",
) -> Receipt:
    """A no, told apart from never having been asked. Nothing changes for the person; nobody else is told.

    Where a newer notice had ended an earlier yes, the no is the answer to it: what was recorded before is erased now.
    """
    with standing.changing(by.pk, purpose.pk):
        end_over(by, purpose)
        text = notice.texts.filter(language=language).first()
        events = []
        for code in sorted(set(signals)):
            record = living(by, purpose, code)
            if record is not None and record.status == "refused":
                continue
            rules.check_move(record.status if record else "", "refused", "person")
            record = record or new_record(by, purpose, code)
            events.append(
                append(
                    record,
                    "refused",
                    by=by,
                    by_kind="person",
                    method=method,
                    notice=notice,
                    text=text,
                    evidence=evidence,
                )
            )
            ConsentRecord.objects.filter(pk=record.pk).update(status="refused", notice=notice)
        if not events:
            raise rules.Refused(rules._("You have said no already. That stands."), code="already_refused")
        entry = log.record("consent.refused", by=by, about=purpose, events=[e.pk for e in events])
        order = erase_unrenewed(by, purpose, [event.signal for event in events])
        return receipts.issue(
            "refused", events, text=text, entry=entry, person=by, purpose=purpose, order=order
        )


def refuse_all(
    purpose: Purpose, *, by: Person, notice: Notice, language: str, method: str = "portal", evidence: str = ""
) -> Receipt:  # fmt: skip
    """No to all of this purpose. What was switched on meanwhile, in another tab or by a program, is withdrawn by the same
    press: the receipt is the withdrawal's then, because nothing of this purpose may go on after a no to all of it."""
    with standing.changing(by.pk, purpose.pk):
        on = set(counting.grants().filter(person=by, purpose=purpose).values_list("signal", flat=True))
        ended = (
            withdraw_purpose(purpose, by=by, method=method, evidence=evidence or "account") if on else None
        )
        off = [signal.code for signal in purpose.signals.all() if signal.code not in on]
        try:
            said = refuse(
                purpose, off, by=by, notice=notice, language=language, method=method, evidence=evidence
            )
        except rules.Refused:
            if ended is None:
                raise
            return ended  # the rest had been refused before, or there is none
        return ended or said


def withdraw(record_id: UUID, *, by: Person, method: str = "portal", evidence: str = "account") -> Receipt:
    """End this consent now and order the erasure of what it allowed. A second call gives the first one's receipt."""
    # Whose record it is, and of which purpose, never changes: it may be asked before the lock.
    person, purpose = ConsentRecord.objects.values_list("person_id", "purpose_id").get(pk=record_id)
    with standing.changing(person):
        return _withdraw(person, purpose, [record_id], by=by, method=method, evidence=evidence)


def withdraw_purpose(
    purpose: Purpose, *, by: Person, method: str = "portal", evidence: str = "account"
) -> Receipt:
    """End everything this person has allowed for this purpose, now, in one step."""
    with standing.changing(by.pk):
        return _withdraw(by.pk, purpose.pk, None, by=by, method=method, evidence=evidence)


def withdraw_for(records: list[ConsentRecord], *, by: Person, by_kind: str, evidence: str) -> Receipt:
    """The same, of one purpose, by the word of a guardian or nominee; call under the person's lock, after acting.py's check."""
    if not records:
        raise _nothing_on()
    first = records[0]
    return _withdraw(
        first.person_id, first.purpose_id, [record.pk for record in records], by=by, method=by_kind, evidence=evidence, by_kind=by_kind
    )  # fmt: skip


def _withdraw(
    person: UUID, purpose: UUID, records: list[UUID] | None, *, by: Person, method: str, evidence: str, by_kind: str = "person"
) -> Receipt:  # fmt: skip
    with prepared.planned() as cursor:
        now = ending.facts(cursor.run(ending.READ, ending.asked(person, purpose, records=records))[0])
        if not now.on:
            last = Receipt.objects.filter(person=by, kind="withdrawn", purpose=purpose).first()
            if last is None:
                raise _nothing_on()
            return last  # two tabs: one truth
        said = ending.said(now, person=person, by=by.pk, by_kind=by_kind, method=method, evidence=evidence)
        made = cursor.run(ending.WRITE, said.values)
    orders.follow(said.order, said.order.row(*made[0]))
    return said.receipt.row(person_id=person, purpose_id=purpose)


def _nothing_on() -> rules.Refused:
    return rules.Refused(
        rules._("Nothing is switched on, so there is nothing to withdraw."), code="nothing_on"
    )


def request(
    person: Person, purpose: Purpose, *, by: Person, notice: Notice, text: NoticeText | None, evidence: str = "",
) -> list[ConsentEvent]:  # fmt: skip
    """Every signal of the purpose is asked for, and unanswered; call under the person's lock, where they may be asked."""
    events = []
    for code in purpose.signals.values_list("code", flat=True):
        record = living(person, purpose, code)
        rules.check_move(record.status if record else "", "requested", "controller")
        record = record or new_record(person, purpose, code)
        events.append(
            append(
                record,
                "requested",
                by=by,
                by_kind="controller",
                method="asking",
                notice=notice,
                text=text,
                evidence=evidence,
            )
        )
        ConsentRecord.objects.filter(pk=record.pk).update(status="requested", notice=notice)
    return events


TOLD = {
    "lapsed": "consent_expired", "job_changed": "consent_job_changed", "notice_superseded": "consent_superseded",
    "purpose_retired": "consent_revoked", "signal_dropped": "consent_revoked", "population_no": "consent_population_no",
}  # fmt: skip


def end_over(person: Person, purpose: Purpose, *, but: frozenset[str] = frozenset()) -> list[ConsentEvent]:
    """Every grant of this person for this purpose that counts no more has ended; call under the person's lock.

    Erasure is ordered at once; for a superseded notice only when the time to agree again has passed.
    """
    ended: dict[str, list[ConsentEvent]] = {}
    for record in ConsentRecord.objects.on().filter(person=person, purpose=purpose):
        because = counting.why_over(record)
        if because and because not in but:
            status, by_kind = rules.BECAUSE[because]
            event = end(
                record,
                status,
                by=None,
                by_kind=by_kind,
                method=because,
                because=because,
                evidence=f"rule:{because}",
            )
            ended.setdefault(because, []).append(event)
    for because, events in ended.items():
        facts: dict[str, object] = {"purpose": purpose.pk, "number": purpose.number}
        if because == "notice_superseded":
            streams.close(person.pk, purpose.pk, [event.signal for event in events])
            until = rules.erase_on(jobs.day_at(purpose.entity.timezone))
            ConsentRecord.objects.filter(pk__in=[event.record_id for event in events]).update(erase_on=until)
            facts["until"] = until
        else:
            facts["order"] = order_erasure(person, purpose, events).pk
        _tell(person, TOLD[because], facts)
        log.record(
            events[0].code, about=purpose, because=because, events=[e.pk for e in events], order=facts.get("order")
        )  # fmt: skip
    return [event for events in ended.values() for event in events]


def erase_unrenewed(
    person: Person, purpose: Purpose, signals: Iterable[str], *, on: date | None = None
) -> orders.ErasureOrder | None:
    """What was recorded under a yes that a newer notice ended is ordered to be erased; call under the person's lock.

    With `on`, only where the time to agree again had passed by that day. None: nothing waits.
    """
    waiting = ConsentRecord.objects.to_renew().filter(
        person=person, purpose=purpose, signal__in=list(signals)
    )
    if on is not None:
        waiting = waiting.filter(erase_on__lt=on)
    events = list(ConsentEvent.objects.filter(record__in=waiting, status="expired").order_by("at"))
    if not events:
        return None
    order = order_erasure(person, purpose, events)
    ConsentRecord.objects.filter(pk__in=[event.record_id for event in events]).update(erase_on=None)
    log.record("consent.not_renewed", about=purpose, events=[e.pk for e in events], order=order.pk)
    _tell(person, "consent_not_renewed", {"purpose": purpose.pk, "order": order.pk})
    return order


def revoke(record_id: UUID, *, by: Person) -> ConsentEvent | None:
    """The controller ends the grant; None when it had ended before."""
    with standing.narrowing(record_id) as record:
        if not record.is_on:
            return None
        event = end(
            record,
            "revoked",
            by=by,
            by_kind="controller",
            method="ended by the controller",
            evidence=f"office:{by.pk}",
        )
        order = order_erasure(record.person, record.purpose, [event])
        _tell(record.person, "consent_revoked", {"purpose": record.purpose_id, "order": order.pk})
        log.record("consent.revoked", by=by, about=record, order=order.pk)
        return event


def _tell(person: Person, code: str, facts: dict[str, object]) -> None:
    if person.forgotten_at is None:
        notify.tell(person, code, **facts)


def living(person: Person, purpose: Purpose, signal: str) -> ConsentRecord | None:
    """The one record that has not ended."""
    return ConsentRecord.objects.filter(
        person=person, purpose=purpose, signal=signal, ended_at__isnull=True
    ).first()


def new_record(person: Person, purpose: Purpose, signal: str) -> ConsentRecord:
    before = (
        ConsentRecord.objects.filter(person=person, purpose=purpose, signal=signal)
        .order_by("-number")
        .first()
    )
    return _begin(person, purpose, signal, before)


def _begin(person: Person, purpose: Purpose, signal: str, before: ConsentRecord | None) -> ConsentRecord:
    return ConsentRecord.objects.create(
        number=numbers.take("C", clock.now().year),
        person=person,
        purpose=purpose,
        signal=signal,
        status="requested",
        replaces=before,
    )


def append(
    record: ConsentRecord,
    status: str,
    *,
    by: Person | None,
    by_kind: str,
    method: str,
    notice: Notice | None = None,
    text: NoticeText | None = None,
    evidence: str = "",
    provenance: str = "",
    said_on: date | None = None,
) -> ConsentEvent:
    """One more word about this record, with the version in force; call under the person's lock, after rules.check_move."""
    event = ConsentEvent.objects.create(
        record=record, person=record.person, purpose=record.purpose, signal=record.signal, status=status,
        by_kind=by_kind, by_id=by.pk if by else None, method=method,
        notice_id=notice.pk if notice else None, notice_version=notice.version if notice else None,
        language=text.language if text else "", text_sha256=text.sha256 if text else "",
        purpose_version=record.purpose.version, programmes=running.now(record.purpose_id), provenance=provenance, said_on=said_on, evidence=evidence or (f"notice_text:{text.pk}" if text else ""),
    )  # fmt: skip
    return event


def end(
    record: ConsentRecord, status: str, *, by: Person | None, by_kind: str, method: str, because: str = "", evidence: str = "",
) -> ConsentEvent:  # fmt: skip
    """The record has ended; call under the person's lock. Streams and erasure are the caller's."""
    rules.check_move(record.status, status, by_kind)
    event = append(record, status, by=by, by_kind=by_kind, method=method, evidence=evidence)
    ConsentRecord.objects.filter(pk=record.pk).update(status=status, ended_at=event.at, ended_because=because)
    return event


def end_because_of(no: OptOut) -> list[ConsentEvent]:
    """Every grant that this person's own opt-out covers has ended as withdrawn; call under the person's lock."""
    covered = ConsentRecord.objects.filter(person=no.by, ended_at__isnull=True, status__in=rules.ENABLING)
    if no.purpose_id:
        covered = covered.filter(purpose_id=no.purpose_id)
    if no.signal:
        covered = covered.filter(signal=no.signal)
    records = covered.select_related("person", "purpose")
    waiting = ConsentRecord.objects.to_renew().filter(person=no.by)
    if no.purpose_id:
        waiting = waiting.filter(purpose_id=no.purpose_id)
    if no.signal:
        waiting = waiting.filter(signal=no.signal)
    waiting.update(erase_on=None)  # the opt-out's own order covers it
    return end_all(
        list(records), "withdrawn", by=no.by, by_kind="person", method="opt-out", evidence=f"opt_out:{no.pk}"
    )


def end_all(
    records: list[ConsentRecord], status: str, *, by: Person | None, by_kind: str, method: str, evidence: str
) -> list[ConsentEvent]:  # fmt: skip
    """As end() of each, at the same moment and in two statements; call under the person's lock."""
    if not records:
        return []
    for record in records:
        rules.check_move(record.status, status, by_kind)
    ran = {purpose: running.now(purpose) for purpose in {record.purpose_id for record in records}}
    events = ConsentEvent.objects.bulk_create(
        ConsentEvent(
            record=record, person=record.person, purpose=record.purpose, signal=record.signal, status=status, by_kind=by_kind,
            by_id=by.pk if by else None, method=method, purpose_version=record.purpose.version, programmes=ran[record.purpose_id],
            evidence=evidence,
        )
        for record in records
    )  # fmt: skip
    ConsentRecord.objects.filter(pk__in=[record.pk for record in records]).update(
        status=status, ended_at=events[0].at, ended_because=""
    )
    return events


def order_erasure(person: Person, purpose: Purpose, events: list[ConsentEvent]) -> orders.ErasureOrder:
    """What came in under these signals until their events is ordered to be erased, and their streams are closed."""
    closed = streams.close(person.pk, purpose.pk, [event.signal for event in events])
    scope = Scope(
        person=person.pk, purpose=purpose.pk, streams=tuple(closed), before=max(e.at for e in events)
    )
    return orders.raise_order(scope, because=events[0].code, because_id=events[0].pk)
