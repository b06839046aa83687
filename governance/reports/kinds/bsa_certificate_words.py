"""The sentences of a certificate of section 63(4) of the Bharatiya Sakshya Adhiniyam, 2023. Pure.

The moments of a court paper are those of Indian Standard Time, wherever the entity is.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from governance.reports import sheets
from governance.reports import words as say
from governance.reports.words import Frame

IST = ZoneInfo("Asia/Kolkata")
LINE = "_" * 34
BOX = "\u25a1"
DEVICES = ("Computer / Storage Media", "DVR", "Mobile", "Flash Drive", "CD/DVD", "Server", "Cloud", "Other")


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    frame = replace(frame, zone=IST)
    number = content["report"]["number"]
    if not content["whole"]:
        return {
            "head": {"title": _("No certificate can be given"), "subtitle": _("Report %(number)s") % {"number": number}},
            "intro": [
                _("At least one file of this report is not what was recorded when it was made. It must not be certified. Tell the data protection officer, and have the whole log verified.")
            ],
            "sections": [_hashes(content, frame)],
        }  # fmt: skip
    return {
        "head": {"subtitle": _("Electronic record: report %(number)s") % {"number": number}},
        "intro": [
            _("Under section 63(4)(c) of the Bharatiya Sakshya Adhiniyam, 2023 (Act 47 of 2023), in the form of its Schedule."),
            _("It is no certificate yet: it becomes one when the person in charge has completed and signed Part A and an expert has completed and signed Part B."),
        ],
        "sections": [_source(content, frame), _control(content, frame), _hash(content), _signature(), _part_b(), _hashes(content, frame), _limits()],
    }  # fmt: skip


def _source(content: dict[str, Any], frame: Frame) -> sheets.Section:
    who = frame.controller
    portal = ", ".join(
        filter(
            None,
            [
                _("the server on which %(entity)s runs its portal Sammati") % {"entity": who["name"]},
                content["portal"],
            ],
        )
    )
    return sheets.section(
        _("Part A, by the party: who, and the source"),
        text=[
            _("I, %(line)s (name), son/daughter/spouse of %(line)s, residing/employed at %(line)s, do hereby solemnly affirm and sincerely state and submit as follows:") % {"line": LINE},
            _("I have produced the electronic record/output of the digital record taken from the following device/digital record source (tick):"),
            "   ".join(f"{BOX}\u00a0{_device(name)}" for name in DEVICES),
        ],
        facts=[
            sheets.fact(_("Source"), portal),
            sheets.fact(_("Electronic record"), _record(content)),
            sheets.fact(_("Produced"), _("by the portal itself, from the facts that it keeps, on %(at)s") % {"at": _ist(content["report"]["ready_at"])}),
            sheets.fact(_("Asked for by"), _("person %(number)s") % {"number": content["asked_by"]} if content["asked_by"] else None),
            sheets.fact(_("Make and model"), LINE),
            sheets.fact(_("Colour, serial number"), LINE),
            sheets.fact(_("IMEI/UIN/UID/MAC/Cloud ID, as applicable"), LINE),
        ],
    )  # fmt: skip


def _device(name: str) -> str:
    return {
        "Other": _("Other: %(line)s") % {"line": "_" * 12},
        "Computer / Storage Media": _("Computer / Storage Media"),
    }.get(name, name)


def _record(content: dict[str, Any]) -> str:
    row = content["report"]
    told = _("report %(number)s, made by template %(version)s") % {
        "number": row["number"],
        "version": row["template_version"],
    }
    pages = _("%(count)s pages") % {"count": say.number(row["pages"])} if row["pages"] else ""
    return ", ".join(filter(None, [told, pages, say.language_name(row["language"])]))


def _control(content: dict[str, Any], frame: Frame) -> sheets.Section:
    return sheets.section(
        _("Lawful control and proper working"),
        text=[
            _("The digital device or the digital record source was under the lawful control for regularly creating, storing or processing information for the purposes of carrying out regular activities, and during this period the computer or the communication device was working properly and the relevant information was regularly fed into the computer during the ordinary course of business."),
            _("If the computer/digital device at any point of time was not working properly or out of operation, then it has not affected the electronic/digital record or its accuracy."),
            _("The digital device or the source of the digital record is, by me (select as applicable):") + f"   {BOX}\u00a0{_('owned')}   {BOX}\u00a0{_('maintained')}   {BOX}\u00a0{_('managed')}   {BOX}\u00a0{_('operated')}",
        ],
        facts=[
            sheets.fact(_("What the portal recorded of it"), *_working(content)),
        ],
    )  # fmt: skip


def _working(content: dict[str, Any]) -> list[str]:
    attempts, proof = content["report"]["attempts"], content["log"]["proof"]
    return [
        _("The report was asked for on %(asked)s and ready on %(ready)s.") % {"asked": _ist(content["report"]["asked_at"]), "ready": _ist(content["report"]["ready_at"])},
        _("It was made at the first attempt.") if attempts <= 1
        else _("It was made at attempt %(count)s; an attempt that is broken off leaves nothing behind.") % {"count": attempts},
        _("Every file was hashed again for this document and is what was recorded when it was made."),
        _("The entry of the log that records the hashes was computed again and is what was sealed.") if proof
        else _("The entry of the log that records the hashes is not sealed yet."),
    ]  # fmt: skip


def _hash(content: dict[str, Any]) -> sheets.Section:
    return sheets.section(
        _("Hash value"),
        text=[
            _("I state that the hash value/s of the electronic/digital record/s is/are as follows, obtained through the following algorithm:")
            + f"   {BOX}\u00a0SHA1   \u25a0\u00a0SHA256   {BOX}\u00a0MD5   {BOX}\u00a0{_('Other: %(line)s') % {'line': '_' * 12}}"
        ],
        facts=[sheets.fact(file["name"], file["sha256"], mono=True) for file in content["files"]],
    )  # fmt: skip


def _signature() -> sheets.Section:
    return sheets.section(
        _("Signature of the party"),
        text=[_("What is stated above is stated to the best of my knowledge and belief. The hash report is enclosed.")],
        facts=_signed(_("Name and signature")),
    )  # fmt: skip


def _signed(label: str) -> list[dict[str, Any]]:
    return [
        sheets.fact(label, LINE),
        sheets.fact(_("Date (DD/MM/YYYY)"), LINE),
        sheets.fact(_("Time (IST), 24 hours"), LINE),
        sheets.fact(_("Place"), LINE),
    ]


def _part_b() -> sheets.Section:
    return sheets.section(
        _("Part B, by the expert"), new_page=True,
        text=[
            _("To be filled in by the expert alone. The portal fills in nothing here."),
            _("I, %(line)s (name), son/daughter/spouse of %(line)s, residing/employed at %(line)s, do hereby solemnly affirm and sincerely state and submit as follows:") % {"line": LINE},
            _("The produced electronic record/output of the digital record is obtained from the following device/digital record source (tick):"),
            "   ".join(f"{BOX}\u00a0{_device(name)}" for name in DEVICES),
        ],
        facts=[
            sheets.fact(_("Make and model"), LINE),
            sheets.fact(_("Colour, serial number"), LINE),
            sheets.fact(_("IMEI/UIN/UID/MAC/Cloud ID, as applicable"), LINE),
            sheets.fact(_("Hash value/s of the record/s"), LINE, LINE),
            sheets.fact(_("Algorithm"), f"{BOX}\u00a0SHA1   {BOX}\u00a0SHA256   {BOX}\u00a0MD5   {BOX}\u00a0{_('Other: %(line)s') % {'line': '_' * 12}}"),
            *_signed(_("Name, designation and signature")),
        ],
    )  # fmt: skip


def _hashes(content: dict[str, Any], frame: Frame) -> sheets.Section:
    rows = [
        [
            file["name"], say.number(file["bytes"]) or "", file["sha256"], file["recorded"] or "–",
            _("the same") if file["sha256"] == file["recorded"] else _("NOT THE SAME"),
        ]
        for file in content["files"]
    ]  # fmt: skip
    proof = content["log"]["proof"]
    return sheets.section(
        _("Hash report"), new_page=content["whole"],
        text=[_("SHA-256 of each file, computed again on %(at)s, beside what the audit log recorded when the report was made.") % {"at": _ist(content["hashed_at"])}],
        tables=[sheets.table(
            _("Files of the record"), [_("File"), _("Bytes"), _("SHA-256 now"), _("SHA-256 recorded"), _("Compared")], rows,
            none=_("No file of this report is kept any more."), numbers=[1],
        )],
        facts=[
            sheets.fact(_("Entry of the log"), f"{content['log']['entry']}, {_ist(content['log']['at'])}"),
            sheets.fact(_("Position"), *(say.place_in_log(proof) or [_("being sealed")])),
            sheets.fact(_("Leaf, computed again"), content["log"]["leaf"], mono=True),
            *([sheets.fact(_("Leaf, as sealed"), proof["leaf"], mono=True), sheets.fact(_("Root"), proof["root"], mono=True)] if proof else []),
            sheets.fact(_("Certificate of the seal"), content["report"]["seal"].get("kid") or _("none: a file that is not a PDF carries no seal"), mono=True),
            sheets.fact(_("SHA-256 of the facts"), content["report"]["facts_sha256"], mono=True),
        ],
    )  # fmt: skip


def _limits() -> sheets.Section:
    return sheets.limits(
        _("The portal affirms nothing in anybody’s place. What stands in Part A beside an empty line is for the one who signs to check and to write."),
        _("It shows that the files are those that were made and recorded, not that what they say is true."),
        _("The form is the one of the Schedule to the Act. The words of the Gazette prevail over those printed here."),
    )  # fmt: skip


def _ist(iso: str | None) -> str:
    """ "24/11/2026, 09:41:07 IST": as the Schedule writes a day and a time."""
    return f"{datetime.fromisoformat(iso).astimezone(IST):%d/%m/%Y, %H:%M:%S} IST" if iso else "–"
