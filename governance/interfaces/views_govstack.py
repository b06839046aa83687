"""What of the GovStack building block works here, for whoever connects a program that was written for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.interfaces.govstack_doors import DOORS, why_shut
from governance.lib.access import requires

PREFIX = "/govstack/v1"


@requires("interfaces.view_clients")
@require_safe
def doors_page(request: HttpRequest) -> HttpResponse:
    """Every door of the document: the scope that opens it, or the code and the reason with which it is refused."""
    rows = [
        [
            door.method, {"text": PREFIX + door.path},
            {"state": "closed", "word": _("refused: 400"), "note": f"{door.shut}: {why_shut(door.shut)}"} if door.shut
            else {"state": "open", "word": _("works"), "colour": "good", "note": _(" or ").join(door.scopes)},
        ]
        for door in DOORS
    ]  # fmt: skip
    return render(
        request, "interfaces/govstack.html",
        {
            "columns": [{"label": label} for label in (_("Method"), _("Path"), _("Here: scope, or code and reason"))], "rows": rows,
            "open": sum(not door.shut for door in DOORS), "all": len(DOORS),
        },
    )  # fmt: skip
