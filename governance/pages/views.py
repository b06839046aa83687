"""Home per role, one's own account, the look of the pages, and whether the portal is up."""

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.lib import clock, languages
from governance.lib.access import public, requires
from governance.pages import exposure
from governance.pages import home as parts
from governance.pages.context import APPEARANCE_COOKIE, APPEARANCES
from governance.pages.middleware import came_from
from governance.people import addresses

YEAR = 365 * 24 * 3600


@requires("pages.home")
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person: their own standing first, then a part for each of their roles."""
    now = clock.now()
    shown = {
        "watch": exposure.of(request.user, now),
        "answer": parts.own(request.user, now),
        "sections": parts.sections(request.user, now),
    }
    return render(request, "pages/home.html", shown)


@requires("people.own_account")
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What the portal knows about the one who looks, and where the password is changed."""
    facts = {
        "facts": parts.account(request.user),
        "roles": parts.roles(request.user),
        "role_columns": parts.ROLE_COLUMNS,
        "to_come": addresses.of(request.user),  # type: ignore[arg-type]
    }
    return render(request, "pages/account.html", facts)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok" when the database answers, else 503; no details, because anybody may ask."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse(
            "away", status=503, content_type="text/plain", headers={"Cache-Control": "no-store"}
        )
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of this device, kept a year: also one in which notices may be while the pages are not."""
    answer = HttpResponseRedirect(came_from(request, request.POST.get("next")))
    tag = languages.canonical(request.POST.get("language", ""))
    if tag:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, tag, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax", httponly=True,
            secure=settings.HTTPS,
        )  # fmt: skip
    return answer


@public
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device: kept on this device in a cookie, for whoever uses it."""
    answer = HttpResponseRedirect(came_from(request, request.POST.get("next")))
    theme = request.POST.get("theme", "")
    if theme in APPEARANCES:
        answer.set_cookie(
            APPEARANCE_COOKIE, theme, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.HTTPS
        )
    return answer
