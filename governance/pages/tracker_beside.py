"""What stands beside the tracker: verdicts that moved, erasures half done or held, over-collection, who read choices.

Zero is shown as zero, and nothing is turned into one figure for all.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from governance.audit.models import Entry
from governance.capture import excess_shown
from governance.capture.models import Excess
from governance.lib.dates import date_format
from governance.pages.tracker import FROM_ONE
from governance.pages.tracker_due import Desk, activity
from governance.people.models import Person
from governance.purposes import headings
from governance.purposes.models import Evaluation
from governance.retention import reads
from governance.retention.models import ErasureOrder

WEEK = timedelta(days=7)
Row = list[Any]


def tiles(desk: Desk, *, lagging: int, excess: int, read: int) -> list[dict[str, Any]]:
    """One figure each. `lagging`: notices, at most FROM_ONE + 1 were looked for."""
    entities = desk.person.entities_where("retention.carry_on")
    counts = dict(
        ErasureOrder.objects.filter(entity_id__in=entities, state__in=("partly", "held"))
        .values_list("state")
        .annotate(Count("pk"))
        .order_by()
    )
    orders = reverse("retention:orders")
    return [
        {"figure": counts.get("partly", 0), "words": _("erasures done in part"), "url": f"{orders}?state=partly", "link": _("See them")},
        {"figure": counts.get("held", 0), "words": _("erasures held for a legal matter"), "url": f"{orders}?state=held", "link": _("See them")},
        {"figure": excess, "words": _("undeclared things that clients send"), "note": _("last 14 days")},
        {"figure": f"{FROM_ONE}+" if lagging > FROM_ONE else lagging, "words": _("notices that lag behind")},
        {"figure": read, "words": _("reads of one person’s choice"), "note": _("last 7 days, by somebody else")},
    ]  # fmt: skip


def moved(desk: Desk) -> list[Row]:
    """Verdicts that changed in the last seven days: from what, to what, when. One query."""
    before = Evaluation.objects.filter(purpose=OuterRef("purpose"), id__lt=OuterRef("id")).order_by("-id")
    rows = (
        Evaluation.objects.filter(desk.mine(), at__gte=desk.now - WEEK)
        .annotate(before=Subquery(before.values("outcome")[:1]))
        .filter(before__isnull=False).exclude(before=F("outcome"))
        .select_related("purpose").order_by("-id").only("outcome", "at", "on", "because", "purpose__number", "purpose__name")
    )[:FROM_ONE]  # fmt: skip
    return [
        [
            activity(row.purpose), headings.verdict_cell(row.before), headings.verdict_cell(row.outcome),
            {"text": date_format(timezone.localtime(row.at), "j M Y"), "note": str(BECAUSE.get(row.because, row.because))},
        ]
        for row in rows
    ]  # fmt: skip


BECAUSE = {
    "draft": gettext_lazy("a draft was written"), "approved": gettext_lazy("a version came into force"),
    "activated": gettext_lazy("it was started"), "daily": gettext_lazy("the law or a term of the day"),
    "evidence": gettext_lazy("a paper was filed or withdrawn"), "override": gettext_lazy("an override was decided"),
    "notice": gettext_lazy("a notice was published"),
    "assessment": gettext_lazy("a value assessment"), "processor": gettext_lazy("a contract with a processor"),
}  # fmt: skip


def too_much(desk: Desk) -> tuple[int, list[Row]]:
    """(how many different things arrive that are not declared, the programmes that send them). One query."""
    since = desk.now.date() - timedelta(days=excess_shown.DAYS - 1)
    rows = (
        Excess.objects.filter(desk.mine("programme__purpose__"), day__gte=since)
        .values("programme_id", "programme__number", "programme__name", "signal", "field")
        .annotate(n=Sum("events")).order_by("-n")
    )  # fmt: skip
    language = get_language() or "en"
    table = [
        [
            {"text": f"{row['programme__number']} {row['programme__name']}", "url": reverse("capture:programme", args=[row["programme_id"]]) + "#excess"},
            excess_shown.signal_name(row["signal"], language), excess_shown.field_name(row["field"]),
            number_format(row["n"], force_grouping=True),
        ]
        for row in rows[:FROM_ONE]
    ]  # fmt: skip
    return (len(table) if len(table) < FROM_ONE else rows.count()), table


def read_by(desk: Desk) -> tuple[int, list[Row]]:
    """(choices of single people that others read in the last seven days, by whom and where). Two queries."""
    entities = [str(entity) for entity in desk.person.entities_where("retention.view_orders")]
    rows = list(
        Entry.objects.filter(code=reads.CODE, at__gte=desk.now - WEEK, facts__entity__in=entities)
        .annotate(choices=Cast(KT("facts__choices"), IntegerField()))
        .values("by_id").annotate(times=Count("pk"), people=Sum("choices")).order_by("-people")
    )  # fmt: skip
    names = (
        {p.pk: str(p) for p in Person.objects.filter(pk__in=[row["by_id"] for row in rows])} if rows else {}
    )
    table = [
        [
            names.get(row["by_id"], _("somebody who was forgotten")), number_format(row["people"], force_grouping=True),
            number_format(row["times"], force_grouping=True),
        ]
        for row in rows[:FROM_ONE]
    ]  # fmt: skip
    return sum(row["people"] for row in rows), table
