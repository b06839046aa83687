"""The sentences of a person's own statement. Pure."""

from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds.register import controller_lines
from governance.reports.words import Frame
from governance.retention.models import ErasureOrder
from governance.retention.wording import BECAUSE
from governance.rights.models import Request

STATUSES = {
    "requested": gettext_lazy("asked"), "given": gettext_lazy("switched on"), "renewed": gettext_lazy("switched on again"),
    "refused": gettext_lazy("refused"), "withdrawn": gettext_lazy("withdrawn"), "expired": gettext_lazy("expired"),
    "revoked": gettext_lazy("ended by the controller"), "invalidated": gettext_lazy("found invalid"), "deferred": gettext_lazy("put off"), "unknown": gettext_lazy("not known"),
    "opted_out": gettext_lazy("opted out"), "opt_out_lifted": gettext_lazy("opt-out ended"), "paused": gettext_lazy("paused"),
    "resumed": gettext_lazy("pause ended"), "objected": gettext_lazy("objected"),
    "objection_upheld": gettext_lazy("objection upheld"), "objection_rejected": gettext_lazy("objection not upheld"),
    "stopped": gettext_lazy("processing stopped"),
}  # fmt: skip
BY = {
    "person": gettext_lazy("by you"), "system": gettext_lazy("by itself"), "controller": gettext_lazy("by the controller"),
    "guardian": gettext_lazy("by your guardian"), "nominee": gettext_lazy("by your nominee"),
}  # fmt: skip
RECEIPTS = {
    "given": gettext_lazy("consent"), "refused": gettext_lazy("refusal"), "withdrawn": gettext_lazy("withdrawal"),
    "stopped": gettext_lazy("processing stopped"), "invalid": gettext_lazy("consent found not valid"),
}  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    who = controller_lines(frame.controller)
    return {
        "head": {"subtitle": _("Everything that stands here about the person %(number)s") % {"number": content["person_number"] or "–"}, "prepared_for": _("the person concerned")},
        "intro": [
            _("You asked %(entity)s what runs about you and what you ever said. This is all of it, as it stood when the facts were read. Times are those of %(zone)s.")
            % {"entity": frame.controller["name"], "zone": frame.zone_name},
        ],
        "sections": [
            _now(content, frame), _kept(content, frame), _said(content, frame), _noes(content, frame), _orders(content, frame),
            _papers(content, frame), _rights(who),
            sheets.limits(
                _("It shows counts of what was recorded, never the recordings themselves: nobody here can read them."),
                _("It says nothing about processing that does not run through this portal. The register names it; ask the person who answers."),
                _("Words that you wrote yourself are not repeated here. They stand on your pages as long as they are kept."),
            ),
        ],
    }  # fmt: skip


def _now(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            f"{row['purpose']} {row['purpose_name']}", content["titles"].get(row["signal"], row["signal"]), frame.minute(row["given_at"]),
            frame.minute(row["expires_at"]), _("counts") if row["counts"] else _("does not count now"),
        ]
        for row in content["running"]
    ]  # fmt: skip
    return sheets.section(
        _("What runs about you"), text=filter(None, [content["answer"]["says"], content["answer"]["more"]]),
        tables=[
            sheets.table(
                _("What you switched on"), [_("Purpose"), _("Signal"), _("Since"), _("Ends"), _("Now")], rows,
                none=_("Nothing is switched on."),
            )
        ],
    )  # fmt: skip


def _kept(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            f"{row['purpose']} {row['purpose_name']}", say.number(row["events"]) or "0", frame.minute(row["since"]),
            frame.minute(row["last_at"]), ", ".join(row["applications"]),
        ]
        for row in content["kept"]
    ]  # fmt: skip
    columns = [_("Purpose"), _("Events"), _("First"), _("Last"), _("In which applications")]
    return sheets.section(
        _("What was recorded and is still kept"),
        tables=[sheets.table(_("By purpose"), columns, rows, none=_("No purpose asks you."), numbers=[1])],
    )


def _said(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            frame.minute(row["at"]), row["purpose"] or _("every purpose"),
            ", ".join(filter(None, [content["titles"].get(row["signal"], row["signal"]), row["only"]])) or _("everything"),
            str(STATUSES.get(row["status"], row["status"])), str(BY.get(row["by"], row["by"])),
            _("notice %(version)s, %(language)s") % {"version": row["notice_version"], "language": say.language_name(row["language"])}
            if row["notice_version"] else "",
        ]
        for row in content["said"]
    ]  # fmt: skip
    columns = [_("When"), _("Purpose"), _("Signal"), _("What"), _("By whom"), _("On which words")]
    return sheets.section(
        _("Everything you ever said"),
        tables=[
            sheets.table(
                _("Newest first"),
                columns,
                rows,
                none=_("You have not said anything yet. Nobody has an answer of yours."),
            )
        ],
    )


def _noes(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            row["purpose"] or _("every purpose"), ", ".join(filter(None, [content["titles"].get(row["signal"], ""), row["application"]])) or _("everything"),
            _hours(row), frame.minute(row["at"]), frame.minute(row["lifted_at"]) if row["lifted_at"] else _("in force"),
        ]
        for row in content["opt_outs"]
    ]  # fmt: skip
    objections = [
        [row["purpose"], frame.minute(row["at"]), say.day(row["due_on"]), _decided(row, frame)]
        for row in content["objections"]
    ]
    pauses = [
        [frame.minute(row["at"]), frame.minute(row["until"]) or _("until you resume"), frame.minute(row["ended_at"])]
        for row in content["pauses"]
    ]  # fmt: skip
    return sheets.section(
        _("Your opt-outs, objections and pauses"),
        tables=[
            sheets.table(_("Opt-outs"), [_("Purpose"), _("Of what"), _("At which hours"), _("Since"), _("Until")], rows, none=_("You opted out of nothing.")),
            sheets.table(_("Objections"), [_("Purpose"), _("When"), _("Answer due"), _("Decision")], objections, none=_("You objected to nothing.")),
            sheets.table(_("Pauses"), [_("From"), _("Until"), _("Resumed")], pauses),
        ],
    )  # fmt: skip


def _hours(row: dict[str, Any]) -> str:
    days = get_text_list([str(WEEKDAYS[day - 1]) for day in row["weekdays"]], _("and"))
    hours = f"{row['from']}–{row['until']}" if row["from"] and row["until"] else ""
    return ", ".join(filter(None, [days, hours])) or _("always")


def _decided(row: dict[str, Any], frame: Frame) -> str:
    if not row["decided_at"]:
        return _("not decided yet; processing is restricted until then")
    said = _("upheld") if row["upheld"] else _("not upheld")
    return f"{said}, {frame.minute(row['decided_at'])}"


def _orders(content: dict[str, Any], frame: Frame) -> sheets.Section:
    states = dict(ErasureOrder.STATES)
    rows = [
        [
            row["number"], row["purpose"] or _("everything"), str(BECAUSE.get(row["because"], row["because"])), frame.minute(row["at"]),
            f"{states.get(row['state'], row['state'])}" + (f", {_('until %(day)s') % {'day': say.day(row['kept_until'])}}" if row["kept_until"] else ""),
            frame.minute(row["done_at"]),
        ]
        for row in content["orders"]
    ]  # fmt: skip
    columns = [_("Order"), _("Purpose"), _("Because"), _("Raised"), _("State"), _("Done")]
    return sheets.section(
        _("What is erased"),
        tables=[
            sheets.table(_("Erasure orders"), columns, rows, none=_("Nothing of yours had to be erased."))
        ],
    )


def _papers(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rights = dict(Request.RIGHTS)
    receipts = [
        [row["number"], str(RECEIPTS.get(row["kind"], row["kind"])), row["purpose"], frame.minute(row["at"]), row["sha256"]]
        for row in content["receipts"]
    ]  # fmt: skip
    asked = [
        [row["number"], str(rights.get(row["right"], row["right"])), frame.minute(row["at"]), say.day(row["due_on"]), frame.minute(row["answered_at"]) or _("not answered yet")]
        for row in content["requests"]
    ]  # fmt: skip
    return sheets.section(
        _("Your receipts and requests"),
        tables=[
            sheets.table(_("Receipts"), [_("Receipt"), _("Of what"), _("Purpose"), _("When"), _("SHA-256")], receipts, none=_("No receipt was given to you.")),
            sheets.table(_("Requests"), [_("Request"), _("Right"), _("Received"), _("Answer due"), _("Answered")], asked, none=_("You asked for nothing.")),
        ],
    )  # fmt: skip


def _rights(who: dict[str, list[str]]) -> sheets.Section:
    return sheets.section(
        _("Who answers you"),
        text=[
            _(
                "You can change every choice on your page “My choices”, with one click and without a reason. Each request is answered by its day, or you may complain."
            )
        ],
        facts=[
            sheets.fact(_("Controller"), *who["name"]),
            sheets.fact(_("Person who answers"), *who["contact"]),
            sheets.fact(_("Data protection officer"), *who["dpo"]),
        ],
    )
