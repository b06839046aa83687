"""Every system with what lies in it and for how long, as a picture and a table; and at which hours it is worked on."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.lib.access import may, requires
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes import lists, words
from governance.purposes.models import DataSystem, RetentionRule
from governance.purposes.policy.retention import length
from governance.retention import proposing, steering
from governance.retention import systems as connections_of
from governance.retention.forms import PaceForm
from governance.retention.models import Connection, Proof
from governance.retention.pictures import span

OPEN = ("waiting", "held", "erasing", "partly", "needs_attention", "restricted_hold", "retention_conflict")


@requires("retention.view_orders")
@require_safe
def systems_map(request: HttpRequest) -> HttpResponse:
    """How long what lies in which system, by the entries of the register that name it."""
    assert isinstance(request.user, Person)
    entities = request.user.entities_where("retention.view_orders")
    systems = list(
        DataSystem.objects.filter(entity_id__in=entities)
        .select_related("entity")
        .order_by("entity__name", "name")
    )
    ids = [system.pk for system in systems]
    connections = {row.system_id: row for row in Connection.objects.filter(system__in=systems)}
    proofs = dict(
        Proof.objects.filter(system__in=systems).values_list("system").annotate(last=Max("read_back_at"))
    )
    waiting = dict(
        DataSystem.objects.filter(pk__in=ids).values_list("pk").annotate(
            n=Count("purposes__orders", filter=Q(purposes__orders__state__in=OPEN), distinct=True)
        )
    )  # fmt: skip
    rules: dict[UUID, list[RetentionRule]] = defaultdict(list)
    living = RetentionRule.objects.living().filter(purpose__systems__in=systems).select_related("purpose")
    for rule in living.distinct():
        rules[rule.purpose_id].append(rule)
    purposes = defaultdict(list)
    for system_id, purpose_id in DataSystem.objects.filter(pk__in=ids, purposes__isnull=False).values_list(
        "pk", "purposes"
    ):
        purposes[system_id].append(purpose_id)
    longest = max(
        [
            1,
            *(
                length(rule.maximum or rule.minimum)
                for row in rules.values()
                for rule in row
                if rule.maximum or rule.minimum
            ),
        ]
    )
    shown = []
    for system in systems:
        connection = connections.get(system.pk)
        shown.append({
            "system": system, "connection": connection, "hours": _hours(connection), "backups": _backups(connection), "last": proofs.get(system.pk),
            "waiting": waiting.get(system.pk, 0), "may_pace": connection is not None and may(request.user, "retention.pause", system),
            "may_connect": may(request.user, "retention.pause", system) and (connection is None or connection.kind in proposing.kinds()),
            "spans": [_span(rule, longest) for purpose_id in purposes[system.pk] for rule in rules[purpose_id]],
            "silent": not any(rules[purpose_id] for purpose_id in purposes[system.pk]),
        })  # fmt: skip
    table = [
        [
            {"text": row["system"].name, "note": row["system"].entity.name}, span_["data"], span_["number"], span_["law"],
            {"text": span_["from"], "note": "" if span_["enforced"] else _("Not enforced")}, span_["floor"] or "", span_["period"], span_["action"],
        ]
        for row in shown for span_ in row["spans"]
    ]  # fmt: skip
    columns = [
        _("System"),
        _("Data"),
        _("Entry"),
        _("Law"),
        _("Counts from"),
        _("At least"),
        _("At most"),
        _("Then"),
    ]
    # Started before programmes connected it by themselves, or taken apart since.
    blind = [
        {"entity": entity, "may": may(request.user, "retention.pause", entity)}
        for entity in Entity.objects.filter(pk__in=entities, purposes__state="active", purposes__signals__isnull=False).distinct().order_by("name")
        if "vault" in connections_of.own_missing(entity)
    ]  # fmt: skip
    return render(
        request, "retention/map.html",
        {
            "systems": shown, "table": table, "columns": [{"label": label} for label in columns], "longest": _words(longest),
            "blind": blind,
        },
    )  # fmt: skip


# Whoever may stop the work in a system may also say how it is reached.
@requires("retention.pause", of=Entity)
@require_POST
def connect_own(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Sammati's own vault and tables are looked into from now on by every order of the entity."""
    assert isinstance(request.user, Person)
    connections_of.connect_own(entity, by=request.user)
    messages.success(request, _("Connected. Every order of this entity looks there from now on."))
    return redirect("retention:map")


def _span(rule: RetentionRule, longest: int) -> dict[str, Any]:
    most, least = rule.maximum or rule.minimum, rule.minimum
    width, floor = span(length(most), length(least) if least else 0, longest) if most else ("0", "0")
    return {
        "data": rule.category, "number": rule.purpose.number, "url": reverse("purposes:purpose", args=[rule.purpose_id]),
        "law": lists.label("law", rule.jurisdiction) if rule.jurisdiction else _("everybody"), "from": rule.get_start_event_display(),
        "floor": words.period(least), "period": words.period(rule.maximum) or _("no end recorded"), "action": rule.get_action_display(),
        "width": width, "floor_width": floor, "open": not rule.maximum, "enforced": rule.is_enforced,
    }  # fmt: skip


def _words(days: int) -> str:
    years = round(days / 365.25)
    if days >= 360:
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def _hours(connection: Connection | None) -> str:
    if connection is None:
        return ""
    said = []
    if connection.from_time and connection.until_time:
        said.append(f"{time_format(connection.from_time, 'H:i')}–{time_format(connection.until_time, 'H:i')}")
    if connection.per_hour:
        said.append(_("at most %(n)s parts an hour") % {"n": connection.per_hour})
    return ", ".join(said) or _("at any time")


def _backups(connection: Connection | None) -> str:
    days = connections_of.backup_days(connection) if connection is not None else None
    if not days:
        return _("none") if days == 0 else _("not recorded")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@requires("retention.pause", of=DataSystem)
@require_http_methods(["GET", "POST"])
def pace(request: HttpRequest, system: DataSystem) -> HttpResponse:
    """When orders may be carried out in a system, and how fast."""
    assert isinstance(request.user, Person)
    row = Connection.objects.filter(system=system).first()
    fields = ("from_time", "until_time", "per_hour", "backup_days")
    first = {name: getattr(row, name) for name in fields} if row else {}
    form = PaceForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and row is not None and form.is_valid():
        try:
            steering.set_pace(system, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("From now on orders keep to these hours."))
            return redirect("retention:map")
    return render(
        request, "retention/pace.html", {"system": system, "form": form, "connected": row is not None}
    )
