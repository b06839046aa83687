"""A person's own: where it went, a look at it, and deleting some of it."""

import base64
import binascii
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.capture import recorded
from governance.consents import offers
from governance.exports import own, own_shown, shown
from governance.exports.models import Dataset, Exclusion, OwnDeletion, OwnView
from governance.lib import clock
from governance.lib.access import requires
from governance.people.models import Person
from governance.people.zones import in_their_zone, zone_of
from governance.purposes.models import Purpose

COOKIE = (
    "sammati_own"  # "<view>.<private key>": in this browser and nowhere else, and not longer than ten minutes
)
PATH = "/me/content/"


def _alone(answer: HttpResponse) -> HttpResponse:
    """No cache keeps it, no back button shows it. (Without a referrer the forms here would be refused.)"""
    answer["Cache-Control"] = "no-store, private, max-age=0"
    answer["Pragma"] = "no-cache"
    return answer


@requires("exports.view_own")
@in_their_zone
@require_safe
def where(request: HttpRequest) -> HttpResponse:
    """Every export in which something about me was, and what was made of it."""
    return _alone(render(request, "exports/where.html", {"exports": shown.went(request.user)}))


@requires("exports.view_own")
@in_their_zone
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Datasets that this person answers for."""
    mine = Dataset.objects.filter(holder=request.user).to_open()
    today = clock.law_date(zone_of(request.user))
    waiting = (
        Exclusion.objects.filter(dataset__holder=request.user)
        .select_related("dataset")
        .order_by("answered_at", "due_on")
    )
    labels = (_("Raised"), _("Dataset"), _("Because"), _("Segments"), _("Due"), _("State"))
    return render(
        request, "exports/held.html",
        {
            "columns": [{"label": label} for label in (_("Dataset"), _("Export"), _("Registered"))],
            "rows": [
                [{"text": str(row), "url": reverse("exports:dataset", args=[row.pk])}, row.export.number, shown.moment(row.registered_at)]
                for row in mine
            ],
            "exclusion_columns": [{"label": label} for label in labels],
            "exclusions": [shown.exclusion_row(row, today) for row in waiting[:100]],
        },
    )  # fmt: skip


@requires("exports.own_content")
@in_their_zone
@require_safe
def content(request: HttpRequest) -> HttpResponse:
    """What lies there of mine: counts for everybody's eyes over my shoulder, the content only after a second step."""
    view, private = _key(request)
    events = own.read(view, private) if view is not None and view.ready_at else None
    rows = None if events is None else own_shown.rows(events)
    person = request.user
    return _alone(
        render(
            request, "exports/content.html",
            {
                "view": view, "events": rows and rows[: own_shown.FIRST], "older": rows and rows[own_shown.FIRST :],
                "looked": rows is not None, "columns": own_shown.columns(),
                "purposes": [_purpose(person, purpose) for purpose in offers.concerning(person)],
                "deletions": [_deletion(row) for row in OwnDeletion.objects.filter(person=person).select_related("purpose")[:10]],
                "deletion_columns": [{"label": label} for label in (_("Asked"), _("Purpose"), _("What"), _("State"))],
                "newest": own.NEWEST, "late": view is not None and own.is_late(view),
            },
        )
    )  # fmt: skip


def _purpose(person: Person, purpose: Purpose) -> dict[str, Any]:
    kept = recorded.of(person, purpose)
    return {
        "purpose": purpose,
        "events": kept.events,
        "words": number_format(kept.events, force_grouping=True),
    }


def _deletion(row: OwnDeletion) -> list[Any]:
    if row.state == "done":
        note = _("%(n)s events deleted; read back on %(day)s and nothing found") % {
            "n": number_format(row.events, force_grouping=True), "day": shown.moment(row.read_back_at)
        }  # fmt: skip
    else:
        note = (
            "; ".join(str(reason) for reason in row.reasons if isinstance(reason, str))
            if row.state != "waiting"
            else ""
        )
        if row.kept_until:
            note += " " + _("until %(day)s") % {"day": shown.day(row.kept_until)}
    return [
        shown.moment(row.asked_at), row.purpose.number, str(row.get_span_display()),
        {"state": row.state, "word": str(row.get_state_display()), "note": note},
    ]  # fmt: skip


@requires("exports.own_content")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """The exporter seals the newest of mine to a key that this browser alone gets now."""
    view, private = own.ask(by=request.user)
    answer = redirect("exports:content")
    answer.set_cookie(
        COOKIE, f"{view.pk}.{base64.urlsafe_b64encode(private).decode()}", max_age=int(own.OPEN_FOR.total_seconds()), path=PATH,
        httponly=True, samesite="Strict", secure=settings.HTTPS,
    )  # fmt: skip
    return _alone(answer)


@requires("exports.own_content")
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """The key is thrown away before its ten minutes are over."""
    answer = redirect("exports:content")
    answer.delete_cookie(COOKIE, path=PATH, samesite="Strict")
    return _alone(answer)


def _key(request: HttpRequest) -> tuple[OwnView | None, bytes]:
    """The view that this browser has the key of, if it is this person's and its time is not over."""
    name, _dot, key = request.COOKIES.get(COOKIE, "").partition(".")
    try:
        pk, private = UUID(name), base64.urlsafe_b64decode(key)
    except (ValueError, binascii.Error):
        return None, b""
    return OwnView.objects.filter(pk=pk, person=request.user, expires_at__gt=clock.now()).first(), private


@requires("exports.own_content")
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete what was recorded of me for this purpose in that span."""
    purpose = next((p for p in offers.concerning(request.user) if p.pk == pk), None)
    span = request.POST.get("span", "")
    if purpose is None:
        return HttpResponse(status=404)
    if span not in own.SPANS:
        messages.warning(request, _("Choose what is to be deleted."))
    else:
        done = own.delete(purpose, span, by=request.user)
        if done.state == "waiting":
            messages.success(
                request,
                _("It is being deleted, and read back afterwards. What you agreed to stays as it is."),
            )
        else:
            messages.warning(
                request,
                _(
                    "It may not be deleted yet; the reason stands below. Nobody uses it or hands it out any more."
                ),
            )
    return redirect("exports:content")
