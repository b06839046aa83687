"""The one place that answers "may they?" (What holds, 7). No view calls guardian or has_perm."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from guardian.models.models import UserObjectPermissionBase

View = Callable[..., HttpResponse]


def may(user: Any, permission: str, thing: Any = None) -> bool:
    """Ownership, role at the entity, role for the department, answerable for it, then guardian assignment.

    `user.holds(permission, entity_id, unit_id)` asks the roles; `thing.belongs_to(person_id)` asks ownership, where the
    permission is one a person has over their own; `thing.kept_by(person_id)` asks whether the person is answerable for
    it, where a role gives something over that alone; guardian is asked only for models with assignments.
    A thing that is a part of another (`thing.part_of`: a notice of its purpose) is opened by what opens the whole.
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
    thing = getattr(thing, "part_of", None) or thing
    entity_id, unit_id = getattr(thing, "entity_id", None), getattr(thing, "unit_id", None)
    # A role counts at its entity. What belongs to no entity (somebody who has left them all) is opened by no role.
    if entity_id is not None and (
        user.holds(permission, entity_id, unit_id)
        or (_keeps(thing, user.pk) and user.holds_over_theirs(permission, entity_id, unit_id))
    ):
        return True
    return _assigned(user, permission, thing)


def _owns(thing: Any, person_id: Any) -> bool:
    owns = getattr(thing, "belongs_to", None)
    return bool(owns and owns(person_id))


def _keeps(thing: Any, person_id: Any) -> bool:
    keeps = getattr(thing, "kept_by", None)
    return bool(keeps and keeps(person_id))


def _assigned(user: Any, permission: str, thing: Any) -> bool:
    """guardian: an assignment of this one thing (`change`, `view`) to this one person.

    Asked in one query per person and thing, however many permissions a page asks for: guardian's own checker would
    ask for groups as well, anew for every permission, and let a superuser through.
    """
    wanted: dict[str, Any] = getattr(thing, "ASSIGNABLE", {})
    names = wanted.get(permission, ())
    if not names or user.sees_no_content:
        return False
    read: dict[Any, set[str]] = user.__dict__.setdefault("_assignments_read", {})
    key = (type(thing), thing.pk)
    if key not in read:
        rows = _assignments(type(thing)).filter(user_id=user.pk, content_object_id=thing.pk)
        read[key] = set(rows.values_list("permission__codename", flat=True))
    return not read[key].isdisjoint([names] if isinstance(names, str) else names)


def has_any(user: Any, model: Any) -> bool:
    """Is anything of this kind assigned to this person? Asked where no role opens the list of them."""
    return not user.sees_no_content and bool(_assignments(model).filter(user_id=user.pk).exists())


def _assignments(model: Any) -> Any:
    """The rows that assign things of this kind to people (guardian's direct-foreign-key table)."""
    return next(
        field.related_model.objects
        for field in model._meta.related_objects
        if issubclass(field.related_model, UserObjectPermissionBase)
    )


def requires(
    permission: str, *, of: Any = None, by: str = "pk", own: str = "", or_any: Any = None
) -> Callable[[View], View]:
    """Guard a view. With `of`, the thing named by the URL is fetched and handed over; another's id answers 404.

    `own` names the permission by which the person whom the thing is about gets it, where roles get it by another.
    `or_any` (a model) opens a list to whom one of its things was assigned, although no role does.

    A model whose QuerySet has `to_open()` is fetched with what its page needs anyway.

    A nobody is sent to sign in on GET and refused (403) on anything else. The permission stays readable on the view
    as `sammati_permission` (`own` as `sammati_own`, `of` as `sammati_of`), so that a test, the self-test, and the pack for
    a works council can walk the URLconf.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.method in ("GET", "HEAD"):
                    return redirect_to_login(request.get_full_path())
                raise PermissionDenied
            if of is None:
                if not may(request.user, permission) and not (or_any and has_any(request.user, or_any)):
                    raise PermissionDenied
                return view(request, *args, **kwargs)
            rows = of.objects.to_open() if hasattr(of.objects, "to_open") else of.objects
            thing = rows.filter(**{by: kwargs.pop(by)}).first()
            allowed = thing is not None and (
                may(request.user, permission, thing) or bool(own and may(request.user, own, thing))
            )
            if not allowed:
                raise Http404
            return view(request, thing, *args, **kwargs)

        guarded.sammati_permission = permission  # type: ignore[attr-defined]
        guarded.sammati_own = own  # type: ignore[attr-defined]
        guarded.sammati_of = of  # type: ignore[attr-defined]
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
