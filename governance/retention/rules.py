"""What the law of a day makes of an order to erase, and who may release a hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib import deadlines, packs
from governance.lib.refusals import Refused

# Every cause of an order, with its turn: a person's own word is carried out before what the calendar brings.
CAUSES = {
    "consent.withdrawn": 0, "opt_out.placed": 0, "own_content.deleted": 0, "request.erasure": 0, "objection.upheld": 0,
    "consent.invalidated": 1, "consent.revoked": 1, "consent.expired": 1,
    "purpose.ended": 2, "programme.ended": 2, "employment.ended": 2, "acting.ended": 2, "rule.due": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Floor:
    """A duty to keep: by whose law, until and with which day, by which source. `law` "": the house's own second period."""

    law: str  # IN, EU (for its members too), or ""
    until: date
    source: str


@dataclass(frozen=True)
class OrderFacts:
    """`jurisdictions`: whose law covers the person. `processed_until`: the last day on which data was processed."""

    jurisdictions: frozenset[str]
    because: str
    processed_until: date
    held: bool = False
    kept_by_decision: str = ""  # how an open conflict was decided: "erase", "keep" or ""
    floors: tuple[Floor, ...] = ()  # of the register and the retention pack; r.8(3) is always looked at


@dataclass(frozen=True)
class Outcome:
    state: str  # waiting, held, restricted_hold, retention_conflict
    reasons: tuple[str, ...]
    kept_until: date | None = None


def decide(facts: OrderFacts, on: date) -> Outcome:
    """Floors and ceilings of each jurisdiction apart; then what they make together.

    A hold comes before everything. Then each law's longest duty to keep: one of the person's own law locks the data
    away. DPDP Rules r.8(3) is such a floor of one year from the processing. GDPR Art. 17(1)(b) asks for erasure, and a
    third country's floor, whatever it is, is no exemption from it (Art. 17(3)(b)), so a person under both laws is an
    open conflict that the owner decides after the DPO's advice. No jurisdiction known: HOLD, shown as conflict.
    """
    if facts.held:
        return Outcome(
            "held",
            (
                packs.cite("gdpr.17-3-e", on)
                if "EU" in facts.jurisdictions
                else str(_("kept for a legal claim")),
            ),
        )
    if not facts.jurisdictions and facts.kept_by_decision != "erase":
        return Outcome(
            "retention_conflict",
            (str(_("No rule of any known jurisdiction covers this person: somebody has to decide.")),),
        )
    floors = [floor for floor in _floors(facts, on) if on < floor.until]
    binding = floors
    if "EU" in facts.jurisdictions:
        ours = [floor for floor in floors if floor.law in ("EU", "")]
        latest = max((floor.until for floor in ours), default=on)
        theirs = [floor for floor in floors if floor not in ours and floor.until > latest]
        if theirs and not facts.kept_by_decision:
            return Outcome(
                "retention_conflict",
                (packs.cite("gdpr.17-1-b", on), *(floor.source for floor in theirs), packs.cite("gdpr.17-3-b", on)),
                max(floor.until for floor in theirs),
            )  # fmt: skip
        binding = ours + (theirs if facts.kept_by_decision == "keep" else [])
    elif facts.kept_by_decision == "erase":
        binding = []
    if binding:
        laws = {floor.law for floor in binding}
        cited = [packs.cite("gdpr.17-3-b", on)] if "EU" in laws else []
        cited += [packs.cite("dpdp.s8-7", on)] if "IN" in laws else []
        sources = dict.fromkeys([*(floor.source for floor in binding), *cited])
        return Outcome("restricted_hold", tuple(sources), max(floor.until for floor in binding))
    asked = [packs.cite("gdpr.17-1-b", on)] if "EU" in facts.jurisdictions else []
    asked += [packs.cite("dpdp.s8-7", on)] if "IN" in facts.jurisdictions else []
    return Outcome("waiting", tuple(asked))


def _floors(facts: OrderFacts, on: date) -> list[Floor]:
    """The longest of each law that covers the person; r.8(3) of India's Rules covers whatever is processed there."""
    every = [floor for floor in facts.floors if floor.law in ("", *facts.jurisdictions)]
    if "IN" in facts.jurisdictions and packs.binds("dpdp.r8-3", on):
        until = deadlines.period(
            packs.load("laws").content["provision"]["dpdp.r8-3"]["period"], facts.processed_until
        )
        every.insert(0, Floor("IN", until, packs.cite("dpdp.r8-3", on)))
    longest: dict[str, Floor] = {}
    for floor in every:
        if floor.law not in longest or floor.until > longest[floor.law].until:
            longest[floor.law] = floor
    return list(longest.values())


@dataclass(frozen=True)
class ConflictFacts:
    state: str
    is_owner: bool
    advised: bool
    keep: bool
    has_floor: bool


def check_advice(is_dpo: bool, state: str, advice: str) -> None:
    if not is_dpo:
        raise Refused(_("Only the data protection officer writes this advice."), code="not_the_dpo")
    if state != "retention_conflict":
        raise Refused(_("This order is no open conflict any more."), code="no_conflict")
    if not advice.strip():
        raise Refused(_("Write the advice."), code="advice_missing")


def check_decision(facts: ConflictFacts, reason: str) -> None:
    """An open conflict of laws is decided by the accountable owner, with reasons, after the DPO's written advice."""
    if facts.state != "retention_conflict":
        raise Refused(_("This order is no open conflict any more."), code="no_conflict")
    if not facts.is_owner:
        raise Refused(_("The accountable owner decides this, after the DPO's advice."), code="not_the_owner")
    if not facts.advised:
        raise Refused(
            _("The data protection officer has not written any advice yet. Ask for it first."),
            code="advice_missing",
        )
    if not reason.strip():
        raise Refused(_("Write your reason."), code="reason_missing")
    if facts.keep and not facts.has_floor:
        raise Refused(
            _("No law names a day until which this may be kept, so it cannot be kept."), code="no_floor"
        )


def decided(reasons: Sequence[Any]) -> str:
    """How the owner decided this order's conflict, as it stands among its reasons: "keep", "erase" or ""."""
    for reason in reversed(reasons):
        if isinstance(reason, dict) and "keep" in reason:
            return "keep" if reason["keep"] else "erase"
    return ""


def jurisdictions_of(countries: Sequence[str]) -> frozenset[str]:
    """Whose law covers somebody at these countries (of work, and of the controller). Unknown countries add nothing."""
    table: dict[str, list[str]] = packs.load("laws").content["jurisdictions"]
    return frozenset(law for law, members in table.items() for country in countries if country in members)


@dataclass(frozen=True)
class ReleaseFacts:
    matter_open: bool
    first: UUID
    second: UUID
    second_is_lawyer: bool


HOLD_LAPSES = timedelta(days=3)  # for a second lawyer to agree


@dataclass(frozen=True)
class PlaceFacts:
    is_lawyer: bool
    placed_by: UUID
    by: UUID
    settled: bool
    lapsed: bool


def check_place(is_lawyer: bool, silent: bool, country: str) -> None:
    if not is_lawyer:
        raise Refused(_("Only legal places holds."), code="not_legal")
    if silent and country != "IN":
        raise Refused(
            _(
                "A direction to tell nobody is one of Indian law (DPDP Rules r.23(2)). This entity is not in India."
            ),
            code="no_direction",
        )


def check_agree_place(facts: PlaceFacts) -> None:
    """A hold stays when two different lawyers placed it."""
    if not facts.is_lawyer:
        raise Refused(_("Only legal places holds."), code="not_legal")
    if facts.settled:
        raise Refused(_("This hold needs nobody's agreement any more."), code="settled")
    if facts.lapsed:
        raise Refused(_("Nobody agreed in time, and the hold has lapsed. Place it again."), code="lapsed")
    if facts.placed_by == facts.by:
        raise Refused(
            _("You have placed this hold yourself. A second lawyer has to agree."),
            code="second_lawyer_needed",
        )


def check_proposal(is_lawyer: bool, matter_open: bool, released: bool) -> None:
    if not is_lawyer:
        raise Refused(_("Only legal releases holds."), code="not_legal")
    if released:
        raise Refused(_("This hold has been released already."), code="released")
    if matter_open:
        raise Refused(
            _("This hold still protects an open matter. Close the matter first."), code="matter_open"
        )


def check_release(facts: ReleaseFacts) -> None:
    """A hold is released only when its matter is closed and two lawyers agree."""
    if facts.matter_open:
        raise Refused(
            _("This hold still protects an open matter. Close the matter first."), code="matter_open"
        )
    if facts.first == facts.second or not facts.second_is_lawyer:
        raise Refused(
            _("Two lawyers release a hold. Ask a colleague of yours to agree."), code="second_lawyer_needed"
        )


STATES = {
    "waiting": {"erasing", "held", "restricted_hold", "retention_conflict", "merged", "called_off"},
    "held": {"waiting", "restricted_hold", "retention_conflict"},
    # A law may come into force, or a hold be placed, while an order is tried again.
    "erasing": {"waiting", "done", "partly", "needs_attention", "held", "restricted_hold", "retention_conflict"},
    "partly": {"erasing", "held", "needs_attention", "restricted_hold", "retention_conflict", "merged"},
    "needs_attention": {"waiting", "merged"},
    "restricted_hold": {"waiting", "held"},
    "retention_conflict": {"waiting", "restricted_hold", "held"},
    "done": set(), "merged": set(), "called_off": set(),
}  # fmt: skip


SECRETS = ("password", "passwd", "secret", "token", "://")


def check_connection(kind: str, options: Mapping[str, Any], kinds: frozenset[str]) -> None:
    """Options name the environment variables in which credentials stand; never the credentials."""
    if kind not in kinds:
        raise Refused(_("There is no connector “%(kind)s”."), code="no_such_connector", kind=kind)
    for key, value in options.items():
        if any(word in f"{key} {value}".lower() for word in SECRETS):
            raise Refused(
                _("“%(option)s” looks like a secret. Put it into the environment and name the variable here."),
                code="secret_in_options", option=key,
            )  # fmt: skip


def check_reasons(spec: Mapping[str, Any]) -> None:
    """A proposal asks with "?" why something stays; a person answers that before it counts."""
    keep = spec.get("keep", {})
    open_ones = (
        sorted(place for place, why in keep.items() if str(why).strip() == "?")
        if isinstance(keep, Mapping)
        else []
    )
    if open_ones:
        raise Refused(
            _("Say why this stays, or what becomes of it: %(places)s."), code="reasons_missing", places=", ".join(open_ones[:10])
        )  # fmt: skip


def cut_off(maximum: str, on: date) -> date:
    """What was collected on this day or before has been kept for `maximum` (P12M, P1Y, P30D) when `on` begins."""
    number = int(maximum[1:-1])
    if maximum[-1] == "D":
        return on - timedelta(days=number + 1)
    earlier = deadlines.add_months(on, -number * (12 if maximum[-1] == "Y" else 1))
    while deadlines.period(maximum, earlier) >= on:  # 31 March minus a month must not be early
        earlier -= timedelta(days=1)
    return earlier


SWEPT = ("collected", "year_ended", "fixed_date")  # what the sweep reckons with, by the systems' own times


def last_due(start: str, maximum: str, on: date, fixed: date | None = None) -> date | None:
    """What was collected on this day or before is due when `on` begins, by a rule that counts from `start`; None: nothing.

    From the end of the year: the calendar year of the collection. From a fixed day: that day, and then everything.
    """
    if start == "collected":
        return cut_off(maximum, on)
    if start == "fixed_date":
        return on - timedelta(days=1) if fixed and deadlines.period(maximum, fixed) < on else None
    year = on.year - 1
    while deadlines.period(maximum, date(year, 12, 31)) >= on:
        year -= 1
    return date(year, 12, 31)


ATTEMPTS = 8  # then a person has to look


def pause_before(attempt: int) -> timedelta:
    """How long to wait before the next attempt: 1 minute, then twice as long each time, at most 6 hours."""
    return min(timedelta(minutes=2 ** max(attempt - 1, 0)), timedelta(hours=6))


@dataclass(frozen=True)
class WorkFacts:
    """What carrying out came to: connected systems, those with a proof, and how often it was tried.

    `misses_the_vault`: something was recorded, and the vault where it lies is none of these systems.
    """

    systems: int
    proved: int
    attempts: int
    misses_the_vault: bool = False


def settle(facts: WorkFacts) -> str:
    """Done means that every connected system was read back and found empty. Nothing else is done.

    Where no system is connected, or not the one that is known to hold recordings, nobody has looked there: that is for
    a person to put right.
    """
    if not facts.systems or facts.misses_the_vault:
        return "needs_attention"
    if facts.proved == facts.systems:
        return "done"
    return "needs_attention" if facts.attempts >= ATTEMPTS else "partly"


def check_move(old: str, new: str) -> None:
    if new not in STATES[old]:
        raise Refused(
            _("An order that is “%(old)s” cannot become “%(new)s”."),
            code="wrong_transition",
            old=old,
            new=new,
        )
