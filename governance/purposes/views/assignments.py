"""Who may open one purpose: by their roles, and by name."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.purposes import assignments
from governance.purposes.forms_register import Assign
from governance.purposes.models import Purpose


@requires("purposes.assign", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, row: Purpose) -> HttpResponse:
    """POST opens the purpose to one person, who is named by number or address and told of it."""
    form, status = Assign(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                person = assignments.find(form.cleaned_data["who"])
                assignments.assign(row, person, form.cleaned_data["right"], by=request.user)  # type: ignore[arg-type]
            except Refused as refused:
                form.add_error("who", refused.sentence)
            else:
                messages.success(request, _("Done. The person was told."))
                return redirect("purposes:people", row.pk)
    roles, named = assignments.by_role(row), assignments.by_name(row)
    return render(
        request, "purposes/people.html",
        {
            "purpose": row, "form": form, "named": named,
            "columns": [{"label": label} for label in (_("Who"), _("Because"), pgettext("what somebody may do", "May"))],
            "rows": [_row(seer) for seer in roles],
        },
        status=status,
    )  # fmt: skip


def _row(seer: assignments.Seer) -> list[Any]:
    return [
        {"text": str(seer.person), "note": seer.person.number or ""},
        {"text": seer.because, "note": seer.where},
        _("see and edit") if seer.edits else _("see"),
    ]


@requires("purposes.assign", of=Purpose)
@require_POST
def remove(request: HttpRequest, row: Purpose) -> HttpResponse:
    """The purpose is no longer open to this person by name."""
    wanted = request.POST.get("person", "")
    seer = next((seer for seer in assignments.by_name(row) if str(seer.person.pk) == wanted), None)
    if seer is not None:
        assignments.remove(row, seer.person, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("The entry is no longer open to this person by name. They were told."))
    return redirect("purposes:people", row.pk)
