"""How a programme was decided and what can follow, as its page shows it."""

from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.capture import deciding, limits, places, rules_life, rules_worn, states, worn_shown
from governance.capture import terms as documents
from governance.capture.models import Programme
from governance.lib.access import may
from governance.lib.dates import date_format
from governance.lib.refusals import reason
from governance.people.models import Person, Site, Unit
from governance.purposes.models import Evidence

WIDER: dict[str, Any] = {
    "application": gettext_lazy("new application: %(what)s"), "signal": gettext_lazy("new signal: %(what)s"),
    "field": gettext_lazy("looser minimiser, keeps more: %(what)s"), "sites": gettext_lazy("more sites"),
    "units": gettext_lazy("more departments"), "countries": gettext_lazy("new country: %(what)s"),
    "kinds": gettext_lazy("more kinds of employment"), "hours": gettext_lazy("longer hours"),
    "sampling": gettext_lazy("larger sample: %(what)s"), "ends_on": gettext_lazy("runs longer: %(what)s"),
    "hosts": gettext_lazy("more sites of the web: %(what)s"), "idle_minutes": gettext_lazy("longer without a batch: %(what)s minutes"),
    "shift_hours": gettext_lazy("longer shifts: %(what)s hours"),
    "trains_ai": gettext_lazy("use for training models"), "zone": gettext_lazy("new or other zone: %(what)s"),
    "shift": gettext_lazy("new or other shift: %(what)s"),
}  # fmt: skip


def differences(wider: Any) -> str:
    return ", ".join(str(WIDER[kind]) % {"what": what} for kind, what in wider)


def steps(row: Programme) -> list[dict[str, Any]]:
    """The states in order and the one it is in: components of the drawn line."""
    words = dict(Programme.STATES)
    reached = states.ORDER.index(row.state)
    return [
        {
            "word": str(words[state]), "now": state == row.state, "past": i < reached and row.state != "ended",
            "verbs": ", ".join(
                f"{states.VERBS[verb]} → {words[after]}"
                for (before, verb), after in states.PROGRAMME.items()
                if before == state
            ),
        }
        for i, state in enumerate(states.ORDER)
    ]  # fmt: skip


def _signature_rows(row: Programme, digest: str) -> list[list[Any]]:
    return [
        [
            str(rules_life.PARTS[s.part]), str(s.person), date_format(timezone.localtime(s.at), "j M Y, H:i"),
            {"text": s.words or _("decided"), "note": "" if s.in_favour else _("against")},
            {"state": "active", "word": _("for these terms")} if s.terms_sha256 == digest else {"state": "superseded", "word": _("for earlier terms")},
        ]
        for s in row.signatures.select_related("person")
    ]  # fmt: skip


def _act_rows(row: Programme) -> list[list[Any]]:
    terms, today = deciding.terms_of(row), timezone.localdate()
    rows = []
    for act in row.acts.select_related("evidence", "filed_by"):
        facts = deciding.act_facts(act, terms, today)
        holds = facts.counts and facts.complete and not facts.wider
        rows.append(
            [
                {"text": act.number, "note": act.evidence.reference}, act.evidence.signer,
                {"text": date_format(act.evidence.signed_on, "j M Y"), "note": act.resolution},
                {"digest": act.evidence.file_sha256, "label": _("SHA-256 of the document")},
                {"state": "active", "word": _("covers these terms")} if holds
                else {"state": "failed", "word": _("does not cover these terms"), "note": differences(facts.wider)},
            ]
        )  # fmt: skip
    return rows


def of(row: Programme, person: Person) -> dict[str, Any]:
    terms = deciding.terms_of(row)
    facts = deciding.facts(row, by=person)
    return {
        "steps": steps(row),
        "signatures": {
            "columns": [{"label": label} for label in (_("Part"), _("Who"), _("When"), _("Words"), _("Counts"))],
            "rows": _signature_rows(row, documents.digest(terms)),
        },
        "acts": {
            "columns": [{"label": label} for label in (_("Act"), _("Signed by"), _("Date and resolution"), _("Document"), _("Counts"))],
            "rows": _act_rows(row), "wanted": ", ".join(deciding.acts_wanted(row)),
        },
        "terms": _terms(row, terms),
        "actions": _actions(row, person, facts),
    }  # fmt: skip


def _actions(row: Programme, person: Person, facts: rules_life.LifeFacts) -> list[dict[str, Any]]:
    """Buttons of the steps that can follow for this person; what a rule would refuse is greyed with its sentence."""
    can = states.verbs_from(row.state)
    found = []
    if may(person, "capture.run", row):
        if "assess" in can:
            found.append(
                {
                    "verb": "assess",
                    "label": _("Hand in for approval"),
                    "post": True,
                    "kind": "primary",
                    "why_not": reason(rules_life.check_assess, _with_signals(row, facts))
                    or reason(rules_worn.check_places, places.of(row, deciding.terms_of(row))),
                }
            )
        if "approve" in can:
            found.append(
                {
                    "verb": "approve",
                    "label": _("Approve"),
                    "post": True,
                    "kind": "primary",
                    "why_not": reason(rules_life.check_approve, facts),
                }
            )
            found.append({"verb": "send_back", "label": _("Back to draft"), "post": True})
        if row.state == "draft" or "change" in can:
            found.append({"verb": "terms", "label": _("Change the terms")})
            if worn_shown.has_cameras(row):
                found.append({"verb": "places", "label": _("Zones and shifts of worn cameras")})
        if "end" in can:
            found.append({"verb": "end", "label": _("End the programme")})
    if row.state == "assessed":
        if may(person, "capture.advise", row):
            found.append({"verb": "advise", "label": _("Write the advice"), "kind": "primary"})
        if may(person, "capture.sign_security", row):
            found.append({"verb": "security", "label": _("Sign for security"), "kind": "primary"})
    if row.state != "ended" and facts.acts_wanted and may(person, "capture.file_act", row):
        found.append({"verb": "file_act", "label": _("File an act")})
    return [one | {"url": reverse(f"capture:{one['verb']}", args=[row.pk])} for one in found]


def _with_signals(row: Programme, facts: rules_life.LifeFacts) -> rules_life.LifeFacts:
    return replace(facts, signals=len(deciding.recorded_now(row)))


def _terms(row: Programme, terms: documents.Terms) -> list[dict[str, Any]]:
    who = terms.population
    sites = list(Site.objects.filter(pk__in=who.sites).values_list("name", flat=True))
    people = [
        *sites,
        *Unit.objects.filter(pk__in=who.units).values_list("name", flat=True),
        *who.countries,
        *({"own": _("employed here"), "agency": _("sent by an agency")}[k] for k in who.kinds),
    ]
    papers = set(
        Evidence.objects.counting(timezone.localdate()).filter(purpose=row.purpose_id, kind="client_permission")
        .values_list("pk", flat=True)
    )  # fmt: skip
    lines: list[Any] = []
    for a in terms.applications:
        if limits.denied_application(a.name):
            lines.append(
                {"text": a.name, "note": _("never recorded: the list of what is never recorded wins")}
            )
        elif not a.client:
            lines.append({"text": a.name, "note": _("own system")})
        elif a.permission in {str(pk) for pk in papers}:
            lines.append(
                {"text": a.name, "note": _("system of %(client)s; permission on file") % {"client": a.client}}
            )
        else:
            lines.append(
                {
                    "state": "held",
                    "word": a.name,
                    "note": _("system of %(client)s; held until their written permission is on file")
                    % {"client": a.client},
                }
            )
    days = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    hours = "; ".join(f"{', '.join(days[d - 1] for d in h.days)} {h.begins}–{h.ends}" for h in terms.hours)
    hours = hours or "; ".join(worn_shown.hours(shift) for shift in terms.shifts)
    return [
        {"label": _("Applications"), "lines": lines, "value": "" if lines else None},
        {"label": _("Sites"), "value": ", ".join(terms.hosts) or _("any that is not on the list of what is never recorded")},
        {"label": _("Whom it means"), "value": ", ".join(people) or _("everybody at the entity who agrees")},
        {"label": _("Hours"), "value": f"{hours} ({row.entity.timezone})" if hours else _("any hour")},
        {"label": _("Signed in at a device"), "value": _signed_in(terms)},
        {"label": _("Sample"), "value": _("%(n)s per cent of the days of a person") % {"n": terms.sampling}},
        {"label": _("Never recorded"), "value": _("password managers, banking, health, HR, union and private mail, whatever is listed")},
        {"label": _("Terms"), "value": {"digest": documents.digest(terms), "label": _("SHA-256 of the terms")}},
    ]  # fmt: skip


def _signed_in(terms: documents.Terms) -> str:
    said = []
    if terms.zones:
        said.append(_("while they carry the camera, for one shift at most"))
    if terms.idle_minutes:
        said.append(_("ends after %(n)s minutes without a batch") % {"n": terms.idle_minutes})
    if terms.shift_hours:
        said.append(_("ends after %(n)s hours") % {"n": terms.shift_hours})
    if terms.hours:
        said.append(_("ends with the hours of the programme"))
    return ", ".join(said) or _("until they leave")
