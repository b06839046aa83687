"""A person's own content: to look at it, and to delete some of it and go on.

Looking: the browser's key is in a cookie of that browser and nowhere else; the exporter seals to its public half; the
page is opened in the moment in which it is shown. Deleting: the eraser deletes rows and reads back. The key of a stream
that goes on stays, so nothing here ever says "key destroyed".
"""

import zlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection, transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import blobs, clips_gone, vault
from governance.capture.models import Arrival
from governance.consents.models import Stream
from governance.exports import own_shown
from governance.exports.models import OwnDeletion, OwnView
from governance.lib import clock, locks, sealing
from governance.lib.connectors import Scope, SystemAway
from governance.lib.nudge import nudge
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import floors, orders
from governance.retention import rules as retention_rules
from governance.retention.models import Hold

logger = structlog.get_logger(__name__)
OPEN_FOR = timedelta(minutes=10)
LATE = timedelta(seconds=30)
NEWEST = 500
SPANS = {"hour": timedelta(hours=1), "day": timedelta(hours=24), "everything": None}


def _info(view: OwnView) -> bytes:
    return b"sammati own content 1|" + view.pk.bytes + view.person_id.bytes


@transaction.atomic
def ask(*, by: Person) -> tuple[OwnView, bytes]:
    """(the view, the private key, which only the browser keeps). What was asked before is closed."""
    OwnView.objects.filter(person=by, expires_at__gt=Now()).update(expires_at=Now())
    pair = sealing.new_pair()
    view = OwnView.objects.create(person=by, public_key=pair.public, expires_at=clock.now() + OPEN_FOR)
    log.record("own_content.asked", by=by, about=view)
    nudge("exports.show_own")
    return view, pair.private


def seal_waiting() -> int:
    """Each view that waits holds its person's newest events, sealed; how many. Only the exporter can."""
    waiting = OwnView.objects.filter(ready_at__isnull=True, expires_at__gt=Now())
    return sum(_try_to_seal(pk) for pk in waiting.values_list("pk", flat=True))


def _try_to_seal(view_id: UUID) -> int:
    """What cannot be opened now is tried again so long as the view is open; others do not wait for it."""
    try:
        return _seal(view_id)
    except (SystemAway, sealing.CannotOpen, blobs.NoBlob) as error:
        logger.warning("own_content.put_off", because=type(error).__name__)
        return 0


@transaction.atomic
def _seal(view_id: UUID) -> int:
    view = (
        OwnView.objects.select_for_update(skip_locked=True).filter(pk=view_id, ready_at__isnull=True).first()
    )
    if view is None:
        return 0
    events = _newest(view.person_id)
    content = zlib.compress(msgspec.json.encode(events), 3)
    OwnView.objects.filter(pk=view.pk).update(
        sealed=sealing.seal(bytes(view.public_key), content, _info(view)), ready_at=Now(), events=len(events)
    )
    log.record("own_content.sealed", about=view, events=len(events))
    return 1


def _newest(person_id: UUID) -> list[dict[str, Any]]:
    """The newest events of this person, newest first, with what they were recorded for. What is gone is gone."""
    streams = dict(
        Stream.objects.filter(person_id=person_id).exclude(state__in=("destroyed", "waiting")).values_list("pk", "purpose__number")
    )  # fmt: skip
    arrivals = Arrival.objects.filter(person_id=person_id, stream__in=list(streams)).order_by("-admitted_at")
    chosen: dict[UUID, Arrival] = {}
    for arrival in arrivals[:NEWEST]:
        chosen[arrival.segment] = arrival
        if sum(a.events for a in chosen.values()) >= NEWEST:
            break
    found = []
    of = sorted({a.stream for a in chosen.values()})
    for event in vault.opened(of, pictures=False, only=list(chosen)):
        arrival_of = chosen.get(UUID(event.pop("segment")))
        if arrival_of is not None:
            found.append({"purpose": streams[arrival_of.stream], "signal": arrival_of.signal, **event})
    found.sort(key=own_shown.order, reverse=True)
    return found[:NEWEST]


def is_late(view: OwnView) -> bool:
    """It takes longer than it should: what opens the vault may be away."""
    return view.ready_at is None and view.expires_at - OPEN_FOR + LATE < clock.now()


def read(view: OwnView, private: bytes) -> list[dict[str, Any]] | None:
    """The events in the clear, for the one answer that shows them; None when it is over or not for this key."""
    if view.sealed is None or view.expires_at <= clock.now():
        return None
    try:
        content = sealing.unseal(private, bytes(view.sealed), _info(view))
    except sealing.CannotOpen:
        return None
    log.record("own_content.shown", by=view.person_id, about=view)
    return msgspec.json.decode(zlib.decompress(content))


@transaction.atomic
def forget_views() -> int:
    """Views whose ten minutes are over hold nothing any more; how many."""
    return OwnView.objects.filter(expires_at__lte=Now(), sealed__isnull=False).update(sealed=None)


@transaction.atomic
def delete(purpose: Purpose, span: str, *, by: Person) -> OwnDeletion:
    """What was recorded for this purpose in that span is going to be deleted; the yes stays as it is.

    Everything: an order for the systems that hold copies goes with it. Held or kept by law: it says so, and is
    asked again every day.
    """
    locks.exclusively(locks.person(by.pk))  # every batch that is inside is through: `until` covers it
    now = clock.now()
    length = SPANS[span]
    deletion = OwnDeletion.objects.create(
        person=by, purpose=purpose, span=span, since=now - length if length else None, until=now
    )
    _put(deletion)
    log.record("own_content.deletion_asked", by=by, about=deletion, purpose=purpose.pk, span=span)
    if span == "everything":
        # No streams: the vault's rows are deleted here, and open streams keep their keys.
        orders.raise_order(
            Scope(by.pk, purpose.pk, (), now), because="own_content.deleted", because_id=deletion.pk
        )
    nudge("exports.delete_own")
    return deletion


def _put(deletion: OwnDeletion) -> OwnDeletion:
    """The deletion is what holds and the law of the day make of it."""
    on = clock.law_date(deletion.purpose.entity.timezone)
    laws = orders.jurisdictions_of(deletion.person)
    held = Hold.objects.over(deletion.person_id, deletion.purpose_id).exists()
    last_day = deletion.until.date()
    outcome = retention_rules.decide(
        retention_rules.OrderFacts(
            laws,
            "own_content.deleted",
            last_day,
            held,
            floors=floors.of(deletion.person, deletion.purpose, last_day, on),
        ),
        on,
    )
    deletion.state, deletion.reasons, deletion.kept_until = (
        outcome.state,
        list(outcome.reasons),
        outcome.kept_until,
    )
    deletion.save(update_fields=["state", "reasons", "kept_until"])
    return deletion


def carry_out_deletions() -> int:
    """Every deletion that may be done is done and read back; how many. Only the eraser can."""
    open_ones = OwnDeletion.objects.exclude(state="done").order_by("asked_at")
    return sum(_try_to_carry_out(pk) for pk in open_ones.values_list("pk", flat=True))


def _try_to_carry_out(deletion_id: UUID) -> int:
    try:
        return _carry_out(deletion_id)
    except SystemAway:  # it stays open, and others do not wait for it
        logger.warning("own_content.deletion_put_off")
        return 0


WHERE = "person = %(person)s AND purpose = %(purpose)s AND admitted_at <= %(until)s"
SINCE = " AND admitted_at >= %(since)s"


def _carry_out(deletion_id: UUID) -> int:
    with locks.sharing(locks.acting()), transaction.atomic(), connection.cursor() as cursor:
        rows = OwnDeletion.objects.select_for_update(of=("self",)).select_related("person", "purpose__entity")
        deletion = rows.exclude(state="done").filter(pk=deletion_id).first()
        if deletion is None or _put(deletion).state != "waiting":
            return 0
        where, facts = _where(deletion)
        cursor.execute(f"SELECT blob_key FROM vault.segment WHERE {where} AND blob_key IS NOT NULL", facts)  # noqa: S608
        outside = [row[0] for row in cursor.fetchall()]
        # Before their rows, which remember them; and what an earlier attempt found when it had no rows any more.
        blobs.remove_keys([*outside, *blobs.lying(_streams(deletion), deletion.segments)])
        gone_sql = f"DELETE FROM vault.segment WHERE {where} RETURNING id, events, stream, admitted_at"  # noqa: S608
        cursor.execute(gone_sql, facts)
        gone = cursor.fetchall()
        segments = [row[0] for row in gone]
        Arrival.objects.filter(segment__in=segments).delete()
        torn = clips_gone.torn(segments)
        for stream in {row[2] for row in gone}:
            moments = [row[3] for row in gone if row[2] == stream]
            log.record("vault.erased", about=stream, segments=len(moments), last_admitted_at=max(moments))
        if torn.segments:
            log.record("clip.torn", about=deletion, segments=len(torn.segments))
        deletion.segments = sorted({*deletion.segments, *segments, *torn.segments})
        deletion.events += sum(row[1] for row in gone) + torn.events
        deletion.save(update_fields=["segments", "events"])
    return _read_back(deletion)


def _streams(deletion: OwnDeletion) -> list[UUID]:
    rows = Stream.objects.filter(person=deletion.person_id, purpose=deletion.purpose_id)
    return list(rows.values_list("pk", flat=True))


def _where(deletion: OwnDeletion) -> tuple[str, dict[str, Any]]:
    facts = {
        "person": deletion.person_id, "purpose": deletion.purpose_id, "until": deletion.until, "since": deletion.since
    }  # fmt: skip
    return (WHERE + SINCE if deletion.since else WHERE), facts


def _read_back(deletion: OwnDeletion) -> int:
    """By another connection, and by what the pages count from too. Not empty: it stays open and is done again.

    What went with a torn clip lies outside the span, and is looked for by its segment; objects are listed by stream, so
    that those are seen whose row is gone.
    """
    where, facts = _where(deletion)
    arrivals = where.replace("person =", "person_id =").replace("purpose =", "purpose_id =")
    facts = facts | {"segments": deletion.segments}
    with vault.another_connection() as other:
        left = other.execute(
            f"SELECT count(*) FROM vault.segment WHERE ({where}) OR id = ANY(%(segments)s)",  # noqa: S608
            facts,
        ).fetchone()
        more = other.execute(
            f"SELECT count(*) FROM capture_arrival WHERE ({arrivals}) OR segment = ANY(%(segments)s)",  # noqa: S608
            facts,
        ).fetchone()
    outside = blobs.lying(_streams(deletion), deletion.segments)
    found = int(left[0] if left else 0) + int(more[0] if more else 0) + len(outside)
    if found:
        OwnDeletion.objects.filter(pk=deletion.pk).update(found_after=found)
        return 0
    with transaction.atomic():
        OwnDeletion.objects.filter(pk=deletion.pk).update(state="done", found_after=0, read_back_at=Now())
        log.record(
            "own_content.deleted", about=deletion, segments=len(deletion.segments), events=deletion.events
        )
    return 1
