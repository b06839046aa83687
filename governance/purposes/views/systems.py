"""The register of systems: where personal data lie, in which country, who answers for it, which activities name it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.models import Person
from governance.purposes import lists, rules_systems, systems
from governance.purposes.forms_systems import RetireForm, SystemForm
from governance.purposes.models import DataSystem, Purpose, PurposeVersion
from governance.purposes.views.processors import written

PAGE = 50


@requires("purposes.view_systems")
@never_cache
@require_safe
def systems_page(request: HttpRequest) -> HttpResponse:
    """The systems of the entities in one's care, by name; those that left the register last."""
    person: Person = request.user  # type: ignore[assignment]
    there = DataSystem.objects.filter(entity_id__in=person.entities_where("purposes.view_systems"))
    rows = there.select_related("entity", "owner").order_by(
        F("retired_at").asc(nulls_first=True), "name", "pk"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    seen = Purpose.objects.visible_to(person).exclude(state="retired").filter(systems__in=list(page))
    used: dict[Any, int] = dict(seen.values_list("systems").annotate(n=Count("pk")))
    labels = [
        _("System"), _("Entity"), _("Kind"), _("Country"), _("What lies there"), _("Categories of data"), _("Answers for it"), _("Used by"),
    ]  # fmt: skip
    return render(
        request, "purposes/systems.html",
        {
            "columns": [{"label": label} for label in labels], "rows": [_row(row, used.get(row.pk, 0)) for row in page], "page": page,
            "may_edit": may(person, "purposes.edit_systems"),
        },
    )  # fmt: skip


def _naming(row: DataSystem, person: Person) -> Any:
    """Activities that name it and that the reader may see."""
    return (
        Purpose.objects.visible_to(person)
        .filter(systems=row)
        .exclude(state="retired")
        .order_by("ordinal")
        .defer("search")
    )


def _used(purposes: list[Purpose], code: str) -> list[list[Any]]:
    """Rows: the activity, and what the version in force, or the first draft, names of the system. One query."""
    versions: dict[Any, PurposeVersion] = {}
    for version in (
        PurposeVersion.objects.filter(purpose__in=purposes).exclude(state="discarded").order_by("-number")
    ):
        if version.state == "in_force" or version.purpose_id not in versions:
            versions[version.purpose_id] = version
    rows = []
    for p in purposes:
        said = versions[p.pk].activity.systems if p.pk in versions else ()
        rows.append(
            [
                {"text": p.number, "url": reverse("purposes:purpose", args=[p.pk])}, p.name,
                {"state": p.state, "word": p.get_state_display()}, ", ".join(line for part in said if part.code == code for line in part.parts),
            ]
        )  # fmt: skip
    return rows


def _row(row: DataSystem, used: int) -> list[Any]:
    return [
        {"text": row.name, "url": reverse("purposes:system", args=[row.pk]), "note": _("left the register") if row.retired_at else row.code},
        row.entity.name, lists.label("system_kind", row.kind), row.country, row.holds,
        ", ".join(lists.category(code) for code in row.categories), str(row.owner) if row.owner else {"note": _("nobody yet")},
        ngettext("%(n)s activity", "%(n)s activities", used) % {"n": used} if used else {"note": _("no activity")},
    ]  # fmt: skip


@requires("purposes.view_systems", of=DataSystem)
@never_cache
@require_safe
def system(request: HttpRequest, row: DataSystem) -> HttpResponse:
    """One system, and which of its tables, columns or paths each activity names."""
    person: Person = request.user  # type: ignore[assignment]
    page = Paginator(_naming(row, person), PAGE).get_page(request.GET.get("page"))
    may_edit = may(person, "purposes.edit_systems", row) and row.retired_at is None
    return render(
        request, "purposes/system.html",
        {
            "row": row, "facts": _facts(row), "may_edit": may_edit,
            "why_not": reason(rules_systems.check_retire, systems.named_by(row), "-") if may_edit else "",
            "columns": [{"label": label} for label in (_("Number"), _("Activity"), _("State"), _("Tables, columns or paths"))],
            "used": _used(list(page), row.code), "page": page,
        },
    )  # fmt: skip


def _facts(row: DataSystem) -> list[dict[str, Any]]:
    left = [
        {
            "label": _("Left the register"),
            "value": {"text": date_format(row.retired_at, "j F Y"), "note": row.retired_because},
        }
    ] if row.retired_at else []  # fmt: skip
    return [
        *left,
        {"label": _("Controller"), "value": row.entity.name},
        {"label": _("Kind"), "value": lists.label("system_kind", row.kind)},
        {"label": _("Country"), "value": row.country},
        {"label": _("What lies there"), "value": row.holds},
        {"label": _("Answers for it"), "value": str(row.owner) if row.owner else ""},
        {"label": _("Categories of data"), "lines": [lists.category(code) for code in row.categories]},
        {"label": _("Tables, columns or paths"), "lines": row.parts},
    ]


@requires("purposes.edit_systems")
@never_cache
@require_http_methods(["GET", "POST"])
def new_system(request: HttpRequest) -> HttpResponse:
    form = SystemForm(request.POST if request.method == "POST" else None, person=request.user)  # type: ignore[arg-type]
    return written(
        request, form, None, reverse("purposes:systems"), _("Enter a system"),
        lambda **f: systems.enter(f.pop("entity"), by=request.user, **f),  # type: ignore[misc, arg-type]
        "purposes:system", _("Systems"),
    )  # fmt: skip


@requires("purposes.edit_systems", of=DataSystem)
@never_cache
@require_http_methods(["GET", "POST"])
def change_system(request: HttpRequest, row: DataSystem) -> HttpResponse:
    form = SystemForm(request.POST if request.method == "POST" else None, person=request.user, row=row)  # type: ignore[arg-type]
    return written(
        request, form, row, reverse("purposes:system", args=[row.pk]), row.name,
        lambda **f: systems.change(row, by=request.user, seen=form.seen_at(), **f),  # type: ignore[misc, arg-type]
        "purposes:system", _("Systems"),
    )  # fmt: skip


@requires("purposes.edit_systems", of=DataSystem)
@never_cache
@require_http_methods(["GET", "POST"])
def retire_system(request: HttpRequest, row: DataSystem) -> HttpResponse:
    form = RetireForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            systems.retire(row, because=form.cleaned_data["because"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The system has left the register."))
            return redirect("purposes:system", row.pk)
    return render(
        request, "purposes/system_retire.html", {"row": row, "form": form}, status=400 if form.errors else 200
    )
