"""The sentences of a certificate of erasure, or of the statement on an order that is not done. Pure."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.exports import rules as export_rules
from governance.reports import words as say
from governance.reports.words import Frame
from governance.retention import methods

BECAUSE = {
    "consent.withdrawn": gettext_lazy("The person withdrew the consent."),
    "consent.expired": gettext_lazy("The consent had run its time and ended."),
    "consent.revoked": gettext_lazy("The controller ended the processing."),
    "consent.invalidated": gettext_lazy("The consent was found to be invalid."),
    "own_content.deleted": gettext_lazy("The person deleted what was recorded of them."),
    "consent.opted_out": gettext_lazy("The person opted out."),
    "optout.placed": gettext_lazy("The person opted out."),
    "opt_out.placed": gettext_lazy("The person opted out."),
    "objection.upheld": gettext_lazy("The person objected, and the objection was upheld."),
    "employment.ended": gettext_lazy("The employment ended, and the time after it was over."),
    "acting.ended": gettext_lazy(
        "The person came from outside to speak for somebody, and speaks for nobody any more."
    ),
    "purpose.ended": gettext_lazy("The purpose ended, and the time after it was over."),
    "programme.ended": gettext_lazy("The programme ended, and the time after it was over."),
    "rule.due": gettext_lazy("The time limit of a retention rule was reached."),
    "request.erasure": gettext_lazy("The person asked for erasure."),
    "untold": gettext_lazy("A right was used or a period ended. Only the person concerned is told which."),
}
SAID = {
    "consent.withdrawn": gettext_lazy("Consent withdrawn"),
    "consent.expired": gettext_lazy("Consent ended"),
    "consent.revoked": gettext_lazy("Processing ended"),
    "consent.invalidated": gettext_lazy("Consent found not valid"),
}
VERDICTS = {
    "waiting": gettext_lazy("This order waits to be carried out. Nothing has been erased under it yet."),
    "erasing": gettext_lazy("This order is being carried out. It is not complete."),
    "partly": gettext_lazy(
        "This order is not complete. What was erased and what still remains is listed below; it is tried again."
    ),
    "needs_attention": gettext_lazy(
        "This order could not be completed. What was erased and what still remains is listed below; people are looking into it."
    ),
    "merged": gettext_lazy("This order became part of a later one, under which it is carried out."),
    "called_off": gettext_lazy("This order was called off before anything was erased: the person came back."),
    "held": gettext_lazy(
        "The data of this order are kept because of a legal claim, and erased when the claim is settled."
    ),
    "restricted_hold": gettext_lazy(
        "A law asks for the data of this order to be kept for a time. They are locked away, used for nothing else, and erased when that time ends."
    ),
    "retention_conflict": gettext_lazy(
        "Two laws that both apply to this person disagree about these data. They are locked away and used for nothing until the question is decided."
    ),
}
TITLES = {
    "certificate": gettext_lazy("Certificate of erasure"),
    "statement": gettext_lazy("Statement on an erasure order"),
}
SHORT = 6  # lines of both tables that fit on two pages at the usual size
SHOWN = 3  # places of a read-back that are named on paper
KEPT_WHOLE = {"held", "restricted_hold", "retention_conflict"}


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    order = content["order"]
    done = order["state"] == "done"
    rows = [_system(row, frame) for row in content["systems"]]
    looked = [row for row in content["systems"] if row["standing"] in ("proved", "left")]
    skipped = [row["name"] for row in content["systems"] if row["standing"] == "not_searched"]
    remaining = _remaining(content, frame)
    return {
        "head": {"title": str(TITLES["certificate" if done else "statement"]), "kind": str(TITLES["certificate" if done else "statement"])},
        "done": done,
        "verdict": _verdict(content, bool(skipped), bool(remaining)),
        "subject": content["person_number"] or "",
        "order": {
            "number": order["number"],
            "because": str(BECAUSE.get(order["because"], order["because"])),
            "purpose": f"{content['purpose']['number']} {content['purpose']['name']}" if content["purpose"] else _("Everything about the person"),
            "signals": ", ".join(signal["title"] for signal in content["signals"]),
            "recorded_until": frame.moment(order["recorded_until"]),
            "law": [say.day(order["law_on"]), "; ".join(say.countries_of_laws(order["jurisdictions"])) or _("no law of a known country covers this person")],
        },
        "times": _times(content, frame),
        "zone": frame.zone_name,
        "systems": [row for row in rows if row["standing"] in ("proved", "left") or row["before"] is not None],
        "coverage": _coverage(len(looked), len(content["systems"]), skipped),
        "remaining": remaining,
        "is_long": len(rows) + len(remaining) > SHORT,
        "reasons": [_reason(reason) for reason in order["reasons"]] if order["state"] in KEPT_WHOLE else [],
        "keys": _keys(content, frame),
        "backups": _backups(content),
        "checked": _checked(content) if looked else [],
        "limits": _limits(content, done),
        "laws": say.law_rows(content["laws"]),
        "remedy": _remedy(content, frame),
        "log": _log(content, frame),
        "proofs_sha256": content["proofs_sha256"],
        "proof_count": len(content["proofs"]),
    }  # fmt: skip


def _verdict(content: dict[str, Any], skipped: bool, remains: bool) -> str:
    state = content["order"]["state"]
    if state != "done":
        said = str(VERDICTS.get(state, state))
        if state not in KEPT_WHOLE:
            return said
        gone = any(row["erased"] for row in content["systems"])
        first = (
            _("What was erased before is listed below; the rest was not erased.")
            if gone
            else _("Nothing was erased under this order.")
        )
        return f"{first} {said}"
    if content["order"].get("action") == "anonymise":
        return _(
            "The person was taken out of what this order covers; the data themselves stay. Each system was then searched for the person, and nothing was found."
        )
    if remains:
        return _(
            "What this order covers was erased from the systems listed below, except for what stands under “What was not erased”. Each system was then read back, and nothing else was found."
        )
    if skipped:
        return _(
            "What this order covers was erased from the systems that were searched. Each was then read back and found empty. Not every registered system was searched."
        )
    return _(
        "What this order covers was erased from every system registered for it. Each was then read back and found empty."
    )


def _times(content: dict[str, Any], frame: Frame) -> list[dict[str, str]]:
    times, order = content["times"], content["order"]
    said = str(SAID.get(order["because"], _("Ordered")))
    return [
        {"label": said, "at": frame.moment(times["said_at"] or order["ordered_at"])},
        {
            "label": _("Last admitted before that"),
            # A report made before this was told apart has no such field.
            "at": frame.moment(times["last_admitted_at"])
            or (_("nothing was ever admitted") if times.get("nothing_admitted", True) else ""),
        },
        {"label": _("Erased"), "at": frame.moment(times["erased_at"])},
        *(
            [{"label": _("Device buffer wiped at"), "at": frame.moment(times["buffer_wiped_at"])}]
            if times.get("buffer_wiped_at")
            else []
        ),
        {"label": _("Read back"), "at": frame.moment(times["read_back_at"])},
    ]


def _system(row: dict[str, Any], frame: Frame) -> dict[str, Any]:
    results = {
        "proved": _("found empty"),
        "left": _("not empty"),
        "under_way": _("not read back yet"),
        "not_searched": _("not searched"),
    }
    return {
        "standing": row["standing"],
        "name": row["name"],
        "place": say.country(row["country"]),
        "searched_for": _looked_at(row["looked_at"]) or row["holds"],
        "before": say.number(row["before"]),
        "erased": say.number(row["erased"]),
        "after": say.number(row["after"]),
        "method": methods.told(row["method"]),
        "read_back_at": frame.minute(row["read_back_at"]),
        "result": results[row["standing"]],
        "fault": bool(row["fault"]),
    }


def _looked_at(places: list[str]) -> str:
    """The first places by name; a read-back over a whole database has dozens."""
    shown, rest = [methods.looked(place) for place in places[:SHOWN]], len(places) - SHOWN
    more = ngettext(
        "and %(count)s more place, named in the attached file",
        "and %(count)s more places, named in the attached file",
        rest,
    )
    return "; ".join([*shown, more % {"count": rest}] if rest > 0 else shown)


def _coverage(looked: int, registered: int, skipped: list[str]) -> str:
    if not looked:
        return _("No system was searched under this order yet.")
    said = ngettext(
        "We looked in %(looked)s of the %(count)s system registered for what this order covers.",
        "We looked in %(looked)s of the %(count)s systems registered for what this order covers.",
        registered,
    ) % {"looked": looked, "count": registered}
    return f"{said} {_('Not searched: %(names)s.') % {'names': ', '.join(skipped)}}" if skipped else said


def _remaining(content: dict[str, Any], frame: Frame) -> list[dict[str, str]]:
    """What was not erased: what, where, why, until when, and who decides about it."""
    order, rows = content["order"], []
    for system in content["systems"]:
        for kept in system["not_erased"]:
            what, count = _said(kept.get("what", "")), say.number(kept.get("count") or 0)
            rows.append(
                {
                    "what": f"{what} ({count})" if kept.get("count") else what,
                    "where": _place(system["name"], kept.get("where", "")), "why": _said(kept.get("why", "")),
                    "until": _until(kept.get("until", "")), "who": frame.controller["name"],
                }
            )  # fmt: skip
        if system["residue"]:
            rows.append(
                {
                    "what": _("found again on reading back"), "where": _place(system["name"], ", ".join(system["residue"])),
                    "why": _("the system did not let go of it yet"), "until": _("tried again until it is empty"), "who": frame.controller["name"],
                }
            )  # fmt: skip
        elif (
            system["standing"] == "under_way"
            and order["state"] not in KEPT_WHOLE
            and order["state"] != "waiting"
        ):
            rows.append(
                {
                    "what": _("not proved yet"), "where": system["name"],
                    "why": _("the system did not answer") if system["fault"] else _("the work goes on"),
                    "until": _("tried again until it is read back empty"), "who": frame.controller["name"],
                }
            )  # fmt: skip
    rows += [
        _derived(row, frame)
        for row in content.get("derived", [])
        if not (row["kind"] == "dataset" and row["taken_out"])
    ]
    if order["state"] in KEPT_WHOLE:
        rows += _kept_whole(content)
    return rows


def _derived(row: dict[str, Any], frame: Frame) -> dict[str, str]:
    """What was made of it before: a model forgets nobody because a row is gone."""
    if row["kind"] == "model":
        what = _("model %(name)s %(version)s, trained %(at)s") % {
            "name": row["name"], "version": row["version"], "at": frame.moment(row["trained_at"])
        }  # fmt: skip
        why = _("it was trained with these data before; erasing them does not change it")
    else:
        what = _("dataset %(name)s") % {"name": row["name"]}
        why = _("it was made of an export before; its holder has to take the data out")
    if row["models_done"]:
        why += f" ({dict(export_rules.MODELS_DONE).get(row['models_done'], row['models_done'])})"
    until = say.day(row["due_on"]) if row["due_on"] else ""
    return {"what": what, "where": row["dataset"], "why": why, "until": until, "who": row["holder"]}


def _kept_whole(content: dict[str, Any]) -> list[dict[str, str]]:
    order = content["order"]
    places = [system["name"] for system in content["systems"] if system["standing"] != "proved"]
    decided = any("decision" in reason for reason in order["reasons"])
    who = {
        "held": _("two members of the legal team together"),
        "restricted_hold": _("the accountable owner decided, after the advice of the data protection officer") if decided else _("nobody: it ends by itself"),
        "retention_conflict": _("the accountable owner of the purpose, after the written advice of the data protection officer"),
    }  # fmt: skip
    until = {
        "held": _("until the claim is settled"),
        "restricted_hold": say.day(order["kept_until"]),
        "retention_conflict": _("until it is decided"),
    }
    if not places:
        return []
    return [
        {
            "what": _("everything that this order covers"), "where": ", ".join(places),
            "why": "; ".join(_reason(reason, short=True) for reason in order["reasons"] if "advice" not in reason),
            "until": until[order["state"]], "who": who[order["state"]],
        }
    ]  # fmt: skip


def _said(text: str) -> str:
    """A connector's sentence, which was written down in English."""
    return _(text) if text else ""


def _place(system: str, where: str) -> str:
    return f"{system}: {where}" if where and where != system else system


def _until(text: str) -> str:
    try:
        return say.day(text)
    except ValueError:
        return text


def _reason(reason: dict[str, Any], short: bool = False) -> str:
    if "provision" in reason:
        row = reason["provision"]
        return say.cited(row) if short else f"{say.cited(row)}: {_(row['text'])}"
    if "decision" in reason:
        if short:
            return _("decided by the accountable owner")
        said = (
            _("The accountable owner decided to keep")
            if reason["decision"]["keep"]
            else _("The accountable owner decided to erase")
        )
        return f"{said}: {reason['decision']['reason']}"
    if "advice" in reason:
        return f"{_('Advice of the data protection officer')}: {reason['advice']}"
    return str(reason["text"])


def _keys(content: dict[str, Any], frame: Frame) -> str:
    keys = content["keys"]
    gone = [key["destroyed_at"] for key in keys if key["destroyed_at"]]
    if not keys:
        return _("No sealed recordings belonged to this order, so there was no key to destroy.")
    if len(gone) < len(keys):
        left = len(keys) - len(gone)
        return ngettext(
            "%(count)s key of sealed recordings still exists.",
            "%(count)s keys of sealed recordings still exist.",
            left,
        ) % {"count": left}
    return ngettext(
        "The key under which recordings had been sealed was destroyed. What was sealed with it cannot be read in the live system since %(at)s.",
        "The %(count)s keys under which recordings had been sealed were destroyed. What was sealed with them cannot be read in the live system since %(at)s.",
        len(keys),
    ) % {"count": len(keys), "at": frame.moment(max(gone))}


def _backups(content: dict[str, Any]) -> str:
    if "backups" not in content:  # of a certificate from before this was said of each system
        return _backups_of_all(content["backup_days"])
    rows = content["backups"]
    unknown = [row["system"] for row in rows if row["days"] is None]
    if len(unknown) == len(rows):
        return _("How long backups are kept is not recorded in this system. Ask the controller.")
    said = []
    if ends := [f"{row['system']} {say.day(row['gone_on'])}" for row in rows if row["days"]]:
        said.append(
            _("Backups made before are overwritten at the latest on: %(days)s. Until then nobody may restore them for use without repeating this erasure.")
            % {"days": "; ".join(ends)}
        )  # fmt: skip
    if none := [row["system"] for row in rows if row["days"] == 0]:
        said.append(_("No backups are made of %(systems)s.") % {"systems": ", ".join(none)})
    if unknown:
        said.append(
            _("It is not recorded how long backups of %(systems)s are kept.")
            % {"systems": ", ".join(unknown)}
        )
    return " ".join(said)


def _backups_of_all(days: int | None) -> str:
    if not days:
        return _("How long backups are kept is not recorded in this system. Ask the controller.")
    return ngettext(
        "Backups made before are overwritten after %(count)s day at the latest; until then nobody may restore them for use without repeating this erasure.",
        "Backups made before are overwritten after %(count)s days at the latest; until then nobody may restore them for use without repeating this erasure.",
        days,
    ) % {"count": days}


def _checked(content: dict[str, Any]) -> list[str]:
    return [
        _(
            "“Found before” was counted once, before the first attempt. “Found after” comes from reading back by another connection and another query than the one that erased."
        ),
        _("A system counts as proved only when the reading back found nothing that the order covers."),
    ]


def _limits(content: dict[str, Any], done: bool) -> list[str]:
    lines = [
        _(
            "This document speaks only of the systems named in it and of what was recorded until the moment of the cut-off. What was collected later, on a new consent, is not covered."
        ),
        _(
            "It says nothing about copies that left these systems before, on paper, in messages or with others."
        ),
        _(
            "Entries that prove what was decided and done (numbers, dates, codes, no content) are kept in the log."
        ),
    ]
    return lines if done else lines[:2]


def _remedy(content: dict[str, Any], frame: Frame) -> str:
    said = _("If you think this is wrong, write to %(contact)s.") % {
        "contact": frame.controller["contact_email"]
    }
    laws = content["order"]["jurisdictions"]
    if "EU" in laws:
        said += " " + _("You can also complain to the data protection authority where you live or work.")
    if "IN" in laws and content["board"]["in_force"]:
        said += " " + _("You can also complain to the Data Protection Board of India (%(law)s).") % {
            "law": content["board"]["cite"]
        }
    return said


def _log(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    entry = content["log"]
    if entry is None:
        return {}
    proof = entry["proof"]
    return {
        "entry": f"{entry['entry']} ({entry['code']})",
        "at": frame.moment(entry["at"]),
        "sealed": bool(proof),
        "lines": say.place_in_log(proof),
        "leaf": proof["leaf"] if proof else "",
        "root": proof["root"] if proof else "",
        "checkpoint": proof["checkpoint_hash"] if proof else "",
        "steps": len(proof["path"]) if proof else 0,
        "kid": proof["kid"] if proof else "",
    }  # fmt: skip
