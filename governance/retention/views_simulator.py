"""Try a period from the register before it is saved, and read what the eraser found."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib import bands
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.purposes import lists, words
from governance.purposes.models import DataSystem, Purpose, RetentionRule
from governance.purposes.policy import retention as floors
from governance.purposes.policy.facts import RetentionPlan
from governance.retention import rules as rules_of_law
from governance.retention import simulating, sweep
from governance.retention.forms import PeriodForm
from governance.retention.models import Simulation
from governance.retention.pictures import lane

STATES = {
    "away": gettext_lazy("It did not answer."),
    "no_map": gettext_lazy("No map is confirmed, so nobody knows where to look."),
    "no_times": gettext_lazy(
        "It does not tell how old its data are. They go with the orders that the other systems bring."
    ),
    "not_connected": gettext_lazy("Not connected: nobody can look."),
}
OUTCOMES = {
    "waiting": gettext_lazy("erased at the next sweep"),
    "restricted_hold": gettext_lazy("locked away until the law allows to erase"),
    "retention_conflict": gettext_lazy("two laws disagree: the owner decides after the DPO's advice"),
    "held": gettext_lazy("kept for a legal claim"),
}


@requires("purposes.edit", of=Purpose)
@require_http_methods(["GET", "POST"])
def simulate(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    """Nothing is saved in the register and nothing is erased."""
    assert isinstance(request.user, Person)
    # The law of the place first: of an Indian entity's people hardly anybody is under EU law.
    rules = sorted(sweep.periods(purpose), key=lambda rule: rule.jurisdiction not in _laws_of(purpose))
    first = (
        {"law": rules[0].jurisdiction, "period": rules[0].maximum, "applies_from": rules[0].applies_from}
        if rules
        else {}
    )
    form = PeriodForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            row = simulating.ask(purpose, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error("period", refused.sentence)
        else:
            return redirect("retention:simulation", row.pk)
    living = purpose.retention_rules.living().order_by("jurisdiction", "category")
    in_force = [
        [
            rule.category, lists.label("law", rule.jurisdiction) if rule.jurisdiction else _("everybody"), rule.get_start_event_display(),
            words.period(rule.maximum) or _("no end recorded"), rule.applies_from or "", enforcement(rule),
        ]
        for rule in living
    ]  # fmt: skip
    columns = [
        {"label": _("Data")}, {"label": _("Law")}, {"label": _("Counts from")}, {"label": _("At most")}, {"label": _("From")},
        {"label": _("Comes due")},
    ]  # fmt: skip
    return render(
        request, "retention/simulate.html",
        {"purpose": purpose, "form": form, "rules": in_force, "columns": columns, "tried": Simulation.objects.filter(purpose=purpose)[:5]},
    )  # fmt: skip


def _laws_of(purpose: Purpose) -> set[str]:
    country = purpose.entity.country
    return {country, *rules_of_law.jurisdictions_of([country])}


def enforcement(rule: RetentionRule) -> dict[str, str]:
    """Who sees to it: a cell for components/table.html."""
    if not rule.is_enforced:
        why = _("no end is recorded") if not rule.maximum else _("nothing tells Sammati when it begins")
        return {"text": _("Not enforced"), "note": why}
    if rule.start_event in ("employment_ended", "purpose_ended", "consent_ended"):
        return {"text": _("by the event"), "note": _("not counted in this simulation")}
    return {"text": _("by the sweep")}


@requires("purposes.edit", of=Simulation)
@require_safe
def simulation(request: HttpRequest, row: Simulation) -> HttpResponse:
    """The answer, or that it is being worked out; the living part alone when htmx asks for it."""
    part = bool(request.headers.get("HX-Request"))
    context = {
        "row": row,
        "purpose": row.purpose,
        "law": lists.label("law", row.law) if row.law else _("everybody"),
        "period": words.period(row.period),
    }
    if row.result is not None:
        context |= _shown(row, exact=may(request.user, "retention.view_orders", row.purpose))
    return render(
        request, "retention/parts/simulation_live.html" if part else "retention/simulation.html", context
    )


def _shown(row: Simulation, *, exact: bool) -> dict[str, Any]:
    """Who may not see orders sees bands: an order may show what somebody chose (What holds, 8)."""
    result, of = row.result, Employment.objects.current().filter(entity=row.purpose.entity_id).count()
    assert result is not None

    def figure(count: int) -> str:
        return str(count) if exact or not count else bands.band(count, of) or _("too few to show")

    systems = DataSystem.objects.in_bulk([UUID(entry["system"]) for entry in result["systems"]])
    days = [date.fromisoformat(day) for day in result["days"]]
    seen = [entry for entry in result["systems"] if entry["state"] == "seen"]
    top = max([1, *(count for entry in seen for which in ("now", "then") for count in entry[which])])
    lanes = []
    for entry in result["systems"]:
        name, rows = systems[UUID(entry["system"])].name, entry["rows"]
        drawn = entry["state"] == "seen" and (exact or not any(entry["now"] + entry["then"]))
        lanes.append({
            "name": name, "why": STATES.get(entry["state"], ""), "bars": lane(entry["now"], entry["then"], top) if drawn else [],
            "at_once": figure(entry["then"][0]) if entry["then"] else "", "later": figure(sum(entry["then"][1:])) if entry["then"] else "",
            "rows": "" if rows is None else figure(rows) if exact else "", "hidden": entry["state"] == "seen" and not drawn,
        })  # fmt: skip
    months = [
        [date_format(day, "DATE_FORMAT")]
        + [figure(entry[which][i]) for entry in seen for which in ("now", "then")]
        for i, day in enumerate(days)
    ]
    month_columns = [{"label": _("From")}]
    for entry in seen:
        name = systems[UUID(entry["system"])].name
        month_columns += [
            {"label": _("%(system)s, as it is") % {"system": name}, "num": True},
            {"label": _("%(system)s, tried") % {"system": name}, "num": True},
        ]
    return {
        "lanes": lanes, "months": months, "month_columns": month_columns,
        "first": date_format(days[0], "DATE_FORMAT"), "last": date_format(days[-1], "DATE_FORMAT"),
        "at_once": figure(result["people"]["then"][0]), "sooner": result["people"]["sooner"], "sooner_words": figure(result["people"]["sooner"]),
        "outcomes": [[OUTCOMES[state], figure(count)] for state, count in result["outcomes"].items()],
        "outcome_columns": [{"label": _("What becomes of them")}, {"label": _("People"), "num": True}],
        "findings": findings(row), "at_least": result["counted"] < result["people"]["then"][0],
    }  # fmt: skip


def findings(row: Simulation) -> list[dict[str, str]]:
    """What the floors and ceilings on file say to this period, with their sources; a conflict is shown, never solved."""
    countries = set(row.purpose.countries) | ({row.law} if row.law else set(row.purpose.jurisdictions))
    words = {
        floors.CONFLICT: _("Two laws disagree: one asks to keep longer than the other allows."),
        "kept_too_short": _("Shorter than the law asks to keep."), "kept_too_long": _("Longer than the law allows."),
    }  # fmt: skip
    found = {}
    for category in {rule.category for rule in sweep.periods(row.purpose)} or {"*"}:
        plan = RetentionPlan(category, "collected", row.period)
        on = max(row.on, row.applies_from or row.on)
        on_consent = row.purpose.asks_consent
        for one in floors.judge(category, countries, on, plan=plan, on_consent=on_consent).findings:
            found[one.code, one.sources] = {"text": words[one.code], "more": " · ".join(one.sources)}
    return list(found.values())
