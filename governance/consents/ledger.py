"""Write a person's word: give, refuse, withdraw, expire, revoke. Every verb leaves one event per signal, a log entry, and
for narrowing an order to erase, in one transaction."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from uuid import UUID

from django.db.models.functions import Now

from governance.audit import log
from governance.consents import receipts, rules, standing
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut, Receipt, Stream
from governance.lib import clock, deadlines, numbers
from governance.lib.connectors import Scope
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Notice, NoticeText, Purpose
from governance.retention import orders

DEFAULT_RETENTION = "P12M"


def give(
    purpose: Purpose,
    signals: Iterable[str],
    *,
    by: Person,
    notice: Notice,
    language: str,
    method: str = "portal",
) -> Receipt:
    """These signals, and no other of this purpose, are on for this person. Raises Refused and changes nothing.

    Signals that are on and not in `signals` stay as they are: giving never takes away. The grant becomes effective
    when a worker has made the streams' keys; until then the gate refuses.
    """
    wanted = frozenset(signals)
    with standing.changing(by.pk):
        purpose = Purpose.objects.get(pk=purpose.pk)
        notice_now = purpose.published_notice()
        if notice_now is not None and notice_now.pk != notice.pk:
            raise rules.Refused(
                rules._("The notice has changed since you opened the page. Read the new one, then decide."),
                code="stale_notice",
            )
        text = notice.texts.filter(language=language).first()
        rules.check_give(_ask_facts(purpose, by, notice_now, text, language, wanted))
        events = []
        for code in sorted(wanted):
            record = _living(by, purpose, code)
            if record is not None and record.is_on and record.notice_id == notice.pk:
                continue  # two tabs: one truth
            new = "renewed" if record is not None and record.is_on else "given"
            rules.check_move(record.status if record else "", new, "person")
            record = record or _new_record(by, purpose, code)
            event = _append(record, new, by=by, by_kind="person", method=method, notice=notice, text=text)
            today = clock.law_date(purpose.entity.timezone)
            ends = datetime.combine(rules.expires(today), time(), UTC)
            ConsentRecord.objects.filter(pk=record.pk).update(
                status=new, notice=notice, given_at=event.at, expires_at=ends
            )
            _close_streams(by.pk, purpose.pk, [code])  # a renewal begins a stream of its own
            _order_stream(event, purpose)
            events.append(event)
        if not events:
            raise rules.Refused(rules._("That is already switched on."), code="already_on")
        entry = log.record(
            "consent.given", by=by, about=purpose, signals=sorted(wanted), events=[e.pk for e in events]
        )
        nudge("capture.open_streams")
        return receipts.issue("given", events, text=text, entry=entry, person=by, purpose=purpose)


def refuse(
    purpose: Purpose,
    signals: Iterable[str],
    *,
    by: Person,
    notice: Notice,
    language: str,
    method: str = "portal",
) -> Receipt:
    """A no, told apart from never having been asked. Nothing changes for the person; nobody else is told."""
    with standing.changing(by.pk):
        text = notice.texts.filter(language=language).first()
        events = []
        for code in sorted(set(signals)):
            record = _living(by, purpose, code)
            if record is not None and record.status == "refused":
                continue
            rules.check_move(record.status if record else "", "refused", "person")
            record = record or _new_record(by, purpose, code)
            events.append(
                _append(record, "refused", by=by, by_kind="person", method=method, notice=notice, text=text)
            )
            ConsentRecord.objects.filter(pk=record.pk).update(status="refused", notice=notice)
        if not events:
            raise rules.Refused(rules._("You have said no already. That stands."), code="already_refused")
        entry = log.record("consent.refused", by=by, about=purpose, events=[e.pk for e in events])
        return receipts.issue("refused", events, text=text, entry=entry, person=by, purpose=purpose)


def withdraw(record_id: UUID, *, by: Person, method: str = "portal") -> Receipt:
    """End this consent now and order the erasure of what it allowed. A second call gives the first one's receipt."""
    with standing.narrowing(record_id) as record:  # the person's lock, then a fresh row
        return _withdraw([record], by=by, method=method)


def withdraw_purpose(purpose: Purpose, *, by: Person, method: str = "portal") -> Receipt:
    """End everything this person has allowed for this purpose, now, in one step."""
    with standing.changing(by.pk):
        records = list(
            ConsentRecord.objects.filter(person=by, purpose=purpose).select_related("person", "purpose")
        )
        return _withdraw([r for r in records if r.is_on] or records, by=by, method=method)


def _withdraw(records: list[ConsentRecord], *, by: Person, method: str) -> Receipt:
    living = [record for record in records if record.is_on]
    if not living:
        last = Receipt.objects.filter(
            person=by, kind="withdrawn", purpose__in=[r.purpose_id for r in records]
        ).first()
        if last is None:
            raise rules.Refused(
                rules._("Nothing is switched on, so there is nothing to withdraw."), code="nothing_on"
            )
        return last  # two tabs: one truth
    events = [_end(record, "withdrawn", by=by, by_kind="person", method=method) for record in living]
    person, purpose = living[0].person, living[0].purpose
    order = _order_erasure(person, purpose, events)
    notify.tell(person, "consent_withdrawn", purpose=purpose.pk, order=order.pk)
    entry = log.record(
        "consent.withdrawn", by=by, about=purpose, events=[e.pk for e in events], order=order.pk
    )
    return receipts.issue(
        "withdrawn", events, text=None, entry=entry, person=person, purpose=purpose, order=order
    )


def expire(record_id: UUID) -> ConsentEvent | None:
    """The grant has lapsed to off; None when it had ended before."""
    with standing.narrowing(record_id) as record:
        if not record.is_on or record.expires_at > clock.now():
            return None
        event = _end(record, "expired", by=None, by_kind="system", method="timetable")
        order = _order_erasure(record.person, record.purpose, [event])
        notify.tell(record.person, "consent_expired", purpose=record.purpose_id, order=order.pk)
        log.record("consent.expired", about=record, order=order.pk)
        return event


def revoke(record_id: UUID, *, by: Person) -> ConsentEvent | None:
    """The controller ends the grant (the purpose stopped); None when it had ended before."""
    with standing.narrowing(record_id) as record:
        if not record.is_on:
            return None
        event = _end(record, "revoked", by=by, by_kind="controller", method="purpose stopped")
        order = _order_erasure(record.person, record.purpose, [event])
        notify.tell(record.person, "consent_revoked", purpose=record.purpose_id, order=order.pk)
        log.record("consent.revoked", by=by, about=record, order=order.pk)
        return event


def due_to_expire() -> list[UUID]:
    rows = ConsentRecord.objects.filter(
        status__in=rules.ENABLING, ended_at__isnull=True, expires_at__lte=Now()
    )
    return list(rows.values_list("pk", flat=True))


def renew_streams(month: object) -> int:
    """Every living grant gets its waiting stream for `month` (the first of a month, a day ahead of it): how many were new."""
    events = ConsentEvent.objects.filter(
        record__ended_at__isnull=True, record__status__in=rules.ENABLING, status__in=rules.ENABLING
    )
    missing = events.exclude(streams__month=month).select_related("purpose", "record")
    made = 0
    for event in missing:
        with standing.changing(event.person_id):
            record = ConsentRecord.objects.get(pk=event.record_id)
            newest = record.events.filter(status__in=rules.ENABLING).order_by("-at").first()
            if record.is_on and newest and newest.pk == event.pk:
                made += _order_stream(event, event.purpose, month)
    if made:
        nudge("capture.open_streams")
    return made


def _ask_facts(
    purpose: Purpose,
    person: Person,
    notice: Notice | None,
    text: NoticeText | None,
    language: str,
    wanted: frozenset[str],
) -> rules.AskFacts:
    job = person.employment
    return rules.AskFacts(
        purpose_active=purpose.state == "active",
        rests_on_consent=purpose.asks_consent,
        employed_there=bool(job and job.entity_id == purpose.entity_id),
        under_18=person.is_under_18,
        has_notice=notice is not None,
        language_shown=text.language if text else language,
        languages_published=frozenset(notice.texts.values_list("language", flat=True))
        if notice
        else frozenset(),
        signals_wanted=wanted,
        signals_declared=frozenset(purpose.signals.values_list("code", flat=True)),
    )


def _living(person: Person, purpose: Purpose, signal: str) -> ConsentRecord | None:
    return ConsentRecord.objects.filter(
        person=person, purpose=purpose, signal=signal, ended_at__isnull=True
    ).first()


def _new_record(person: Person, purpose: Purpose, signal: str) -> ConsentRecord:
    before = (
        ConsentRecord.objects.filter(person=person, purpose=purpose, signal=signal)
        .order_by("-number")
        .first()
    )
    return ConsentRecord.objects.create(
        number=numbers.take("C", clock.now().year),
        person=person,
        purpose=purpose,
        signal=signal,
        status="requested",
        replaces=before,
    )


def _append(
    record: ConsentRecord,
    status: str,
    *,
    by: Person | None,
    by_kind: str,
    method: str,
    notice: Notice | None = None,
    text: NoticeText | None = None,
) -> ConsentEvent:
    event = ConsentEvent.objects.create(
        record=record, person=record.person, purpose=record.purpose, signal=record.signal, status=status,
        by_kind=by_kind, by_id=by.pk if by else None, method=method,
        notice_id=notice.pk if notice else None, notice_version=notice.version if notice else None,
        language=text.language if text else "", text_sha256=text.sha256 if text else "",
    )  # fmt: skip
    event.refresh_from_db(fields=["at"])
    return event


def _end(record: ConsentRecord, status: str, *, by: Person | None, by_kind: str, method: str) -> ConsentEvent:
    rules.check_move(record.status, status, by_kind)
    event = _append(record, status, by=by, by_kind=by_kind, method=method)
    ConsentRecord.objects.filter(pk=record.pk).update(status=status, ended_at=event.at)
    return event


def end_because_of(no: OptOut) -> list[ConsentEvent]:
    """Every grant that this person's own opt-out covers has ended as withdrawn; call under the person's lock."""
    covered = ConsentRecord.objects.filter(person=no.by, ended_at__isnull=True, status__in=rules.ENABLING)
    if no.purpose_id:
        covered = covered.filter(purpose_id=no.purpose_id)
    if no.signal:
        covered = covered.filter(signal=no.signal)
    records = covered.select_related("person", "purpose")
    return [_end(record, "withdrawn", by=no.by, by_kind="person", method="opt-out") for record in records]


def close_streams(person_id: UUID, purpose_id: UUID, signals: Iterable[str]) -> list[UUID]:
    """Close the open and waiting streams of these signals; call under the person's lock. Returns every stream of theirs
    that still has a key, closed now or earlier."""
    _close_streams(person_id, purpose_id, list(signals))
    return list(
        Stream.objects.filter(person_id=person_id, purpose_id=purpose_id, signal__in=list(signals))
        .exclude(state="destroyed")
        .values_list("pk", flat=True)
    )


def _close_streams(person_id: UUID, purpose_id: UUID, signals: list[str]) -> None:
    Stream.objects.filter(
        person_id=person_id, purpose_id=purpose_id, signal__in=signals, state__in=("waiting", "open")
    ).update(state="closed", closed_at=Now())


def _order_stream(event: ConsentEvent, purpose: Purpose, month: object = None) -> int:
    """A waiting stream for the month (this one if none is named); 0 when there is one already."""
    first = month or clock.now().date().replace(day=1)
    rule = purpose.retention_rules.exclude(maximum="").order_by("maximum").first()
    ends = deadlines.period(rule.maximum if rule else DEFAULT_RETENTION, deadlines.add_months(first, 1))
    _row, made = Stream.objects.get_or_create(
        event=event, month=first,
        defaults={"person_id": event.person_id, "purpose": purpose, "signal": event.signal, "expires_on": ends},
    )  # fmt: skip
    return int(made)


def _order_erasure(person: Person, purpose: Purpose, events: list[ConsentEvent]) -> orders.ErasureOrder:
    streams = close_streams(person.pk, purpose.pk, [event.signal for event in events])
    scope = Scope(
        person=person.pk, purpose=purpose.pk, streams=tuple(streams), before=max(e.at for e in events)
    )
    return orders.raise_order(scope, because=events[0].code, because_id=events[0].pk)
