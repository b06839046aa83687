"""People and roles, as an administrator sees them (no choices, no content); entities; one's own messages."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib import languages
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people import messages as sentences
from governance.people import roles, rules
from governance.people.forms import Beginning, Grant, Search
from governance.people.models import Employment, Entity, Message, Person, Role, Unit

PAGE = 50


def _entities_of(person: Person, permission: str) -> Any:
    return Entity.objects.filter(pk__in=person.entities_where(permission))


def _row(person: Person) -> list[Any]:
    job = person.employments.order_by("starts_on").last()
    held = [
        f"{rules.ROLES[r.name]} ({r.entity.code}{f', {r.unit}' if r.unit else ''})"
        for r in person.roles.in_force().select_related("entity", "unit")
    ]
    return [
        {"text": person.name or _("forgotten"), "url": reverse("people:person", args=[person.pk])},
        person.number or "", job.entity.name if job else "", job.site.name if job and job.site else "",
        {"state": "ended", "word": _("left")} if not person.employment else "", ", ".join(held),
    ]  # fmt: skip


@requires("people.view")
@never_cache
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The list; what a number begins with stands in the URL, a name never does: it is searched by POST."""
    entities = _entities_of(request.user, "people.view")
    there = Person.objects.visible_to(request.user).order_by("number")
    beginning, search = Beginning(request.GET, entities=entities), Search()
    page, found, query = None, None, ""
    if request.method == "POST":
        search = Search(request.POST)
        if search.is_valid():
            words = search.cleaned_data["words"]
            hits = there.filter(
                Q(name__icontains=words) | Q(email__icontains=words) | Q(number__istartswith=words)
            )
            found = list(hits[: PAGE + 1])
    if found is None:
        if beginning.is_valid():
            asked = beginning.cleaned_data
            if asked["entity"]:
                there = there.filter(employments__entity=asked["entity"]).distinct()
                query += f"entity={asked['entity'].pk}&"
            if asked["number"]:
                there = there.filter(number__istartswith=asked["number"])
                query += f"number={asked['number']}&"
        page = Paginator(there, PAGE).get_page(request.GET.get("page"))
    return render(
        request, "people/people.html",
        {
            "columns": [{"label": label} for label in (_("Name"), _("Number"), _("Entity"), _("Site"), _("State"), _("Roles"))],
            "rows": [_row(person) for person in (found[:PAGE] if found is not None else page or ())],
            "page": page, "query": query, "beginning": beginning, "search": search, "searched": found is not None,
            "too_many": found is not None and len(found) > PAGE, "may_import": may(request.user, "people.import"),
        },
    )  # fmt: skip


def _seen(request: HttpRequest, person: Person) -> Person:
    if not Person.objects.visible_to(request.user).filter(pk=person.pk).exists():
        raise Http404
    return person


@requires("people.view", of=Person)
@never_cache
@require_safe
def person(request: HttpRequest, person: Person) -> HttpResponse:
    """Who this is, where they worked, and their roles."""
    form = Grant(entities=_entities_of(request.user, "people.grant_roles"))
    return _person_page(request, _seen(request, person), form)


def _person_page(request: HttpRequest, person: Person, form: Grant, status: int = 200) -> HttpResponse:
    jobs = person.employments.select_related("entity", "site", "unit", "manager").order_by("-starts_on")
    mine = request.user.entities_where("people.grant_roles")
    held = person.roles.select_related("entity", "unit", "granted_by", "second_by", "ended_by").order_by(
        "ended_at", "-granted_at"
    )
    return render(
        request, "people/person.html",
        {
            "person": person, "form": form, "facts": _facts(person),
            "job_columns": [{"label": label} for label in (_("From"), _("To"), _("Entity"), _("Site"), _("Country"), _("Manager"), _("Represented with"))],
            "jobs": [_job(job) for job in jobs], "roles": [_role(role, role.entity_id in mine) for role in held],
            "why_not": _("You cannot give a role to yourself. Ask another administrator.") if person.pk == request.user.pk else "",
        },
        status=status,
    )  # fmt: skip


def _facts(person: Person) -> list[dict[str, Any]]:
    return [
        {"label": _("Number"), "value": person.number},
        {"label": _("E-mail"), "value": person.email or _("none: no sign-in")},
        {"label": _("Language"), "value": languages.native(person.language)},
        {"label": _("Under 18"), "value": _("yes") if person.is_under_18 else _("no")},
        {
            "label": _("In the portal since"),
            "value": date_format(timezone.localtime(person.created_at), "j M Y"),
        },
    ]


def _job(job: Employment) -> list[Any]:
    return [
        date_format(job.starts_on, "j M Y"), date_format(job.ends_on, "j M Y") if job.ends_on else _("today"),
        {"text": job.entity.name, "note": job.employer}, str(job.site or ""), job.country, job.manager.number if job.manager else "", str(job.unit or ""),
    ]  # fmt: skip


def _role(role: Role, may_end: bool) -> dict[str, Any]:
    return {
        "id": role.pk, "name": rules.ROLES[role.name], "entity": role.entity.name, "unit": str(role.unit or ""), "granted_at": role.granted_at,
        "by": str(role.granted_by) if role.granted_by else _("at set-up"), "second": str(role.second_by or ""),
        "ended_at": role.ended_at, "may_end": may_end and role.ended_at is None,
    }  # fmt: skip


@requires("people.grant_roles", of=Person)
@require_POST
def grant(request: HttpRequest, person: Person) -> HttpResponse:
    """Give a role at once, or ask the second person where the role needs one."""
    _seen(request, person)
    form = Grant(request.POST, entities=_entities_of(request.user, "people.grant_roles"))
    if not form.is_valid():
        return _person_page(request, person, form, status=400)
    asked = form.cleaned_data
    try:
        if asked["role"] in rules.NEED_A_SECOND and asked["second"] is not None:
            roles.propose(
                person,
                asked["role"],
                asked["entity"],
                by=request.user,
                second=asked["second"],
                unit=asked["unit"],
            )
            messages.info(request, _("The second person was asked. The role is given when they agree."))
        else:
            roles.grant(
                person,
                asked["role"],
                asked["entity"],
                by=request.user,
                second=asked["second"],
                unit=asked["unit"],
            )
            messages.success(request, _("The role is given, and the person was told."))
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _person_page(request, person, form, status=409)
    return redirect("people:person", person.pk)


@requires("people.grant_roles", of=Role)
@require_POST
def end_role(request: HttpRequest, role: Role) -> HttpResponse:
    roles.end(role.pk, by=request.user)
    messages.success(request, _("The role has ended, and the person was told."))
    return redirect("people:person", role.person_id)


@requires("people.own_messages", of=Message)
@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, asked: Message) -> HttpResponse:
    """The second person reads who shall get which role, and agrees or does not."""
    if asked.code != "role_second_asked":
        raise Http404
    if request.method == "POST":
        yes = request.POST.get("answer") == "yes"
        roles.agree(asked.pk, by=request.user, yes=yes)
        messages.success(
            request,
            _("The role is given.") if yes else _("The role is not given. The administrator was told."),
        )
        return redirect("people:messages")
    ids: dict[str, UUID] = asked.facts
    person, by = Person.objects.get(pk=ids["person"]), Person.objects.get(pk=ids["by"])
    facts = [
        {"label": _("Who"), "value": {"text": str(person), "note": person.number}},
        {"label": _("Role"), "value": str(rules.ROLES[str(ids["role"])])},
        {"label": _("Entity"), "value": Entity.objects.get(pk=ids["entity"]).name},
        *(
            [{"label": _("Department"), "value": str(Unit.objects.get(pk=ids["unit"]))}]
            if ids.get("unit")
            else []
        ),
        {"label": _("Asked by"), "value": str(by)},
    ]
    return render(
        request, "people/second.html", {"facts": facts, "answered": asked.facts.get("answered", "")}
    )


@requires("people.own_messages")
@never_cache
@require_http_methods(["GET", "POST"])
def messages_page(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first. POST marks one message or all of them as read."""
    if request.method == "POST":
        wanted = [int(pk) for pk in request.POST.getlist("message") if pk.isdigit() and len(pk) < 19]
        sentences.mark_read(request.user, wanted or None)
        return redirect("people:messages")
    page = Paginator(request.user.notes.order_by("-id"), 30).get_page(request.GET.get("page"))
    return render(
        request, "people/messages.html",
        {"notes": sentences.shown(list(page.object_list)), "page": page, "unread": request.user.notes.filter(read_at__isnull=True).count()},
    )  # fmt: skip
