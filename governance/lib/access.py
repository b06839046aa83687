"""The one place that answers "may they?" (What holds, 7). No view calls guardian or has_perm."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def may(user: Any, permission: str, thing: Any = None) -> bool:
    """Role, ownership, then guardian assignment.

    `user.holds(permission, entity_id)` asks the roles; `thing.belongs_to(person_id)` asks ownership, where the
    permission is one a person has over their own; guardian is asked only for models with assignments.
    A role permission answers False in Django when asked with an object, an assignment answers False when asked
    without one: hence this one function.
    """
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    if user.has_over_own(permission) and (thing is None or _owns(thing, user.pk)):
        return True
    if getattr(thing, "only_for_its_person", False):
        return False  # no role and no assignment opens what shows one person's decision
    if thing is None:
        return user.holds(permission)
    entity_id = getattr(thing, "entity_id", None)
    # A role counts at its entity. What belongs to no entity (somebody who has left them all) is opened by no role.
    if entity_id is not None and user.holds(permission, entity_id):
        return True
    return _assigned(user, permission, thing)


def _owns(thing: Any, person_id: Any) -> bool:
    owns = getattr(thing, "belongs_to", None)
    return bool(owns and owns(person_id))


def _assigned(user: Any, permission: str, thing: Any) -> bool:
    """guardian: an assignment of this one thing (`change`, `view`) to this one person."""
    kinds: dict[str, str] = getattr(thing, "ASSIGNABLE", {})
    codename = kinds.get(permission)
    return bool(codename) and user.has_perm(f"{thing._meta.app_label}.{codename}", thing)


def requires(permission: str, *, of: Any = None, by: str = "pk", own: str = "") -> Callable[[View], View]:
    """Guard a view. With `of`, the thing named by the URL is fetched and handed over; another's id answers 404.

    `own` names the permission by which the person whom the thing is about gets it, where roles get it by another.

    A nobody is sent to sign in on GET and refused (403) on anything else. The permission stays readable on the view
    as `sammati_permission`, so that a test can walk the URLconf.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.method in ("GET", "HEAD"):
                    return redirect_to_login(request.get_full_path())
                raise PermissionDenied
            if of is None:
                if not may(request.user, permission):
                    raise PermissionDenied
                return view(request, *args, **kwargs)
            thing = of.objects.filter(**{by: kwargs.pop(by)}).first()
            allowed = thing is not None and (
                may(request.user, permission, thing) or bool(own and may(request.user, own, thing))
            )
            if not allowed:
                raise Http404
            return view(request, thing, *args, **kwargs)

        guarded.sammati_permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def public(view: View) -> View:
    """On the short public list: tests/house/test_doors.py holds the list, and fails when a view joins it unasked."""
    view.sammati_permission = ""  # type: ignore[attr-defined]
    return view


def machine(view: View) -> View:
    """A door for machines, which authenticates by key inside: a nobody gets 401."""
    view.sammati_permission = "machine"  # type: ignore[attr-defined]
    return view
