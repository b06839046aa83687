"""Who opens which screen: read from the addresses of the portal and from the table of roles, never typed by hand."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.people import rules

ROLES = {**rules.ROLES, "manager": gettext_lazy("Manager")}
WHOEVER = {"own": gettext_lazy("Each person, for what is their own"), "machine": gettext_lazy("Programs with a key"), "public": gettext_lazy("Everybody, signed in or not")}  # fmt: skip


def all_of_them() -> list[dict[str, Any]]:
    """[{"room", "address", "who"}]: `who` are codes of ROLES and WHOEVER in their order; rooms in the order of addresses."""
    found = {
        (address, who_opens(view)) for address, view in _views(get_resolver().url_patterns) if _counts(view)
    }
    return [
        {"room": address.strip("/").split("/")[0], "address": address, "who": list(who)}
        for address, who in sorted(found)
    ]


def _counts(view: Any) -> bool:
    return getattr(view, "sammati_permission", None) is not None


def _views(patterns: Any, before: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield _plain(before + str(entry.pattern)), entry.callback


def _plain(route: str) -> str:
    """What stands in an address for one thing of many is a mark of omission."""
    return re.sub(r"<[^>]+>", "…", re.sub(r"\(\?P<[^)]+\)", "…", route)).replace("^", "").replace("$", "")


def who_opens(view: Any) -> tuple[str, ...]:
    """Roles that have its permission, over everything or over what is theirs; or one of WHOEVER."""
    permission = view.sammati_permission
    if permission in ("", "machine"):
        return (permission or "public",)
    wanted = {permission, getattr(view, "sammati_own", "")}
    of_roles = [
        role
        for role in ROLES
        if permission in rules.PERMISSIONS.get(role, ()) or permission in rules.OVER_THEIRS.get(role, ())
    ]
    return (*of_roles, *(["own"] if wanted & rules.OVER_OWN else []))


def word(code: str) -> str:
    return str(ROLES.get(code) or WHOEVER.get(code) or code)


def words_for(who: list[str]) -> str:
    return ", ".join(word(code) for code in who) or _("nobody")
