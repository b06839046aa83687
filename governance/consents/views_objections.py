"""Somebody objects on their own page; the DPO's office sees each with its clock, and decides."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.consents import forms
from governance.consents import objections as verbs
from governance.consents import rules_objections as rules
from governance.consents.models import Objection
from governance.consents.said import objection_state
from governance.lib import clock
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import words
from governance.retention import reads


@requires("consents.object")
@require_POST
def object_to(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One press; reasons are optional. What it leads to stands on the page where it was pressed."""
    purpose = get_object_or_404(verbs.concerning(request.user), pk=pk)  # type: ignore[arg-type]
    form = forms.Object(request.POST)
    said = form.cleaned_data["reasons"] if form.is_valid() else request.POST.get("reasons", "")[:5000]
    try:
        row = verbs.object_to(purpose, said, by=request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(
            request,
            _("Your objection is received. You get the decision by %(day)s.")
            % {"day": date_format(row.due_on, "j F Y")},
        )
    return HttpResponseRedirect(reverse("consents:choices") + f"#other-{purpose.pk}")


@requires("consents.decide_objections")
@never_cache
@in_their_zone
@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """Every objection at the entities in one's care: open ones first, the most urgent on top."""
    today = clock.law_date(zone_of(request.user))  # type: ignore[arg-type]
    entities = request.user.entities_where("consents.decide_objections")  # type: ignore[union-attr]
    there = Objection.objects.filter(purpose__entity_id__in=entities).select_related(
        "person", "purpose__entity"
    )
    decided = Paginator(there.filter(decided_at__isnull=False).order_by("-decided_at"), 30).get_page(
        request.GET.get("page")
    )
    open_ = list(there.filter(decided_at__isnull=True).order_by("due_on", "at"))
    _note([*open_, *decided], "objections", request)
    labels = (_("Objection"), _("Purpose"), _("On which ground"), _("Received"), _("Due"), _("State"))
    return render(
        request, "consents/objections.html",
        {
            "columns": [{"label": label} for label in labels], "page": decided,
            "open": [_cells(row, today) for row in open_],
            "decided": [_cells(row, today) for row in decided],
        },
    )  # fmt: skip


def _note(rows: list[Objection], how: str, request: HttpRequest) -> None:
    """Who objected is a choice: each sees on their own page that it was looked at."""
    by_entity: dict[UUID, list[tuple[UUID, Objection]]] = {}
    for row in rows:
        by_entity.setdefault(row.purpose.entity_id, []).append((row.person_id, row))
    for entity, shown in by_entity.items():
        reads.note_choices(shown, entity=entity, how=how, by=request.user)  # type: ignore[arg-type]


def _cells(row: Objection, today: date) -> list[Any]:
    return [
        {"text": row.person.number or _("forgotten"), "url": reverse("consents:objection", args=[row.pk])},
        {"text": row.purpose.number, "note": row.purpose.name}, "; ".join(words.short_grounds(row.purpose)),
        date_format(timezone.localtime(row.at), "j M Y, H:i"), date_format(row.due_on, "j M Y"), objection_state(row, today),
    ]  # fmt: skip


@requires("consents.decide_objections", of=Objection)
@never_cache
@in_their_zone
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, row: Objection) -> HttpResponse:
    """What somebody objects to, and the decision about it."""
    form = forms.Decide(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            verbs.decide(row.pk, upheld=said["outcome"] == "upheld", answer=said["answer"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error("answer" if refused.code == "answer_missing" else None, refused.sentence)
        else:
            messages.success(request, _("It is decided, and the person was told."))
            return redirect("consents:objections")
    _note([row], "objection", request)
    facts = rules.DecideFacts(True, request.user.pk, row.person_id, row.decided_at is not None, True, "…")  # type: ignore[arg-type]
    today = clock.law_date(row.purpose.entity.timezone)
    return render(
        request, "consents/objection.html",
        {
            "row": row, "form": form, "facts": _facts(row), "state": objection_state(row, today),
            "why_not": reason(rules.check_decide, facts), "kind": verbs.kind_of(row.purpose),
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _facts(row: Objection) -> list[dict[str, Any]]:
    purpose = row.purpose
    version = purpose.shown_version()
    return [
        {"label": _("By"), "value": row.person.number or _("forgotten")},
        {
            "label": _("Against"),
            "value": {"text": str(purpose), "url": reverse("purposes:purpose", args=[purpose.pk])},
        },
        {"label": _("On which ground"), "lines": words.short_grounds(purpose)},
        {"label": _("Interests pursued"), "value": version.activity.interests if version else ""},
        {"label": _("In their words"), "value": row.reasons or _("No reasons were given; none are needed.")},
        {"label": _("Received"), "value": date_format(timezone.localtime(row.at), "j M Y, H:i")},
        {"label": _("Due"), "value": date_format(row.due_on, "j M Y")},
    ]
