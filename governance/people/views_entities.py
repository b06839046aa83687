"""Entities: their legal facts, who changed them, and the second person's answer to a change of what notices say."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import languages
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people import entities as verbs
from governance.people.forms_entities import LABELS, EntityForm
from governance.people.models import Entity, EntityChange, Person

SHOWN = 50  # changes of the history


@requires("people.view_entities")
@never_cache
@require_safe
def entities(request: HttpRequest) -> HttpResponse:
    """The controllers of the group, with everything that a notice and a report name of them."""
    person: Person = request.user  # type: ignore[assignment]
    rows = Entity.objects.filter(pk__in=person.entities_where("people.view_entities"))
    listed = [
        {
            "entity": row, "facts": facts_of(row), "url": reverse("people:entity", args=[row.pk]),
            "change_url": reverse("people:change_entity", args=[row.pk]) if may(person, "people.edit_entities", row) else "",
        }
        for row in rows
    ]  # fmt: skip
    return render(
        request,
        "people/entities.html",
        {"entities": listed, "may_enter": may(person, "people.edit_entities")},
    )


def facts_of(entity: Entity) -> list[dict[str, Any]]:
    return [
        {"label": _("Code"), "value": entity.code},
        {"label": _("Address"), "value": entity.address},
        {"label": _("Country and zone"), "value": f"{entity.country}, {entity.timezone}"},
        {"label": _("Contact"), "value": {"text": entity.contact_name, "note": entity.contact_email}},
        {
            "label": _("Data protection officer"),
            "value": {"text": entity.dpo_name, "note": entity.dpo_email} if entity.dpo_name else "",
        },
        {"label": _("Representative in the EU"), "value": entity.eu_representative},
        {
            "label": _("Languages in which people are told"),
            "lines": [languages.native(tag) for tag in entity.languages],
        },
    ]


@requires("people.view_entities", of=Entity)
@never_cache
@require_safe
def entity(request: HttpRequest, row: Entity) -> HttpResponse:
    """One entity, and who changed what of it, when, and with whom."""
    changes = list(row.changes.select_related("asked_by", "second").order_by("-id")[:SHOWN])
    return render(
        request, "people/entity.html",
        {
            "entity": row, "facts": facts_of(row), "waits": any(change.answered_at is None for change in changes),
            "change_url": reverse("people:change_entity", args=[row.pk]) if may(request.user, "people.edit_entities", row) else "",
            "columns": [{"label": label} for label in (_("When"), _("What"), _("By"), _("Second person"), _("Answer"))],
            "rows": [_change_row(change) for change in changes],
        },
    )  # fmt: skip


def _change_row(change: EntityChange) -> list[Any]:
    if change.answered_at is None:
        answer: Any = {"state": "waiting", "word": _("waits for an answer")}
    elif change.agreed:
        answer = {"state": "done", "word": _("written")}
    else:
        answer = {"state": "refused", "word": _("not agreed to")}
    return [
        date_format(timezone.localtime(change.answered_at or change.asked_at), "j M Y, H:i"),
        ", ".join(str(LABELS[name]) for name in change.fields if name in LABELS), str(change.asked_by),
        str(change.second) if change.second else {"note": _("none needed")}, answer,
    ]  # fmt: skip


@requires("people.edit_entities")
@never_cache
@require_http_methods(["GET", "POST"])
def new_entity(request: HttpRequest) -> HttpResponse:
    form = EntityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.propose_new(
                form.cleaned_data["code"],
                by=request.user,  # type: ignore[arg-type]
                second=form.cleaned_data["second"],
                **form.said(),
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.info(request, _("The second person was asked. The entity is there when they agree."))
            return redirect("people:entities")
    return _form(request, form, _("Enter an entity"), reverse("people:entities"))


@requires("people.edit_entities", of=Entity)
@never_cache
@require_http_methods(["GET", "POST"])
def change_entity(request: HttpRequest, row: Entity) -> HttpResponse:
    form = EntityForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            done = verbs.change(
                row,
                by=request.user,  # type: ignore[arg-type]
                second=form.cleaned_data["second"],
                seen=form.seen_at(),
                **form.said(),
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if done.answered_at is None:
                messages.info(request, _("The second person was asked. It is changed when they agree."))
            else:
                messages.success(request, _("Saved."))
            return redirect("people:entity", row.pk)
    return _form(request, form, row.name, reverse("people:entity", args=[row.pk]))


def _form(request: HttpRequest, form: EntityForm, title: str, back: str) -> HttpResponse:
    return render(
        request,
        "people/entity_form.html",
        {"form": form, "title": title, "back": back},
        status=400 if form.errors else 200,
    )


@requires("people.own_messages", of=EntityChange)
@never_cache
@require_http_methods(["GET", "POST"])
def entity_second(request: HttpRequest, row: EntityChange) -> HttpResponse:
    """The second person reads what notices would say, beside what they say now, and agrees or does not."""
    if request.method == "POST":
        yes = request.POST.get("answer") == "yes"
        try:
            verbs.agree(row.pk, by=request.user, yes=yes)  # type: ignore[arg-type]
        except Refused as refused:
            messages.warning(request, refused.sentence)
            return redirect("people:entity_second", row.pk)
        messages.success(
            request,
            _("The facts are changed.") if yes else _("Nothing is changed. The administrator was told."),
        )
        return redirect("people:messages")
    names = [name for name in row.fields if name in row.said]
    return render(
        request, "people/entity_second.html",
        {
            "change": row, "asked_by": str(row.asked_by), "name": row.entity.name if row.entity else row.said.get("name", ""),
            "columns": [{"label": label} for label in (_("What"), _("Now"), _("Then"))],
            "rows": [[str(LABELS[name]), _said(getattr(row.entity, name, "")), _said(row.said[name])] for name in names if name in LABELS],
        },
    )  # fmt: skip


def _said(value: Any) -> str:
    return ", ".join(languages.native(tag) for tag in value) if isinstance(value, list) else str(value or "–")
