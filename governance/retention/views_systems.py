"""Connect a registered system, have its schema read, and confirm where in it the data of a purpose lie."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import lists
from governance.purposes.models import DataSystem, Purpose
from governance.retention import contents, proposing, simulating, systems
from governance.retention.forms import KINDS, NEEDED, ConnectForm, MapForm
from governance.retention.models import Connection, DataMap
from governance.retention.views_simulator import STATES

FAULTS = {
    "away": gettext_lazy(
        "The system did not answer, or refused the reading login. Check the variables in the eraser's environment."
    ),
    "no_schema": gettext_lazy("This kind of system has no schema that could be read. Write the map by hand."),
}


# Whoever may stop the work in a system may also say how it is reached.
@requires("retention.pause", of=DataSystem)
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, system: DataSystem) -> HttpResponse:
    """How a system is reached, by names of environment variables."""
    assert isinstance(request.user, Person)
    row = Connection.objects.filter(system=system).first()
    if row is not None and row.kind not in proposing.kinds():
        raise Http404  # the vault and the portal are connected by themselves
    known = dict(row.options) if row else {}
    first = {name: known.pop(name, "") for name in ("url_env", "read_url_env")}
    first |= {"kind": row.kind if row else "sql", "more": known or None}
    form = ConnectForm(
        request.POST if request.method == "POST" else None, initial=first, kinds=proposing.kinds()
    )
    if request.method == "POST" and form.is_valid():
        try:
            systems.connect(system, form.cleaned_data["kind"], form.options(), by=request.user)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Connected. Now say where in it the data of each purpose lie."))
            return redirect("retention:connect", system.pk)
    maps = DataMap.objects.filter(system=system).select_related("purpose", "confirmed_by")
    context = {
        "system": system, "form": form, "connection": row,
        "maps": [{"row": one, "rows": _held(system, one)} for one in maps],
        "held_columns": [{"label": _("Where")}, {"label": _("Categories of data")}, {"label": _("Purposes")}, {"label": _("Collected at")}],
        "no_ages": row is not None and not _tells_ages(row.kind, maps) and STATES["no_times"],
        "needed": [[KINDS[kind], {"text": NEEDED[kind]}] for kind in proposing.kinds() if kind in NEEDED],
        "needed_columns": [{"label": _("Kind")}, {"label": _("Other options")}],
        "purposes": Purpose.objects.filter(entity=system.entity).exclude(state="retired").order_by("number"),
    }  # fmt: skip
    return render(request, "retention/connect.html", context, status=400 if form.errors else 200)


def _held(system: DataSystem, row: DataMap) -> list[list[Any]]:
    """What each entry of a confirmed map holds: where, categories, purposes, by what it tells its age. What it does not say of
    the first two is the system's."""
    said = contents.of(row.spec) if row.confirmed_at else ()
    own = [row.purpose.number] if row.purpose else [_("every purpose")]
    return [
        [
            {"text": one.place, "note": "" if one.part in ("tables", "models", "steps") else one.part},
            ", ".join(lists.category(code) for code in one.categories or system.categories),
            ", ".join(one.purposes or own), _("the store's own date") if one.of_the_store else one.time,
        ]
        for one in said
    ]  # fmt: skip


def _tells_ages(kind: str, maps: Iterable[DataMap]) -> bool:
    """Does something there come due by itself? Before a map is confirmed nobody knows."""
    specs = [contents.plain(row.spec) for row in maps if row.confirmed_at]
    return not specs or any(simulating.tells_times(kind, spec) for spec in specs)


@requires("retention.pause", of=DataSystem)
@require_POST
def propose(request: HttpRequest, system: DataSystem) -> HttpResponse:
    """Have the schema read; a proposal stands on the map's page within half a minute."""
    assert isinstance(request.user, Person)
    purpose = _purpose(request, system)
    row = proposing.ask(system, purpose, by=request.user)
    return redirect("retention:data_map", system.pk, row.pk)


def _purpose(request: HttpRequest, system: DataSystem) -> Purpose:
    try:
        chosen = UUID(request.POST.get("purpose", ""))
    except ValueError:
        raise Http404 from None
    purpose = Purpose.objects.filter(pk=chosen, entity=system.entity).first()
    if purpose is None:
        raise Http404
    return purpose


@requires("retention.pause", of=DataSystem)
@require_http_methods(["GET", "POST"])
def data_map(request: HttpRequest, system: DataSystem, map_id: int) -> HttpResponse:
    """The proposal, or the map in force, to be read, changed and confirmed by a person."""
    assert isinstance(request.user, Person)
    row = DataMap.objects.filter(system=system, pk=map_id).select_related("purpose").first()
    if row is None:
        raise Http404
    spec = row.spec or row.proposal.get("spec")
    form = MapForm(request.POST if request.method == "POST" else None, initial={"spec": spec})
    if request.method == "POST" and form.is_valid():
        try:
            systems.confirm_map(system, row.purpose, form.cleaned_data["spec"], by=request.user)
        except Refused as refused:
            form.add_error("spec", refused.sentence)
        else:
            messages.success(
                request, _("Confirmed, with your name. Orders are carried out there by this map from now on.")
            )
            return redirect("retention:connect", system.pk)
    asked = row.proposal_asked_at
    reading = bool(asked and (row.proposed_at is None or row.proposed_at < asked))
    context = {
        "system": system, "row": row, "form": form, "reading": reading, "rows": _rows(spec or {}, system),
        "fault": FAULTS.get(row.proposal.get("fault", ""), "") if not reading else "",
        "columns": [{"label": _("Table")}, {"label": _("How the person is found")}, {"label": _("Collected at")}, {"label": _("What is done")}, {"label": _("Categories of data")}],
    }  # fmt: skip
    return render(request, "retention/data_map.html", context, status=400 if form.errors else 200)


def _rows(spec: dict[str, Any], system: DataSystem) -> list[list[Any]]:
    """The map of a database as a table; other maps are shown as they are written."""
    tables, keep = spec.get("tables", []), spec.get("keep", {})
    held = {one.place: one.categories for one in contents.of(spec)}
    mapped = [
        [
            row.get("table", ""), _found(row.get("find", {})), row.get("time", ""), row.get("action", ""),
            ", ".join(lists.category(code) for code in held.get(row.get("table", "")) or system.categories),
        ]
        for row in tables
    ]  # fmt: skip
    stays = keep.items() if isinstance(keep, dict) and isinstance(tables, list) else ()
    return [*mapped, *([place, "", "", {"text": _("stays"), "note": str(why)}, ""] for place, why in stays)]


def _found(find: dict[str, Any]) -> str:
    if "column" in find:
        return _("%(column)s holds the %(kind)s") % {"column": find["column"], "kind": find.get("is", "")}
    if "through" in find:
        return _("through %(table)s") % {"table": find["through"].get("table", "")}
    return _("mentioned in %(columns)s") % {"columns": ", ".join(find.get("text", []))}
