"""Tell a person before something of theirs is erased, where the law asks for it, and wait until they were really told."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from governance.audit import log
from governance.lib import clock
from governance.people import notify
from governance.people.models import Message, Person
from governance.retention import rules
from governance.retention.models import ErasureOrder


def give(order: ErasureOrder) -> None:
    """The notice lies ready; call in the transaction of the order."""
    message = notify.tell(order.person, "order_notice", order=order.pk, hours=order.notice_hours)
    ErasureOrder.objects.filter(pk=order.pk).update(notice_id=message.pk)
    log.record("order.notice_given", about=order, hours=order.notice_hours)


def waiting() -> list[ErasureOrder]:
    """Orders of which the notice was not delivered yet, or whose hours are not over."""
    open_ones = ErasureOrder.objects.filter(notice_hours__gt=0, state="waiting", attempts=0)
    return list(open_ones.select_related("person").order_by("created_at"))


def follow() -> int:
    """Notices that were delivered have begun their hours; whoever came back has stopped the order. How many changed."""
    return sum(_follow(order) for order in waiting())


def _follow(order: ErasureOrder) -> bool:
    seen = order.person.last_login
    if seen and seen > order.created_at:
        return call_off(order, why="signed_in")
    if order.notice_delivered_at is not None:
        return False
    delivered = _delivered(order)
    if delivered is None:
        return False
    with transaction.atomic():
        ErasureOrder.objects.filter(pk=order.pk).update(
            notice_delivered_at=delivered, try_after=delivered + timedelta(hours=order.notice_hours)
        )
        log.record("order.notice_delivered", about=order, delivered_at=delivered)
    return True


def _delivered(order: ErasureOrder) -> datetime | None:
    """Read in the portal, or sent as an e-mail, whichever came first; a message that nobody could be sent counts as none."""
    message = Message.objects.filter(pk=order.notice_id).first()
    moments = [message.read_at, message.sent_at] if message else []
    return min((moment for moment in moments if moment), default=None)


@transaction.atomic
def heard_from(person: Person) -> int:
    """The person signed in, wrote or exercised a right: what only waited for their silence is not erased. How many orders."""
    mine = ErasureOrder.objects.filter(person=person, notice_hours__gt=0, state="waiting", attempts=0)
    return sum(call_off(order, why="contact") for order in mine)


@transaction.atomic
def call_off(order: ErasureOrder, *, why: str) -> bool:
    """The order is over without anything erased; the rule begins to count again."""
    locked = ErasureOrder.objects.select_for_update(of=("self",)).filter(pk=order.pk, state="waiting").first()
    if locked is None:
        return False
    rules.check_move(locked.state, "called_off")
    ErasureOrder.objects.filter(pk=order.pk).update(state="called_off", fence=F("fence") + 1)
    log.record("order.called_off", about=order, why=why)
    return True


def late(order: ErasureOrder) -> bool:
    """Ask again in the moment of claiming: may it be begun, or has the person come back since?"""
    if not order.notice_hours or order.attempts:
        return False
    if order.person.last_login and order.person.last_login > order.created_at:
        call_off(order, why="signed_in")
        return True
    over = order.notice_delivered_at
    return over is None or over + timedelta(hours=order.notice_hours) > clock.now()
