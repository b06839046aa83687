"""The register in and out: choose a file, look at what it would change, confirm; take the register away; one fiche."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.audit.models import Entry as LogEntry
from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import headings, listing
from governance.purposes.exchange import fiche, files, incoming, outgoing, reading, taking
from governance.purposes.exchange.placing import NUMBER, Placed
from governance.purposes.forms_exchange import Confirm, RegisterFile, Take
from governance.purposes.forms_register import Filters
from governance.purposes.models import Purpose
from governance.purposes.views import listing as the_list

SHOWN = 50
SHOWN_FAULTS = 200


@requires("purposes.import")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_register(request: HttpRequest) -> HttpResponse:
    """POST shows the preview and writes nothing."""
    person: Person = request.user  # type: ignore[assignment]
    if request.method != "POST":
        return _choose(request, RegisterFile(person=person))
    form = RegisterFile(request.POST, request.FILES, person=person)
    if not request.FILES and int(request.headers.get("Content-Length") or 0) > files.MAX_BYTES:
        # Django drops a file beyond the limit before it is read: nothing of it touched a disk.
        form.errors["file"] = form.error_class(
            [_("The file is larger than 10 MB. Split it and import the parts one after the other.")]
        )
    if not form.is_valid():
        return _choose(request, form, status=400)
    chosen = form.cleaned_data
    try:
        content = reading.read(chosen["file"].read())
        preview = incoming.judge(
            content,
            by=person,
            on=clock.law_date(zone_of(person)),
            entity=chosen["entity"],
            unit=chosen["unit"],
        )
        return _preview(request, preview, form)
    except Refused as refused:
        form.add_error("file", refused.sentence)
        return _choose(request, form, status=400)


def _choose(request: HttpRequest, form: RegisterFile, status: int = 200) -> HttpResponse:
    return render(request, "purposes/import.html", {"form": form}, status=status)


def _preview(
    request: HttpRequest, preview: incoming.Preview, form: RegisterFile | None = None, status: int = 200
) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    confirm = None
    if not preview.faults and preview.new + preview.changed + preview.parties_changed:
        confirm = Confirm(initial={"packed": incoming.pack(preview, by=person)})
    notes = [*preview.twins, *preview.content.notes]
    changes = [placed for placed in preview.placed if placed.kind != "unchanged"]
    return render(
        request, "purposes/import_preview.html",
        {
            "preview": preview, "confirm": confirm, "form": RegisterFile(person=person), "many": preview.new + preview.changed,
            "places": _places(preview), "more_faults": max(len(preview.faults) - SHOWN_FAULTS, 0),
            "change_columns": [{"label": label} for label in (_("Row"), _("Number"), _("Activity"), _("Entity"), _("What"), _("What would be different"))],
            "changes": [_change(placed) for placed in changes[:SHOWN]], "more_changes": max(len(changes) - SHOWN, 0),
            "party_columns": [{"label": label} for label in (_("Row"), _("Sheet"), _("Code or number"), _("Name"), _("What"))],
            "parties": [
                [str(c.at), {"processor": _("Processors"), "mandate": _("Mandates"), "system": _("Data systems")}[c.what], c.key or _("next free"), c.values.get("name") or c.values.get("controller_name"), _what(c.kind)]
                for c in preview.parties if c.kind != "unchanged"
            ][:SHOWN],
            "notes": notes[:SHOWN], "more_notes": max(len(notes) - SHOWN, 0),
        },
        status=status,
    )  # fmt: skip


def _places(preview: incoming.Preview) -> list[dict[str, Any]]:
    """Faults by sheet and row: each row once, with what is wrong in which column."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    counts = Counter((fault.sheet, fault.row) for fault in preview.faults)
    names = {entry.at: entry.activity.name for entry in preview.content.entries}
    for fault in preview.faults[:SHOWN_FAULTS]:
        key = (fault.sheet, fault.row)
        place = found.setdefault(
            key,
            {
                "id": f"row-{len(found) + 1}", "sheet": fault.sheet, "row": fault.row, "n": counts[key], "faults": [],
                "name": names.get(fault.row, "")[:80] if fault.sheet in ("", "Activities") else "",
            },
        )  # fmt: skip
        place["faults"].append(fault)
    return list(found.values())


def _what(kind: str) -> str:
    return {"new": _("new"), "changed": _("changed"), "unchanged": _("as before")}[kind]


def _change(placed: Placed) -> list[Any]:
    entry = placed.entry
    number: Any = (
        entry.number if placed.purpose is None and NUMBER.fullmatch(entry.number) else _("next free")
    )
    if placed.purpose is not None:
        number = {"text": entry.number, "url": reverse("purposes:purpose", args=[placed.purpose.pk])}
    fields = ", ".join(headings.heading(field) for field in placed.fields)
    material = ", ".join(headings.heading(field) for field in placed.material)
    note = _("needs a new notice and new consents: %(fields)s") % {"fields": material} if material else ""
    return [
        str(entry.at),
        number,
        entry.activity.name,
        placed.entity.code,
        _what(placed.kind),
        {"text": fields, "note": note} if fields else "",
    ]


@requires("purposes.import")
@never_cache
@require_POST
def confirm_import(request: HttpRequest) -> HttpResponse:
    """Write what was looked at, or show the new preview when anything has changed since."""
    form = Confirm(request.POST)
    if not form.is_valid():
        return redirect("purposes:import")
    person: Person = request.user  # type: ignore[assignment]
    on = clock.law_date(zone_of(person))
    try:
        looked_at = incoming.unpack(form.cleaned_data["packed"], by=person)
        done = taking.take_over(looked_at, by=person, on=on)
    except Refused as refused:
        messages.warning(request, refused.sentence)
        if refused.code == "preview_stale":
            again = incoming.judge(
                looked_at.content, by=person, on=on, entity=looked_at.entity, unit=looked_at.unit
            )
            return _preview(request, again, status=409)
        return redirect("purposes:import")
    return redirect("purposes:imported", done.entry_id)


@requires("purposes.import")
@require_safe
def imported(request: HttpRequest, entry: int) -> HttpResponse:
    """What came in, for the one who brought it; as the log has it."""
    found = LogEntry.objects.filter(pk=entry, code="register.imported", by_id=request.user.pk).first()
    if found is None:
        raise Http404
    entered = Purpose.objects.visible_to(request.user).filter(number__in=found.facts.get("numbers", []))  # type: ignore[arg-type]
    return render(
        request, "purposes/imported.html",
        {
            "facts": found.facts, "columns": [{"label": label} for label in (_("Number"), _("Activity"), _("Controller"), _("State"))],
            "rows": [
                [{"text": p.number, "url": reverse("purposes:purpose", args=[p.pk])}, p.name, p.entity.name, {"state": p.state, "note": _("draft of a new version") if p.version else ""}]
                for p in entered.select_related("entity").order_by("ordinal")
            ],
        },
    )  # fmt: skip


@requires("purposes.import")
@require_safe
def empty_file(request: HttpRequest, form: str) -> HttpResponse:
    """Something to begin with: the headings, the lists, and one row that shows how it is meant."""
    if form not in ("xlsx", "ico"):
        raise Http404
    answer = HttpResponse(outgoing.empty(form), content_type=str(outgoing.FORMS[form][1]))
    answer["Content-Disposition"] = f'attachment; filename="register-empty.{outgoing.FORMS[form][2]}"'
    return answer


@requires("purposes.export")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """What the list shows under these filters and this person may take away. POST gives the file and writes down who took it."""
    person: Person = request.user  # type: ignore[assignment]
    on = clock.law_date(zone_of(person))
    filters = Filters(request.GET, parts=the_list._parts(person), today=on)
    chosen = filters.chosen()
    said = request.session.get(the_list.KEPT, {}).get(request.GET.get("s", ""), "")
    rows = listing.narrow(outgoing.may_take(person), filters.asked(said), reader=person, today=on)
    form = Take(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            file = outgoing.export(
                form.cleaned_data["form"], rows, by=person, on=on, standing=form.cleaned_data["standing"]
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            answer = HttpResponse(file.content, content_type=file.media)
            answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
            answer["Cache-Control"] = "no-store, private"
            return answer
    query = urlencode(chosen | ({"s": request.GET["s"]} if said else {}))
    everything = outgoing.may_take(person).count()
    context = {
        "form": form,
        "n": rows.count(),
        "everything": everything,
        "query": query,
        "narrow": bool(query),
    }
    return render(request, "purposes/export.html", context, status=400 if form.errors else 200)


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def one_fiche(request: HttpRequest, row: Purpose) -> HttpResponse:
    """One activity on a sheet, as the CNIL's record has it; for printing."""
    facts = {"sections": fiche.sections(fiche.content(row), day=_day)}
    return render(
        request,
        "purposes/fiche.html",
        {"purpose": row, "facts": facts, "may_ask": may(request.user, "reports.request", row)},
    )


def _day(value: Any) -> str:
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = localtime(value)
    return date_format(value, "j F Y") if value else ""
