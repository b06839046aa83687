"""The steering pack in finished sentences: six sections, a page each. No query."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.capture.code_words import CODES
from governance.capture.models import Programme
from governance.incidents.models import Incident
from governance.purposes import completeness, headings
from governance.purposes.models import Purpose
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import capturing, register_words
from governance.reports.words import Frame
from governance.rights.models import Request

LABELS: dict[str, dict[str, Any]] = {
    "participation": {
        "programmes": gettext_lazy("Programmes"), "running": gettext_lazy("Of them running now"), "weeks": gettext_lazy("Weeks of this quarter that were counted"),
    },
    "requests": {
        "received": gettext_lazy("People with a request in the quarter, or an open one when it began"), "in_time": gettext_lazy("People answered in time"), "late": gettext_lazy("People answered late"),
        "open": gettext_lazy("People whose answer is not due yet"), "overdue": gettext_lazy("People whose answer is overdue"), "missed": gettext_lazy("Clocks that were not kept"),
    },
    "erasures": {
        "erasures_orders": gettext_lazy("People with an order in the quarter, or an open one when it began"), "erasures_done": gettext_lazy("Done: read back and found empty"),
        "erasures_partly": gettext_lazy("Partly done, or needs attention"), "erasures_held": gettext_lazy("Held: a claim or a law asks to keep"),
        "erasures_waiting": gettext_lazy("Waiting, or being erased"), "proof_days": gettext_lazy("Days from the order to the last proof (half took less)"),
    },
    "capture": {
        "excess": gettext_lazy("Events with something that is not declared, dropped"), "turned": gettext_lazy("Events turned away for other reasons than a choice"),
        "incidents": gettext_lazy("Incidents of the quarter, or open when it began"), "incidents_open": gettext_lazy("Of them open"),
    },
    "register": {
        "purposes": gettext_lazy("Activities in the register"), "whole": gettext_lazy("Of them whole: nothing is missing"), "gaps": gettext_lazy("Things that are missing, in all"),
        "unjudged": gettext_lazy("Without a verdict"),
    },
    "retention": {
        "rules": gettext_lazy("Time limits in force"), "due": gettext_lazy("Due within 92 days, or past"), "past": gettext_lazy("Of them past their day"),
    },
}  # fmt: skip
DUE = {
    "review": gettext_lazy("review of the activity"), "paper": gettext_lazy("paper runs out"), "assessment": gettext_lazy("value assessment ends"),
    "contract": gettext_lazy("contract with a processor ends"), "rule": gettext_lazy("time limit begins to apply"),
}  # fmt: skip
RECORDS = {
    "recordings": gettext_lazy("recordings whose day comes"), "consents": gettext_lazy("consents that end by time"), "kept": gettext_lazy("orders that a law held until then"),
}  # fmt: skip
SPEED = {
    "day": gettext_lazy("within a day"), "week": gettext_lazy("within a week"), "month": gettext_lazy("within 30 days"), "later": gettext_lazy("later"),
}  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    return {
        "head": {"subtitle": sheets.period_name(content["period"])},
        "intro": [
            _("The quarter on six pages, counted until %(at)s. Where people stand behind a figure it is a band of ten, shown only where at least ten stand behind it and at least ten do not; “not shown” is not zero.")
            % {"at": frame.moment(content["counted_until"])},
        ],
        "sections": [
            _participation(content, frame), _requests(content), _erasures(content), _capture(content, frame), _register(content, frame), _retention(content),
        ],
    }  # fmt: skip


def _page(heading: str, name: str, content: Mapping[str, Any], **parts: Any) -> sheets.Section:
    """A page: its figures, chart and table, and at its foot where the figures come from."""
    short = {"some": _("there are some"), "none": _("none"), "": _("not shown")}
    labels = LABELS[name]
    rows = [
        row | {"result": short.get(row["result"], row["result"])}
        for row in content["figures"]
        if row["code"] in labels
    ]
    return sheets.section(
        heading, new_page=name != "participation", figures=sheets.figures(rows, labels),
        sources=sheets.sources(rows)["sources"], **parts,
    )  # fmt: skip


def _low(text: str | None) -> int:
    return int(text.split("–")[0]) if text and text[0].isdigit() else 0


def _band(text: str | None) -> str:
    return text or _("not shown")


def _number(value: int) -> str:
    return say.number(value) or "0"


def _by_code(content: Mapping[str, Any], codes: Iterable[str]) -> dict[str, str]:
    results = {row["code"]: row["result"] for row in content["figures"]}
    return {code: str(results[code]) for code in codes}


def _more(count: int) -> list[str]:
    return [ngettext("%(count)s more is not listed here.", "%(count)s more are not listed here.", count) % {"count": count}] if count else []  # fmt: skip


def _participation(content: Mapping[str, Any], frame: Frame) -> sheets.Section:
    states, rows = dict(Programme.STATES), content["participation"]["rows"]
    return _page(
        _("Taking part"), "participation", content, text=_more(content["participation"]["more"]),
        bars=sheets.bars(_("People taking part in the last week that was counted"), _("Programme"), _("People"), [(f"{row['number']} {row['name']}", _low(row["last"]), _band(row["last"])) for row in rows]),
        tables=[sheets.table(
            _("Programmes in this quarter"), [_("Programme"), _("State"), _("First week"), _("Last week"), _("Week from"), _("Weeks with a figure")],
            [
                [
                    row["number"], str(states.get(row["state"], row["state"])), _band(row["first"]), _band(row["last"]), say.day(row["week"]),
                    _("%(some)s of %(all)s") % {"some": row["shown"], "all": row["weeks"]},
                ]
                for row in rows
            ],
            none=_("No programme has run at this entity."),
        )],
    )  # fmt: skip


def _requests(content: Mapping[str, Any]) -> sheets.Section:
    labels = LABELS["requests"]
    rights = {code: str(word) for code, word in Request.RIGHTS}
    found = _by_code(content, ("in_time", "late", "open", "overdue"))
    return _page(
        _("Requests and their clocks"), "requests", content,
        bars=sheets.bars(_("How the clocks were kept"), _("Standing"), _("People"), [(str(labels[code]), _low(text), _band(text)) for code, text in found.items()]),
        tables=[sheets.table(
            _("What was asked"), [_("Right"), _("People")],
            [[word, _band(content["requests"]["rights"].get(code))] for code, word in rights.items()], numbers=[1],
        )],
    )  # fmt: skip


def _erasures(content: Mapping[str, Any]) -> sheets.Section:
    labels = LABELS["erasures"]
    found = _by_code(content, ("erasures_done", "erasures_partly", "erasures_held", "erasures_waiting"))
    return _page(
        _("Erasure"), "erasures", content,
        bars=sheets.bars(_("How far erasure is"), _("Standing"), _("People"), [(str(labels[code]), _low(text), _band(text)) for code, text in found.items()]),
        tables=[sheets.table(
            _("Time from the order to the last proof"), [_("Proved"), _("People")],
            [[str(word), _band(content["erasures"]["speed"].get(code))] for code, word in SPEED.items()], numbers=[1],
        )],
    )  # fmt: skip


def _capture(content: Mapping[str, Any], frame: Frame) -> sheets.Section:
    row, states = content["capture"], dict(Incident.STATES)
    return _page(
        _("Over-collection, stops and incidents"), "capture", content,
        bars=sheets.bars(_("Sent without being declared, and dropped"), _("Month"), _("Events"), [(say.month(f"{month}-01"), count, _number(count)) for month, count in row["excess"].items()]),
        tables=[
            sheets.table(_("Most frequent reasons of turning away"), [_("Reason"), _("Events")], [[str(CODES.get(one["code"], one["code"])), _number(one["count"])] for one in row["turned"]], none=_("Nothing was turned away for another reason than a choice."), numbers=[1]),
            sheets.table(_("Stops"), [_("Programme"), _("Stops"), _("Stood still in this quarter")], [[f"{one['number']} {one['name']}", _number(one["stops"]), capturing.minutes(one["minutes"])] for one in row["stops"]], none=_("No programme was stopped."), numbers=[1, 2]),
            sheets.table(
                _("Newest incidents"), [_("Incident"), _("Programme"), _("Known since"), _("Closed"), _("State")],
                [[one["number"], one["programme"] or _("none"), frame.minute(one["aware_at"]), frame.minute(one["closed_at"]), str(states.get(one["state"], one["state"]))] for one in row["incidents"]],
                none=_("There was no incident."),
            ),
        ],
    )  # fmt: skip


def _register(content: Mapping[str, Any], frame: Frame) -> sheets.Section:
    row, states = content["register"], dict(Purpose.STATES)
    gaps = [(completeness.of_code(one["code"], frame.law_on), one["purposes"]) for one in row["gaps"]]
    return _page(
        _("Verdicts and the register"), "register", content,
        bars=sheets.bars(_("Verdict of the rules today"), _("Verdict"), _("Activities"), [(_("none yet") if code == "none" else headings.verdict(code), count, _number(count)) for code, count in row["verdicts"].items()]),
        tables=[
            sheets.table(_("States"), [_("State"), _("Activities")], [[str(states.get(code, code)), _number(count)] for code, count in row["states"].items()], none=_("The register is empty."), numbers=[1]),
            sheets.table(
                _("What is missing most often"), [_("Missing"), _("Asked for by"), _("Activities")],
                [[str(gap.sentence), gap.cite or str(completeness.LAWS[gap.law]), _number(count)] for gap, count in gaps if gap], none=_("Nothing is missing."), numbers=[2],
            ),
        ],
    )  # fmt: skip


def _retention(content: Mapping[str, Any]) -> sheets.Section:
    row = content["retention"]
    return _page(
        _("Retention, and what is due"), "retention", content, text=_more(row["more"]),
        bars=sheets.bars(_("Due in the months to come"), _("Month"), _("Things"), [(say.month(f"{month}-01"), count, _number(count)) for month, count in row["months"].items()]),
        tables=[due_table(row["rows"]), records_table(row["records"])],
    )  # fmt: skip


def due_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is due next of papers, reviews and contracts; the retention schedule prints it too."""
    told = [
        [
            say.day(one["on"]), str(DUE[one["code"]]),
            register_words.paper(one["what"]) if one["code"] == "paper" else one["what"], one["of"],
        ]
        for one in rows
    ]  # fmt: skip
    return sheets.table(
        _("Due next"),
        [_("Day"), _("What"), _("Which"), _("Of")],
        told,
        none=_("Nothing is due within 92 days."),
    )


def records_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whose records fall due next, as bands of people."""
    told = [
        [
            say.month(f"{one['month']}-01"), str(RECORDS[one["code"]]), one["purpose"] or _("everything"), one["people"],
            say.number(one["events"]) or "",
        ]
        for one in rows
    ]  # fmt: skip
    return sheets.table(
        _("Records that fall due next"), [_("Month"), _("What"), _("Purpose"), _("People"), _("Events")], told,
        none=_("Within 92 days no records of ten people or more fall due."), numbers=[3, 4],
    )  # fmt: skip
