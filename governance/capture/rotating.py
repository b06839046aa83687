"""Another key-encryption key, and every stream key wrapped by it: content and stream keys stay what they are. In the exporter.

Killed anywhere it is begun again and goes on: each row says what wrapped it, and is changed in one statement of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connections
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.capture import key_service
from governance.lib import clock, sealing
from governance.lib.refusals import Refused

AT_ONCE = 200
# A process may still wrap with what it took for the newest a moment ago.
SETTLED = timedelta(hours=1)


@dataclass(frozen=True)
class Rewrapped:
    kek: str
    done: int = 0
    left: int = 0  # wrapped by an older one, still
    lost: int = 0  # of those: what the older one does not open any more


def rotate() -> Rewrapped:
    """A new key-encryption key wraps from now on, and every stream key is wrapped by it."""
    kek = key_service.chosen().new()
    log.record("keys.rotated", kek=kek)
    return rewrap()


def rewrap() -> Rewrapped:
    """Every stream key is wrapped by the newest key-encryption key of the service that is set.

    The older ones are needed until nothing is left. Raises SystemAway; what was done until then stays done.
    """
    service = key_service.chosen()
    newest = service.newest()
    done = lost = 0
    try:
        for stream, kek, wrapped in _older(newest):
            try:
                private = key_service.of(kek).unwrap(kek, stream, wrapped)
            except sealing.CannotOpen:
                lost += 1
                continue
            done += _replace(stream, kek, wrapped, *service.wrap(stream, private))
    finally:
        found = Rewrapped(newest, done, left_of(newest), lost)
        if done or lost:
            log.record("keys.rewrapped", kek=newest, done=done, left=found.left, lost=lost)
    return found


def _older(newest: str) -> Iterator[tuple[UUID, str, bytes]]:
    after = UUID(int=0)
    while True:
        with connections["keys"].cursor() as cursor:
            cursor.execute(
                "SELECT stream, kek, wrapped FROM stream_key WHERE kek <> %s AND stream > %s ORDER BY stream LIMIT %s",
                [newest, after, AT_ONCE],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield from ((stream, kek, bytes(wrapped)) for stream, kek, wrapped in rows)
        after = rows[-1][0]


def _replace(stream: UUID, kek: str, wrapped: bytes, new_kek: str, new_wrapped: bytes) -> int:
    """1, or 0 where the key was destroyed or replaced meanwhile: it is not brought back."""
    with connections["keys"].cursor() as cursor:
        cursor.execute(
            "UPDATE stream_key SET kek = %s, wrapped = %s WHERE stream = %s AND kek = %s AND wrapped = %s",
            [new_kek, new_wrapped, stream, kek, wrapped],
        )
        return cursor.rowcount


def counts() -> dict[str, int]:
    """How many stream keys each key-encryption key wraps."""
    with connections["keys"].cursor() as cursor:
        cursor.execute("SELECT kek, count(*) FROM stream_key GROUP BY kek ORDER BY kek")
        return dict(cursor.fetchall())


def left_of(newest: str) -> int:
    return sum(number for kek, number in counts().items() if kek != newest)


def destroy(kek: str) -> None:
    """This key-encryption key is gone; backups of the keys database that it wrapped open for nobody. Raises Refused."""
    service = key_service.of(kek)
    newest = key_service.chosen().newest()
    if kek == newest:
        raise Refused(_("This key wraps now. Rotate first."), code="kek_in_use")
    if number := counts().get(kek, 0):
        raise Refused(
            _("%(number)s stream keys are still wrapped by this key. Rewrap them first."), code="kek_needed", number=number
        )  # fmt: skip
    if key_service.chosen().made_at(newest) + SETTLED > clock.now():
        raise Refused(
            _("The newest key is younger than an hour: somebody may be wrapping with the old one still."), code="kek_young"
        )  # fmt: skip
    service.destroy(kek)
    log.record("keys.kek_destroyed", kek=kek)
