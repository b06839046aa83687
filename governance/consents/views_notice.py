"""A notice as a page of its own, which a person can keep: in one language, with its fingerprint, to print or as PDF."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.consents import offers
from governance.lib import languages, spoken
from governance.lib.access import may, requires
from governance.people.models import Person
from governance.people.zones import in_their_zone
from governance.purposes.models import Notice, NoticeText


def _reader(request: HttpRequest) -> Person:
    return request.user  # type: ignore[return-value]


@requires("consents.view")
@in_their_zone
@require_safe
def notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is told about a purpose now. ?lang= and ?version= name an exact text that was shown once."""
    purpose = get_object_or_404(offers.told(_reader(request)), pk=pk)
    version = request.GET.get("version", "")
    wanted = request.GET.get("lang") or spoken.wanted(request)
    shown = offers.words(purpose, wanted, int(version) if version.isdigit() and len(version) < 7 else None)
    if shown is None:
        raise Http404
    return _paper(request, shown, offers.offered(shown.notice))


@requires("consents.view")
@in_their_zone
@require_safe
def read(request: HttpRequest, pk: UUID, language: str) -> HttpResponse:
    """One version in one language: for those whom it tells, and for those who read the register.

    Who only is told reads what was published and reviewed; a reader of the register every text that is written.
    """
    row = get_object_or_404(Notice.objects.select_related("purpose__entity"), pk=pk)
    works_with_it = may(request.user, "purposes.view", row)
    if not (works_with_it or offers.concerns(row, _reader(request))):
        raise Http404
    texts = list(row.texts.all()) if works_with_it else offers.offered(row)
    shown = offers.in_language(row, language, among=texts)
    if shown is None:
        raise Http404
    return _paper(request, shown, texts)


def _paper(request: HttpRequest, shown: offers.Words, texts: list[NoticeText]) -> HttpResponse:
    newest = shown.notice.purpose.published_notice()
    is_told = offers.concerns(shown.notice, _reader(request))
    may_take = is_told or (shown.notice.published_at and may(request.user, "reports.request", shown.notice))
    return render(
        request, "consents/notice.html",
        {
            "purpose": shown.notice.purpose, "shown": shown, "is_told": is_told,
            "is_newest": newest is not None and newest.pk == shown.notice.pk,
            "why_unread": _why_unread(shown.text), "may_take": bool(may_take) and shown.text in offers.offered(shown.notice),
            "direction": languages.direction(shown.text.language), "native": languages.native(shown.text.language),
            "tongues": [_tongue(text) for text in texts],
        },
    )  # fmt: skip


def _tongue(text: NoticeText) -> dict[str, Any]:
    return {
        "tag": text.language,
        "native": languages.native(text.language),
        "direction": languages.direction(text.language),
    }


def _why_unread(text: NoticeText) -> str:
    """Why nobody is shown this text yet; "" for one that people read."""
    if text.is_demo or not (text.reviewed_by and text.reviewed_on):
        return _("This text was not reviewed yet: nobody is asked in it.")
    if text.notice.published_at is None:
        return _("This is a draft. People are shown it once it is published.")
    return ""
