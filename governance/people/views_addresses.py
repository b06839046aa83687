"""Changed addresses: the person stops one, a second person confirms one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.lib.access import requires
from governance.lib.refusals import Refused, reason
from governance.people import addresses, rules_addresses
from governance.people.models import AddressChange, Employment, Person


def _who(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


@requires("people.confirm_address")
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits at the entities in one's care, those that need a second person first."""
    who = _who(request)
    there = Employment.objects.current().filter(entity_id__in=who.entities_where("people.confirm_address"))
    found = (
        AddressChange.objects.open()
        .filter(person__in=there.values("person"))
        .select_related("person", "asked_by")
    )
    rows = [
        {"change": row, "why_not": reason(rules_addresses.check_confirm, addresses.facts_of(row, by=who))}
        for row in sorted(found, key=lambda row: (row.due_at is not None, row.asked_at))
    ]
    return render(request, "people/addresses.html", {"rows": rows})


@requires("people.confirm_address", of=AddressChange)
@require_POST
def confirm(request: HttpRequest, change: AddressChange) -> HttpResponse:
    try:
        row = addresses.confirm(change.pk, by=_who(request))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        if row.outcome == "done":
            messages.success(request, _("The address is in force. The person was told."))
        else:
            messages.warning(request, _("Somebody else has this address, so nothing was changed."))
    return redirect("people:addresses")


@requires("people.own_account", of=AddressChange)
@require_POST
def stop(request: HttpRequest, change: AddressChange) -> HttpResponse:
    """One press; nobody asks why."""
    try:
        addresses.stop(change.pk, by=_who(request))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Stopped. Your address stays as it was."))
    return redirect("pages:account")
