"""A request for erasure becomes orders: for what rests on a consent at once, for the rest when the DPO says so."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import ledger, standing
from governance.consents.models import ConsentRecord, Stream
from governance.lib import clock
from governance.lib.connectors import Scope
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import orders
from governance.retention.models import ErasureOrder
from governance.rights.models import Request


def order(request: Request) -> list[ErasureOrder]:
    """Whatever the person consented to is off, and what was recorded on it is ordered to go; call in a transaction.

    GDPR Art. 17(1)(b), DPDP s.12(3): what rests on a consent needs nobody's decision. Asking to be erased while one is
    recorded on would be undone within the hour, so the consents end with it. Orders that are open already count too.
    """
    person = request.person
    said = Q(consents__person=person) | Q(pk__in=Stream.objects.filter(person=person).values("purpose"))
    for purpose in Purpose.objects.filter(said).distinct().order_by("number"):
        request.orders.add(*_of(purpose, request))
    found = list(request.orders.all())
    log.record("request.orders_raised", about=request, orders=[one.pk for one in found])
    return found


def _of(purpose: Purpose, request: Request) -> list[ErasureOrder]:
    person = request.person
    records = ConsentRecord.objects.filter(person=person, purpose=purpose)
    if any(record.is_on for record in records):
        _withdraw(purpose, request, list(records))
    open_ones = ErasureOrder.objects.filter(person=person, purpose=purpose).exclude(
        state__in=ErasureOrder.ENDED
    )
    covered = {stream for one in open_ones for stream in one.streams}
    left = (
        Stream.objects.filter(person=person, purpose=purpose)
        .exclude(state="destroyed")
        .exclude(pk__in=covered)
    )
    streams = tuple(left.values_list("pk", flat=True))
    found = list(open_ones)
    if streams:
        found.append(_raise(request, purpose, streams))
    return found


def _withdraw(purpose: Purpose, request: Request, records: list[ConsentRecord]) -> None:
    """By the person's word, or by that of who speaks for them: the event says which."""
    if request.representation_id is None or request.logged_by is None:
        ledger.withdraw_purpose(purpose, by=request.person, method=request.channel)
        return
    with standing.changing(request.person_id):
        on = ConsentRecord.objects.on().filter(pk__in=[record.pk for record in records])
        ledger.withdraw_for(
            list(on.select_related("person", "purpose__entity")), by=request.logged_by, by_kind=request.channel,
            evidence=f"representation:{request.representation_id}",
        )  # fmt: skip


@transaction.atomic
def order_more(request_id: UUID, purposes: Iterable[Purpose], *, by: Person) -> list[ErasureOrder]:
    """The DPO has decided that these purposes' data go too, on whatever ground they rest. Raises Refused."""
    request = Request.objects.select_for_update().select_related("person").get(pk=request_id)
    if not by.holds("rights.answer", request.entity_id):
        raise Refused(
            _("Only the data protection officer of this entity answers requests."), code="not_the_dpo"
        )
    if request.right != "erasure" or request.answered_at is not None:
        raise Refused(_("Only for an open request for erasure can more be ordered."), code="not_open")
    found = [_raise(request, purpose, ()) for purpose in purposes if purpose.entity_id == request.entity_id]
    request.orders.add(*found)
    log.record("request.orders_raised", by=by, about=request, orders=[one.pk for one in found])
    return found


def _raise(request: Request, purpose: Purpose, streams: tuple[UUID, ...]) -> ErasureOrder:
    scope = Scope(request.person_id, purpose.pk, streams, clock.now())
    return orders.raise_order(scope, because="request.erasure", because_id=request.pk)


def others(request: Request) -> list[Purpose]:
    """Purposes of the entity with a system, of which no order was raised for this request."""
    done = request.orders.exclude(purpose=None).values("purpose")
    found = Purpose.objects.filter(entity_id=request.entity_id, systems__isnull=False).exclude(pk__in=done)
    return list(found.exclude(state="draft").distinct().order_by("number"))
