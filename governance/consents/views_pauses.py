"""A person's break: one press begins it, one press ends it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.consents import pauses
from governance.consents.models import Pause
from governance.lib.access import requires
from governance.lib.refusals import Refused


@requires("consents.pause")
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """`hours` 1, 4 or 24; empty: until the person resumes."""
    said = request.POST.get("hours", "")
    try:
        pauses.pause(
            by=request.user, hours=(int(said) if said.isdecimal() and len(said) < 4 else 0) if said else None
        )
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Paused. Nothing is recorded about you from this moment on."))
    return redirect("consents:choices")


@requires("consents.pause", of=Pause)
@require_POST
def resume(request: HttpRequest, row: Pause) -> HttpResponse:
    pauses.resume(row.pk, by=request.user)
    messages.success(request, _("The pause has ended. What you switched on is recorded again from now on."))
    return redirect("consents:choices")
