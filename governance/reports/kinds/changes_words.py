"""What changed, in finished sentences: one table for each kind of change, and a line where there was none."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.purposes import headings
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import register_words
from governance.reports.words import Frame

Row = Mapping[str, Any]
STEPS = {
    "purpose.activated": gettext_lazy("started"), "purpose.paused": gettext_lazy("paused"), "purpose.resumed": gettext_lazy("started again"),
    "purpose.retired": gettext_lazy("ended for good"), "purpose.handed_over": gettext_lazy("handed over to another owner"),
}  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    title = _("What changed since %(day)s") % {"day": say.day(content["since"])}
    tables = _tables(frame)
    return {
        "head": {"title": title, "subtitle": _("In the register of %(entity)s") % {"entity": frame.controller["name"]}},
        "intro": _("Everything that happened in the register from %(day)s until it was read. What did not change is not repeated here.")
        % {"day": say.day(content["since"])},
        **sheets.counted(content, {name: heading for name, heading, _columns, _cells in tables}),
        "sections": [
            {"heading": heading, "columns": columns, "rows": [cells(row) for row in content[name]]}
            for name, heading, columns, cells in tables if content[name]
        ],
        "unchanged": [heading for name, heading, _columns, _cells in tables if not content[name]],
    }  # fmt: skip


def _tables(frame: Frame) -> list[tuple[str, str, list[str], Callable[[Row], list[str]]]]:
    activity, when = _("Activity"), _("When")
    return [
        ("entered", _("Activities entered"), [activity, when], lambda r: [_activity(r), frame.minute(r["at"])]),
        ("versions", _("Versions that came into force"), [activity, _("Version"), _("What changed"), when], lambda r: _version(r, frame)),
        ("steps", _("Started, paused, ended"), [activity, _("Step"), when], lambda r: [_activity(r), str(STEPS[r["step"]]), frame.minute(r["at"])]),
        ("verdicts", _("Verdicts that changed"), [activity, _("Was"), _("Is"), when], lambda r: _verdict(r, frame)),
        ("notices", _("Notices published"), [activity, _("Version"), _("Languages"), when], lambda r: _notice(r, frame)),
        ("evidence", _("Evidence filed or withdrawn"), [activity, _("Paper"), _("SHA-256 of the file"), when], lambda r: _evidence(r, frame)),
        ("assessments", _("Value assessments written or ended"), [activity, _("Data"), _("Decision"), when], lambda r: _assessment(r, frame)),
        ("overrides", _("Overrides of locked defaults"), [activity, _("Rule"), _("Advice of the data protection officer"), _("Decision of the owner")], _override),
        ("processors", _("Processors entered or changed"), [_("Processor"), _("Contract"), _("What changed"), when], lambda r: _party(r, r["contract"], frame)),
        ("mandates", _("Controllers for whom we process, entered or changed"), [_("Controller"), _("Number"), _("What changed"), when],
         lambda r: _party(r, r["number"], frame)),
    ]  # fmt: skip


def _activity(row: Row) -> str:
    return f"{row['number']} {row['name']}"


def _version(row: Row, frame: Frame) -> list[str]:
    fields = [
        headings.heading(change["field"])
        + (f" ({_('material')}: {change['cite']})" if change["material"] else "")
        for change in row["changed"]
    ]
    first = _("the first version") if row["before"] is None else _("nothing that is compared")
    by = (
        _("approved by person %(number)s") % {"number": row["approver_number"]}
        if row["approver_number"]
        else ""
    )
    return [
        _activity(row),
        f"{row['version']}" + (f", {by}" if by else ""),
        "; ".join(fields) or first,
        frame.minute(row["at"]),
    ]


def _verdict(row: Row, frame: Frame) -> list[str]:
    was = headings.verdict(row["was"]) if row["was"] else _("not judged")
    return [_activity(row), was, headings.verdict(row["is"]), frame.minute(row["at"])]


def _notice(row: Row, frame: Frame) -> list[str]:
    names = ", ".join(say.language_name(text["language"]) for text in row["texts"])
    return [_activity(row), str(row["version"]), names, frame.minute(row["at"])]


def _evidence(row: Row, frame: Frame) -> list[str]:
    paper = " ".join(filter(None, (register_words.paper(row["kind"]), row["reference"])))
    if row["withdrawn_at"]:
        told = _("withdrawn: %(why)s") % {"why": row["withdrawn_because"]}
        return [_activity(row), f"{paper}, {told}", row["sha256"], frame.minute(row["withdrawn_at"])]
    outcome = _("approved") if row["outcome"] == "approved" else _("refused")
    return [_activity(row), f"{paper}, {outcome}", row["sha256"], frame.minute(row["filed_at"])]


def _assessment(row: Row, frame: Frame) -> list[str]:
    decision = _("justified") if row["justified"] else _("not justified")
    if row["ended_at"]:
        return [
            _activity(row),
            say.signal_title(row["item"], frame.language),
            _("ended; was: %(decision)s") % {"decision": decision},
            frame.minute(row["ended_at"]),
        ]
    until = _("until %(day)s") % {"day": say.day(row["until"])}
    return [
        _activity(row),
        say.signal_title(row["item"], frame.language),
        f"{decision}, {until}",
        frame.minute(row["at"]),
    ]


def _override(row: Row) -> list[str]:
    told = register_words.override(row)
    advice = f"{told['advice']} ({told['advised']})" if told["advice"] else _("not given yet")
    decision = (
        f"{told['decision']}: {told['reason']} ({told['decided']})" if told["reason"] else told["decision"]
    )
    return [_activity(row), told["rule"], advice, f"{decision} ({_('ended')})" if told["ended"] else decision]


def _party(row: Row, said: str, frame: Frame) -> list[str]:
    return [row["name"], said, _("entered") if row["new"] else _("changed"), frame.minute(row["at"])]
