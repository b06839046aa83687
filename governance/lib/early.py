"""Doors for programs that are answered before Django is asked: they need nothing of what it does for pages."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http.request import split_domain_port, validate_host

Environ = dict[str, Any]
Said = tuple[str, bytes, list[tuple[str, str]]]  # status, JSON, further headers
Door = Callable[[Environ], Said | None]  # None: the long way has to say it
Application = Callable[..., Iterable[bytes]]


def before(long_way: Application, doors: Mapping[str, Door]) -> Application:
    """This WSGI application, with these doors (path → door) before it."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        door = doors.get(environ["PATH_INFO"])
        said = door(environ) if door and is_ours(environ.get("HTTP_HOST", "")) else None
        if said is None:
            return long_way(environ, start_response)
        status, body, more = said
        start_response(status, [*_headers(), *more, ("Content-Length", str(len(body)))])
        return [body]

    return application


def always(status: str, door: Callable[[Environ], bytes | None]) -> Door:
    """A door that knows one status, and leaves all else to the long way."""

    def said(environ: Environ) -> Said | None:
        body = door(environ)
        return None if body is None else (status, body, [])

    return said


def begins() -> None:
    """As Django does when a request begins: a connection that has had a fault, or its time, is closed."""
    here = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block:
        here.close_if_unusable_or_obsolete()


@lru_cache(64)
def is_ours(host: str) -> bool:
    return bool(host) and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def _headers() -> list[tuple[str, str]]:
    known = [
        ("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
    ]  # fmt: skip
    if settings.SECURE_HSTS_SECONDS:
        known.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return known
