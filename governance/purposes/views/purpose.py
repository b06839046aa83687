"""One purpose with everything known of it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import lifecycle, lists, rules, words
from governance.purposes.activity import Activity
from governance.purposes.models import Purpose

# What both laws ask of a purpose, side by side: heading → law → provisions of the pack.
SIDE_BY_SIDE = [
    ("notice", {"IN": ["dpdp.s5", "dpdp.r3"], "EU": ["gdpr.13"]}),
    ("withdrawal", {"IN": ["dpdp.s6-4", "dpdp.s6-6"], "EU": ["gdpr.7-3"]}),
    ("erasure", {"IN": ["dpdp.s8-7"], "EU": ["gdpr.17-1-b"]}),
    ("floor", {"IN": ["dpdp.r8-3"], "EU": ["gdpr.17-3-b"]}),
    ("complaint", {"IN": ["dpdp.s13"], "EU": ["gdpr.13"]}),
    ("record", {"IN": [], "EU": ["gdpr.30"]}),
]


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def purpose(request: HttpRequest, row: Purpose) -> HttpResponse:
    """Every field; what is not there is said to be "not recorded"."""
    on = clock.law_date(row.entity.timezone)
    notices = list(row.notices.select_related("published_by").prefetch_related("texts"))
    published = next((n for n in notices if n.published_at), None)
    return render(
        request, "purposes/purpose.html",
        {
            "purpose": row, "on": on, "notices": notices, "published": published, "facts": _facts(row),
            "signals": [
                {"signal": s, "fields": [words.field(f) for f in s.fields], "explained": s.entry.explanation(get_language() or "en")}
                for s in row.signals.all()
            ],
            "rule_columns": [
                {"label": _("Data")}, {"label": _("Law")}, {"label": _("Counted from")}, {"label": _("At least")},
                {"label": _("At most")}, {"label": _("Then")}, {"label": _("Source")},
            ],
            "rules": [_rule(rule, on) for rule in row.retention_rules.living()],
            "system_columns": [{"label": _("System")}, {"label": _("What lies there")}, {"label": _("Country")}],
            "systems": [[system.name, system.holds, system.country] for system in row.systems.all()],
            "law_columns": [{"label": _("About")}, {"label": words.law("IN")}, {"label": words.law("EU")}],
            "laws": _laws(row, on),
            "may_edit": may(request.user, "purposes.edit", row),
            "may_activate": may(request.user, "purposes.activate", row),
            "why_not_activate": reason(rules.check_activate, row.state, row.asks_consent, published is not None),
        },
    )  # fmt: skip


def _facts(row: Purpose) -> list[dict[str, Any]]:
    """Every field of the version shown, in words; an empty one reads "not recorded"."""
    entity, version = row.entity, row.shown_version()
    said = version.activity if version else Activity(name=row.name)
    controller = [entity.name, entity.address, f"{entity.contact_name}, {entity.contact_email}"]
    dpo = ", ".join(part for part in (entity.dpo_name, entity.dpo_email) if part)
    day = date_format(row.review_on, "j F Y") if row.review_on else ""
    yes_no = {True: _("yes"), False: _("no")}
    return [
        {"label": _("Controller"), "lines": controller},
        {"label": _("Data protection officer"), "value": dpo},
        {"label": _("Representative in the EU"), "value": entity.eu_representative},
        {"label": _("Joint controllers"), "lines": [f"{c.name}, {c.contact}" for c in said.joint_controllers]},
        {"label": _("Business function"), "value": lists.label("function", said.function)},
        {"label": _("What is done"), "value": said.description},
        {"label": _("What it makes possible"), "value": said.uses},
        {"label": _("People concerned"), "lines": [*(lists.label("people", code) for code in said.people), *filter(None, [said.people_note])]},
        {"label": _("Data items"), "lines": [item.name for item in said.items]},
        {"label": _("Recipients"), "lines": words.recipients(said)},
        {"label": _("Transfers to other countries"), "value": said.transfers_note},
        {"label": _("Security measures"), "lines": [*(lists.label("security", code) for code in said.security), *filter(None, [said.security_note])]},
        {"label": _("Trains artificial intelligence"), "value": yes_no[said.trains_ai]},
        {"label": _("Automated decisions"), "value": said.automated},
        {"label": _("Impact assessment"), "value": said.dpia_link},
        {"label": _("Works council or representatives"), "value": said.works_note},
        {"label": _("Accountable owner"), "value": str(row.owner) if row.owner else ""},
        {"label": _("Next review"), "value": day},
        {"label": _("Version of this entry"), "value": str(version.number) if version else ""},
    ]  # fmt: skip


def _rule(rule: Any, on: date) -> list[Any]:
    source: Any = rule.source
    if rule.applies_from and on < rule.applies_from:
        source = {
            "text": rule.source,
            "note": _("applied from %(day)s") % {"day": date_format(rule.applies_from, "j F Y")},
        }
    minimum = words.period(rule.minimum) or _("none")
    maximum = words.period(rule.maximum) or _("none")
    return [
        rule.category, words.law(rule.jurisdiction), rule.get_start_event_display(), minimum, maximum, rule.get_action_display(), source,
    ]  # fmt: skip


def _laws(row: Purpose, on: date) -> list[list[Any]]:
    """What India and the EU ask of this purpose, with the citations of the day."""
    headings = {
        "notice": _("Telling people"), "withdrawal": _("Taking a yes back"), "erasure": _("Erasing"),
        "floor": _("Keeping although erasure was asked for"), "complaint": _("Complaints"), "record": _("This register"),
    }  # fmt: skip
    grounds = {
        code: ground.says for code, ground in zip(row.jurisdictions, words.grounds(row, on), strict=True)
    }
    table: list[list[Any]] = [[_("Ground"), *(_ground(row, grounds, code) for code in ("IN", "EU"))]]
    for key, by_law in SIDE_BY_SIDE:
        if key == "withdrawal" and not row.asks_consent:
            continue
        cells = []
        for code in ("IN", "EU"):
            ids = by_law[code] if code in row.jurisdictions else None
            if ids is None:
                cells.append(_("does not apply"))
            else:
                cells.append("; ".join(words.citation(i, on) for i in ids) or _("not asked for"))
        table.append([headings[key], *cells])
    return table


def _ground(row: Purpose, grounds: dict[str, str], code: str) -> str:
    if code not in row.jurisdictions:
        return _("does not apply")
    return grounds.get(code) or _("not recorded")


@requires("purposes.activate", of=Purpose)
@require_POST
def activate(request: HttpRequest, row: Purpose) -> HttpResponse:
    try:
        lifecycle.activate(row, by=request.user, on=clock.law_date(row.entity.timezone))
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The purpose is active."))
    return redirect("purposes:purpose", row.pk)
