"""Where a person stands follows from what they said: fold the events of each record, and compare with the row."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction

from governance.audit import log
from governance.consents import rules, standing
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.lib.refusals import Refused

FIELDS = ("status", "notice_id", "given_at", "ended_at", "ended_because", "purpose_version")


@dataclass(frozen=True)
class Standing:
    """What the events of one record make of it."""

    status: str = ""
    notice_id: UUID | None = None
    given_at: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str = ""
    purpose_version: int | None = None
    said_on: date | None = None  # of a grant that was said before it was written down here


@dataclass(frozen=True)
class Difference:
    """`record`: its number. `what`: which column, or what is wrong with its events."""

    record: str
    what: str
    row: str = ""
    events: str = ""

    def __str__(self) -> str:
        return f"{self.record} {self.what}: the row says {self.row or 'nothing'}, its events say {self.events or 'nothing'}"


def fold(events: Iterable[ConsentEvent]) -> Standing:
    """Where the record stands after these events, in their order. Raises Refused where one cannot follow the other."""
    now = Standing()
    for event in events:
        rules.check_move(now.status, event.status, event.by_kind)
        grant, over = event.status in rules.ENABLING, event.status in rules.ENDED
        because = event.method if over and event.method in rules.BECAUSE else ""
        now = Standing(
            event.status, event.notice_id or now.notice_id, event.at if grant else now.given_at,
            event.at if over else None, because,
            event.purpose_version if grant else now.purpose_version,
            event.said_on if grant else now.said_on,
        )  # fmt: skip
    return now


def compare(record: ConsentRecord, events: list[ConsentEvent]) -> Iterator[Difference]:
    """Every column that says otherwise than the events do; nothing when they agree. `record` comes with its entity."""
    for event in events:
        mine = (record.person_id, record.purpose_id, record.signal)
        if (event.person_id, event.purpose_id, event.signal) != mine:
            yield Difference(record.number, "person, purpose or signal", "other than its events")
            return
    if not events:
        yield Difference(record.number, "status", record.status)
        return
    try:
        folded = fold(events)
    except Refused:
        yield Difference(record.number, "events", "", "what cannot follow one another")
        return
    for field in FIELDS:
        told, derived = getattr(record, field), getattr(folded, field)
        if told != derived:
            yield Difference(record.number, field, _text(told), _text(derived))
    if folded.given_at is None:
        if record.expires_at is not None:
            yield Difference(record.number, "expires_at", _text(record.expires_at))
    elif folded.said_on is not None:
        if record.expires_at != _end(folded.said_on):
            yield Difference(
                record.number, "expires_at", _text(record.expires_at), _text(_end(folded.said_on))
            )
    elif record.expires_at != _end(_day(folded.given_at, record)) and record.expires_at not in (
        ends := _ends(folded.given_at, record)
    ):
        yield Difference(record.number, "expires_at", _text(record.expires_at), _text(ends[0]))
    if record.erase_on is not None and folded.ended_because != "notice_superseded":
        yield Difference(record.number, "erase_on", _text(record.erase_on))


def _ends(given_at: datetime, record: ConsentRecord) -> list[datetime]:
    """When that grant lapses: counted from the day of the law, which its receipt names.

    Without a receipt from the grant's own day in the entity's zone; the database's clock and the portal's may stand on
    two sides of a midnight, so the day before and after count too.
    """
    given = ConsentEvent.objects.filter(record=record, at=given_at, status__in=rules.ENABLING).values("pk")[
        :1
    ]
    receipts = Receipt.objects.filter(person=record.person_id, purpose=record.purpose_id, kind="given")
    told = (
        receipts.filter(events__contains=ArraySubquery(given)).values_list("body__law_on", flat=True).first()
    )
    day = _day(given_at, record)
    days = [date.fromisoformat(told)] if told else [day, day - timedelta(days=1), day + timedelta(days=1)]
    return [_end(one) for one in days]


def _day(at: datetime, record: ConsentRecord) -> date:
    return at.astimezone(ZoneInfo(record.purpose.entity.timezone)).date()


def _end(day: date) -> datetime:
    return datetime.combine(rules.expires(day), time(), UTC)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def differences(*, chunk: int = 2000) -> Iterator[Difference]:
    """All of the ledger, in the order of the records' ids; reads as of one moment when called in one transaction."""
    records = (
        ConsentRecord.objects.select_related("purpose__entity").order_by("pk").iterator(chunk_size=chunk)
    )
    told = ConsentEvent.objects.order_by("record_id", "at", "pk").iterator(chunk_size=chunk)
    groups = groupby(told, key=lambda event: event.record_id)
    waiting = next(groups, None)
    for record in records:
        events: list[ConsentEvent] = []
        if (
            waiting is not None and waiting[0] == record.pk
        ):  # no event is without its record: a foreign key says so
            events = list(waiting[1])
            waiting = next(groups, None)
        yield from compare(record, events)


def check() -> list[Difference]:
    """What is wrong now, read as of one moment."""
    with _one_moment():
        return list(differences())


@contextmanager
def _one_moment() -> Iterator[None]:
    """One snapshot for everything that is read: somebody may give or withdraw meanwhile."""
    if connection.in_atomic_block:  # the caller's moment
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def rebuild() -> list[Difference]:
    """Every row is what its events say, each under its person's lock; what was wrong before, also what could not be mended."""
    wrong = check()
    numbers = sorted({found.record for found in wrong})
    for person_id, number in ConsentRecord.objects.filter(number__in=numbers).values_list(
        "person_id", "number"
    ):
        with standing.changing(person_id):
            _mend(ConsentRecord.objects.select_related("purpose__entity").get(number=number))
    return wrong


def _mend(record: ConsentRecord) -> None:
    events = list(ConsentEvent.objects.filter(record=record).order_by("at", "pk"))
    wrong = [found.what for found in compare(record, events)]
    if not wrong or not set(wrong) <= {*FIELDS, "expires_at", "erase_on"} or not events:
        return  # mended meanwhile, or beyond mending: which row is right, a person has to find out
    now = fold(events)
    columns = {field: getattr(now, field) for field in FIELDS}
    if "expires_at" in wrong:
        columns["expires_at"] = (
            _end(now.said_on) if now.said_on else _ends(now.given_at, record)[0] if now.given_at else None
        )
    if "erase_on" in wrong:
        columns["erase_on"] = None
    ConsentRecord.objects.filter(pk=record.pk).update(**columns)
    log.record("consent.rebuilt", about=record, columns=sorted(wrong))
