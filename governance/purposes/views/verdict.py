"""May this run? The part of a purpose's page that says so, law beside law, and the page for any day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.lib import clock
from governance.lib.access import may, requires
from governance.lib.dates import date_format
from governance.lib.refusals import reason
from governance.people.models import Person
from governance.people.zones import in_their_zone
from governance.purposes import forms_papers, headings, judgement, judging, lists, verdict_words, ways, words
from governance.purposes.judgement import LAWS, Judgement
from governance.purposes.models import Override, Purpose, PurposeVersion, RetentionRule
from governance.purposes.policy import Evaluation, Outcome, packs, retention
from governance.purposes.policy.changes import Change
from governance.purposes.policy.evaluation import Fired


@requires("purposes.view", of=Purpose)
@in_their_zone
@require_safe
def verdict(request: HttpRequest, row: Purpose) -> HttpResponse:
    """`?on=YYYY-MM-DD`: by the rules of that day, on the papers that are on file now. `?version=`: for that version."""
    today = clock.law_date(row.entity.timezone)
    form = forms_papers.Day(request.GET if "on" in request.GET else None, initial={"on": today})
    day = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
    number = request.GET.get("version", "")
    version = (
        row.versions.filter(number=int(number)).first() if number.isdecimal() and len(number) < 6 else None
    )
    return render(
        request, "purposes/verdict.html",
        {"purpose": row, "form": form, "today": today, "verdict": section(row, day, request.user, version=version, whole=True)},
    )  # fmt: skip


def section(
    purpose: Purpose,
    on: date,
    reader: Any = None,
    *,
    version: PurposeVersion | None = None,
    whole: bool = False,
) -> dict[str, Any]:
    """Context of purposes/parts/verdict.html. With a `reader`, links to what they may put right; without, all links."""
    (found,) = judging.read([purpose], on, versions={purpose.pk: version} if version else None)
    return of(found, reader, version=version, whole=whole)


def of(
    found: judging.Read, reader: Any = None, *, version: PurposeVersion | None = None, whole: bool = False
) -> dict[str, Any]:
    """The same of what was read and judged already."""
    purpose, judged, on = found.purpose, found.judged, found.judged.on
    said = judged.evaluation
    may_ask = _may(reader, "purposes.override", purpose)
    return {
        "on": on, "whole": whole, "version": version.number if version else purpose.version, "open": whole,
        "outcome": _cell(said.outcome), "means": verdict_words.means(said.outcome), "kind": headings.VERDICTS[said.outcome.name].colour,
        "runs": said.outcome.may_run, "why_not_run": reason(judgement.check_activate, judged),
        "stands": _stands(purpose, judged), "hopeless": _is_hopeless(said),
        "laws": [_law(purpose, judged, law, may_ask) for law in LAWS],
        "both": _rules(judged, [f for f in said.fired if f.law not in LAWS and not f.rule_id.startswith("NO-")], purpose, may_ask),
        "ways": ways.out(purpose, judged),
        "signal_columns": [{"label": label} for label in (_("Item"), words.law("EU"), words.law("IN"), _("Together"), _("Assessed until"))],
        "signals": _signals(judged),
        "duties": [_duty(d.code, d.clock, d.rule_id) for d in said.duties],
        "changes": [_change(change) for change in judged.changes],
        "retention": _retention(judged),
        "conflicts": _conflicts(judged),
        "overrides": overrides(found.overrides, said),
        "pack": {"version": said.pack_version, "sha256": said.pack_sha256},
        "urls": {
            "whole": f"{reverse('purposes:verdict', args=[purpose.pk])}" + (f"?version={version.number}" if version else ""),
            "evidence": reverse("purposes:evidence", args=[purpose.pk]),
            "assessments": reverse("purposes:assessments", args=[purpose.pk]),
            "overrides": reverse("purposes:overrides", args=[purpose.pk]),
        },
        "may_file": _may(reader, "purposes.file_evidence", purpose), "may_assess": _may(reader, "purposes.edit", purpose),
    }  # fmt: skip


def _may(reader: Person | None, permission: str, purpose: Purpose) -> bool:
    return reader is None or may(reader, permission, purpose)


def _cell(outcome: Outcome, note: str = "") -> dict[str, str]:
    return headings.verdict_cell(outcome.name, note)


def _is_hopeless(said: Evaluation) -> bool:
    """Whether no paper would help: what forbids it waits for none."""
    waits = {missing.rule_id for missing in said.missing}
    return said.outcome is Outcome.BLOCK and not any(rule.rule_id in waits for rule in said.strictest_rules)


def _stands(purpose: Purpose, judged: Judgement) -> str:
    """What the verdict does to a purpose that runs, where that is less than one would fear or more."""
    if judged.outcome in (Outcome.OPT_IN, Outcome.EXPLICIT_OPT_IN) and not judged.activity.asks_consent:
        if any(
            paper.kind == "written_consent" and paper.counts(judged.on) for paper in judged.facts.evidence
        ):
            return _("Nobody is asked in this portal: the consent in writing is on file.")
        return _("Nobody is asked in this portal: see to it that the consent in writing is on file.")
    if purpose.state != "active" or judged.outcome.may_run:
        return ""
    if judged.is_owed:
        return _(
            "It goes on all the same: nobody is recorded for it, and stopping what contract or law asks for would harm people."
        )
    if not judged.stops and judged.fallen:
        return _("The items that may not run are not recorded; the rest goes on.")
    if not judged.stops:
        return _(
            "It goes on for those who can read the notice. Nobody is asked in a language without a text."
        )
    return ""


def _law(purpose: Purpose, judged: Judgement, law: str, may_ask: bool) -> dict[str, Any]:
    said = judged.under(law)
    facts = judged.facts
    ground = (
        lists.label("basis_eu", facts.basis_eu) if law == "EU" else lists.label("ground_in", facts.ground_in)
    )
    none = (facts.basis_eu if law == "EU" else facts.ground_in) == "none"
    return {
        "code": law, "title": words.law(law), "applies": said is not None, "ground": _("not recorded") if none else ground,
        "outcome": _cell(said.outcome) if said else None, "means": verdict_words.means(said.outcome) if said else "",
        "rules": _rules(judged, said.fired, purpose, may_ask) if said else [],
    }  # fmt: skip


def _rules(
    judged: Judgement, fired: Iterable[Fired], purpose: Purpose, may_ask: bool
) -> list[dict[str, Any]]:
    """Each rule once, the strictest first, with the items that it speaks of."""
    found: dict[str, dict[str, Any]] = {}
    for row in fired:
        if row.outcome is None:
            continue
        rule = found.setdefault(row.rule_id, _rule(row, purpose, may_ask))
        if row.signal and (name := _name(judged, row.signal)) not in rule["items"]:
            rule["items"].append(name)
    return list(found.values())


def _rule(row: Fired, purpose: Purpose, may_ask: bool) -> dict[str, Any]:
    assert row.outcome is not None
    known = packs.default().by_id.get(row.rule_id)
    locked = known is not None and known.force == "locked" and not row.express and row.relaxed_by is None
    ask = reverse("purposes:overrides", args=[purpose.pk]) if locked and may_ask else ""
    return {
        "id": row.rule_id, "cite": "" if row.rule_id.startswith("NO-") else row.cite, "sentence": row.sentence, "outcome": _cell(row.outcome),
        "early": row.not_yet_law, "house": row.house, "express": row.express, "relaxed": row.relaxed_by is not None, "ask": ask,
        "items": [],
    }  # fmt: skip


def _name(judged: Judgement, code: str) -> str:
    item = judged.activity.item(code)
    return item.name if item else code


def _signals(judged: Judgement) -> list[list[Any]]:
    by_law = {law: under.per_signal for law in judged.laws if (under := judged.under(law)) is not None}
    rows = []
    for item, fact in zip(judged.activity.items, judged.facts.signals, strict=True):
        together = judged.evaluation.per_signal.get(item.code, Outcome.HOLD)
        note = ""
        if item.captured:
            note = _("recorded") if item.code in judged.recorded else _("not recorded: falls out of the gate")
        until = date_format(fact.assessed_until, "j M Y") if fact.assessed_until else ""
        rows.append([
            {"text": item.name, "note": lists.category(item.category) if item.category else _("kind of data not recorded")},
            *(_cell(by_law[law][item.code]) if item.code in by_law.get(law, {}) else {"note": _("does not apply")} for law in LAWS),
            _cell(together, note),
            until if until or not item.captured else {"state": "never", "word": _("not assessed"), "colour": "warn"},
        ])  # fmt: skip
    return rows


def _duty(code: str, clock_id: str, rule_id: str) -> dict[str, str]:
    return {"text": verdict_words.duty(code), "clock": verdict_words.clock(clock_id), "rule": rule_id}


def _change(change: Change) -> dict[str, Any]:
    parts = []
    if change.begins:
        parts.append(_("Begins to speak: %(rules)s.") % {"rules": ", ".join(change.begins)})
    if change.ends:
        parts.append(_("Falls silent: %(rules)s.") % {"rules": ", ".join(change.ends)})
    new = [f for f in change.evaluation.strictest_rules if f.rule_id in change.begins]
    return {
        "on": change.on, "outcome": _cell(change.outcome), "same": change.was is change.outcome,
        "why": new[0].sentence if new else "", "rules": " ".join(parts),
    }  # fmt: skip


def _retention(judged: Judgement) -> list[list[Any]]:
    """Floors and ceilings of each law for what the purpose keeps."""
    rows = []
    starts = dict(RetentionRule.STARTS)
    for verdict in {v.category: v for v in retention.judge_purpose(judged.facts, judged.on)}.values():
        for bounds in verdict.bounds:
            floor, ceiling = bounds.floor, bounds.ceiling
            if floor or ceiling:
                rows.append([
                    verdict.category, words.law(bounds.law) if bounds.law != retention.ANY else _("house rule"),
                    _bound(floor.minimum, floor, starts) if floor else "", _bound(ceiling.maximum, ceiling, starts) if ceiling else "",
                ])  # fmt: skip
    return rows


def _bound(period: str, row: retention.RetentionRow, starts: dict[str, Any]) -> dict[str, str]:
    text = _("at once") if retention.length(period) == 0 else words.period(period)
    note = _("counted from: %(start)s; %(source)s") % {
        "start": starts.get(row.start, row.start),
        "source": row.source,
    }
    return {"text": text, "note": note}


def _conflicts(judged: Judgement) -> list[dict[str, str]]:
    says = {
        retention.CONFLICT: _("Retention conflict: one law wants “%(category)s” kept longer than the other allows. The owner decides after the DPO’s advice."),
        "kept_too_short": _("“%(category)s” is kept for less time than a law asks for."),
        "kept_too_long": _("“%(category)s” is kept for longer than the ceiling."),
    }  # fmt: skip
    found = {}
    for verdict in retention.judge_purpose(judged.facts, judged.on):
        for finding in verdict.findings:
            found[finding.code, finding.category, finding.sources] = {
                "text": says[finding.code] % {"category": finding.category}, "sources": " · ".join(finding.sources),
                "kind": "bad" if finding.code == retention.CONFLICT else "warn",
            }  # fmt: skip
    return list(found.values())


def overrides(rows: Iterable[dict[str, Any]], said: Evaluation) -> list[dict[str, Any]]:
    """Living overrides (judging.with_papers) with both names and both texts; one that does not count says why."""
    refused = {(o.rule_id, o.signal): refusal.sentence for o, refusal in said.refused_overrides}
    found = []
    for row in rows:
        days = {
            name: date.fromisoformat(row[name]) if row[name] else None
            for name in ("advised_on", "decided_on", "until")
        }
        kept = Override(
            rule_id=row["rule_id"],
            signal=row["signal"],
            advice=row["advice"],
            reason=row["reason"],
            relaxed=row["relaxed"],
            **days,
        )
        found.append(
            {
                "override": kept, "url": reverse("purposes:override", args=[row["id"]]), "state": override_state(kept, said.on),
                "advised_by": row["dpo_name"], "decided_by": row["owner_name"],
                "why_not": refused.get((kept.rule_id, kept.signal), "") if kept.relaxed else "",
            }
        )  # fmt: skip
    return found


def override_state(row: Override, on: date) -> dict[str, str]:
    """A cell: where the flow stands."""
    if row.ended_at is not None:
        return {"state": "ended"}
    if row.advised_on is None:
        return {"state": "waiting", "word": _("Waits for the DPO’s advice")}
    if row.decided_on is None:
        return {"state": "waiting", "word": _("Waits for the owner’s decision")}
    if not row.relaxed:
        return {"state": "refused", "word": _("Not relaxed")}
    if row.until is not None and row.until <= on:
        return {"state": "expired", "word": _("Has run out")}
    return {"state": "on", "word": _("Relaxed"), "colour": "warn"}
