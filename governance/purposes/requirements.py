"""What the laws and the house want to find in the register: one row each, with when it is wanted and when it is there.

GDPR Art. 30(1)(a)–(g), what a record needs in order to be true (grounds, contracts, assessments), what the DPDP Act and
Rules make necessary, and the columns of the ICO's template that nothing else asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.purposes.entry import Entry

HOUSE, ICO = "HOUSE", "ICO"
Test = Callable[[Entry], Any]


@dataclass(frozen=True)
class Requirement:
    code: str
    law: str  # EU, IN, ICO, HOUSE
    field: str  # where it is recorded: headings.FIELDS
    provision: str  # packs/laws.toml; "" where no law says so
    part: str  # what follows its citation: "(c)"
    sentence: Any  # what to record
    there: Test
    wanted: Test


def always(_entry: Entry) -> bool:
    return True


def _row(
    code: str, law: str, field: str, cited: str, sentence: Any, there: Test, wanted: Test = always
) -> Requirement:
    """`cited`: "gdpr.30 (a)", the provision and its part."""
    provision, _, part = cited.partition(" ")
    return Requirement(code, law, field, provision, part, sentence, there, wanted)


def _kept_under(entry: Entry, *, india: bool) -> bool:
    """Some period that counts there: of this law, of one of its countries, or of no law in particular."""
    return any((keep.law == "IN") is india or not keep.law for keep in entry.a.keeps)


EU: list[Requirement] = [
    _row("eu_controller", "EU", "entity", "gdpr.30 (a)", _("Record name, address and contact of the controller."), lambda e: e.b.controller),
    _row("eu_joint", "EU", "joint_controllers", "gdpr.30 (a)", _("Name the joint controllers, each with a contact."),
         lambda e: e.a.joint_controllers and all(c.contact for c in e.a.joint_controllers),
         lambda e: e.a.joint_controllers or e.says("eu_parent_decides")),
    _row("eu_representative", "EU", "entity", "gdpr.30 (a)", _("Name the representative in the EU: the controller has its seat outside."),
         lambda e: e.b.representative, lambda e: e.controller_is_outside),
    _row("eu_dpo", "EU", "entity", "gdpr.30 (a)", _("Name the data protection officer: people are monitored, or special data are used."),
         lambda e: e.b.dpo, lambda e: e.watched or e.special),
    _row("eu_purposes", "EU", "description", "gdpr.30 (b)", _("Say what is done and for which purposes."), lambda e: e.a.description or e.a.objectives),
    _row("eu_people", "EU", "people", "gdpr.30 (c)", _("Say which groups of people it concerns."), lambda e: e.a.people),
    _row("eu_items", "EU", "items", "gdpr.30 (c)", _("List the data items."), lambda e: e.a.items),
    _row("eu_recipients", "EU", "recipients", "gdpr.30 (d)", _("Say who receives the data, inside the company and outside."), lambda e: e.a.recipients),
    _row("eu_recipient_countries", "EU", "recipients", "gdpr.30 (e)", _("Say in which country each recipient outside the company is."),
         lambda e: all(e.country_of(r) for r in e.outsiders), lambda e: e.outsiders),
    _row("eu_safeguards", "EU", "recipients", "gdpr.30 (e)", _("Name the safeguard for each transfer out of the EEA."),
         lambda e: all(e.tool_of(r) for r in e.transfers), lambda e: e.transfers),
    _row("eu_exception", "EU", "transfers_note", "gdpr.30 (e)", _("Write down which exception of Art. 49 allows the transfer, and the safeguards."),
         lambda e: e.a.transfers_note, lambda e: any(e.tool_of(r) == "derogation" for r in e.transfers)),
    _row("eu_retention", "EU", "keeps", "gdpr.30 (f)", _("Say when each category of data is erased."),
         lambda e: _kept_under(e, india=False) or e.a.retention_note),
    _row("eu_security", "EU", "security", "gdpr.30 (g)", _("Describe the security measures."), lambda e: e.a.security or e.a.security_note),
    _row("eu_ground", "EU", "basis_eu", "gdpr.6-1", _("Choose the ground under Art. 6(1)."), lambda e: e.a.basis_eu),
    _row("eu_ground_law", "EU", "ground_note", "gdpr.6-3", _("Name the law that lays down the obligation or the task."),
         lambda e: e.a.ground_note, lambda e: e.a.basis_eu in ("c", "e")),
    _row("eu_art9", "EU", "art9", "gdpr.9-2", _("Choose the condition of Art. 9: special data are used."), lambda e: e.a.art9, lambda e: e.special),
    _row("eu_interests", "EU", "interests", "gdpr.13 (1)(d)", _("Write which legitimate interests are pursued."), lambda e: e.a.interests, lambda e: e.a.basis_eu == "f"),
    _row("eu_interests_weighed", "EU", "interests_link", "gdpr.6-1 (f)", _("File the interests assessment, or say where it is."),
         lambda e: e.a.interests_link or "lia" in e.b.evidence, lambda e: e.a.basis_eu == "f"),
    _row("eu_source", "EU", "items", "gdpr.14 (2)(f)", _("Say for every data item where it comes from."),
         lambda e: all(item.source for item in e.a.items), lambda e: e.a.items),
    _row("eu_automated", "EU", "automated", "gdpr.13 (2)(f)", _("Say whether decisions are automated, also if none is."), lambda e: e.a.automated),
    _row("eu_art22", "EU", "art22", "gdpr.22-2", _("Choose what allows a decision by a machine alone."), lambda e: e.a.art22,
         lambda e: e.says("solely_automated") and e.says("significant_effect")),
    _row("eu_dpia", "EU", "dpia", "gdpr.35", _("Say how far the impact assessment is."), lambda e: e.a.dpia, lambda e: e.watched or e.special or e.uses_ai),
    _row("eu_dpia_paper", "EU", "dpia_link", "gdpr.35", _("File the impact assessment, or say where it is."),
         lambda e: e.a.dpia_link or "dpia" in e.b.evidence, lambda e: e.a.dpia == "done"),
    _row("eu_representatives", "EU", "works_note", "gdpr.35 (9)", _("Record how the workers’ representatives were heard."),
         lambda e: e.a.works_note or "worker_consultation" in e.b.evidence, lambda e: e.says("works_council")),
    _row("eu_contracts", "EU", "recipients", "gdpr.28-3", _("Choose every processor from the register of processors, with a contract that has all clauses."),
         lambda e: all(e.contract(r).contract and not e.contract(r).clauses_missing for r in e.processing), lambda e: e.processing),
    _row("eu_notice", "EU", "notice", "gdpr.13", _("Publish a notice: people are asked for their consent."), lambda e: e.b.notice, lambda e: e.a.asks_consent),
    _row("eu_ai", "EU", "ai_class", "aiact.6", _("Record role and class under the AI Act."), lambda e: e.a.ai_role and e.a.ai_class, lambda e: e.uses_ai),
    _row("eu_ai_told", "EU", "worker_notice_on", "aiact.26-7", _("Record the day on which workers and their representatives were told of the high-risk AI."),
         lambda e: e.a.worker_notice_on, lambda e: e.a.ai_class == "high_risk" and e.a.ai_role == "deployer"),
]  # fmt: skip

IN: list[Requirement] = [
    _row("in_purposes", "IN", "description", "dpdp.s6", _("Say what is done and for which purposes."), lambda e: e.a.description or e.a.objectives),
    _row("in_ground", "IN", "ground_in", "dpdp.s4", _("Choose the ground: consent or a certain legitimate use."), lambda e: e.a.ground_in),
    _row("in_limb", "IN", "limb_in", "dpdp.s7-i", _("Say which purpose of employment it is."), lambda e: e.a.limb_in, lambda e: e.a.ground_in == "s7i"),
    _row("in_items", "IN", "items", "dpdp.r3 (b)(i)", _("List the data items one by one."), lambda e: e.a.items),
    _row("in_necessary", "IN", "items", "dpdp.s6 (1)", _("Say for every data item why it is necessary."),
         lambda e: all(item.why for item in e.a.items), lambda e: e.a.items),
    _row("in_uses", "IN", "uses", "dpdp.r3 (b)(ii)", _("Say which goods, services or uses it makes possible."), lambda e: e.a.uses, lambda e: e.a.ground_in == "s6"),
    _row("in_people", "IN", "people", "dpdp.s9", _("Say which groups of people it concerns; people under 18 need more."), lambda e: e.a.people),
    _row("in_notice", "IN", "notice", "dpdp.s5", _("Publish a notice: people are asked for their consent."), lambda e: e.b.notice, lambda e: e.a.ground_in == "s6"),
    _row("in_contact", "IN", "entity", "dpdp.s8-9", _("Name the person who answers questions for the controller."), lambda e: e.b.controller),
    _row("in_recipients", "IN", "recipients", "dpdp.s11 (1)(b)", _("Say with whom the data are shared."), lambda e: e.a.recipients),
    _row("in_countries", "IN", "recipients", "dpdp.s16", _("Say in which country each recipient outside the company is."),
         lambda e: all(e.country_of(r) for r in e.outsiders), lambda e: e.outsiders),
    _row("in_contracts", "IN", "recipients", "dpdp.s8-2", _("Choose every processor from the register of processors, with its contract."),
         lambda e: all(e.contract(r).contract for r in e.processing), lambda e: e.processing),
    _row("in_contract_security", "IN", "recipients", "dpdp.r6 (1)(f)", _("The contract with a processor must say how the data are secured."),
         lambda e: all("security" in e.contract(r).clauses for r in e.processing), lambda e: any(e.contract(r).contract for r in e.processing)),
    _row("in_security", "IN", "security", "dpdp.r6", _("Describe the security measures."), lambda e: e.a.security or e.a.security_note),
    _row("in_retention", "IN", "keeps", "dpdp.s8-7", _("Say when the data are erased."), lambda e: _kept_under(e, india=True) or e.a.retention_note),
]  # fmt: skip

ICOS: list[Requirement] = [
    _row("ico_rights", ICO, "rights_note", "", _("Say which rights people have."), lambda e: e.a.rights_note or e.a.basis_eu),
    _row("ico_schedule_1", ICO, "schedule_1", "", _("Choose the condition of Schedule 1 of the Data Protection Act 2018."), lambda e: e.a.schedule_1, lambda e: e.special),
    _row("ico_policy", ICO, "policy_link", "", _("Say where the retention policy is."), lambda e: e.a.policy_link),
    _row("ico_policy_followed", ICO, "policy_followed", "", _("Say whether the retention policy is followed."), lambda e: e.a.policy_followed),
    _row("ico_policy_why_not", ICO, "policy_why_not", "", _("Say why the retention policy is not followed."), lambda e: e.a.policy_why_not,
         lambda e: e.a.policy_followed == "no"),
    _row("ico_breach", ICO, "breach", "", _("Say whether there was a breach."), lambda e: e.a.breach),
    _row("ico_breach_link", ICO, "breach_link", "", _("Say where the record of the breach is."), lambda e: e.a.breach_link, lambda e: e.a.breach == "yes"),
]  # fmt: skip

HOUSES: list[Requirement] = [
    _row("where", HOUSE, "countries", "", _("Say in which countries the people work: no law is known to apply."), lambda e: e.laws),
    _row("owner", HOUSE, "owner", "", _("Name who answers for it."), lambda e: e.b.owner),
    _row("review", HOUSE, "review_on", "", _("Set the day of the next review."), lambda e: e.b.review),
    _row("function", HOUSE, "function", "", _("Choose the business function."), lambda e: e.a.function),
    _row("location", HOUSE, "location", "", _("Say where the data lie."), lambda e: e.a.location or e.a.systems),
    _row("items_described", HOUSE, "items", "", _("Give every data item its category, its DPV term and its sensitivity."),
         lambda e: all(i.category and i.dpv and i.sensitivity for i in e.a.items), lambda e: e.a.items),
    _row("assessed", HOUSE, "assessments", "", _("Write the value assessment of every captured item: without a living one it is not captured."),
         lambda e: all(item.code in e.b.assessed for item in e.captured), lambda e: e.captured),
]  # fmt: skip

REQUIREMENTS: tuple[Requirement, ...] = (*EU, *IN, *ICOS, *HOUSES)
