"""Which pages a person meets who holds no office: where a language has only these, they alone are shown in it."""

from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from governance.exports.models import Dataset
from governance.people.rules import OVER_OWN

# Own by permission, and yet work: for who answers for a dataset, erases by hand, or is asked to agree to somebody's role.
WORK = frozenset(
    {
        "exports:held", "exports:dataset", "exports:exclusion", "exports:exclusions", "exports:train", "people:second",
        "people:entity_second", "retention:task", "retention:tasks", "reports:changes", "reports:parcel", "reports:parcel_file",
    }
)  # fmt: skip
# What somebody who holds no office sees there is theirs; who holds one sees its work there too.
BOTH = frozenset({"pages:home", "consents:pressed", "reports:report", "reports:read", "reports:cancel"})


def is_own(request: HttpRequest) -> bool:
    """Also what stands where nothing is or nothing is open: nobody's work is on it."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return True
    permission = getattr(match.func, "sammati_permission", "machine")
    if permission == "machine" or match.view_name in WORK:
        return False
    if not request.user.is_authenticated or not _holds_office(request.user):
        return True
    own = getattr(match.func, "sammati_own", "") or permission
    return (own == "" or own in OVER_OWN) and match.view_name not in BOTH


def _holds_office(user: Any) -> bool:
    return bool(user.role_names()) or Dataset.objects.filter(holder=user).exists()
