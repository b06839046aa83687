"""Everything I ever said: as a page, of one purpose, and as files to take along."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.consents import keepsake, looked, offers, said
from governance.lib.access import requires
from governance.people.zones import in_their_zone
from governance.purposes import words
from governance.purposes.models import Purpose


def _purpose(request: HttpRequest) -> Purpose | None:
    """The one of ?purpose=, if it concerns this person; None: all."""
    wanted = request.GET.get("purpose")
    if not wanted:
        return None
    try:
        return get_object_or_404(offers.concerning(request.user), pk=UUID(wanted))
    except ValueError:
        raise Http404 from None


@requires("consents.view")
@never_cache
@in_their_zone
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Everything this person ever said, with the exact words that were on the page."""
    only = _purpose(request)
    items: list[dict[str, Any]] = [
        {
            "at": word.at, "title": word.title, "only": word.only, "status": word.status, "event": word.event, "purpose": word.purpose,
            "receipt": word.receipt, "language": words.language(word.event.language) if word.event else "",
        }
        for word in said.by(request.user, only)
    ]  # fmt: skip
    purposes = list(offers.concerning(request.user))
    return render(
        request, "consents/history.html",
        {
            "items": items, "only": only, "purposes": purposes if len(purposes) > 1 else [],
            "looked": looked.rows(request.user), "looked_columns": looked.columns(),  # type: ignore[arg-type]
            "relied": looked.relied(request.user), "relied_columns": looked.relied_columns(),  # type: ignore[arg-type]
            "json_url": _file("json", only), "csv_url": _file("csv", only),
        },
    )  # fmt: skip


def _file(form: str, only: Purpose | None) -> str:
    return reverse("consents:history_data", args=[form]) + (f"?purpose={only.pk}" if only else "")


@requires("consents.view")
@never_cache
@require_safe
def history_data(request: HttpRequest, form: str) -> HttpResponse:
    """The same as a file: JSON for machines, CSV for a spreadsheet. No name stands in it, only the person's opaque id."""
    found = said.by(request.user, _purpose(request))
    answer: HttpResponse
    if form == "json":
        answer = JsonResponse({"person": str(request.user.pk), "said": [word.plain for word in found]})
    elif form == "csv":
        answer = HttpResponse("\ufeff" + said.as_csv(found), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="sammati-what-i-said.{form}"'
    return answer


@requires("consents.view")
@never_cache
@in_their_zone
@require_safe
def history_download(request: HttpRequest) -> HttpResponse:
    """All of it in one archive: a page to read without the portal, a spreadsheet, and data with every receipt."""
    answer = HttpResponse(keepsake.archive(request.user), content_type="application/zip")  # type: ignore[arg-type]
    answer["Content-Disposition"] = 'attachment; filename="sammati-mine.zip"'
    return answer
