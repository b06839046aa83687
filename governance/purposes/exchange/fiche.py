"""One activity on one sheet, in the order of the CNIL's simple record, with its closed lists answered one by one.

`content` is plain data, read once; `sections` are finished sentences of it in the active language, without a query: the
page and the PDF say the same.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.lib import packs
from governance.purposes import activity as activities
from governance.purposes import lists, words
from governance.purposes.activity import Activity, Item, load
from governance.purposes.models import DataSystem, Processor, Purpose

Content = dict[str, Any]
Day = Callable[[str | None], str]


def content(purpose: Purpose) -> Content:
    """The version in force, or the newest where none is; who is responsible; the names behind its codes."""
    version = purpose.shown_version()
    if version is None:
        raise LookupError("version")
    activity, entity = version.activity, purpose.entity
    systems = DataSystem.objects.filter(code__in=[part.code for part in activity.systems])
    processors = Processor.objects.filter(code__in=[r.processor for r in activity.recipients if r.processor])
    return {
        "number": purpose.number, "state": purpose.state, "version": version.number, "in_force": version.state == "in_force",
        "in_force_at": version.in_force_at, "created_at": purpose.created_at, "changed_at": version.changed_at,
        "review_on": purpose.review_on, "owner_number": purpose.owner.number if purpose.owner else "",
        "unit": purpose.unit.name if purpose.unit else "", "sha256": version.sha256, "activity": activities.plain(activity),
        "controller": {
            "name": entity.name, "address": entity.address, "contact": _both(entity.contact_name, entity.contact_email),
            "dpo": _both(entity.dpo_name, entity.dpo_email), "representative": entity.eu_representative,
        },
        "systems": {system.code: _both(system.name, system.country) for system in systems},
        "processors": {
            p.code: {"name": p.name, "contact": p.contact, "country": p.country, "contract": p.contract} for p in processors
        },
    }  # fmt: skip


def _both(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def sections(said: Content, *, day: Day) -> list[dict[str, Any]]:
    """[{"heading", "rows": [{"label", "lines"}], "tables": [{"caption", "columns", "rows"}]}]; `day` writes a date or moment."""
    a = load(said["activity"])
    return [
        _section(_("Who is responsible"), *_actors(a, said)),
        _section(_("What it is for"), *_purposes(a)),
        _section(_("Whose data, and which"), *_data(a)),
        _section(_("Who receives them"), *_recipients(a, said)),
        _section(_("Outside the European Union"), *_transfers(a, said, day)),
        _section(_("How long they are kept"), *_keeps(a, day)),
        _section(_("How they are protected"), *_security(a, said)),
        _section(_("Why it is lawful"), *_grounds(a)),
        _section(_("This record"), *_record(a, said, day)),
    ]


def _section(
    heading: str, rows: list[tuple[str, list[str]]], tables: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {
        "heading": heading,
        "rows": [{"label": label, "lines": [t for t in texts if t]} for label, texts in rows],
        "tables": tables or [],
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


def _actors(a: Activity, said: Content) -> tuple[list[tuple[str, list[str]]]]:
    who = said["controller"]
    return (
        [
            (_("Controller"), [who["name"], *_lines(who["address"]), who["contact"]]),
            (_("Department"), [said["unit"]]),
            (_("Data protection officer"), [who["dpo"]]),
            (_("Representative in the EU"), _lines(who["representative"])),
            (_("Joint controllers"), [_both(one.name, one.contact) for one in a.joint_controllers]),
            (
                _("Answers for it"),
                [_("Programme owner, person %(number)s") % {"number": said["owner_number"]}]
                if said["owner_number"]
                else [],
            ),
        ],
    )


def _purposes(a: Activity) -> tuple[list[tuple[str, list[str]]]]:
    return (
        [
            (_("Main purpose"), [a.name, *_lines(a.description)]),
            (_("Further purposes"), [*a.objectives, *_lines(a.uses)]),
            (_("Software or application"), list(a.software)),
        ],
    )


def group_of(item: Item) -> str:
    """The kind of data in the CNIL's list."""
    groups = packs.load("fiche").content["group"]
    name = item.dpv.rpartition("#")[2] if "/pd#" in item.dpv else ""
    named = (code for code, group in groups.items() if name and name in group["pd"])
    by_category = (code for code, group in groups.items() if item.category in group["category"])
    return next(named, None) or next(by_category, None) or "other"


def _data(a: Activity) -> tuple[list[tuple[str, list[str]]], list[dict[str, Any]]]:
    language = get_language() or "en"
    groups = packs.load("fiche").content["group"]
    by_group: dict[str, list[str]] = {code: [] for code in groups}
    for item in a.items:
        by_group[group_of(item)].append(item.name)
    sensitive = [item.name for item in a.items if is_special(item)]
    kinds = [
        [
            group.get(language.split("-")[0]) or group["en"],
            _yes_no(bool(by_group[code])),
            "; ".join(by_group[code]),
        ]
        for code, group in groups.items()
    ]
    return (
        [
            (_("People concerned"), [*(lists.label("people", code) for code in a.people), *_lines(a.people_note)]),
            (_("Sensitive data"), [f"{_yes_no(True)}: {'; '.join(sensitive)}" if sensitive else _yes_no(False), lists.label("art9", a.art9) if a.art9 else ""]),
            (_("Where the data come from"), list(dict.fromkeys(lists.label("source", item.source) for item in a.items if item.source))),
        ],
        [{"caption": _("Kinds of data"), "columns": [_("Kind"), _("Collected"), _("Which")], "rows": kinds}],
    )  # fmt: skip


def is_special(item: Item) -> bool:
    """Of a special category of Art. 9 GDPR, as far as its DPV term or category says."""
    special = packs.load("dpv").content["special"]
    return item.dpv.rpartition("#")[2] in special["pd"] or item.category in special["category"]


def _recipients(a: Activity, said: Content) -> tuple[list[tuple[str, list[str]]]]:
    def of(*kinds: str) -> list[str]:
        return [_recipient(r, said) for r in a.recipients if r.kind in kinds]

    return (
        [
            (_("Inside the company"), of("internal")),
            (_("Other organisations and authorities"), of("external", "authority", "")),
            (_("Processors"), of("processor")),
            (
                _("Contracts with them"),
                [a.contract_link, *(p["contract"] for p in said["processors"].values())],
            ),
        ],
    )


def _recipient(r: Any, said: Content) -> str:
    known = said["processors"].get(r.processor, {})
    country = r.country or known.get("country", "")
    return _both(known.get("name") or r.name, known.get("contact", ""), country, r.note)


def _transfers(
    a: Activity, said: Content, day: Day
) -> tuple[list[tuple[str, list[str]]], list[dict[str, Any]]]:
    if "EU" not in activities.laws(a):
        return [(_("Data leave the European Union"), [_("does not apply: no European law applies here")])], []
    home = packs.load("laws").content["jurisdictions"]["EU"]
    abroad = []
    for r in a.recipients:
        country = r.country or said["processors"].get(r.processor, {}).get("country", "")
        if country and country not in home:
            assessed = (
                _("assessed on %(day)s") % {"day": day(r.assessed_on.isoformat())} if r.assessed_on else ""
            )
            safeguard = lists.label("tool", r.tool) if r.tool else _("not recorded")
            abroad.append([r.name, country, _both(safeguard, assessed)])
    table = {
        "caption": _("Transfers"),
        "columns": [_("Recipient"), _("Country"), _("Safeguard")],
        "rows": abroad,
    }
    rows = [
        (_("Data leave the European Union"), [_yes_no(bool(abroad))]),
        (_("About the transfers"), _lines(a.transfers_note)),
    ]
    return rows, [table] if abroad else []


def _keeps(a: Activity, day: Day) -> tuple[list[tuple[str, list[str]]], list[dict[str, Any]]]:
    rows = []
    for keep in a.keeps:
        spans = [_("at least %(period)s") % {"period": words.period(keep.minimum)}] if keep.minimum else []
        spans += [_("at most %(period)s") % {"period": words.period(keep.maximum)}] if keep.maximum else []
        since = (
            _("applies from %(day)s") % {"day": day(keep.applies_from.isoformat())}
            if keep.applies_from
            else ""
        )
        rows.append([
            keep.category, _both(*spans) or _("not recorded"), lists.label("start_event", keep.start_event), lists.label("action", keep.action),
            _both(lists.label("law", keep.law), keep.source, since),
        ])  # fmt: skip
    columns = [_("Data"), _("How long"), _("Counted from"), _("Then"), _("Source")]
    table = {"caption": _("Time limits"), "columns": columns, "rows": rows}
    beside = [
        (_("About the time limits"), _lines(a.retention_note)),
        (_("Retention policy"), [a.policy_link]),
    ]
    return beside, [table] if rows else []


def _security(a: Activity, said: Content) -> tuple[list[tuple[str, list[str]]], list[dict[str, Any]]]:
    rows = [[lists.label("security", code), _yes_no(code in a.security)] for code in lists.codes("security")]
    places = [said["systems"].get(part.code, part.code) for part in a.systems]
    beside = [(_("In words"), _lines(a.security_note)), (_("Where the data lie"), [a.location, *places])]
    return beside, [{"caption": _("Measures"), "columns": [_("Measure"), _("Taken")], "rows": rows}]


def _grounds(a: Activity) -> tuple[list[tuple[str, list[str]]]]:
    grounds = [
        lists.label(name, code)
        for name, code in (("basis_eu", a.basis_eu), ("art9", a.art9), ("ground_in", a.ground_in))
        if code
    ]
    return (
        [
            (_("Grounds"), [*grounds, *_lines(a.ground_note)]),
            (_("Legitimate interests"), [*_lines(a.interests), a.interests_link]),
            (_("Impact assessment"), [lists.label("dpia", a.dpia) if a.dpia else "", a.dpia_link]),
            (
                _("Automated decisions"),
                [*_lines(a.automated), lists.label("art22", a.art22) if a.art22 else ""],
            ),
            (_("Rights of the people"), _lines(a.rights_note)),
        ],
    )


def _record(a: Activity, said: Content, day: Day) -> tuple[list[tuple[str, list[str]]]]:
    standing = (
        _("in force since %(day)s") % {"day": day(said["in_force_at"])}
        if said["in_force"]
        else _("not in force yet")
    )
    return (
        [
            (_("Number"), [said["number"]]),
            (_("Entered"), [day(said["created_at"])]),
            (_("Last changed"), [day(said["changed_at"])]),
            (_("Version"), [f"{said['version']}, {standing}"]),
            (_("Next review"), [day(said["review_on"])]),
            (_("SHA-256 of this version"), [said["sha256"]]),
        ],
    )
