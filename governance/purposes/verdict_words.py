"""How verdicts, duties and their clocks read to people. The short words for lists are in headings.py."""

import re
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from governance.purposes.policy import Outcome, packs

# What an outcome means for a purpose, and for one item of it.
MEANS: dict[Outcome, Any] = {
    Outcome.ALLOW: gettext_lazy("Runs; people are told."),
    Outcome.NOTICE_OBJECT: gettext_lazy("Runs after a notice; everybody can object."),
    Outcome.OPT_IN: gettext_lazy("Off until the person says yes."),
    Outcome.EXPLICIT_OPT_IN: gettext_lazy("Off until the person says yes in a separate, explicit statement."),
    Outcome.HOLD: gettext_lazy("Cannot start yet: something that is asked for is not there."),
    Outcome.REJECT_CONFIG: gettext_lazy("Refused the way it is written: the entry has to be changed."),
    Outcome.BLOCK: gettext_lazy("Forbidden."),
}
DUTIES: dict[str, Any] = {
    "give_notice": gettext_lazy("Tell the people concerned"),
    "give_courtesy_notice": gettext_lazy("Tell the people concerned, as a courtesy"),
    "offer_no_toggle": gettext_lazy("Show no switch: there is nothing to agree to"),
    "offer_no_objection": gettext_lazy("Offer no objection: the law gives none"),
    "tell_bystanders": gettext_lazy("Tell people nearby"),
    "end_within_14_days": gettext_lazy("End within fourteen days"),
    "tell_afterwards": gettext_lazy("Tell the person afterwards"),
    "inform_of_emotion_recognition": gettext_lazy("Tell everybody exposed to emotion recognition"),
    "inform_workers_of_ai": gettext_lazy("Tell workers and their representatives of the AI system"),
    "keep_ai_logs": gettext_lazy("Keep the logs of the AI system"),
    "warn_of_ai_act_date": gettext_lazy(
        "Prepare for the AI Act’s rules on high-risk systems (2 December 2027)"
    ),
    "consult_authority": gettext_lazy("Consult the supervisory authority"),
    "offer_other_languages": gettext_lazy("Offer the languages that have a text; do not ask in the others"),
    "guardian_consents": gettext_lazy("The lawful guardian decides"),
    "hold_decision_export": gettext_lazy("Hold back decisions until the data are checked"),
    "dpia_and_audit": gettext_lazy("Impact assessment and audit"),
    "dpo_in_india": gettext_lazy("A data protection officer in India"),
    "apply_client_law": gettext_lazy("Apply the law of the foreign client"),
    "erase_after_3_years_idle": gettext_lazy("Erase after three idle years"),
    "warn_before_erasure": gettext_lazy("Warn people before the erasure"),
    "keep_access_logs": gettext_lazy("Keep the access logs"),
    "floor_r8_3_off": gettext_lazy("The year of DPDP Rules r.8(3) does not apply"),
    "keep_transfer_tool": gettext_lazy("Keep the transfer tool in force"),
    "both_laws_apply": gettext_lazy("Apply both laws"),
}


def means(outcome: Outcome) -> str:
    return str(MEANS[outcome])


def duty(code: str) -> str:
    return str(DUTIES.get(code, code.replace("_", " ")))


def paper(kind: str) -> str:
    """What a kind of evidence is called, in the reader's language as far as the pack has it."""
    return packs.default().evidence_title(kind, (get_language() or "en").split("-")[0])


def clock(code: str) -> str:
    """ "within 3 days (GDPR Art. 33(1))", or "" without a clock."""
    row = packs.default().shared["clock"].get(code)
    if row is None:
        return ""
    span = _span(row["limit"])
    return _("%(span)s (%(cite)s)") % {"span": span, "cite": row["cite"]} if span else str(row["cite"])


def _span(limit: str) -> str:
    found = re.fullmatch(r"P(T?)(\d+)([HDWMY])", limit)
    if found is None:
        return ""
    n, unit = int(found[2]), found[3]
    says = {
        "H": ngettext("%(n)d hour", "%(n)d hours", n), "D": ngettext("%(n)d day", "%(n)d days", n),
        "W": ngettext("%(n)d week", "%(n)d weeks", n), "M": ngettext("%(n)d month", "%(n)d months", n),
        "Y": ngettext("%(n)d year", "%(n)d years", n),
    }  # fmt: skip
    return says[unit] % {"n": n}
