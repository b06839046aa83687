"""Policy evaluation of one purpose: what both laws say of it, rule by rule, what is missing, and how the verdict changed."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from governance.people.models import Entity
from governance.purposes import headings, judging
from governance.purposes.models import Evaluation, Override, Purpose
from governance.purposes.verdict_words import clock as clock_of
from governance.purposes.verdict_words import duty as duty_of
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import register_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    purpose = _purpose(scope)
    return (
        Subject(purpose.number)
        if purpose and set(scope) == {"purpose"} and purpose.entity_id == entity.pk
        else None
    )


def settled(scope: dict[str, str]) -> bool:
    return True


def _purpose(scope: dict[str, str]) -> Purpose | None:
    return Purpose.objects.select_related("entity").filter(pk=id_in(scope, "purpose")).first()


def facts(report: Report) -> dict[str, Any]:
    """Asked anew on the report's day; what was found on earlier days stands as it was kept. Raises LookupError."""
    purpose = _purpose(report.scope)
    if purpose is None:
        raise LookupError("purpose")
    judged = judging.judge(purpose, report.law_on)
    with override(report.language):
        return {
            "purpose": {"number": purpose.number, "name": purpose.name, "version": purpose.version, "state": purpose.state},
            "on": report.law_on, "outcome": judged.outcome.name, "pack": {"version": judged.evaluation.pack_version, "sha256": judged.evaluation.pack_sha256},
            "laws": [_law(law, found, report.language) for law in judged.laws if (found := judged.under(law))],
            "together": _fired(judged.evaluation, report.language),
            "signals": [
                {"code": code, "title": say.signal_title(code, report.language), "outcome": outcome.name}
                for code, outcome in judged.evaluation.per_signal.items()
            ],
            "missing": [{"kind": m.kind, "rule": m.rule_id, "detail": m.detail} for m in judged.evaluation.missing],
            "duties": [
                {"duty": duty_of(d.code), "clock": clock_of(d.clock) if d.clock else "", "rule": d.rule_id} for d in judged.evaluation.duties
            ],
            "unknown": list(judged.evaluation.unknown),
            "changes": [{"on": change.on, "outcome": change.outcome.name} for change in judged.changes],
            "kept": [
                {"on": row.on, "version": row.version, "because": row.because, "outcome": row.outcome, "pack": row.pack_version, "facts_sha256": row.facts_sha256}
                for row in Evaluation.objects.filter(purpose=purpose).order_by("at")
            ],
            "overrides": [
                {"rule": row.rule_id, "signal": row.signal, "relaxed": row.relaxed, "until": row.until, "ended": bool(row.ended_at)}
                for row in Override.objects.filter(purpose=purpose).order_by("asked_at")
            ],
        }  # fmt: skip


def _law(law: str, found: Any, language: str) -> dict[str, Any]:
    return {"law": law, "outcome": found.outcome.name, "fired": _fired(found, language)}


def _fired(found: Any, language: str) -> list[dict[str, Any]]:
    return [
        {
            "rule": f.rule_id, "cite": f.cite_in(language), "outcome": None if f.outcome is None else f.outcome.name,
            "signal": f.signal, "sentence": f.sentence_in(language), "relaxed": f.relaxed_by is not None,
        }
        for f in found.fired
    ]  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    purpose, day = content["purpose"], say.day(content["on"])
    titles = {row["code"]: row["title"] for row in content["signals"]}
    return {
        "head": {"subtitle": f"{purpose['number']} {purpose['name']}"},
        "intro": [
            _("What the rules say of this purpose on %(day)s, asked by each law that applies and by all of them together.") % {"day": day},
            _("The strictest answer counts. Where no rule covers a case, the answer is to hold."),
        ],
        "sections": [
            sheets.section(_("The verdict"), facts=[
                sheets.fact(_("All laws together"), headings.verdict(content["outcome"])),
                *(sheets.fact(str(say.LAWS.get(row["law"], row["law"])), headings.verdict(row["outcome"])) for row in content["laws"]),
                sheets.fact(_("Version of the register"), str(purpose["version"]) if purpose["version"] else _("none in force: the draft was asked")),
                sheets.fact(_("Policy pack"), content["pack"]["version"]), sheets.fact(_("SHA-256 of the pack"), content["pack"]["sha256"], mono=True),
            ], tables=[
                sheets.table(_("Signal by signal"), [_("Signal"), _("Verdict")], [[row["title"], headings.verdict(row["outcome"])] for row in content["signals"]]),
                sheets.table(_("Days on which the verdict changes by itself"), [_("From"), _("Verdict")], [[say.day(row["on"]), headings.verdict(row["outcome"])] for row in content["changes"]]),
            ]),
            *(_rules(str(say.LAWS.get(row["law"], row["law"])), row["fired"], titles) for row in content["laws"]),
            sheets.section(_("What is missing"), tables=[sheets.table(
                _("Papers and facts that a rule asks for"), [_("What"), _("Rule"), _("Which")],
                [[register_words.paper(row["kind"]), row["rule"], row["detail"]] for row in content["missing"]], none=_("Nothing is missing."),
            )]),
            sheets.section(_("Duties that follow"), tables=[sheets.table(
                _("Duties"), [_("Duty"), _("Clock"), _("Rule")], [[row["duty"], row["clock"], row["rule"]] for row in content["duties"]],
                none=_("No rule names a duty."),
            )]),
            sheets.section(_("Exceptions that were asked for"), tables=[sheets.table(
                _("Exceptions"), [_("Rule"), _("Signal"), _("Decision"), _("Until")], [_override(row, titles) for row in content["overrides"]],
                none=_("Nobody asked for an exception."),
            )]),
            sheets.section(_("How the verdict came about"), tables=[sheets.table(
                _("Verdicts that were kept, oldest first"), [_("Day"), _("Version"), _("Verdict"), _("Pack"), _("SHA-256 of the facts asked about")],
                [[say.day(row["on"]), str(row["version"]), headings.verdict(row["outcome"]), row["pack"], row["facts_sha256"]] for row in content["kept"]],
                none=_("No verdict was kept yet."),
            )]),
            sheets.limits(
                _("The rules read what the register says. What is done beside it, they do not see."),
                _("It is no legal advice: the rules are a dated reading of the law, each with its citation, so that somebody can disagree with it."),
                _("The rules do not know: %(names)s.") % {"names": ", ".join(content["unknown"])} if content["unknown"] else "",
            ),
        ],
    }  # fmt: skip


def _rules(law: str, fired: list[dict[str, Any]], titles: dict[str, str]) -> sheets.Section:
    rows = [
        [
            row["rule"], row["cite"], titles.get(row["signal"], row["signal"]) or _("the whole purpose"), row["sentence"],
            ", ".join(filter(None, [headings.verdict(row["outcome"]) if row["outcome"] else _("duty only"), _("relaxed") if row["relaxed"] else ""])),
        ]
        for row in fired
    ]  # fmt: skip
    columns = [_("Rule"), _("Provision"), _("Of what"), _("What it says"), _("Verdict")]
    return sheets.section(
        law,
        tables=[sheets.table(_("Rules that apply"), columns, rows, none=_("No rule of this law applies."))],
    )


def _override(row: dict[str, Any], titles: dict[str, str]) -> list[str]:
    decision = {True: _("relaxed"), False: _("not relaxed"), None: _("not decided yet")}[row["relaxed"]]
    return [
        row["rule"], titles.get(row["signal"], row["signal"]) or _("the whole purpose"),
        f"{decision} ({_('ended')})" if row["ended"] else decision, say.day(row["until"]) or _("no end"),
    ]  # fmt: skip
