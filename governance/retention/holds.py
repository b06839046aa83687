"""Place and release legal holds."""

from datetime import date

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes.models import DataSystem, Purpose
from governance.retention import orders, rules
from governance.retention.models import ErasureOrder, Hold, Matter, OrderQuerySet

LOCK_NOT_AVAILABLE = "55P03"


@transaction.atomic
def open_matter(entity: Entity, title: str, *, by: Person) -> Matter:
    locks.exclusively(locks.key("number", "matter"))
    last = Matter.objects.aggregate(Max("number"))["number__max"] or "M-0000"
    matter = Matter.objects.create(number=f"M-{int(last[2:]) + 1:04d}", entity=entity, title=title)
    log.record("matter.opened", by=by, about=matter)
    return matter


@transaction.atomic
def close_matter(matter: Matter, *, by: Person) -> Matter:
    Matter.objects.filter(pk=matter.pk, closed_at__isnull=True).update(closed_at=Now())
    matter.refresh_from_db()
    log.record("matter.closed", by=by, about=matter)
    return matter


@transaction.atomic
def place(
    *, because: Matter, by: Person, on: Person | None = None, purpose: Purpose | None = None,
    system: DataSystem | None = None, silent: bool = False,
) -> Hold:  # fmt: skip
    """What the hold covers is not erased from the commit on; orders that wait for it are held.

    A second lawyer has to agree within three days, or it lapses: nothing may be lost meanwhile, and nothing be kept for
    good on one person's word. Of one system alone: an order's other systems go on. `silent`: a direction under DPDP
    Rules r.23(2); the person concerned is shown nothing. Waits for the part of an erasure that is being carried out
    this moment; the next part finds the hold. Raises Refused.
    """
    rules.check_place(by.holds("retention.hold", because.entity_id), silent, because.entity.country)
    _wait_for_acts()
    if on is not None:
        locks.exclusively(locks.key("orders", on.pk))
    hold = Hold.objects.create(
        matter=because, person=on, purpose=purpose, system=system, silent=silent, placed_by=by,
        lapses_at=clock.now() + rules.HOLD_LAPSES,
    )  # fmt: skip
    for order in _covered(hold).select_for_update():
        if order.state in ("waiting", "partly", "erasing"):  # no part is under way: we have the lock
            reconsider(order)
    log.record("hold.placed", by=by, about=hold, matter=because.pk)
    return hold


@transaction.atomic
def agree_place(hold: Hold, *, by: Person) -> Hold:
    """The second lawyer agrees: the hold stays until two lawyers release it. Raises Refused."""
    hold = Hold.objects.select_for_update(of=("self",)).select_related("matter").get(pk=hold.pk)
    rules.check_agree_place(place_facts(hold, by=by))
    Hold.objects.filter(pk=hold.pk).update(agreed_by=by, lapses_at=None)
    log.record("hold.agreed", by=by, about=hold)
    hold.refresh_from_db()
    return hold


def place_facts(hold: Hold, *, by: Person) -> rules.PlaceFacts:
    lapsed = hold.lapses_at is not None and hold.lapses_at <= clock.now()
    return rules.PlaceFacts(
        is_lawyer=by.holds("retention.hold", hold.entity_id), placed_by=hold.placed_by_id, by=by.pk,
        settled=hold.agreed_by_id is not None or hold.released_at is not None, lapsed=lapsed,
    )  # fmt: skip


def lapse() -> int:
    """Orders that only a hold without a second lawyer held wait again, its days being over; how many holds."""
    over = Hold.objects.filter(lapsed_at__isnull=True, lapses_at__lte=Now()).select_related("matter")
    for hold in over:
        with transaction.atomic():
            for order in _covered(hold).filter(state="held").select_for_update():
                reconsider(order)
            Hold.objects.filter(pk=hold.pk).update(lapsed_at=Now())
            log.record("hold.lapsed", about=hold)
    return len(over)


def _wait_for_acts() -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            locks.exclusively(locks.acting())
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Refused(
            _("A part of an erasure is being carried out this moment. Place the hold again in a minute."),
            code="erasing_now",
        ) from error


@transaction.atomic
def propose_release(hold: Hold, *, by: Person) -> Hold:
    """A first lawyer wants this hold to end; nothing changes until a second one agrees. Raises Refused."""
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    rules.check_proposal(
        by.holds("retention.hold", hold.entity_id),
        hold.matter.closed_at is None,
        hold.released_at is not None,
    )
    Hold.objects.filter(pk=hold.pk).update(released_by=by)
    log.record("hold.release_proposed", by=by, about=hold)
    hold.refresh_from_db()
    return hold


def agree_release(hold: Hold, *, by: Person) -> Hold:
    """The second lawyer agrees: the hold ends. Raises Refused."""
    if hold.released_by is None:
        raise Refused(_("Nobody has proposed to release this hold."), code="not_proposed")
    return release(hold, by=hold.released_by, second=by)


@transaction.atomic
def release(hold: Hold, *, by: Person, second: Person) -> Hold:
    """The hold ends; orders that only it held wait again. Raises Refused."""
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    lawyers = by.holds("retention.hold", hold.entity_id), second.holds("retention.hold", hold.entity_id)
    if not lawyers[0]:
        raise Refused(_("Only legal releases holds."), code="not_legal")
    rules.check_release(rules.ReleaseFacts(hold.matter.closed_at is None, by.pk, second.pk, lawyers[1]))
    Hold.objects.filter(pk=hold.pk).update(released_by=by, second_by=second, released_at=Now())
    log.record("hold.released", by=by, about=hold, second=second.pk)
    for order in _covered(hold).filter(state="held").select_for_update():
        reconsider(order)
    hold.refresh_from_db()
    return hold


def reconsider(order: ErasureOrder, on: date | None = None) -> None:
    """Ask the rules again what this order, locked by the caller, is now (or was on `on`)."""
    outcome = orders.outcome_now(order, on or clock.law_date(order.entity.timezone))
    if outcome.state != order.state:
        orders.put(order, outcome)


def _covered(hold: Hold) -> "OrderQuerySet":
    if hold.system_id:  # keeps its own part; the order goes on elsewhere
        return ErasureOrder.objects.none()
    about = Q()
    if hold.person_id:
        about &= Q(person_id=hold.person_id)
    if hold.purpose_id:
        about &= Q(purpose_id=hold.purpose_id) | Q(purpose__isnull=True)
    return ErasureOrder.objects.filter(about)
