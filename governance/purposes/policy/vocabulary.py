"""The facts by the names under which rules ask for them: their kind, and how they follow from PurposeFacts on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.lib.deadlines import add_months
from governance.purposes.policy.facts import PurposeFacts, Recipient, SignalFacts
from governance.purposes.policy.language import Kind

# The 22 languages of the Eighth Schedule and English, by their first subtag.
SCHEDULED = frozenset(
    "en as bn brx doi gu hi kn ks kok gom mai ml mni mr ne or pa sa sat sd ta te ur".split()
)
PURPOSES = frozenset(
    "agent_training payroll tax social_security attendance benefit access_control security investigation productivity"
    " working_time performance hr_decision research safety support other".split()
)
CASES = frozenset(
    "none objection objection_decided withdrawal refusal erasure access correction portability changed"
    " special_content standing grievance board_complaint breach purpose_ended nominee intermediary_call"
    " government_request decision_export".split()
)
USES = frozenset(
    "identity emotion sentiment idle_time traits productivity_label race politics religion union_membership sex_life"
    " private_talk off_duty union_prediction".split()
)

Sizes = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Tables:
    """What the pack adds to the facts: its words, and lists that a Government or a commission may change."""

    categories: Mapping[str, frozenset[str]]  # code → its marks: behavioural, biometric, spdi
    evidence_kinds: frozenset[str]
    eea: frozenset[str]
    adequate: frozenset[str]  # countries with an adequacy decision for everybody
    restricted: frozenset[str]  # countries on a list under DPDP s.16
    law_of_country: Mapping[str, str]
    dates: Mapping[str, date]


def kinds(tables: Tables) -> dict[str, Kind]:
    """Every fact that a condition may name."""
    yes_no, number = Kind("yes_no"), Kind("number")

    def word(text: str) -> Kind:
        return Kind("word", frozenset(text.split()))

    return {
        "purpose.kind": Kind("word", PURPOSES),
        "laws": Kind("words", frozenset({"EU", "IN"})),
        "countries": Kind("words"),
        "basis.eu": word("none a b c d e f"),
        "basis.art9": word("none a b c d e f g h i j"),
        "basis.in": word("none s6 s7a s7b s7c s7d s7e s7f s7g s7h s7i"),
        "basis.in_limb": word("none employment loss benefit"),
        "basis.art22": word("none contract law explicit_consent"),
        "evidence": Kind("words", tables.evidence_kinds),
        "effects": Kind("words", frozenset("pay discipline tasks promotion termination".split())),
        "signal.category": Kind("word", frozenset(tables.categories)),
        "signal.mode": word("continuous periodic session task_bounded demo event"),
        "signal.form": word("raw minimised aggregated"),
        "signal.origin": word("fresh consent security"),
        "signal.uses": Kind("words", USES),
        "case.kind": Kind("word", CASES),
        "asking.smallest_group": number,
        "asking.asked_again_after_months": number,
        "asking.expires_after_months": number,
        "case.consent_months": number,
        **dict.fromkeys(_YES_NO, yes_no),
    }


_OF_PURPOSE = (
    "uses_ai solely_automated significant_effect human_route medical_or_safety quality_check_failed under_18"
    " platform_workers under_guardianship works_council monitoring_capable retrenchment_likely dpia_residual_high"
    " significant_fiduciary third_schedule_class foreign_contract eu_parent_decides research_exemption"
).split()
_OF_SIGNAL = (
    "necessary user_started redacted_on_device allowlisted blurred bystanders_told all_speakers_agree off_duty lab_study"
    " equal_alternative special_law text_only localised_class captured"
).split()
_OF_ASKING = (
    "control_per_item withdraw_same_screen withdrawal_immediate withdrawal_needs_reason managers_see_choices"
    " part_of_onboarding incentive incentive_small incentive_equal ends_on_job_change"
).split()
_OF_NOTICE = "inside_other_document waives_a_right names_us_a_registered_role".split()
_OF_CASE = (
    "grounds_recorded required_by_law union_or_state_duty litigation_hold still_needed in_trained_model shows_others"
    " investigation_sharing cyber_incident high_risk nomination_on_file registration_verified secrecy_ordered"
    " grievance_open notice_superseded"
).split()
_YES_NO = [
    *(f"purpose.{name}" for name in _OF_PURPOSE),
    *(f"signal.{name}" for name in _OF_SIGNAL),
    *(f"asking.{name}" for name in _OF_ASKING),
    *(f"notice.{name}" for name in _OF_NOTICE),
    *(f"case.{name}" for name in _OF_CASE),
    "signal.assessed", "signal.behavioural", "signal.biometric", "signal.spdi", "signal.capture",
    "asking.withdraw_as_easy", "gate", "act_missing", "law.another",
    "notice.element_missing", "notice.language_missing", "notice.scheduled_language_missing",
    "recipients.processor_without_contract", "recipients.unsafe_transfer", "recipients.restricted_country",
    "recipients.outside_india", "recipients.in_india", "recipients.processor_in_india",
    "case.consent_before_p3", "case.floor_running",
]  # fmt: skip
_PURPOSE_KEYS = [(f"purpose.{name}", name) for name in _OF_PURPOSE]
_SIGNAL_KEYS = [(f"signal.{name}", name) for name in _OF_SIGNAL]
_ASKING_KEYS = [(f"asking.{name}", name) for name in _OF_ASKING]
_NOTICE_KEYS = [(f"notice.{name}", name) for name in _OF_NOTICE]
_CASE_KEYS = [(f"case.{name}", name) for name in _OF_CASE]


def laws_of(facts: PurposeFacts, tables: Tables) -> tuple[frozenset[str], frozenset[str]]:
    """(laws that apply, countries whose law nobody knows). An EU parent that decides brings in its own (GDPR 3(1))."""
    known = {country: law for country in facts.countries if (law := tables.law_of_country.get(country))}
    laws = facts.laws | frozenset(known.values())
    if facts.eu_parent_decides:
        laws |= {"EU"}
    return laws, facts.countries - known.keys()


def missing_languages(facts: PurposeFacts, *, scheduled_only: bool) -> frozenset[str]:
    """Languages of the people without an approved text, in that tag or in its language alone."""
    notice = facts.notice
    approved = notice.approved_languages | {
        tag.split("-")[0] for tag in notice.approved_languages if "-" not in tag
    }
    return frozenset(
        tag
        for tag in notice.people_languages
        if tag not in approved
        and tag.split("-")[0] not in approved
        and (not scheduled_only or tag.split("-")[0] in SCHEDULED)
    )


def _unsafe(recipient: Recipient, tables: Tables) -> bool:
    """GDPR Art. 44–46: outside of the EEA and of the adequate countries, with a tool and an assessment or not at all."""
    inside = recipient.country in tables.eea or recipient.country in tables.adequate
    return not inside and not (recipient.transfer_tool and recipient.transfer_assessed)


def of_purpose(facts: PurposeFacts, on: date, tables: Tables) -> dict[str, Any]:
    """All facts that are the same for every signal, but for the gate and the national acts (the engine adds them)."""
    asking, notice, case, recipients = facts.asking, facts.notice, facts.case, facts.recipients
    laws, _ = laws_of(facts, tables)
    context: dict[str, Any] = {
        "purpose.kind": facts.kind,
        "laws": laws,
        "countries": facts.countries,
        "basis.eu": facts.basis_eu,
        "basis.art9": facts.art9,
        "basis.in": facts.ground_in,
        "basis.in_limb": facts.limb_in,
        "basis.art22": facts.art22,
        "evidence": frozenset(paper.kind for paper in facts.evidence if paper.counts(on)),
        "effects": facts.effects,
        "case.kind": case.kind,
        "asking.smallest_group": asking.smallest_group,
        "asking.asked_again_after_months": asking.asked_again_after_months,
        "asking.expires_after_months": asking.expires_after_months,
        "asking.withdraw_as_easy": asking.clicks_to_withdraw <= asking.clicks_to_give,
        "case.consent_months": case.consent_months,
        "case.consent_before_p3": case.consent_given_on is not None
        and case.consent_given_on < tables.dates["P3"],
        "case.floor_running": case.processed_on is not None and add_months(case.processed_on, 12) > on,
        "law.another": bool(laws - {"IN"}),
        "notice.element_missing": bool(notice.missing_elements),
        "notice.language_missing": bool(missing_languages(facts, scheduled_only=False)),
        "notice.scheduled_language_missing": bool(missing_languages(facts, scheduled_only=True)),
        "recipients.processor_without_contract": any(
            r.processor and not r.under_contract(on) for r in recipients
        ),
        "recipients.unsafe_transfer": any(_unsafe(r, tables) for r in recipients),
        "recipients.restricted_country": any(r.country in tables.restricted for r in recipients),
        "recipients.outside_india": any(r.country != "IN" for r in recipients),
        "recipients.in_india": any(r.country == "IN" for r in recipients),
        "recipients.processor_in_india": any(r.processor and r.country == "IN" for r in recipients),
    }
    for keys, source in (
        (_PURPOSE_KEYS, facts),
        (_ASKING_KEYS, asking),
        (_NOTICE_KEYS, notice),
        (_CASE_KEYS, case),
    ):
        for key, name in keys:
            context[key] = getattr(source, name)
    return context


def of_signal(signal: SignalFacts, on: date, tables: Tables) -> dict[str, Any]:
    """The facts of one signal, to be laid over those of the purpose."""
    marks = tables.categories.get(signal.category, frozenset())
    context: dict[str, Any] = {
        "signal.category": signal.category,
        "signal.mode": signal.mode,
        "signal.form": signal.form,
        "signal.origin": signal.origin,
        "signal.uses": signal.uses,
        "signal.assessed": signal.assessed_until is not None and on < signal.assessed_until,
        "signal.behavioural": "behavioural" in marks,
        "signal.biometric": "biometric" in marks,
        "signal.capture": "capture" in marks,
        "signal.spdi": "spdi" in marks or ("biometric" in marks and "identity" in signal.uses),
    }
    for key, name in _SIGNAL_KEYS:
        context[key] = getattr(signal, name)
    return context


NO_SIGNAL = SignalFacts(
    code="", category="NONE", mode="event"
)  # a purpose that lists none is judged as a whole


def unknown_words(facts: PurposeFacts, vocabulary: Mapping[str, Kind]) -> list[str]:
    """Words in the facts that no list knows ("purpose.kind: spying"): a typing error must not loosen a verdict."""
    said = [
        ("purpose.kind", {facts.kind}), ("basis.eu", {facts.basis_eu}), ("basis.art9", {facts.art9}),
        ("basis.in", {facts.ground_in}), ("basis.in_limb", {facts.limb_in}), ("basis.art22", {facts.art22}),
        ("effects", facts.effects), ("case.kind", {facts.case.kind}), ("laws", facts.laws),
        ("evidence", {paper.kind for paper in facts.evidence}),
    ]  # fmt: skip
    for signal in facts.signals:
        said += [
            ("signal.category", {signal.category}), ("signal.mode", {signal.mode}), ("signal.form", {signal.form}),
            ("signal.origin", {signal.origin}), ("signal.uses", signal.uses),
        ]  # fmt: skip
    return [
        f"{fact}: {word}"
        for fact, words in said
        for word in sorted(words)
        if word not in (vocabulary[fact].words or ())
    ]
