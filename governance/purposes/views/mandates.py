"""The record of a processor: the controllers for whom an entity of the group processes (GDPR Art. 30(2))."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.people.models import Person
from governance.people.zones import zone_of
from governance.purposes import lists, parties, processors
from governance.purposes.forms_processors import MandateForm
from governance.purposes.models import Mandate
from governance.purposes.views.processors import PAGE, contract_cell, subprocessor_lines, written


@requires("purposes.view_processors")
@never_cache
@require_safe
def mandates_page(request: HttpRequest) -> HttpResponse:
    """For whom the entities in one's care process."""
    person: Person = request.user  # type: ignore[assignment]
    on = clock.law_date(zone_of(person))
    there = Mandate.objects.filter(
        entity_id__in=person.entities_where("purposes.view_processors")
    ).select_related("entity")
    page = Paginator(there, PAGE).get_page(request.GET.get("page"))
    labels = [
        _("Number"),
        _("Controller"),
        _("Who processes"),
        _("What is done for it"),
        _("Countries"),
        _("Contract"),
        _("Missing"),
    ]
    return render(
        request, "purposes/mandates.html",
        {
            "columns": [{"label": label} for label in labels], "rows": [_mandate_row(row, on) for row in page], "page": page,
            "may_edit": may(person, "purposes.edit_processors"),
        },
    )  # fmt: skip


def _mandate_row(row: Mandate, on: date) -> list[Any]:
    lacking = _mandate_lacking(row, on)
    return [
        {"text": row.number, "url": reverse("purposes:mandate", args=[row.pk])},
        {"text": row.controller_name, "note": row.controller_country}, row.entity.name, row.categories, ", ".join(row.countries),
        contract_cell(row.contract, row.starts_on, row.ends_on, on),
        {"text": str(len(lacking)), "note": " ".join(str(gap.sentence) for gap in lacking)} if lacking else "",
    ]  # fmt: skip


def _mandate_lacking(row: Mandate, on: date) -> list[parties.Gap]:
    return parties.lacking_mandate(
        controller_contact=row.controller_contact, controller_country=row.controller_country, representative=row.representative,
        categories=row.categories, countries=row.countries, safeguards=row.safeguards, security=row.security,
        security_note=row.security_note, contract=row.contract, on=on,
    )  # fmt: skip


@requires("purposes.view_processors", of=Mandate)
@never_cache
@require_safe
def mandate(request: HttpRequest, row: Mandate) -> HttpResponse:
    """One controller for whom we process, as Art. 30(2) asks."""
    on = clock.law_date(row.entity.timezone)
    facts = [
        {"label": _("Who processes"), "value": row.entity.name},
        {"label": _("Contact of the controller"), "value": {"text": row.controller_contact, "note": row.controller_country}},
        {"label": _("Its representative in the EU"), "value": row.representative},
        {"label": _("Its data protection officer"), "value": row.dpo},
        {"label": _("What is done for it"), "value": row.categories},
        {"label": _("Sub-processors"), "lines": subprocessor_lines(row.subprocessors)},
        {"label": _("Countries to which data go"), "value": ", ".join(row.countries)},
        {"label": _("Safeguards of the transfers"), "value": row.safeguards},
        {"label": _("Security measures"), "lines": [*(lists.label("security", code) for code in row.security), *([row.security_note] if row.security_note else [])]},
        {"label": _("Contract"), "value": contract_cell(row.contract, row.starts_on, row.ends_on, on)},
    ]  # fmt: skip
    return render(
        request, "purposes/processor.html",
        {
            "row": row, "title": row.controller_name, "number": row.number, "lacking": _mandate_lacking(row, on), "facts": facts,
            "list_url": reverse("purposes:mandates"), "list_name": _("For whom we process"),
            "change_url": reverse("purposes:change_mandate", args=[row.pk]) if may(request.user, "purposes.edit_processors", row) else "",
        },
    )  # fmt: skip


@requires("purposes.edit_processors")
@never_cache
@require_http_methods(["GET", "POST"])
def new_mandate(request: HttpRequest) -> HttpResponse:
    form = MandateForm(request.POST if request.method == "POST" else None, person=request.user)  # type: ignore[arg-type]
    return written(
        request,
        form,
        None,
        reverse("purposes:mandates"),
        _("Enter a controller for whom we process"),
        lambda **f: processors.take_mandate(f.pop("entity"), by=request.user, **f),
        "purposes:mandate",
    )  # type: ignore[misc, arg-type]


@requires("purposes.edit_processors", of=Mandate)
@never_cache
@require_http_methods(["GET", "POST"])
def change_mandate(request: HttpRequest, row: Mandate) -> HttpResponse:
    form = MandateForm(request.POST if request.method == "POST" else None, person=request.user, row=row)  # type: ignore[arg-type]
    back = reverse("purposes:mandate", args=[row.pk])
    return written(
        request,
        form,
        row,
        back,
        row.controller_name,
        lambda **f: processors.change_mandate(row, by=request.user, seen=form.seen_at(), **f),
        "purposes:mandate",
    )  # type: ignore[misc, arg-type]
