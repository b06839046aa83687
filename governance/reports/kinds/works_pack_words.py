"""The works-council pack in finished sentences. No query."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.capture.life_shown import WIDER
from governance.capture.models import Programme
from governance.exports import rules as exports
from governance.interfaces import rules as interfaces
from governance.purposes.words import field
from governance.reports import kinds, rules, sheets
from governance.reports import words as say
from governance.reports.kinds import capturing, doors, register_words
from governance.reports.words import Frame

# Table → what stands in it. A table without a line here is named as it is, and a test fails.
STORED = {
    "act": gettext_lazy("Acts of the worker representation on a programme"), "arrival": gettext_lazy("Per person, signal and day: how much came in, without its content; on no page but their own"),
    "band": gettext_lazy("How many take part, as a weekly band of ten"), "client": gettext_lazy("Programs that may send, without their keys"),
    "clip": gettext_lazy("What was said of a filmed clip, without its picture; on no page"),
    "consentevent": gettext_lazy("What a person decided and when; on no page but their own"), "consentrecord": gettext_lazy("How a person stands to a purpose; on no page but their own, and for programs with a key as their scope allows"),
    "erasureorder": gettext_lazy("Orders to erase, by person number"), "excess": gettext_lazy("How much was sent beyond what is declared, per field and day, without persons"),
    "export": gettext_lazy("Packages that left the vault: asked, agreed to, by whom"), "hold": gettext_lazy("What must be kept for a legal matter"),
    "incident": gettext_lazy("Incidents"), "manualtask": gettext_lazy("What has to be erased by hand, by person number"),
    "objection": gettext_lazy("Objections and how they were decided"), "optout": gettext_lazy("Opt-outs"),
    "owndeletion": gettext_lazy("What a person deleted of their own; on no page but their own"), "pause": gettext_lazy("Pauses that a person took; on no page but their own"),
    "pressurereport": gettext_lazy("Reports of pressure to agree"), "programmegroupobjectpermission": gettext_lazy("To whom a programme was assigned (groups)"),
    "programmeuserobjectpermission": gettext_lazy("To whom a programme was assigned (people)"), "receipt": gettext_lazy("Consent receipts; on no page but their own"),
    "relaunch": gettext_lazy("The way back after an incident"), "signature": gettext_lazy("Who advised, signed and approved a programme"),
    "stoprequest": gettext_lazy("Requests of the worker representation for a stop, and the answers"),
    "stream": gettext_lazy("Under which key a person’s recordings are sealed, and whether it was destroyed"), "wiped": gettext_lazy("When the program on a device wiped what waited there"),
    "turnedaway": gettext_lazy("How much was turned away, per reason and day, without persons"),
}  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    programme = content["programme"]
    purpose = register_words.of(content["purpose"], frame)
    return {
        "head": {"subtitle": f"{programme['number']} {programme['name']}"},
        "intro": [
            _("What the works council or another worker representation needs to judge this programme: what it is, what it keeps of each event, who sees what, and everything that can be evaluated with it."),
            _("The lists of screens, roles, reports, stored tables and interfaces are read from the running program. None was written by hand."),
        ],
        "sections": [
            _system(content, purpose),
            _agreed(content["agreed"], frame),
            sheets.section(_("What is kept of each event"),
                text=[_("The same made-up event is shown for each signal, as a client could send it and as it is sealed. Everything that is not declared is dropped before it is kept.")],
                bars=_bars(content["samples"]), tables=capturing.sample_tables(content["samples"], frame)),
            *_screens(content["doors"]),
            _evaluations(content),
            _interfaces(content["interfaces"], content["purpose"], frame),
            sheets.section(_("Retention"), tables=[sheets.table(
                _("Time limits of the purpose"), [_("Data"), _("Law"), _("Period"), _("Starts"), _("Then"), _("Source")],
                [[row["category"], row["law"], row["period"], row["starts"], row["then"], row["rule"]] for row in purpose["retention"]], none=_("No time limit is recorded."),
            )]),
            sheets.section(_("Stops"), tables=[capturing.stops_table(content["stops"], frame)]),
            sheets.limits(
                _("It names nobody who takes part and nobody who does not. How many take part is shown only as a band of ten."),
                _("It tells what this program does. What a recipient does with a package is told by the recipient, in the provenance of training."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
        ],
    }  # fmt: skip


def _system(content: Mapping[str, Any], purpose: Mapping[str, Any]) -> sheets.Section:
    programme, band = content["programme"], content["band"]
    states = dict(Programme.STATES)
    return sheets.section(_("The system"), facts=[
        sheets.fact(_("Programme"), f"{programme['number']} {programme['name']}"),
        sheets.fact(_("State"), str(states.get(programme["state"], programme["state"]))),
        sheets.fact(_("Purpose"), f"{purpose['number']} {purpose['name']}", purpose["summary"]),
        sheets.fact(_("Legal bases"), *(f"{row['law']}: {row['basis']} ({row['citation']})" for row in purpose["bases"])),
        sheets.fact(_("Programme owner"), _("person %(number)s") % {"number": programme["owner_number"]} if programme["owner_number"] else _("not recorded")),
        *capturing.bounds_facts(content["bounds"]),
        sheets.fact(_("People taking part"), (band["text"] or sheets.few()) if band else _("not counted yet")),
        sheets.fact(_("AI"), *purpose["ai"]),
        sheets.fact(_("Impact assessment"), *purpose["assessment"] or [_("not recorded")]),
    ], tables=[sheets.table(
        _("Never recorded of anybody"), [_("Signal"), _("Why")], [[row["name"], row["reason"]] for row in purpose["never"]],
    )])  # fmt: skip


def _agreed(row: Mapping[str, Any] | None, frame: Frame) -> sheets.Section:
    heading = _("What changed since the agreed version")
    if row is None:
        return sheets.section(heading, text=[_("No act of a worker representation is on file for this programme, so there is no agreed version to compare with.")])  # fmt: skip
    more = [[_("more"), _difference(one)] for one in row["more"]]
    less = [[_("less"), _difference(one)] for one in row["less"]]
    return sheets.section(
        heading,
        facts=[
            sheets.fact(_("Act"), f"{row['number']} ({register_words.paper(row['kind'])})", row["resolution"]),
            sheets.fact(_("Signed"), f"{row['signer']}, {say.day(row['signed_on'])}"),
            sheets.fact(_("Document"), row["reference"], row["sha256"], mono=True),
            sheets.fact(_("Filed"), frame.moment(row["filed_at"])),
        ],
        tables=[sheets.table(
            _("Differences between the agreed version and now"), [_("Direction"), _("What")], more + less,
            none=_("Nothing: the programme runs on exactly the terms of this act."),
        )],
    )  # fmt: skip


def _difference(one: Mapping[str, str]) -> str:
    """In the words of the programme's page; there they are said of what was added, here of both directions."""
    kinds_of = {
        "application": _("application: %(what)s"), "signal": _("signal: %(what)s"), "field": _("field that is kept: %(what)s"),
        "sites": _("sites"), "units": _("departments"), "countries": _("country: %(what)s"), "kinds": _("kinds of employment"),
        "hours": _("hours"), "sampling": _("sample: %(what)s"), "ends_on": _("end: %(what)s"), "hosts": _("site of the web: %(what)s"),
        "idle_minutes": _("signed out after minutes without a batch: %(what)s"), "shift_hours": _("signed out after hours: %(what)s"), "trains_ai": _("use for training models"),
        "zone": _("zone for worn cameras: %(what)s"), "shift": _("shift of worn cameras: %(what)s"),
    }  # fmt: skip
    assert kinds_of.keys() == WIDER.keys()
    return kinds_of[one["kind"]] % {"what": one["what"]}


def _bars(samples: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not samples:
        return None
    of = len(samples[0]["fields"])
    return {
        "caption": _("Fields that stay, of %(count)s that a client could send") % {"count": of}, "note": "", "name": _("Signal"), "unit": _("Fields"), "top": of,
        "bars": [{"label": row["title"], "value": capturing.fields_kept(row), "words": ""} for row in samples],
    }  # fmt: skip


# --- Screens ------------------------------------------------------------------------------------------------------


def _screens(rows: Sequence[Mapping[str, Any]]) -> list[sheets.Section]:
    """Each role with the number of screens in each part of the portal, then every screen by who opens it."""
    by_role = []
    for role in [*doors.ROLES, "own"]:
        parts = Counter(row["room"] for row in rows if role in row["who"])
        told = ", ".join(
            f"{_whole(f'/{room}')}\N{NO-BREAK SPACE}{count}" for room, count in sorted(parts.items())
        ) or _("nothing")
        by_role.append([doors.word(role), told, say.number(parts.total()) or "0"])
    by_who: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for row in rows:
        by_who.setdefault(tuple(row["who"]), {}).setdefault(row["room"], []).append(row["address"])
    order = [*doors.ROLES, *doors.WHOEVER]
    lists = sorted(by_who.items(), key=lambda item: [order.index(code) for code in item[0]])
    return [
        sheets.section(_("Who sees what"), new_page=True, text=[
            _("How many screens and actions each role opens in each part of the portal. A role counts at its own entity; a page can show less than its role opens, never more."),
            _("No role opens who agreed or refused, or what was recorded of somebody: the screens of a person’s own open for that person alone. Opt-outs, objections, requests and erasure orders are seen, by person number, by those who have to honour and answer them."),
        ], tables=[sheets.table(_("Roles and parts of the portal"), [_("Role"), _("Part and number of screens"), _("In all")], by_role, numbers=[2])]),
        sheets.section(_("Every screen"), text=[
            ngettext("The portal has %(count)s screen or action.", "The portal has %(count)s screens and actions.", len(rows)) % {"count": len(rows)},
            _("“…” stands for one thing of many, such as one programme."),
        ], facts=[sheets.fact(doors.words_for(list(who)), *("  ".join(map(_whole, addresses)) for addresses in rooms.values())) for who, rooms in lists]),
    ]  # fmt: skip


def _whole(address: str) -> str:
    """An address that no line breaks: a joiner after each sign at which a line might; and a line may begin with it,
    which the rules for a slash forbid even after a blank: then words broke anywhere."""
    return "\N{ZERO WIDTH SPACE}" + address.replace("/", "/\N{WORD JOINER}").replace("-", "-\N{WORD JOINER}")


# --- Evaluations --------------------------------------------------------------------------------------------------


def _evaluations(content: Mapping[str, Any]) -> sheets.Section:
    rows = []
    for code in content["evaluations"]["reports"]:
        kind = kinds.KINDS.get(code)
        whom = _("only the person concerned") if code in rules.PERSONAL else _("roles with reports")
        rows.append([str(kind.title) if kind else code, str(kind.sentence) if kind else "", whom])
    stored = [str(STORED.get(table, table)) for table in content["evaluations"]["stored"]]
    readers = ", ".join(content["readers"]) or _("none")
    return sheets.section(_("All possible evaluations"), new_page=True, text=[
        _("These are all documents that the program can make, all tables that it keeps about a programme or about a person and a purpose, and all ways out for content. No other is possible: there is no free query, no score, no ranking and no comparison of people, and a new one would be a new version of the program and would stand in this list."),
        _("PostgreSQL lets these logins read recorded content, and no other: %(logins)s. It is the process that packs what two people and the owner agreed to, and shows a person their own.") % {"logins": readers},
    ], facts=[sheets.fact(_("What is stored"), *stored)], tables=[
        sheets.table(_("Documents"), [_("Document"), _("What it says"), _("Who gets it")], rows),
    ])  # fmt: skip


# --- Interfaces ---------------------------------------------------------------------------------------------------


def _interfaces(row: Mapping[str, Any], purpose: Mapping[str, Any], frame: Frame) -> sheets.Section:
    senders = [
        [one["name"], frame.minute(one["since"]), say.number(one["devices"]) or "0", _("may send") if one["active"] else _("ended")] for one in row["senders"]
    ]  # fmt: skip
    clients = [
        [
            one["name"], "; ".join(str(interfaces.SCOPES.get(scope, scope)) for scope in one["scopes"]),
            ", ".join(str(interfaces.TYPES.get(code, code)) for code in one["told"]) or _("nothing"), say.day(one["used_on"]) or _("never"),
        ]
        for one in row["clients"]
    ]  # fmt: skip
    states = dict(exports.STATES)
    packages = [
        [
            one["number"], one["recipient"], f"{say.day(one['since'])} – {say.day(one['until'])}",
            ". ".join(f"{say.signal_title(code, frame.language)}: {'; '.join(map(field, fields)) or '–'}" for code, fields in sorted(one["fields"].items())),
            str(states.get(one["state"], one["state"])),
        ]
        for one in row["exports"]
    ]  # fmt: skip
    systems = [
        [
            one["name"], one["holds"], say.country(one["country"]),
            _("connected: erased and read back there") if one["connected"] else _("not connected"),
        ]
        for one in purpose["systems"]
    ]  # fmt: skip
    return sheets.section(_("Interfaces"), tables=[
        sheets.table(_("What sends to this programme"), [_("Program"), _("Since"), _("Devices"), _("State")], senders, none=_("Nothing sends to it."), numbers=[2]),
        sheets.table(_("Other systems that ask about its purpose"), [_("Program"), _("What it may"), _("Is told of"), _("Last asked")], clients, none=_("No other system may ask.")),
        sheets.table(_("Packages of content"), [_("Package"), _("Recipient"), _("Recorded"), _("Signals and fields"), _("State")], packages, none=_("No package was asked for.")),
        sheets.table(_("Systems where its data lie"), [_("System"), _("Holds"), _("Country"), _("Erasure")], systems, none=_("No system is recorded.")),
    ])  # fmt: skip
