"""The sentences of an evidence bundle. Pure."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import languages
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds.statement_words import RECEIPTS, STATUSES
from governance.reports.words import Frame
from governance.retention.models import ErasureOrder
from governance.retention.wording import BECAUSE

BY = {
    "person": gettext_lazy("by the person"), "system": gettext_lazy("by itself"), "controller": gettext_lazy("by the controller"),
    "guardian": gettext_lazy("by the person’s guardian"), "nominee": gettext_lazy("by the person’s nominee"),
}  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    purpose = content["purpose"]
    return {
        "head": {"subtitle": f"{purpose['number']} {purpose['name']}", "prepared_for": _("the person concerned")},
        "person": content["person_number"] or "",
        "intro": [
            _("What the person %(number)s was asked and said on this purpose of %(entity)s, on which words, who relied on it, and what became of the data. Times are those of %(zone)s.")
            % {"number": content["person_number"] or "–", "entity": frame.controller["name"], "zone": frame.zone_name},
        ],
        "sections": [
            _chronology(content, frame), *_notices(content), _events(content, frame), _receipts(content, frame), _relied(content, frame),
            _exports(content, frame), _erased(content, frame),
            sheets.limits(
                _("It holds no recording: nobody here can read what was recorded. The last moment of admission is the time stamp of a sealed segment that is still known."),
                _("When the words were shown is told by the answer that was given on them; how long they were read is not recorded."),
                _("Who relied on a consent is told where a program said so when it asked. A program that only asked is not in it."),
                _("Only the person concerned can have this document made, and no role opens it. To whom they hand it is theirs to decide."),
            ),
        ],
    }  # fmt: skip


def _signals(content: dict[str, Any], codes: list[str]) -> str:
    return ", ".join(content["titles"].get(code, code) for code in codes)


def _chronology(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [[frame.minute(row["at"]), *_step(row, content)] for row in content["chronology"]]
    return sheets.section(
        _("What happened when"),
        tables=[sheets.table(_("Oldest first"), [_("When"), _("What"), _("Of what")], rows, none=_("Nothing was asked and nothing was said."))],
    )  # fmt: skip


def _step(row: dict[str, Any], content: dict[str, Any]) -> tuple[str, str]:
    """(what happened, of what)."""
    what, of = row["what"], row["of"]
    if what == "shown":
        version, _space, language = of.partition(" ")
        return _("notice shown"), _("version %(version)s, %(language)s") % {
            "version": version,
            "language": say.language_name(language),
        }
    if what == "last_admitted":
        return _("last recording admitted"), _("the newest of which a trace is still kept")
    if what == "ordered":
        return _("erasure ordered"), of
    if what == "order_done":
        return _("order done: every system read back empty"), of
    if what == "read_back":
        order, _space, system = of.partition(" ")
        return _("read back, nothing found"), f"{system} ({order})"
    signals = _signals(content, row["signals"])
    return str(STATUSES.get(what, what)), ", ".join(filter(None, [signals, of])) or _("everything")  # fmt: skip


def _notices(content: dict[str, Any]) -> list[sheets.Section]:
    return [
        sheets.section(
            _("The notice exactly as it was shown"), new_page=True,
            facts=[
                sheets.fact(_("Version"), str(row["version"] or "–")),
                sheets.fact(_("Language"), say.language_name(row["language"])),
                sheets.fact(_("SHA-256 of the words"), row["sha256"], mono=True),
                sheets.fact(
                    _("Computed again"),
                    _("the words below give this digest") if row["found"]
                    else _("no words with this digest are in the register any more, so none are printed"),
                ),
            ],
            told={"language": row["language"], "direction": languages.direction(row["language"]), "title": row["title"], "parts": row["parts"]} if row["found"] else None,
        )
        for row in content["notices"]
    ]  # fmt: skip


def _events(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            frame.minute(row["at"]), content["titles"].get(row["signal"], row["signal"]), str(STATUSES.get(row["status"], row["status"])),
            ", ".join(filter(None, [str(BY.get(row["by"], row["by"])), row["method"]])),
            _("notice %(version)s, %(language)s") % {"version": row["notice_version"], "language": say.language_name(row["language"])}
            if row["notice_version"] else "",
        ]
        for row in content["events"]
    ]  # fmt: skip
    columns = [_("When"), _("Signal"), _("What"), _("By whom and how"), _("On which words")]
    return sheets.section(
        _("What was said, signal by signal"), new_page=True,
        tables=[sheets.table(_("Oldest first"), columns, rows, none=_("Nothing was asked and nothing was said."))],
    )  # fmt: skip


def _receipts(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            row["number"], str(RECEIPTS.get(row["kind"], row["kind"])), frame.minute(row["at"]), row["sha256"],
            _place(row["proof"]), _("by key %(kid)s") % {"kid": row["kid"]} if row["jws"] else _("not signed yet"),
        ]
        for row in content["receipts"]
    ]  # fmt: skip
    columns = [_("Receipt"), _("Of what"), _("When"), _("SHA-256"), _("In the log"), _("Signed")]
    return sheets.section(
        _("The receipts, and where the log has them"),
        text=[_("Each receipt with its signature, and the path from its entry to the root of the log, stand whole in the attached file.")],
        tables=[sheets.table(_("Receipts"), columns, rows, none=_("No receipt was given."))],
    )  # fmt: skip


def _place(proof: dict[str, Any] | None) -> str:
    return say.place_in_log(proof)[0] if proof else _("being sealed")


def _relied(content: dict[str, Any], frame: Frame) -> sheets.Section:
    clients = [
        [row["name"] or _("a program that is not registered any more"), say.number(row["times"]) or "", frame.minute(row["first"]), frame.minute(row["last"])]
        for row in content["relied"]["clients"]
    ]  # fmt: skip
    newest = [
        [frame.minute(row["at"]), row["client"] or "–", str(row["entry"]), str(row["position"]) if row["position"] is not None else _("being sealed")]
        for row in content["relied"]["newest"]
    ]  # fmt: skip
    return sheets.section(
        _("Who relied on it"),
        tables=[
            sheets.table(_("By program"), [_("Program"), _("Times"), _("First"), _("Last")], clients, none=_("No program said that it relied on this consent."), numbers=[1]),
            sheets.table(_("The newest of them"), [_("When"), _("Program"), _("Entry"), _("Position")], newest),
        ],
    )  # fmt: skip


def _exports(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [row["number"], row["recipient"], frame.minute(row["packed_at"]), say.number(row["events"]) or "0", row["subject"], row["package_sha256"]]
        for row in content["exports"]
    ]  # fmt: skip
    out = [
        [
            row["number"], one["dataset"], frame.minute(one["raised_at"]), say.day(one["due_on"]), frame.minute(one["answered_at"]) or _("not answered yet"),
            {True: _("yes"), False: _("no"), None: ""}[one["removed_from_data"]],
        ]
        for row in content["exports"] for one in row["exclusions"]
    ]  # fmt: skip
    return sheets.section(
        _("Exports that it was in"),
        tables=[
            sheets.table(
                _("Packages with something of this person"), [_("Export"), _("Recipient"), _("Packed"), _("Events"), _("Name in it"), _("SHA-256 of the package")],
                rows, none=_("Nothing of this person and purpose ever left in an export."), numbers=[3],
            ),
            sheets.table(
                _("What had to come out again"), [_("Export"), _("Dataset"), _("Raised"), _("Due"), _("Answered"), _("Taken out of the data")], out,
            ),
        ],
    )  # fmt: skip


def _erased(content: dict[str, Any], frame: Frame) -> sheets.Section:
    states = dict(ErasureOrder.STATES)
    orders = [
        [
            row["number"], str(BECAUSE.get(row["because"], row["because"])), frame.minute(row["at"]), str(states.get(row["state"], row["state"])),
            frame.minute(row["done_at"]), say.day(row["kept_until"]),
        ]
        for row in content["orders"]
    ]  # fmt: skip
    proofs = [
        [
            row["system"], row["order"], *(say.number(row[key]) or "0" for key in ("found_before", "erased", "found_after", "not_erased")),
            frame.minute(row["read_back_at"]), row["digest"],
        ]
        for row in content["proofs"]
    ]  # fmt: skip
    return sheets.section(
        _("What was erased, and the proof"),
        tables=[
            sheets.table(_("Erasure orders"), [_("Order"), _("Because"), _("Raised"), _("State"), _("Done"), _("Kept until")], orders, none=_("Nothing had to be erased.")),
            sheets.table(
                _("Proofs, one for each system"),
                [_("System"), _("Order"), _("Found before"), _("Erased"), _("Found afterwards"), _("Left by reason"), _("Read back"), _("SHA-256")],
                proofs, none=_("No system was read back and found empty yet.") if orders else "", numbers=[2, 3, 4, 5],
            ),
        ],
    )  # fmt: skip
