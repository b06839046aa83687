"""The parts of the start page: a person's own standing, and for each of their roles what waits for them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.audit.models import Checkpoint, Entry
from governance.capture import bands, recorded
from governance.capture.models import Programme
from governance.exports.models import Dataset
from governance.incidents.models import Incident
from governance.lib import clock, countries, languages
from governance.lib.dates import date_format
from governance.pages import office
from governance.pages.section import Cell, Section
from governance.pages.section import columns as _columns
from governance.people.models import Employment, Entity, Person, Role
from governance.people.rules import ROLES
from governance.people.zones import zone_of
from governance.purposes.models import DataSystem
from governance.reports.models import Report
from governance.retention.models import DataMap, ErasureOrder, Hold
from governance.rights.models import Request

NEEDS_SOMEBODY = ("partly", "needs_attention", "held", "retention_conflict")
SHOWN = 8


def own(person: Person, now: datetime) -> recorded.Answer | None:
    """The plain first line; nobody but who works here is recorded, so only they read one."""
    return recorded.answer(person, now) if person.employment else None


def sections(person: Person, now: datetime) -> list[Section]:
    """In the order of ROLES: what needs the person first; managers and representatives see that a programme runs."""
    held = person.role_names()
    parts: list[tuple[set[str], Callable[[Person, datetime], Section]]] = [
        ({"owner"}, office.yours),
        ({"dpo"}, orders_part),
        ({"dpo"}, map_part),
        ({"dpo"}, requests_part),
        ({"owner"}, conflicts_part),
        ({"legal"}, reports_part),
        ({"legal"}, holds_part),
        ({"auditor"}, log_part),
        ({"dpo", "owner", "representative", "manager", "steward"}, programmes_part),
        ({"dpo", "auditor"}, incidents_part),
        ({"admin"}, people_part),
    ]
    made = office.parts(person, now) if "dpo" in held else []
    if "dpo" not in held and (held or Dataset.objects.filter(holder=person).exists()):
        waits = office.words(person, now)
        made += [waits] if waits else []
    made += [part(person, now) for roles_, part in parts if roles_ & held]
    for number, section in enumerate(made, 1):
        section.id = f"part-{number}"
    return made


def day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, "j M Y") if value else ""


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def map_part(person: Person, now: datetime) -> Section:
    """What lies where and for how long; the picture stands on its own page."""
    entities = person.entities_where("retention.view_orders")
    systems = DataSystem.objects.filter(entity_id__in=entities)
    unconfirmed = DataMap.objects.filter(system__in=systems, confirmed_at__isnull=True)
    silent = systems.exclude(
        purposes__retention_rules__ended_at__isnull=True, purposes__retention_rules__isnull=False
    )
    return Section(
        heading=_("Map of retention"),
        tiles=[
            {"figure": systems.count(), "words": _("systems registered")},
            {"figure": systems.filter(connection__isnull=True).count(), "words": _("not connected: nothing is erased there")},
            {"figure": silent.distinct().count(), "words": _("of which nobody says for how long")},
            {"figure": unconfirmed.count(), "words": _("maps that nobody confirmed")},
        ],
        url=reverse("retention:map"), link=_("See which system holds what, and for how long"),
    )  # fmt: skip


def orders_part(person: Person, now: datetime) -> Section:
    orders = ErasureOrder.objects.visible_to(person)
    counts = dict(
        orders.exclude(state__in=ErasureOrder.ENDED).values_list("state").annotate(Count("pk")).order_by()
    )
    due = sum(n for state, n in counts.items() if state in ("waiting", "erasing"))
    rows = orders.filter(state__in=NEEDS_SOMEBODY).select_related("purpose").order_by("created_at")[:SHOWN]
    return Section(
        heading=_("Erasures"),
        tiles=[
            {"figure": due, "words": _("waiting or being erased")},
            {"figure": counts.get("partly", 0) + counts.get("needs_attention", 0), "words": _("done in part or stuck")},
            {"figure": counts.get("held", 0) + counts.get("restricted_hold", 0), "words": _("held, or kept by law")},
            {"figure": counts.get("retention_conflict", 0), "words": _("where two laws disagree")},
        ],
        caption=_("Orders that need somebody"),
        columns=_columns(_("Order"), _("Activity"), _("State"), _("Since")),
        rows=[
            [
                {"text": order.number, "url": reverse("retention:order", args=[order.pk])},
                order.purpose.name if order.purpose else _("everything"), {"state": order.state}, day(order.created_at),
            ]
            for order in rows
        ],
        none=_("No order needs anybody. The rest goes by itself."), url=reverse("retention:orders"), link=_("All orders"),
    )  # fmt: skip


def requests_part(person: Person, now: datetime) -> Section:
    rows = (
        Request.objects.filter(entity_id__in=person.entities_where("rights.view"), answered_at__isnull=True)
        .select_related("person").order_by("due_on")
    )  # fmt: skip
    today = clock.law_date(zone_of(person))
    return Section(
        heading=_("Requests"),
        tiles=[
            {"figure": rows.count(), "words": _("without an answer")},
            {"figure": rows.filter(due_on__lt=today).count(), "words": _("overdue")},
            {"figure": rows.filter(due_on__range=(today, today + timedelta(days=7))).count(), "words": _("due within a week")},
        ],
        caption=_("Open requests, the most urgent first"),
        columns=_columns(_("Request"), _("What is asked"), _("Person"), _("Due")),
        rows=[
            [
                {"text": row.number, "url": reverse("rights:answer", args=[row.pk])}, row.get_right_display(),
                row.person.number or _("forgotten"),
                {"text": day(row.due_on), "note": left(row.due_on, today)},
            ]
            for row in rows[:SHOWN]
        ],
        none=_("Every request has its answer."), url=reverse("rights:requests"), link=_("All requests"),
    )  # fmt: skip


def left(due_on: date, today: date) -> str:
    """How far away a day is, in words."""
    days = (due_on - today).days
    if days < 0:
        return _("overdue since %(n)s days") % {"n": -days} if days < -1 else _("overdue since yesterday")
    if days <= 1:
        return _("tomorrow") if days else _("today")
    return _("in %(n)s days") % {"n": days}


def conflicts_part(person: Person, now: datetime) -> Section:
    rows = (
        ErasureOrder.objects.filter(entity_id__in=person.entities_where("retention.decide"), state="retention_conflict")
        .select_related("purpose").order_by("created_at")
    )  # fmt: skip
    return Section(
        heading=_("For you to decide"),
        caption=_("Orders on which two laws disagree"),
        columns=_columns(_("Order"), _("Purpose"), _("Laws"), _("Since")),
        rows=[
            [
                {"text": row.number, "url": reverse("retention:decide", args=[row.pk])},
                row.purpose.name if row.purpose else _("everything"), ", ".join(row.jurisdictions), day(row.created_at),
            ]
            for row in rows[:SHOWN]
        ],
        none=_("No conflict waits for your decision."),
    )  # fmt: skip


def reports_part(person: Person, now: datetime) -> Section:
    rows = Report.objects.visible_to(person).select_related("entity")
    return Section(
        heading=_("Reports"),
        caption=_("The newest reports"),
        columns=_columns(_("Report"), _("Kind"), _("Entity"), _("State"), _("Asked")),
        rows=[
            [
                {"text": row.number, "url": reverse("reports:report", args=[row.pk])}, kind_of(row.kind), row.entity.name,
                {"state": row.state, "word": row.get_state_display()}, day(row.asked_at),
            ]
            for row in rows[:5]
        ],
        none=_("No report was asked for yet."), url=reverse("reports:new"), link=_("Ask for a report"),
    )  # fmt: skip


def kind_of(kind: str) -> str:
    names = {
        "register": _("Purpose register"),
        "certificate": _("Certificate of erasure"),
        "receipt": _("Receipt"),
        "changes": _("What changed since a day"),
        "processors": _("Register of processors"),
    }
    return names.get(kind, kind)


def holds_part(person: Person, now: datetime) -> Section:
    entities = person.entities_where("retention.hold")
    holds = Hold.objects.in_force().filter(matter__entity_id__in=entities)
    orders = ErasureOrder.objects.filter(entity_id__in=entities, state="held")
    return Section(
        heading=_("Legal holds"),
        tiles=[
            {"figure": holds.count(), "words": _("holds in force")},
            {"figure": orders.count(), "words": _("orders that wait for them")},
        ],
        url=reverse("retention:holds"), link=_("All holds"),
    )  # fmt: skip


def log_part(person: Person, now: datetime) -> Section:
    last = Checkpoint.objects.order_by("-number").first()
    unsealed = Entry.objects.filter(leaf__isnull=True, id__gt=_last_sealed(last)).count()
    return Section(
        heading=_("The log"),
        tiles=[
            {"figure": last.first + last.count - 1 if last else 0, "words": _("entries sealed")},
            {"figure": unsealed, "words": _("recorded, being sealed")},
            {
                "figure": last.number if last else 0, "words": _("checkpoints"),
                "note": _("the last on %(at)s") % {"at": moment(last.at)} if last else "",
            },
        ],
        url=reverse("audit:verify"), link=_("Verify the log"),
    )  # fmt: skip


def _last_sealed(last: Checkpoint | None) -> int:
    """Where to begin counting what waits: the batch before the last is settled enough for a figure."""
    if last is None or last.number < 2:
        return 0
    leaf = (
        Checkpoint.objects.get(number=last.number - 1)
        .leaves.order_by("position")
        .values_list("entry_id", flat=True)
        .first()
    )
    return leaf or 0


def programmes_part(person: Person, now: datetime) -> Section:
    """That it runs, and as a weekly band how many take part: never who (rule of ten)."""
    rows = (
        Programme.objects.visible_to(person)
        .exclude(state="draft")
        .select_related("entity", "purpose")[:SHOWN]
    )
    table: list[list[Cell]] = []
    for row in rows:
        band = bands.of(row)
        table.append(
            [
                {"text": f"{row.number} {row.name}", "url": reverse("capture:programme", args=[row.pk])}, row.entity.name,
                {"state": row.stands, "word": row.stands_word},
                {"text": band.text, "note": _("week of %(day)s") % {"day": day(band.week)}} if band and band.text else _("no figure"),
            ]
        )  # fmt: skip
    return Section(
        heading=_("Programmes"),
        caption=_("What runs, and how many take part"),
        columns=_columns(_("Programme"), _("Entity"), _("State"), _("Take part")),
        rows=table, none=_("No programme runs."), url=reverse("capture:programmes"), link=_("All programmes"),
    )  # fmt: skip


def incidents_part(person: Person, now: datetime) -> Section:
    rows = Incident.objects.filter(entity_id__in=person.entities_where("incidents.view"), state="open")
    return Section(
        heading=_("Incidents"),
        caption=_("Open incidents"),
        columns=_columns(_("Incident"), _("Aware since"), _("State")),
        rows=[
            [{"text": row.number, "url": reverse("incidents:incident", args=[row.pk])}, moment(row.aware_at), {"state": row.state}]
            for row in rows[:SHOWN]
        ],
        none=_("No incident is open."), url=reverse("incidents:incidents"), link=_("All incidents"),
    )  # fmt: skip


def people_part(person: Person, now: datetime) -> Section:
    entities = person.entities_where("people.view")
    return Section(
        heading=_("People and roles"),
        tiles=[
            {"figure": Employment.objects.current().filter(entity_id__in=entities).values("person").distinct().count(), "words": _("people employed")},
            {"figure": Role.objects.in_force().filter(entity_id__in=entities).count(), "words": _("roles in force")},
            {"figure": Entity.objects.filter(pk__in=entities).count(), "words": _("entities in your care")},
        ],
        url=reverse("people:people"), link=_("People and roles"),
    )  # fmt: skip


def account(person: Person) -> list[dict[str, Any]]:
    """Everything of the person's own row and employment, as a facts list."""
    job = person.employment
    facts: list[dict[str, Any]] = [
        {"label": _("Name"), "value": person.name},
        {"label": _("Number"), "value": person.number},
        {"label": _("E-mail"), "value": person.email},
        {"label": _("Language"), "value": languages.native(person.language)},
    ]
    if job:
        facts += [
            {"label": _("Employed by"), "value": job.entity.name},
            {"label": _("Employer, if an agency"), "value": job.employer},
            {"label": _("Site"), "value": job.site.name if job.site else ""},
            {"label": _("Country of work"), "value": countries.called(job.country)},
            {"label": _("Represented with"), "value": job.unit.name if job.unit else ""},
            {"label": _("Since"), "value": day(job.starts_on)},
        ]
    return facts


ROLE_COLUMNS = [
    {"label": gettext_lazy("Role")}, {"label": gettext_lazy("Entity")}, {"label": gettext_lazy("Given by")},
    {"label": gettext_lazy("Agreed by")}, {"label": gettext_lazy("Since")},
]  # fmt: skip


def roles(person: Person) -> list[list[Cell]]:
    rows = person.roles.in_force().select_related("entity", "granted_by", "second_by").order_by("granted_at")
    return [
        [
            str(ROLES[row.name]),
            row.entity.name,
            str(row.granted_by) if row.granted_by else _("at set-up"),
            str(row.second_by or ""),
            day(row.granted_at),
        ]
        for row in rows
    ]
