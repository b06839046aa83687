"""Before and after every page: whose language and whose clock, and what becomes of a rule's refusal."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from governance.lib import languages, spoken
from governance.lib.refusals import Refused
from governance.pages.own import is_own

Answer = Callable[[HttpRequest], HttpResponse]


def speak_their_language(get_response: Answer) -> Answer:
    """The language that the person wants, where the page has it, else English; times in the zone of their entity.

    Django's own middleware would put on a language of which it has no more than its own few words, and the page would
    say that it speaks it. Nobody signed in: no query, so that health checks and the gate pay nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        wanted = spoken.wanted(request)
        language = languages.of_pages(wanted)
        if languages.of_pages(wanted, own=True) != language and is_own(request):
            language = wanted
        request.LANGUAGE_CODE = language
        job = request.user.employment if request.user.is_authenticated else None
        with translation.override(language), timezone.override(_zone(job)):
            answer = get_response(request)
        patch_vary_headers(answer, ("Accept-Language",))
        answer.headers.setdefault("Content-Language", language)
        return answer

    return middleware


def _zone(job: object) -> ZoneInfo:
    entity = getattr(job, "entity", None)
    try:
        return ZoneInfo(entity.timezone if entity else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def refusals_become_sentences(get_response: Answer) -> Answer:
    """A rule refused and the view did not say so itself: the person reads the sentence where they came from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.process_exception = _say  # type: ignore[attr-defined]
    return middleware


def _say(request: HttpRequest, error: Exception) -> HttpResponse | None:
    if not isinstance(error, Refused):
        return None
    if request.path.startswith("/api/"):
        return JsonResponse({"code": error.code, "detail": error.sentence}, status=409)
    if request.method in ("GET", "HEAD"):  # sending back could go round in circles
        return render(request, "403.html", {"refusal": error.sentence}, status=409)
    messages.error(request, error.sentence)
    back = came_from(request)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return HttpResponseRedirect(back)


def came_from(request: HttpRequest, asked: str | None = None) -> str:
    """The page to go back to: `asked` or the referring page when it is one of ours, else the start page."""
    for place in (asked, request.headers.get("Referer")):
        if place and url_has_allowed_host_and_scheme(
            place, {request.get_host()}, require_https=request.is_secure()
        ):
            return place
    return "/"
