"""From the register's words to the facts that the rules judge. Pure: an activity and what lies around it in, facts out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from governance.purposes import guarantees
from governance.purposes.activity import Activity, Item, Recipient
from governance.purposes.policy import facts as policy
from governance.purposes.policy import packs

# Circumstances that are facts of the same name.
CIRCUMSTANCES = (
    "uses_ai", "solely_automated", "significant_effect", "human_route", "medical_or_safety", "quality_check_failed", "under_18",
    "platform_workers", "under_guardianship", "works_council", "monitoring_capable", "retrenchment_likely", "dpia_residual_high",
    "significant_fiduciary", "third_schedule_class", "foreign_contract", "eu_parent_decides", "research_exemption",
)  # fmt: skip
SAFEGUARDS = (
    "user_started", "redacted_on_device", "allowlisted", "blurred", "bystanders_told", "all_speakers_agree", "off_duty", "lab_study",
    "equal_alternative", "special_law", "text_only", "localised_class",
)  # fmt: skip
UNSAID = "UNSAID"  # category of an item that says none (packs/policy/house.toml): HOLD
ARTICLE_46 = frozenset({"scc", "bcr", "code_of_conduct", "certification"})


@dataclass(frozen=True)
class ProcessorFacts:
    """A row of the processor register, as far as the rules ask."""

    name: str
    country: str
    contract: str = ""
    contract_from: date | None = None
    contract_until: date | None = None
    tool: str = ""
    assessed_on: date | None = None
    subprocessors: tuple[tuple[str, str], ...] = ()  # (name, country)


@dataclass(frozen=True)
class Around:
    """What lies around an activity: whose it is, its papers, its people. All empty: the strictest verdict."""

    home: str = ""  # country of the entity: who decides brings its law
    processors: Mapping[str, ProcessorFacts] = field(default_factory=dict)
    assessed: Mapping[str, date] = field(default_factory=dict)  # item → its living assessment ends on
    evidence: tuple[policy.Evidence, ...] = ()
    overrides: tuple[policy.Override, ...] = ()
    notice: policy.NoticeFacts = field(default_factory=policy.NoticeFacts)
    representatives: frozenset[str] = frozenset()


def facts(activity: Activity, around: Around, on: date) -> policy.PurposeFacts:
    """What the rules may know of this activity on this day."""
    said = frozenset(activity.circumstances)
    signals = tuple(_signal(item, around.assessed.get(item.code)) for item in activity.items)
    known: dict[str, Any] = {name: True for name in CIRCUMSTANCES if name in said}
    if activity.ai_system or activity.trains_ai:
        known["uses_ai"] = True
    if any(_watches(signal) for signal in signals):
        known["monitoring_capable"] = True
    kinds = packs.default().vocabulary["evidence"].words or frozenset()
    return policy.PurposeFacts(
        kind=activity.kind or "other", laws=frozenset(activity.laws), countries=frozenset({*activity.countries, around.home} - {""}),
        basis_eu=activity.basis_eu or "none", art9=activity.art9 or "none", ground_in=activity.ground_in or "none",
        limb_in=activity.limb_in or "none", art22=activity.art22 or "none", signals=signals,
        evidence=tuple(sorted((p for p in around.evidence if p.kind in kinds), key=lambda p: (p.kind, p.signed_on, p.reference))),
        overrides=around.overrides, recipients=tuple(_recipients(activity, around, on)), retention=tuple(_plans(activity)),
        asking=guarantees.asking(said), notice=around.notice, effects=frozenset(activity.effects),
        representatives=around.representatives, **known,
    )  # fmt: skip


def _signal(item: Item, assessed_until: date | None) -> policy.SignalFacts:
    return policy.SignalFacts(
        code=item.code, category=item.category or UNSAID, mode=item.mode or "continuous", form=item.form or "raw", necessary=item.necessary,
        captured=item.captured, assessed_until=assessed_until, uses=frozenset(item.uses), origin=item.origin or "fresh",
        **{name: True for name in SAFEGUARDS if name in item.safeguards},
    )  # fmt: skip


def _watches(signal: policy.SignalFacts) -> bool:
    """What shows how somebody behaves can be used to watch them, whatever it was meant for."""
    marks = packs.default().tables.categories.get(signal.category, frozenset())
    return signal.captured or (signal.category != UNSAID and "behavioural" in marks)


def _recipients(activity: Activity, around: Around, on: date) -> Iterator[policy.Recipient]:
    """Everybody who gets the data. People of the same company in its own country are no transfer (EDPB 05/2021)."""
    for row in activity.recipients:
        processor = around.processors.get(row.processor)
        if row.processor or row.kind == "processor":
            yield _processor(row, processor, on)
            if processor is not None:
                for name, country in processor.subprocessors:
                    yield _elsewhere(name, country, processor.tool, processor.assessed_on, on)
        elif row.kind != "internal" or row.country not in ("", around.home):
            yield _elsewhere(row.name, row.country, row.tool, row.assessed_on, on)


def _processor(row: Recipient, known: ProcessorFacts | None, on: date) -> policy.Recipient:
    if known is None:  # named nowhere in the register of processors: no contract
        return policy.Recipient(row.name, row.country, processor=True)
    tool, assessed_on = (row.tool or known.tool), (row.assessed_on or known.assessed_on)
    country = row.country or known.country
    return policy.Recipient(
        known.name, country, processor=True, contract_from=known.contract_from if known.contract else None,
        contract_until=known.contract_until, transfer_tool=_tool(tool, country), transfer_assessed=_assessed(tool, assessed_on, on),
    )  # fmt: skip


def _elsewhere(name: str, country: str, tool: str, assessed_on: date | None, on: date) -> policy.Recipient:
    return policy.Recipient(
        name, country, transfer_tool=_tool(tool, country), transfer_assessed=_assessed(tool, assessed_on, on)
    )


def _tool(tool: str, country: str) -> str:
    """A tool of Art. 46; adequacy only where a decision covers a part of the country; an exception of Art. 49 is none."""
    partial = packs.default().shared["countries"].get("partial", ())
    return tool if tool in ARTICLE_46 or (tool == "adequacy" and country in partial) else ""


def _assessed(tool: str, assessed_on: date | None, on: date) -> bool:
    """An adequacy decision is the Commission's own assessment."""
    return tool == "adequacy" or (assessed_on is not None and assessed_on <= on)


def _plans(activity: Activity) -> Iterator[policy.RetentionPlan]:
    for keep in activity.keeps:
        if period := keep.maximum or keep.minimum:
            yield policy.RetentionPlan(keep.category, keep.start_event, period)
