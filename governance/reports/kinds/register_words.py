"""One activity of the register in finished sentences; the letters of its rows are those of GDPR Art. 30(1). No query."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from governance.lib import packs
from governance.purposes import completeness, headings, lists
from governance.purposes.entry import SPECIAL, SPECIAL_USES, is_outside_eea
from governance.purposes.models import Purpose
from governance.purposes.words import field
from governance.reports import words as say
from governance.reports.words import Frame

STATES = dict(Purpose.STATES)
STARTS = {
    "collected": gettext_lazy("when it was collected"), "consent_ended": gettext_lazy("when the consent ended"),
    "purpose_ended": gettext_lazy("when the purpose ended"), "employment_ended": gettext_lazy("when the employment ended"),
    "last_activity": gettext_lazy("with the last activity"), "year_ended": gettext_lazy("with the end of the year"),
    "decided": gettext_lazy("when it was decided"), "closed": gettext_lazy("when the case was closed"),
}  # fmt: skip
ACTIONS = {
    "erase": gettext_lazy("erased"),
    "anonymise": gettext_lazy("made anonymous"),
    "restrict": gettext_lazy("locked, then erased"),
}


def of(activity: dict[str, Any], frame: Frame) -> dict[str, Any]:
    said: dict[str, Any] = activity["says"]
    recipients: list[dict[str, Any]] = said["recipients"]
    countries = {p["code"]: p["country"] for p in activity["processors"]}
    names = {item["code"]: item["name"] for item in said["items"]}

    def of_kind(*kinds: str) -> list[str]:
        return [_recipient(row, countries) for row in recipients if row["kind"] in kinds]

    return {
        "number": activity["number"], "name": said["name"], "status": str(STATES.get(activity["state"], activity["state"])),
        "in_force": activity["state"] == "active", "summary": said["description"],
        "purposes": lines(said["name"], said["uses"], *said["objectives"]),
        "function": labels("function", said["function"]) + labels("kind", said["kind"]),
        "department": lines(activity["department"]),
        "owner": [_("Programme owner, person %(number)s") % {"number": activity["owner_number"]}] if activity["owner_number"] else [],
        "version": _version(activity["version"], frame),
        "dates": [
            _("entered %(at)s") % {"at": frame.moment(activity["created_at"])},
            _("changed %(at)s") % {"at": frame.moment(activity["changed_at"])},
            _("next review %(day)s") % {"day": say.day(activity["review_on"])} if activity["review_on"] else _("next review: not recorded"),
        ],
        "joint": [f"{row['name']}, {row['contact']}".rstrip(", ") for row in said["joint_controllers"]],
        "bases": [
            {
                "law": str(say.LAWS.get(row["law"], row["law"])), "citation": row["provision"]["cite"], "basis": _ground(row),
                "standing": say.standing(row["provision"]),
            }
            for row in activity["grounds"]
        ],
        "ground_note": lines(said["ground_note"], *labels("limb_in", said["limb_in"]), *labels("art22", said["art22"])),
        "interests": lines(said["interests"], said["interests_link"]), "rights": lines(said["rights_note"]),
        "people": [*labels("people", *said["people"]), *lines(said["people_note"])],
        "places": [say.country(code) for code in said["countries"]],
        "items": [_item(row, activity) for row in said["items"]],
        "special": [*(row["name"] for row in said["items"] if _is_special(row)), *labels("art9", said["art9"])],
        "signals": [
            {
                "name": signal["title"], "kept": "; ".join([_("time, action, application"), *map(field, signal["fields"])]),
                "left_out": "; ".join(map(field, signal["left_out"])) or _("nothing of what the catalogue allows"), "why": signal["why"],
            }
            for signal in activity["signals"]
        ],
        "never": [{"name": row["title"], "reason": row["why"]} for row in activity["never"]],
        "recipients_inside": of_kind("internal"), "recipients_outside": of_kind("external", "authority"),
        "processors": of_kind("processor"), "contracts": [_contract(row) for row in activity["processors"]],
        "transfers": [*_transfers(recipients, countries, activity["processors"]), *lines(said["transfers_note"])],
        "retention": [_rule(rule) for rule in said["keeps"]],
        "policy": lines(said["retention_note"], said["policy_link"], _yes_no(_("followed"), said["policy_followed"]), said["policy_why_not"]),
        "security": [*labels("security", *said["security"]), *lines(said["security_note"])],
        "software": lines(*said["software"]), "location": lines(said["location"]),
        "systems": [_system(row) for row in activity["systems"]],
        "automated": [*lines(said["automated"]), *labels("effect", *said["effects"])],
        "assessment": [*labels("dpia", said["dpia"]), *lines(said["dpia_link"])],
        "consultation": lines(said["works_note"]),
        "circumstances": labels("circumstance", *said["circumstances"]),
        "ai": [
            _("yes: data of this activity may train a model") if activity["trains_ai"] else _("no"),
            *lines(said["ai_system"]), *labels("ai_role", said["ai_role"]), *labels("ai_class", said["ai_class"]),
            *([_("workers were told on %(day)s") % {"day": say.day(said["worker_notice_on"])}] if said["worker_notice_on"] else []),
            *said["datasets"], *said["models"],
        ],
        "links": lines(said["contract_link"], said["consent_link"], _yes_no(_("breach"), said["breach"]), said["breach_link"], said["schedule_1"]),
        "verdict": verdict(activity["verdict"], frame.law_on),
        "assessments": [
            {
                "item": names.get(row["item"], row["item"]), "decision": _("justified") if row["justified"] else _("not justified"),
                "until": say.day(row["until"]), "why": row["why_needed"], "less": row["what_less"],
            }
            for row in activity["assessments"]
        ],
        "evidence": [evidence(row) for row in activity["evidence"]],
        "overrides": [override(row) for row in activity["overrides"]],
        "missing": missing(activity["missing"], frame.law_on),
        "notices": [
            {
                "version": say.number(row["version"]), "published": frame.moment(row["published_at"]),
                "texts": [{"language": say.language_name(text["language"]), "digest": text["sha256"]} for text in row["texts"]],
            }
            for row in activity["notices"]
        ],
    }  # fmt: skip


def labels(name: str, *codes: str) -> list[str]:
    return [lists.label(name, code) for code in codes if code]


def lines(*texts: str) -> list[str]:
    return [line for text in texts for line in text.splitlines() if line.strip()]


def _yes_no(what: str, said: str) -> str:
    return f"{what}: {_('yes') if said == 'yes' else _('no')}" if said else ""


def _version(row: Mapping[str, Any] | None, frame: Frame) -> list[str]:
    if row is None:
        return []
    number = say.number(row["number"]) or ""
    if not row["in_force_at"]:
        return [number, _("not in force yet")]
    told = [number, _("in force since %(at)s") % {"at": frame.moment(row["in_force_at"])}]
    if row["approver_number"]:
        told.append(_("approved by person %(number)s") % {"number": row["approver_number"]})
    return told


def _ground(row: Mapping[str, Any]) -> str:
    return lists.label("basis_eu" if row["law"] == "EU" else "ground_in", row["code"])


def _is_special(item: Mapping[str, Any]) -> bool:
    return item["category"] in SPECIAL or bool(SPECIAL_USES & set(item["uses"]))


def _item(row: Mapping[str, Any], activity: Mapping[str, Any]) -> dict[str, Any]:
    living = {a["item"]: a for a in activity["assessments"]}
    assessed = living.get(row["code"])
    return {
        "name": row["name"], "code": row["code"],
        "category": lists.category(row["category"]) if row["category"] else "",
        "term": row["dpv"].rpartition("#")[2], "sensitivity": row["sensitivity"],
        "source": lists.label("source", row["source"]) if row["source"] else "",
        "need": row["why"] if row["necessary"] else _("not needed: it can be refused"),
        "assessed": say.day(assessed["until"]) if assessed and assessed["justified"] else "",
    }  # fmt: skip


def _recipient(row: Mapping[str, Any], countries: Mapping[str, str]) -> str:
    country = row["country"] or countries.get(row["processor"], "")
    name = f"{row['name']} ({say.country(country)})" if country else row["name"]
    return f"{name}: {row['note']}" if row["note"] else name


def _contract(row: Mapping[str, Any]) -> str:
    """Who, under which contract from when to when, and what it leaves out."""
    if not row["contract"]:
        return _("%(name)s: no contract") % {"name": row["name"]}
    text = f"{row['name']}: {row['contract']}"
    if row["contract_from"]:
        text += ", " + _("from %(day)s") % {"day": say.day(row["contract_from"])}
    if row["contract_until"]:
        text += ", " + _("until %(day)s") % {"day": say.day(row["contract_until"])}
    left_out = [code for code in lists.codes("clause") if code not in row["clauses"]]
    if left_out:
        text += "; " + _("without: %(clauses)s") % {"clauses": ", ".join(labels("clause", *left_out))}
    if row["subprocessors"]:
        text += "; " + _("sub-processors: %(names)s") % {
            "names": ", ".join(f"{s['name']} ({say.country(s['country'])})" for s in row["subprocessors"])
        }
    return text


def _transfers(
    recipients: Iterable[Mapping[str, Any]],
    countries: Mapping[str, str],
    processors: Iterable[Mapping[str, Any]],
) -> list[str]:
    tools = {p["code"]: (p["tool"], p["assessed_on"]) for p in processors}
    found = []
    for row in recipients:
        country = row["country"] or countries.get(row["processor"], "")
        own_tool, own_day = tools.get(row["processor"], ("", None))
        tool, assessed = row["tool"] or own_tool, row["assessed_on"] or own_day
        if is_outside_eea(country) and (tool or row["kind"] != "internal"):
            text = f"{row['name']} ({say.country(country)}): " + (
                lists.label("tool", tool) if tool else _("no safeguard recorded")
            )
            found.append(
                text + (", " + _("assessed %(day)s") % {"day": say.day(assessed)} if assessed else "")
            )
    return found


def period(text: str) -> str:
    """P12M → “12 months”."""
    if len(text) < 3 or text[0] != "P" or not text[1:-1].isdigit():
        return text
    count = int(text[1:-1])
    said = {
        "Y": ngettext("%(count)s year", "%(count)s years", count),
        "M": ngettext("%(count)s month", "%(count)s months", count),
        "D": ngettext("%(count)s day", "%(count)s days", count),
    }.get(text[-1])
    return said % {"count": count} if said else text


def _rule(rule: Mapping[str, Any]) -> dict[str, str]:
    spans = [_("at least %(period)s") % {"period": period(rule["minimum"])}] if rule["minimum"] else []
    spans += [_("at most %(period)s") % {"period": period(rule["maximum"])}] if rule["maximum"] else []
    source = rule["source"]
    if rule["applies_from"]:
        source = f"{source} ({_('applies from %(day)s') % {'day': say.day(rule['applies_from'])}})"
    return {
        "category": rule["category"], "law": str(say.LAWS.get(rule["law"], say.country(rule["law"]))),
        "period": ", ".join(spans), "starts": str(STARTS.get(rule["start_event"], rule["start_event"])),
        "then": str(ACTIONS.get(rule["action"], rule["action"])), "rule": source,
    }  # fmt: skip


def _system(row: Mapping[str, Any]) -> dict[str, Any]:
    erasure = (
        _("connected: erased and read back by Sammati (%(kind)s)") % {"kind": row["connected"]}
        if row["connected"]
        else _("not connected: not searched by erasure orders")
    )
    return {
        "name": row["name"],
        "holds": "; ".join([row["holds"], *row["parts"]]) if row["parts"] else row["holds"],
        "place": say.country(row["country"]),
        "erasure": erasure,
    }


def verdict(row: Mapping[str, Any] | None, law_on: date) -> list[str]:
    """Today's, then the days on which it changes. Without the day where every page names it: then nothing has changed tomorrow."""
    if row is None:
        return []
    said = {"verdict": headings.verdict(row["outcome"]), "day": say.day(row["on"])}
    told = [
        _("%(verdict)s under the law that this document shows") % said
        if row["on"] == law_on.isoformat()
        else _("%(verdict)s on %(day)s") % said
    ]
    return told + [
        _("%(verdict)s from %(day)s")
        % {"verdict": headings.verdict(step["outcome"]), "day": say.day(step["on"])}
        for step in row["next"]
    ]


def paper(kind: str) -> str:
    """What a kind of evidence is called, in the report's language."""
    said = packs.load("policy/pack").content["evidence"].get(kind, {})
    return str(said.get((get_language() or "en").split("-")[0]) or said.get("en") or kind)


def evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    until = say.day(row["expires_on"]) if row["expires_on"] else _("no end")
    return {
        "kind": paper(row["kind"]), "reference": row["reference"], "signed": say.day(row["signed_on"]), "until": until,
        "outcome": _("approved") if row["outcome"] == "approved" else _("refused"), "digest": row["sha256"],
    }  # fmt: skip


def override(row: Mapping[str, Any]) -> dict[str, Any]:
    """Both people by number, both texts."""
    decision = {True: _("relaxed"), False: _("not relaxed"), None: _("not decided yet")}[row["relaxed"]]
    return {
        "rule": " · ".join(filter(None, (row["rule"], row["signal"]))),
        "advice": row["advice"], "advised": _by_whom(row, "advised"),
        "reason": row["reason"], "decided": _by_whom(row, "decided"),
        "decision": decision, "until": say.day(row["until"]) or _("no end"), "ended": bool(row["ended_at"]),
    }  # fmt: skip


def _by_whom(row: Mapping[str, Any], did: str) -> str:
    """ "person N-1030, 23 November 2026"; facts of before 2026-11-29 hold a name in the number's place."""
    number = row.get(f"{did}_by_number")
    who = _("person %(number)s") % {"number": number} if number else row.get(f"{did}_by", "")
    return ", ".join(filter(None, (who, say.day(row[f"{did}_on"]))))


def missing(codes: Iterable[str], on: date) -> list[str]:
    """Sentences with the provision, or the house, that asks."""
    found = [gap for code in codes if (gap := completeness.of_code(code, on))]
    return [f"{gap.sentence} ({gap.cite or completeness.LAWS[gap.law]})" for gap in found]
