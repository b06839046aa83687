"""Pack what was agreed to. Runs in the exporter's process alone: only its login opens the vault.

Every consent is asked twice: before a person's events are opened, under their lock; and all of them once more, under
everybody's, before the package is let go. Whoever said no in between is in no package: it is thrown away and begun anew.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import blobs, vault
from governance.capture.models import Chunk, Clip
from governance.consents import decide, jobs
from governance.consents.models import ConsentEvent, Stream
from governance.exports import manifest, rules
from governance.exports.client import package
from governance.exports.models import Export, ExportedPerson, ExportedSegment, OwnDeletion, PackagePart
from governance.lib import clock, locks, sealing
from governance.lib.connectors import SystemAway
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Message
from governance.purposes.models import Purpose

logger = structlog.get_logger(__name__)
PART = 1024 * 1024
GROUP = 8 * PART  # sealed bytes of one person that are in the clear in memory at once
LEASE = timedelta(minutes=5)
AGAIN = timedelta(minutes=1)
ALWAYS = ("at", "application", "action")


class Overtaken(Exception):
    """Refused, expired, or somebody else's claim by now: nothing of ours counts."""


@dataclass(frozen=True)
class Claim:
    export_id: UUID
    fence: int


@dataclass(frozen=True)
class Lying:
    """One segment of the vault, without its content."""

    segment: UUID
    stream: UUID
    person: UUID
    signal: str
    admitted_at: datetime
    size: int  # bytes, sealed


def pack(export_id: UUID) -> str | None:
    """The package is ready, or the request has ended; returns its state, None when it was not ours to do."""
    claim = _claim(export_id)
    if claim is None:
        return None
    export = Export.objects.to_open().get(pk=export_id)
    try:
        because = _stopped(export)
        if because:
            return _end(claim, "failed", because)
        work = _Work(claim, export)
        work.write()
        return _settle(claim, export, work)
    except Overtaken:
        return None
    except SystemAway:
        return _put_off(claim, "away")
    except (sealing.CannotOpen, blobs.NoBlob):
        return _put_off(claim, "does_not_open")


@transaction.atomic
def _put_off(claim: Claim, because: str) -> str:
    """Nothing of it is kept and nobody has got a part; it is tried again soon, and its page says why it waits."""
    Export.objects.filter(pk=claim.export_id, fence=claim.fence, state="packing").update(
        state="waiting", ended_because=because, lease_until=Now() + AGAIN, fence=F("fence") + 1
    )
    _throw_away(claim.export_id)
    log.record("export.put_off", about=claim.export_id, because=because)
    return "waiting"


@transaction.atomic
def _claim(export_id: UUID) -> Claim | None:
    export = Export.objects.packable().filter(pk=export_id).select_for_update().first()
    if export is None:
        return None
    if export.pack_before is None or export.pack_before <= clock.now():
        _close(export, "expired", "too_late")
        return None
    Export.objects.filter(pk=export_id).update(
        state="packing", ended_because="", fence=F("fence") + 1, lease_until=Now() + LEASE
    )
    _throw_away(export_id)
    return Claim(export_id, export.fence + 1)


def _throw_away(export_id: UUID) -> None:
    """What an attempt has left that was killed, or that a withdrawal has overtaken."""
    PackagePart.objects.filter(export_id=export_id).delete()
    ExportedSegment.objects.filter(export_id=export_id).delete()
    ExportedPerson.objects.filter(export_id=export_id).delete()


def _stopped(export: Export) -> str:
    purpose = Purpose.objects.get(pk=export.programme.purpose_id)
    if purpose.state != "active" or export.programme.state not in ("running", "ended"):
        return "stopped"
    return "" if export.recipient.is_usable else "no_recipient"


def _ours(claim: Claim) -> Export:
    """Inside a transaction: the row under this claim, whose lease begins anew."""
    mine = Export.objects.filter(pk=claim.export_id, fence=claim.fence, state="packing")
    export = mine.select_for_update().first()
    if export is None or export.pack_before is None or export.pack_before <= clock.now():
        raise Overtaken
    mine.update(lease_until=Now() + LEASE)
    return export


class _Work:
    """One attempt: person after person from the vault through the decision into sealed parts."""

    def __init__(self, claim: Claim, export: Export) -> None:
        self.claim, self.export, self.purpose = claim, export, export.programme.purpose
        self.digest, self.size, self.parts = hashlib.sha256(), 0, 0
        self.leaves: list[bytes] = []
        self.signals: dict[str, int] = {}
        self.events = self.persons = 0
        self.stood: dict[UUID, str] = {}  # person → how they stood when their events were first opened
        self.known: dict[UUID, ExportedPerson] = {}

    def write(self) -> None:
        waiting = bytearray()
        for piece in package.seal(
            bytes(self.export.recipient.public_key), self.export.number, self._content()
        ):
            self.digest.update(piece)
            self.size += len(piece)
            waiting += piece
            if len(waiting) >= PART:
                self._store(waiting)
        self._store(waiting)

    def _store(self, waiting: bytearray) -> None:
        with transaction.atomic():
            _ours(self.claim)
            PackagePart.objects.create(export=self.export, position=self.parts, content=bytes(waiting))
        self.parts += 1
        waiting.clear()

    def _content(self) -> Iterator[bytes]:
        yield manifest.line({"kind": "package", **manifest.asked(self.export)})
        for person, segments in _lying(self.export).items():
            for some in _groups(_whole(segments)):
                yield from self._person(person, some)
        yield manifest.line({"kind": "manifest", **self.head()})

    def head(self) -> dict[str, Any]:
        counts = {
            "segments": len(self.leaves),
            "events": self.events,
            "subjects": self.persons,
            "signals": self.signals,
        }
        return manifest.head(self.export, counts, self.leaves)

    def _person(self, person: UUID, segments: list[Lying]) -> list[bytes]:
        """The lines of these segments of one person, decided and opened under their lock; nothing is written for whom nothing
        is allowed. Of a person with many, each group asks again; whoever says something in between is found at the end."""
        lines: list[bytes] = []
        with transaction.atomic(), connection.cursor() as cursor:
            _share(cursor, self.export, [person])
            _ours(self.claim)
            now = clock.now()
            standing = _standing(cursor, self.purpose, [person], now)
            told = _consent_events({lying.stream for lying in segments})
            deletions = _deletions(self.purpose, [person])
            kept = [lying for lying in segments if not any(_covers(d, lying) for d in deletions)]
            segments = kept if len(kept) == len(segments) else _whole(kept)
            mine = self.known.get(person)
            for lying, events in _opened(segments, told):
                allowed = [
                    cut for event in events
                    if (cut := _cut(event, lying, standing, self.export.fields[lying.signal], now)) is not None
                ]  # fmt: skip
                if not allowed:
                    continue
                if mine is None:
                    mine = ExportedPerson.objects.create(
                        export=self.export, person_id=person, subject=uuid4().hex, events=0
                    )
                    self.persons += 1
                    self.known[person] = mine
                    self.stood[person] = _stands(standing, person, deletions)
                lines += self._segment(mine, lying, told[lying.stream], allowed)
            if mine is not None:
                mine.save(update_fields=["events"])
        return lines

    def _segment(
        self, mine: ExportedPerson, lying: Lying, said: ConsentEvent, events: list[dict[str, Any]]
    ) -> list[bytes]:
        lines = [
            manifest.line({"kind": "event", "subject": mine.subject, "signal": lying.signal, "event": event})
            for event in events
        ]
        row = ExportedSegment(
            export=self.export, person=mine, position=len(self.leaves), segment=lying.segment, stream=lying.stream,
            consent_event=said.pk, notice_version=said.notice_version, signal=lying.signal, events=len(events),
            sha256=hashlib.sha256(b"".join(lines)).hexdigest(),
        )  # fmt: skip
        row.leaf = manifest.leaf(row, mine.subject)
        row.save()
        self.leaves.append(bytes(row.leaf))
        self.signals[lying.signal] = self.signals.get(lying.signal, 0) + len(events)
        self.events += len(events)
        mine.events += len(events)
        return [*lines, manifest.line(manifest.segment(row, mine.subject))]


LYING = """
SELECT id, stream, person, signal, admitted_at, coalesce(blob_bytes, octet_length(sealed)) FROM vault.segment
WHERE programme = %s AND signal = ANY(%s) AND admitted_at >= %s AND admitted_at < %s
ORDER BY person, admitted_at, id
"""


def _lying(export: Export) -> dict[UUID, list[Lying]]:
    since = datetime.combine(export.since, time.min, UTC)
    before = datetime.combine(export.until + timedelta(days=1), time.min, UTC)
    found: dict[UUID, list[Lying]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LYING, [export.programme_id, list(export.fields), since, before])
        for row in cursor.fetchall():
            lying = Lying(*row)
            found.setdefault(lying.person, []).append(lying)
    return found


def _share(cursor: Any, export: Export, persons: list[UUID]) -> None:
    wide = [
        locks.everybody(),
        locks.purpose(export.programme.purpose_id),
        locks.programme(export.programme_id),
    ]
    locks.share(cursor, wide, [locks.person(person) for person in persons])


def _standing(cursor: Any, purpose: Purpose, persons: list[UUID], now: datetime) -> decide.Standing:
    declared = list(purpose.signals.values_list("code", flat=True))
    return decide.read(cursor, jobs.about(purpose, now), declared, persons, now)


def _deletions(purpose: Purpose, persons: list[UUID]) -> list[OwnDeletion]:
    """What these people have asked to be deleted: also where a law keeps it, nobody uses it any more."""
    return list(OwnDeletion.objects.filter(person__in=persons, purpose=purpose).order_by("pk"))


def _covers(deletion: OwnDeletion, lying: Lying) -> bool:
    since = deletion.since
    return lying.admitted_at <= deletion.until and (since is None or lying.admitted_at >= since)


def _stands(standing: decide.Standing, person: UUID, deletions: list[OwnDeletion]) -> str:
    """Everything that the decision about this person depends on, as a fingerprint."""
    asked = [deletion.pk for deletion in deletions if deletion.person_id == person]
    parts = (
        sorted(standing.declared), standing.grants.get(person), standing.noes.get(person), standing.breaks.get(person),
        person in standing.minors, asked,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _consent_events(streams: set[UUID]) -> dict[UUID, ConsentEvent]:
    """stream → the consent event it hangs on, of those streams that nobody has closed."""
    living = Stream.objects.filter(pk__in=streams, state="open").select_related("event")
    return {stream.pk: stream.event for stream in living}


def _opened(
    segments: list[Lying], told: dict[UUID, ConsentEvent]
) -> Iterator[tuple[Lying, list[dict[str, Any]]]]:
    """Segments of open streams with their events in the clear, in the order in which they were admitted."""
    wanted = [lying for lying in segments if lying.stream in told]
    content: dict[str, list[dict[str, Any]]] = {}
    for event in vault.opened(sorted({s.stream for s in wanted}), only=[s.segment for s in wanted]):
        content.setdefault(event.pop("segment"), []).append(event)
    for lying in wanted:
        if str(lying.segment) in content:
            yield lying, content.pop(str(lying.segment))


def _whole(segments: list[Lying]) -> list[Lying]:
    """Without clips of which a part is not among them: outside the period, or not there. Half a clip still shows somebody."""
    chunks = Chunk.objects.filter(segment__in=[lying.segment for lying in segments])
    clip_of = dict(chunks.values_list("segment", "clip_id"))
    there = Counter(clip_of.values())
    whole = {
        pk for pk, said in Clip.objects.filter(pk__in=there).values_list("pk", "said") if there[pk] == len(said["chunks"])
    }  # fmt: skip
    return [
        lying for lying in segments if clip_of.get(lying.segment) is None or clip_of[lying.segment] in whole
    ]


def _groups(segments: list[Lying]) -> Iterator[list[Lying]]:
    """As many at once as memory bears, however much somebody filmed; the parts of a clip stay together.

    A clip is at most packs/worn.toml's bytes, so a group is at most that beyond GROUP.
    """
    clip_of = dict(
        Chunk.objects.filter(segment__in=[lying.segment for lying in segments]).values_list(
            "segment", "clip_id"
        )
    )
    pieces: dict[UUID, list[Lying]] = {}
    for lying in segments:
        pieces.setdefault(clip_of.get(lying.segment, lying.segment), []).append(lying)
    group: list[Lying] = []
    size = 0
    for piece in pieces.values():
        length = sum(lying.size for lying in piece)
        if group and size + length > GROUP:
            yield group
            group, size = [], 0
        group.extend(piece)
        size += length
    if group:
        yield group


def _cut(
    event: dict[str, Any], lying: Lying, standing: decide.Standing, fields: list[str], now: datetime
) -> dict[str, Any] | None:
    """What of this event goes out, or None: the decision as it is now, about the moment at which it happened."""
    at = event.get("at", "")
    moment = (
        datetime.fromisoformat(at) if len(at) > 10 else lying.admitted_at
    )  # some signals keep the day alone
    application = event.get("application", "")
    verdict = decide.decide(standing, lying.person, lying.signal, application, moment, now)
    if not verdict.allowed:
        return None
    noes = decide.sites(standing, lying.person, lying.signal, application)
    if noes and any(no.bars(event.get("site", ""), moment) for no in noes):
        return None
    return {key: value for key, value in event.items() if key in ALWAYS or key in fields}


def _settle(claim: Claim, export: Export, work: _Work) -> str:
    """Everybody's consent once more, under everybody's lock; then the package is let go and each of them is told."""
    if not work.events:
        return _end(claim, "failed", "nothing_allowed")
    with transaction.atomic(), connection.cursor() as cursor:
        people = list(work.stood)
        _share(cursor, export, people)
        _ours(claim)
        if _changed(cursor, export, work):
            _throw_away(export.pk)
            Export.objects.filter(pk=export.pk).update(
                state="waiting", lease_until=None, fence=F("fence") + 1
            )
            log.record("export.begun_anew", about=export)
            nudge("exports.pack")
            return "waiting"
        head = work.head()
        Export.objects.filter(pk=export.pk).update(
            state="ready", packed_at=Now(), expires_at=Now() + rules.LINK, lease_until=None, manifest=head,
            package_sha256=work.digest.hexdigest(), package_size=work.size,
        )  # fmt: skip
        log.record(
            "export.packed",
            about=export,
            root=head["root"],
            package_sha256=work.digest.hexdigest(),
            recipient=export.recipient_id,
        )
        notify.tell(export.asked_by, "export_ready", export=export.pk, number=export.number)
        facts = {"export": str(export.pk), "number": export.number}
        Message.objects.bulk_create(
            [Message(person_id=person, code="exported", facts=facts) for person in people], batch_size=1000
        )
    return "ready"


def _changed(cursor: Any, export: Export, work: _Work) -> bool:
    """Has anybody's word changed since their events were opened, or what was agreed to stopped?"""
    if _stopped(Export.objects.to_open().get(pk=export.pk)):
        return True
    streams = set(ExportedSegment.objects.filter(export=export).order_by().values_list("stream", flat=True))
    if len(_consent_events(streams)) != len(streams):
        return True
    standing = _standing(cursor, work.purpose, list(work.stood), clock.now())
    deletions = _deletions(work.purpose, list(work.stood))
    return any(_stands(standing, person, deletions) != stood for person, stood in work.stood.items())


@transaction.atomic
def _end(claim: Claim, state: str, because: str) -> str:
    export = _ours(claim)
    _close(export, state, because)
    return state


def _close(export: Export, state: str, because: str) -> None:
    Export.objects.filter(pk=export.pk).update(
        state=state, ended_because=because, lease_until=None, fence=F("fence") + 1
    )
    _throw_away(export.pk)
    log.record(f"export.{state}", about=export, because=because)
    notify.tell(export.asked_by, "export_ended", export=export.pk, number=export.number)


@transaction.atomic
def expire() -> int:
    """Packages whose time is over are deleted, and agreements that nobody carried out in time end; how many.

    The manifest and who is in it stay: a withdrawal must still find what was handed out.
    """
    over = list(Export.objects.select_for_update().filter(state="ready", expires_at__lte=Now()))
    for export in over:
        PackagePart.objects.filter(export=export).delete()
        Export.objects.filter(pk=export.pk).update(state="expired", ended_because="link_expired")
        log.record("export.expired", about=export, because="link_expired")
    late = list(Export.objects.packable().select_for_update().filter(pack_before__lte=Now()))
    for export in late:
        _close(export, "expired", "too_late")
    # What a refusal has left in the middle of the packing.
    PackagePart.objects.filter(export__state__in=("refused", "failed")).delete()
    ExportedSegment.objects.filter(export__state="refused").delete()
    ExportedPerson.objects.filter(export__state="refused").delete()
    return len(over) + len(late)
