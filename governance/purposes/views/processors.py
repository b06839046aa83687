"""The register of processors: who processes for us, under which contract, and what it leaves out (GDPR Art. 28)."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.people.zones import zone_of
from governance.purposes import lists, parties, processors
from governance.purposes.entry import is_outside_eea
from governance.purposes.forms_processors import ProcessorForm
from governance.purposes.models import Processor, Purpose

PAGE = 50
NAMED = 4  # purposes that a row of the list names
LETTERS = "abcdefgh"  # of Art. 28(3), in the order of the list of clauses


def day(value: date | None) -> str:
    return date_format(value, "j M Y") if value else ""


@requires("purposes.view_processors")
@never_cache
@require_safe
def processors_page(request: HttpRequest) -> HttpResponse:
    """Who processes for the entities in one's care, by name."""
    person: Person = request.user  # type: ignore[assignment]
    on = clock.law_date(zone_of(person))
    there = Processor.objects.filter(
        entity_id__in=person.entities_where("purposes.view_processors")
    ).select_related("entity")
    page = Paginator(there, PAGE).get_page(request.GET.get("page"))
    used = _used_by(list(page), person)
    labels = [
        _("Processor"),
        _("For"),
        _("Country"),
        _("Contract"),
        _("Clauses of Art. 28(3)"),
        _("Sub-processors"),
        _("Safeguard"),
        _("Used by"),
    ]
    return render(
        request, "purposes/processors.html",
        {
            "columns": [{"label": label} for label in labels], "rows": [_row(row, on, used[row.code]) for row in page], "page": page,
            "may_edit": may(person, "purposes.edit_processors"),
        },
    )  # fmt: skip


def _used_by(rows: list[Processor], person: Person) -> dict[str, list[Purpose]]:
    """Purposes that the reader may see, by code of the processor. One query."""
    codes = [row.code for row in rows]
    found: dict[str, list[Purpose]] = defaultdict(list)
    if codes:
        wanted = (
            Purpose.objects.visible_to(person).filter(processor_codes__overlap=codes).exclude(state="retired")
        )
        for purpose in wanted.only("id", "number", "name", "processor_codes", "state", "ordinal"):
            for code in purpose.processor_codes:
                found[code].append(purpose)
    return found


def _row(row: Processor, on: date, used: list[Purpose]) -> list[Any]:
    return [
        {"text": row.name, "url": reverse("purposes:processor", args=[row.pk]), "note": row.code},
        row.entity.name, row.country, contract_cell(row.contract, row.contract_from, row.contract_until, on), _clauses(row),
        ", ".join(f"{sub['name']} ({sub['country']})" for sub in row.subprocessors), _safeguard(row),
        {
            "text": ", ".join(purpose.number for purpose in used[:NAMED]),
            "note": _("and %(n)s more") % {"n": len(used) - NAMED} if len(used) > NAMED else "",
        } if used else {"note": _("no activity")},
    ]  # fmt: skip


def contract_cell(reference: str, begins: date | None, ends: date | None, on: date) -> dict[str, Any]:
    """A cell: the reference and how long it holds, or a mark where it does not."""
    state, days = parties.contract_state(begins, ends, on)
    if state == "none" or not reference:
        return {"state": "none", "word": _("no contract"), "colour": "bad"}
    span = _("%(begin)s to %(end)s") % {"begin": day(begins), "end": day(ends) or _("no end")}
    if state == "ended":
        return {
            "state": "overdue",
            "word": ngettext("ended %(n)s day ago", "ended %(n)s days ago", days) % {"n": days},
            "note": f"{reference}, {span}",
        }
    if state == "ending":
        return {
            "state": "due",
            "word": ngettext("ends in %(n)s day", "ends in %(n)s days", days) % {"n": days},
            "note": f"{reference}, {span}",
        }
    if state == "coming":
        return {
            "state": "waiting",
            "word": ngettext("begins in %(n)s day", "begins in %(n)s days", days) % {"n": days},
            "note": f"{reference}, {span}",
        }
    return {"text": reference, "note": span}


def _clauses(row: Processor) -> dict[str, Any]:
    left_out = parties.clauses_missing(row.clauses)
    if not left_out:
        return {"text": _("all %(n)s") % {"n": len(row.clauses)}}
    word = ngettext("%(n)s is missing", "%(n)s are missing", len(left_out)) % {"n": len(left_out)}
    order = lists.codes("clause")
    return {
        "state": "missing",
        "word": word,
        "colour": "warn",
        "note": " ".join(f"({LETTERS[order.index(code)]})" for code in left_out),
    }


def _safeguard(row: Processor) -> Any:
    if row.tool:
        note = _("assessed %(day)s") % {"day": day(row.assessed_on)} if row.assessed_on else ""
        return {"text": lists.label("tool", row.tool), "note": note}
    return "" if is_outside_eea(row.country) else {"note": _("within the EEA: none needed")}


@requires("purposes.view_processors", of=Processor)
@never_cache
@require_safe
def processor(request: HttpRequest, row: Processor) -> HttpResponse:
    """One processor, what its entry lacks, and every activity that uses it."""
    on = clock.law_date(row.entity.timezone)
    used = _used_by([row], request.user)[row.code]  # type: ignore[arg-type]
    return render(
        request, "purposes/processor.html",
        {
            "row": row, "title": row.name, "number": row.code, "lacking": _lacking(row, on), "facts": _processor_facts(row, on),
            "list_url": reverse("purposes:processors"), "list_name": _("Processors"),
            "change_url": reverse("purposes:change_processor", args=[row.pk]) if may(request.user, "purposes.edit_processors", row) else "",
            "columns": [{"label": label} for label in (_("Number"), _("Activity"), _("State"))],
            "used": [
                [{"text": p.number, "url": reverse("purposes:purpose", args=[p.pk])}, p.name, {"state": p.state, "word": p.get_state_display()}]
                for p in used
            ],
        },
    )  # fmt: skip


def _lacking(row: Processor, on: date) -> list[parties.Gap]:
    state, _days = parties.contract_state(row.contract_from, row.contract_until, on)
    return parties.lacking(
        contract=row.contract, state=state, clauses=row.clauses, contact=row.contact, country=row.country, tool=row.tool,
        subprocessors=row.subprocessors, home_in_eea=not is_outside_eea(row.entity.country), on=on,
    )  # fmt: skip


def _processor_facts(row: Processor, on: date) -> list[dict[str, Any]]:
    return [
        {"label": _("Processes for"), "value": row.entity.name},
        {"label": _("Country"), "value": row.country},
        {"label": _("Whom to ask there"), "value": row.contact},
        {
            "label": _("Contract"),
            "value": contract_cell(row.contract, row.contract_from, row.contract_until, on),
        },
        {
            "label": _("What the contract says"),
            "lines": [lists.label("clause", code) for code in row.clauses],
        },
        {"label": _("Sub-processors"), "lines": subprocessor_lines(row.subprocessors)},
        {"label": _("Safeguard, where data leave the EEA"), "value": _safeguard(row)},
        {"label": _("Security"), "value": row.security_note},
    ]


def subprocessor_lines(rows: list[dict[str, Any]]) -> list[Any]:
    return [
        {
            "text": f"{sub['name']} ({sub['country']})",
            "note": _("agreed to on %(day)s") % {"day": day(date.fromisoformat(sub["agreed_on"]))} if sub.get("agreed_on") else _("not agreed to yet"),
        }
        for sub in rows
    ]  # fmt: skip


@requires("purposes.edit_processors")
@never_cache
@require_http_methods(["GET", "POST"])
def new_processor(request: HttpRequest) -> HttpResponse:
    form = ProcessorForm(request.POST if request.method == "POST" else None, person=request.user)  # type: ignore[arg-type]
    back = reverse("purposes:processors")
    return written(
        request,
        form,
        None,
        back,
        _("Enter a processor"),
        lambda **f: processors.enter(f.pop("entity"), by=request.user, **f),
        "purposes:processor",
    )  # type: ignore[misc, arg-type]


@requires("purposes.edit_processors", of=Processor)
@never_cache
@require_http_methods(["GET", "POST"])
def change_processor(request: HttpRequest, row: Processor) -> HttpResponse:
    form = ProcessorForm(request.POST if request.method == "POST" else None, person=request.user, row=row)  # type: ignore[arg-type]
    back = reverse("purposes:processor", args=[row.pk])
    return written(
        request,
        form,
        row,
        back,
        row.name,
        lambda **f: processors.change(row, by=request.user, seen=form.seen_at(), **f),
        "purposes:processor",
    )  # type: ignore[misc, arg-type]


def written(
    request: HttpRequest,
    form: Any,
    row: Any,
    back: str,
    title: str,
    write: Any,
    then: str,
    list_name: str = "",
) -> HttpResponse:
    """Show the form, or save and go to the entry. What somebody else saved meanwhile stands beside what was typed."""
    theirs: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            saved = write(**form.asked())
        except Refused as refused:
            if refused.code == "edited_meanwhile":
                row.refresh_from_db()
                theirs = form.look_again(row)
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Saved."))
            return redirect(then, saved.pk)
    context = {
        "form": form, "title": title, "back": back, "list_name": list_name or _("Processors"), "theirs": [[t["label"], t["theirs"], t["yours"]] for t in theirs],
        "theirs_columns": [{"label": label} for label in (_("Field"), _("What they wrote"), _("What you wrote"))],
    }  # fmt: skip
    return render(request, "purposes/processor_form.html", context, status=400 if form.errors else 200)
