"""Give waiting streams their keys, and compare keys with streams. Runs in the eraser process."""

from dataclasses import asdict, dataclass

from django.db import connection, transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import keys
from governance.consents import standing
from governance.consents.models import Stream
from governance.people import notify
from governance.people.models import Person


def open_waiting() -> int:
    """Every waiting stream has its key pair and is open; returns how many were opened.

    The key comes first, in the other database; then, under the person's lock, the stream if it still waits. A stream
    that was closed meanwhile loses its key again.
    """
    opened = 0
    for stream in list(Stream.objects.waiting()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT vault.ensure_period(%s)", [stream.expires_on])
        public = keys.make(stream.pk)
        with standing.changing(stream.person_id):
            done = Stream.objects.filter(pk=stream.pk, state="waiting").update(
                state="open", public_key=public, opened_at=Now()
            )
            if done:
                log.record("stream.opened", about=stream, signal=stream.signal)
        if done:
            opened += 1
        else:
            keys.destroy(stream.pk)
    return opened


@dataclass(frozen=True)
class Reconciled:
    keys_without_stream: int
    streams_without_key: int


def reconcile_and_record() -> Reconciled:
    """The comparison stands in the log; a difference is told to every data protection officer."""
    found = reconcile()
    with transaction.atomic():
        log.record("keys.reconciled", **asdict(found))
        if found.keys_without_stream or found.streams_without_key:
            for person in Person.objects.filter(
                roles__name="dpo", roles__ended_at__isnull=True, roles__unit__isnull=True, is_active=True
            ).distinct():
                notify.tell(person, "keys_differ", **asdict(found))
    return found


def reconcile() -> Reconciled:
    """Both are 0 when keys and streams tell the same story."""
    with_keys = keys.streams_with_keys()
    living = set(Stream.objects.exclude(state__in=("destroyed", "waiting")).values_list("pk", flat=True))
    opened = set(
        Stream.objects.filter(opened_at__isnull=False).exclude(state="destroyed").values_list("pk", flat=True)
    )
    known = living | set(Stream.objects.filter(state="waiting").values_list("pk", flat=True))
    return Reconciled(len(with_keys - known), len(opened - with_keys))
