"""Purpose register of one entity: Art. 30(1) GDPR, with the grounds of both laws beside each other."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.lib import packs
from governance.people.models import Entity
from governance.purposes import catalogue
from governance.purposes.models import Notice, Purpose
from governance.reports import words as say
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

STATES = dict(Purpose.STATES)
STARTS = {
    "collected": gettext_lazy("when it was collected"), "consent_ended": gettext_lazy("when the consent ended"),
    "purpose_ended": gettext_lazy("when the purpose ended"), "employment_ended": gettext_lazy("when the employment ended"),
    "last_activity": gettext_lazy("with the last activity"),
}  # fmt: skip
ACTIONS = {
    "erase": gettext_lazy("erased"),
    "anonymise": gettext_lazy("made anonymous"),
    "restrict": gettext_lazy("locked, then erased"),
}


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if not scope else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Plain data of every activity of the entity, retired ones too."""
    rows = (
        Purpose.objects.filter(entity=report.entity)
        .prefetch_related("signals", "systems__connection", "retention_rules", "notices__texts")
        .select_related("owner")
        .order_by("number")
    )
    activities = [_activity(purpose, report.law_on, report.language) for purpose in rows]
    used = {
        ground["provision"]["id"] for a in activities for ground in a["grounds"] if ground["provision"]
    } | {"gdpr.30"}
    return {
        "activities": activities,
        "counts": {"activities": len(activities), "active": sum(a["state"] == "active" for a in activities)},
        "laws": [say.provision(key, report.law_on) for key in sorted(used)],
        "pack": {"name": "laws", "version": packs.load("laws").version, "sha256": packs.load("laws").sha256},
    }


def _activity(purpose: Purpose, on: date, language: str) -> dict[str, Any]:
    return {
        "id": purpose.pk, "number": purpose.number, "name": purpose.name, "description": purpose.description, "uses": purpose.uses,
        "state": purpose.state, "version": purpose.version, "created_at": purpose.created_at, "changed_at": purpose.changed_at,
        "review_on": purpose.review_on, "owner_number": purpose.owner.number if purpose.owner else None,
        "people_concerned": purpose.people_concerned, "data_items": purpose.data_items, "jurisdictions": purpose.jurisdictions,
        "grounds": [_ground(law, text, on) for law, text in sorted(purpose.grounds.items())],
        "asks_consent": purpose.asks_consent, "trains_ai": purpose.trains_ai, "source": purpose.source,
        "signals": [
            {
                "code": s.code, "title": say.signal_title(s.code, language), "fields": s.fields, "why": s.why,
                "left_out": sorted(set(s.entry.fields) - set(s.fields)),
            }
            for s in purpose.signals.all()
        ],
        "never": [
            {"code": k.code, "title": k.title(language), "why": k.why_never(language)} for k in catalogue.never_recorded()
        ] if purpose.signals.all() else [],
        "recipients": purpose.recipients, "transfers": purpose.transfers, "security": purpose.security,
        "automated_decisions": purpose.automated_decisions, "assessment": purpose.assessment, "works_council": purpose.works_council,
        "systems": [
            {
                "code": s.code, "name": s.name, "holds": s.holds, "country": s.country,
                "connected": s.connection.kind if hasattr(s, "connection") else None,
            }
            for s in purpose.systems.all()
        ],
        "retention": [
            {
                "category": r.category, "jurisdiction": r.jurisdiction, "starts": r.start_event, "minimum": r.minimum,
                "maximum": r.maximum, "action": r.action, "source": r.source, "applies_from": r.applies_from,
            }
            for r in purpose.retention_rules.all()
        ],
        "notices": [_notice(notice) for notice in purpose.notices.all() if notice.published_at],
    }  # fmt: skip


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "version": notice.version, "published_at": notice.published_at,
        "texts": [{"language": text.language, "sha256": text.sha256} for text in notice.texts.all()],
    }  # fmt: skip


def _ground(law: str, text: str, on: date) -> dict[str, Any]:
    key = say.find_provision(text)
    return {
        "law": law, "ground": text, "provision": say.provision(key, on) if key else None,
        "exactly": bool(key and say.is_exactly(text, key)),
    }  # fmt: skip


# --- Words --------------------------------------------------------------------------------------------------------


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    counts = content["counts"]
    return {
        "head": {"subtitle": _("Record of the processing activities of %(entity)s") % {"entity": frame.controller["name"]}},
        "intro": _(
            "This register lists every activity in which %(entity)s processes personal data, as it stood when the register was read. "
            "It holds what Article 30(1) GDPR asks for and the grounds under Indian and European law beside each other."
        ) % {"entity": frame.controller["name"]},
        "figures": [
            {"label": _("Activities in this register"), "value": say.number(counts["activities"])},
            {"label": _("Of these active"), "value": say.number(counts["active"])},
        ],
        "controller": controller_lines(frame.controller),
        "activities": [_activity_words(activity, frame) for activity in content["activities"]],
        "laws": say.law_rows(content["laws"]),
        "pack": _("Dates of entry into force: policy pack “%(name)s”, version %(version)s, SHA-256 %(sha256)s") % content["pack"],
    }  # fmt: skip


def controller_lines(controller: dict[str, Any]) -> dict[str, list[str]]:
    def line(*parts: str) -> list[str]:
        return [part for part in [", ".join(part for part in parts if part)] if part]

    return {
        "name": [controller["name"], *[text for text in controller["address"].splitlines() if text.strip()]],
        "contact": line(controller["contact_name"], controller["contact_email"]),
        "dpo": line(controller["dpo_name"], controller["dpo_email"]),
        "representative": [text for text in controller["eu_representative"].splitlines() if text.strip()],
        "joint": [],
    }


def _activity_words(activity: dict[str, Any], frame: Frame) -> dict[str, Any]:
    recipients = activity["recipients"]

    def of_kind(*kinds: str) -> list[str]:
        return [_recipient(row) for row in recipients if row.get("kind") in kinds]

    return {
        "number": activity["number"],
        "name": activity["name"],
        "status": str(STATES.get(activity["state"], activity["state"])),
        "in_force": activity["state"] == "active",
        "summary": activity["description"],
        "purposes": _lines(activity["name"], activity["uses"]),
        "owner": [_("Programme owner, person %(number)s") % {"number": activity["owner_number"]}] if activity["owner_number"] else [],
        "version": [say.number(activity["version"]) or ""],
        "dates": [
            _("entered %(at)s") % {"at": frame.moment(activity["created_at"])},
            _("changed %(at)s") % {"at": frame.moment(activity["changed_at"])},
            _("next review %(day)s") % {"day": say.day(activity["review_on"])}
            if activity["review_on"]
            else _("next review: not recorded"),
        ],
        "bases": [_basis(ground) for ground in activity["grounds"]],
        "people": _lines(activity["people_concerned"]),
        "categories": [signal["title"] for signal in activity["signals"]] + list(activity["data_items"]),
        "special": [],
        "source": _lines(activity["source"]),
        "signals": [
            {
                "name": signal["title"], "kept": ", ".join([_("time, action, application"), *signal["fields"]]),
                "left_out": ", ".join(signal["left_out"]) or _("nothing of what the catalogue allows"), "why": signal["why"],
            }
            for signal in activity["signals"]
        ],
        "never": [{"name": row["title"], "reason": row["why"]} for row in activity["never"]],
        "recipients_inside": of_kind("internal"),
        "recipients_outside": of_kind("external"),
        "processors": of_kind("processor"),
        "contracts": [f"{row['name']}: {row['contract']}" for row in recipients if row.get("contract")],
        "transfers": _lines(activity["transfers"]),
        "retention": [_rule(rule) for rule in activity["retention"]],
        "security": _lines(activity["security"]),
        "systems": [
            {
                "name": row["name"], "holds": row["holds"], "place": say.country(row["country"]),
                "erasure": _("connected: erased and read back by Sammati (%(kind)s)") % {"kind": row["connected"]} if row["connected"] else _("not connected: not searched by erasure orders"),
            }
            for row in activity["systems"]
        ],
        "automated": _lines(activity["automated_decisions"]),
        "assessment": _lines(activity["assessment"]),
        "consultation": _lines(activity["works_council"]),
        "ai": [_("yes: data of this activity may train a model") if activity["trains_ai"] else _("no")],
        "notices": [
            {
                "version": say.number(row["version"]), "published": frame.moment(row["published_at"]),
                "texts": [{"language": say.language_name(text["language"]), "digest": text["sha256"]} for text in row["texts"]],
            }
            for row in activity["notices"]
        ],
    }  # fmt: skip


def _recipient(row: dict[str, Any]) -> str:
    return (
        f"{row.get('name', '')} ({say.country(row['country'])})"
        if row.get("country")
        else str(row.get("name", ""))
    )


def _lines(*texts: str) -> list[str]:
    return [line for text in texts for line in text.splitlines() if line.strip()]


def _basis(ground: dict[str, Any]) -> dict[str, str]:
    row = ground["provision"]
    return {
        "law": str(say.LAWS.get(ground["law"], ground["law"])),
        "citation": ground["ground"],
        "basis": _(row["text"]) if row and ground["exactly"] else "",
        "standing": say.standing(row)
        if row
        else _("not in the policy pack: ask the data protection officer"),
    }


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


def _rule(rule: dict[str, Any]) -> dict[str, str]:
    spans = [_("at least %(period)s") % {"period": period(rule["minimum"])}] if rule["minimum"] else []
    spans += [_("at most %(period)s") % {"period": period(rule["maximum"])}] if rule["maximum"] else []
    source = rule["source"]
    if rule["applies_from"]:
        source = f"{source} ({_('applies from %(day)s') % {'day': say.day(rule['applies_from'])}})"
    return {
        "category": rule["category"], "law": str(say.LAWS.get(rule["jurisdiction"], say.country(rule["jurisdiction"]))),
        "period": ", ".join(spans), "starts": str(STARTS.get(rule["starts"], rule["starts"])),
        "then": str(ACTIONS.get(rule["action"], rule["action"])), "rule": source,
    }  # fmt: skip
