"""In which zone a person reads times: that of the entity where they work."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from governance.people.models import Person


def zone_of(person: Person) -> str:
    job = person.employment
    return job.entity.timezone if job else "UTC"


def in_their_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Times on this page are read in the person's zone. Stands beneath @requires: somebody is signed in."""

    @wraps(view)
    def zoned(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            zone = ZoneInfo(zone_of(request.user))  # type: ignore[arg-type]
        except (
            ZoneInfoNotFoundError,
            ValueError,
        ):  # a zone this machine does not know: UTC, and the page says so
            return view(request, *args, **kwargs)
        with timezone.override(zone):
            return view(request, *args, **kwargs)

    return zoned
