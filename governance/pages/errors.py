"""What stands at an address where nothing is, and what is said when something broke: a page, or a problem to a program."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from governance.interfaces.doors import problem

MACHINES = ("/api/", "/govstack/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A program hears RFC 9457, without a page and a cookie."""
    if request.path.startswith(MACHINES):
        return problem(
            404,
            "no_such_address",
            _("There is nothing at this address. The OpenAPI document names every one."),
        )
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """The same of what nobody foresaw; the sentence says nothing of it."""
    if request.path.startswith(MACHINES):
        return problem(500, "broken", _("Something went wrong here. It is written down; try again later."))
    return defaults.server_error(request)
