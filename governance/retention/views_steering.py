"""An order's buttons: look first, stop, go on, agree."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.lib.access import may, requires
from governance.lib.refusals import reason
from governance.people.models import Person
from governance.retention import rules_steering, steering
from governance.retention.models import ErasureOrder


def _who(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


@requires("retention.pause", of=ErasureOrder)
@require_POST
def pause(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    steering.pause(order.pk, by=_who(request))
    messages.success(request, _("The order is stopped. A part that is being erased this moment ends first."))
    return redirect("retention:order", order.pk)


@requires("retention.pause", of=ErasureOrder)
@require_POST
def resume(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    steering.resume(order.pk, by=_who(request))
    messages.success(request, _("The order goes on where it was."))
    return redirect("retention:order", order.pk)


@requires("retention.approve", of=ErasureOrder)
@require_POST
def approve(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    order = steering.approve(order.pk, by=_who(request))
    said = _("Two people have agreed. The order is carried out now.")
    if order.second_by_id is None:
        said = _("You have agreed. It is carried out when a second person agrees too.")
    messages.success(request, said)
    return redirect("retention:order", order.pk)


@requires("retention.approve", of=ErasureOrder)
@require_POST
def look(request: HttpRequest, order: ErasureOrder) -> HttpResponse:
    """A dry run."""
    steering.ask_look(order.pk, by=_who(request))
    messages.success(request, _("The eraser looks now. Nothing is changed."))
    return redirect("retention:order", order.pk)


def buttons(request: HttpRequest, order: ErasureOrder) -> dict[str, Any]:
    """What an order's page offers to this person."""
    who = _who(request)
    stops, approves = may(who, "retention.pause", order), may(who, "retention.approve", order)
    wanted = order.approval_wanted_at is not None and order.second_by_id is None
    open_ = order.state in (
        "waiting",
        "partly",
        "needs_attention",
        "retention_conflict",
        "restricted_hold",
        "held",
    )
    return {
        "pause": stops and not order.paused_at and order.state in rules_steering.STOPPABLE,
        "resume": stops and order.paused_at is not None,
        "approve": approves and wanted,
        "why_not_approve": reason(rules_steering.check_approve, steering.facts(order, by=who))
        if wanted
        else "",
        "look": approves and open_,
        "looking": order.look_asked_at is not None
        and (order.looked_at is None or order.looked_at < order.look_asked_at),
        "agreed": order.approved_by,
        "wanted": wanted,
    }
