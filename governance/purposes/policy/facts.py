"""What a purpose says of itself, as the rules see it: plain, frozen, hashable, without database, request or clock.

Words of closed lists are the ones of `vocabulary.py`. Everything is off, absent or empty unless said otherwise, so
that what was forgotten makes a verdict stricter, never looser. Persons are opaque ids.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any

from governance.lib.canonical import digest


@dataclass(frozen=True)
class Evidence:
    """A signed paper on file: a HOLD points to one. It counts from the day of signing until it expires."""

    kind: str  # dpia, lia, worker_consultation, …: the kinds of pack.toml
    signed_on: date
    expires_on: date | None = None
    approved: bool = True
    reference: str = ""

    def counts(self, on: date) -> bool:
        return self.approved and self.signed_on <= on and (self.expires_on is None or on < self.expires_on)


@dataclass(frozen=True)
class Override:
    """The accountable owner relaxes one locked default for this purpose, after the DPO's written advice."""

    rule_id: str
    owner: str
    reason: str
    decided_on: date
    dpo: str
    advice: str
    advised_on: date
    until: date | None = None
    signal: str = ""  # code of one signal; empty: every signal of the purpose


@dataclass(frozen=True)
class SignalFacts:
    """One data item or signal of the purpose, in the form in which it is really taken."""

    code: str
    category: str  # CL, KD, …: the categories of categories.toml
    mode: str = "continuous"  # continuous, periodic, session, task_bounded, demo, event
    form: str = "raw"  # raw, minimised, aggregated
    necessary: bool = True
    captured: bool = False  # taken by a capture client, not merely kept
    assessed_until: date | None = None  # its value assessment lives until then
    uses: frozenset[str] = frozenset()  # what is derived of it: identity, emotion, idle_time, …
    origin: str = "fresh"  # fresh, consent or security: collected before, for another purpose
    user_started: bool = False
    redacted_on_device: bool = False
    allowlisted: bool = False  # only applications, templates or domains of a list
    blurred: bool = False
    bystanders_told: bool = False
    all_speakers_agree: bool = False
    off_duty: bool = False
    lab_study: bool = False
    equal_alternative: bool = False  # a way without it, equally good, is offered
    special_law: bool = False  # a national law under GDPR 9(2)(b) provides for it
    text_only: bool = False
    localised_class: bool = False  # of a class that the Government keeps in India (DPDP r.13(4))


@dataclass(frozen=True)
class Asking:
    """How consent is asked for and lived with: the facts of the gate G1–G10."""

    control_per_item: bool = False
    withdraw_same_screen: bool = False
    clicks_to_give: int = 1
    clicks_to_withdraw: int = 99
    withdrawal_immediate: bool = False
    withdrawal_needs_reason: bool = True
    managers_see_choices: bool = True
    smallest_group: int = 0
    asked_again_after_months: int = 0
    part_of_onboarding: bool = True
    incentive: bool = False
    incentive_small: bool = False
    incentive_equal: bool = False
    expires_after_months: int = 0  # 0: never
    ends_on_job_change: bool = False


@dataclass(frozen=True)
class NoticeFacts:
    """What people are told. Languages are BCP 47 tags; elements are the numbers of the list of DPDP r.3."""

    people_languages: frozenset[str] = frozenset()
    approved_languages: frozenset[str] = frozenset()  # with a text that a human has reviewed
    missing_elements: frozenset[str] = frozenset()
    inside_other_document: bool = False
    waives_a_right: bool = False
    names_us_a_registered_role: bool = False


@dataclass(frozen=True)
class Recipient:
    """Who gets the data, where, under what."""

    name: str
    country: str
    processor: bool = False
    contract_from: date | None = None
    contract_until: date | None = None
    transfer_tool: str = ""  # scc, bcr, …: GDPR Art. 46
    transfer_assessed: bool = False

    def under_contract(self, on: date) -> bool:
        return (
            self.contract_from is not None
            and self.contract_from <= on
            and (self.contract_until is None or on < self.contract_until)
        )


@dataclass(frozen=True)
class Case:
    """Something that happened to one person's data: the duty rows answer it. No case: nothing happened."""

    kind: str = "none"
    grounds_recorded: bool = False
    required_by_law: bool = False
    union_or_state_duty: bool = (
        False  # Art. 17(3)(b): a duty of Union or Member-State law, no other country's
    )
    litigation_hold: bool = False
    still_needed: bool = False
    in_trained_model: bool = False
    shows_others: bool = False
    investigation_sharing: bool = False
    cyber_incident: bool = False
    high_risk: bool = False
    nomination_on_file: bool = False
    registration_verified: bool = False
    secrecy_ordered: bool = False
    grievance_open: bool = False
    consent_months: int = 0
    consent_given_on: date | None = None
    notice_superseded: bool = False
    processed_on: date | None = None


@dataclass(frozen=True)
class RetentionPlan:
    """How long a category of the purpose's data stays, as the register says."""

    category: str
    start: str
    keeps: str  # ISO 8601: P30D, P12M, P1Y


@dataclass(frozen=True)
class PurposeFacts:
    """All that the rules may know of a purpose on the day they are asked."""

    kind: str = "other"
    laws: frozenset[str] = frozenset()  # said outright: EU, IN
    countries: frozenset[str] = frozenset()  # where the people work and who decides: each brings its law
    basis_eu: str = "none"  # a … f of GDPR 6(1)
    art9: str = "none"  # a … j of GDPR 9(2)
    ground_in: str = "none"  # s6, s7a … s7i
    limb_in: str = "none"  # of s.7(i): employment, loss, benefit
    signals: tuple[SignalFacts, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    overrides: tuple[Override, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    retention: tuple[RetentionPlan, ...] = ()
    asking: Asking = Asking()
    notice: NoticeFacts = NoticeFacts()
    case: Case = Case()
    effects: frozenset[str] = frozenset()  # pay, discipline, tasks, promotion, termination
    uses_ai: bool = False
    solely_automated: bool = False
    significant_effect: bool = False
    art22: str = "none"  # contract, law, explicit_consent
    human_route: bool = False
    medical_or_safety: bool = False
    quality_check_failed: bool = False
    under_18: bool = False
    platform_workers: bool = False
    under_guardianship: bool = False
    works_council: bool = False  # or union rights
    monitoring_capable: bool = False
    retrenchment_likely: bool = False
    dpia_residual_high: bool = False
    significant_fiduciary: bool = False
    third_schedule_class: bool = False
    foreign_contract: bool = False  # DPDP s.17(1)(d): data of persons outside India, for a foreign client
    eu_parent_decides: bool = False
    research_exemption: bool = False
    representatives: frozenset[str] = frozenset()  # of the workers: none of them advises as DPO
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Counted once: the memo asks for it on every evaluation.
        object.__setattr__(self, "_hash", hash(_said(self)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def sha256(self) -> str:
        """Of the facts in canonical form, for an Evaluation that is kept."""
        return digest(plain(self))

    def but(self, **changes: Any) -> "PurposeFacts":
        """The same purpose with something said otherwise."""
        return replace(self, **changes)


# All that is compared, in one call: facts are built anew for every purpose that is judged.
_said = attrgetter(*(f.name for f in fields(PurposeFacts) if f.compare))


def plain(value: Any) -> Any:
    """Facts as lists, dicts, strings and numbers: sets are sorted, dates are ISO."""
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.compare}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
