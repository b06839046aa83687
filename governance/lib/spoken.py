"""Which language the person at this browser wants: chosen on the device, else their own, else the browser's."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from governance.lib import languages

KIOSK = "kiosk_language"  # cookie of one turn at the kiosk, sent to its pages alone: the next one begins without it


def wanted(request: HttpRequest) -> str:
    """The tag of a language in the list; English when nothing that is asked for is there.

    Notices appear in it where a text exists; the pages do where they are translated (languages.of_pages).
    """
    for cookie in (KIOSK, settings.LANGUAGE_COOKIE_NAME):
        chosen = languages.canonical(request.COOKIES.get(cookie, ""))
        if chosen:
            return chosen
    user = getattr(request, "user", None)
    own = languages.canonical(user.language) if user is not None and user.is_authenticated else ""
    return own or _of_browser(request) or settings.LANGUAGE_CODE


def _of_browser(request: HttpRequest) -> str:
    header = request.headers.get("Accept-Language", "")
    tags = (languages.canonical(tag) for tag, _weight in parse_accept_lang_header(header))
    return next((tag for tag in tags if tag), "")
