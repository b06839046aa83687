"""The staff list comes in: choose a file, look at what it would change, confirm."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people import roster, sheet
from governance.people.forms import Confirm, RosterFile
from governance.people.zones import zone_of

SHOWN = 50


@requires("people.import")
@never_cache
@require_http_methods(["GET", "POST"])
def import_roster(request: HttpRequest) -> HttpResponse:
    """POST shows the preview and writes nothing."""
    if request.method == "GET":
        return render(request, "people/import.html", {"form": RosterFile()})
    form = RosterFile(request.POST, request.FILES)
    if not request.FILES and int(request.headers.get("Content-Length") or 0) > sheet.MAX_BYTES:
        # Django drops a file beyond the limit before it is read: nothing of it touched a disk.
        form.errors["file"] = form.error_class(
            [_("The file is larger than 10 MB. Split it by entity and import the parts one after the other.")]
        )
    if not form.is_valid():
        return render(request, "people/import.html", {"form": form}, status=400)
    try:
        preview = roster.read(
            form.cleaned_data["file"].read(), by=request.user, on=clock.law_date(zone_of(request.user))
        )
        return _preview(request, preview)
    except Refused as refused:
        form.add_error("file", refused.sentence)
        return render(request, "people/import.html", {"form": form}, status=400)


def _preview(request: HttpRequest, preview: roster.Preview, status: int = 200) -> HttpResponse:
    confirm = None if preview.problems else Confirm(initial={"packed": roster.pack(preview, by=request.user)})
    return render(
        request, "people/preview.html",
        {
            "preview": preview, "confirm": confirm, "form": RosterFile(),
            "problem_columns": [{"label": label} for label in (_("Row"), _("Column"), _("What to do"))],
            "problems": [[str(p.row), p.column or "–", str(p.sentence)] for p in preview.problems[: SHOWN * 2]],
            "more_problems": max(len(preview.problems) - SHOWN * 2, 0),
            "change_columns": [{"label": label} for label in (_("Number"), _("Name"), _("What"), _("Columns"))],
            "changes": [_change(change) for change in roster.shown(preview.changes, SHOWN)],
            "more_changes": max(preview.new + preview.changed - SHOWN, 0),
            "left_columns": [{"label": label} for label in (_("Number"), _("Name"))],
            "left": [list(pair) for pair in preview.left[:SHOWN]], "more_left": max(len(preview.left) - SHOWN, 0),
        },
        status=status,
    )  # fmt: skip


def _change(change: roster.Change) -> list[Any]:
    kinds = {"new": _("new"), "changed": _("changed")}
    columns = ", ".join(dict.fromkeys(change.columns)) if change.kind == "changed" else ""
    if change.outsider is not None:
        columns = _("Known from outside by this address: the same person, employed from now on.")
    return [change.row.number, change.row.name, kinds[change.kind], columns]


@requires("people.import")
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Write what was looked at, or show the new preview when anything has changed since."""
    form = Confirm(request.POST)
    if not form.is_valid():
        return redirect("people:import")
    on = clock.law_date(zone_of(request.user))
    try:
        raw, seen = roster.unpack(form.cleaned_data["packed"], by=request.user)
        done = roster.take_over(
            raw, by=request.user, on=on, seen=seen, end_missing=form.cleaned_data["end_missing"]
        )
    except Refused as refused:
        messages.warning(request, refused.sentence)
        if refused.code == "preview_stale":
            return _preview(request, roster.read(raw, by=request.user, on=on), status=409)
        return redirect("people:import")
    messages.success(
        request,
        _("The staff list is taken over: %(new)s new, %(changed)s changed, %(unchanged)s as before.")
        % {"new": done.new, "changed": done.changed, "unchanged": done.unchanged},
    )
    return redirect("people:people")
