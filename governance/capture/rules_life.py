"""When a programme may be handed in, approved and started: facts in, a sentence out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

PARTS = {
    "advice": _("Written advice of the data protection officer"),
    "security": _("Sign-off of security"),
    "owner": _("Decision of the owner"),
}
MIN_WORDS = 20  # signs: “ok” is no advice


@dataclass(frozen=True)
class ActFacts:
    """One act of a representation that is on file for the programme."""

    kind: str
    counts: bool  # approved, signed, in force, not withdrawn
    complete: bool  # document with its hash, number, date, resolution
    wider: Sequence[tuple[str, str]] = ()  # what the terms take beyond those it agreed to
    filed_by: UUID | None = None


@dataclass(frozen=True)
class LifeFacts:
    """What the decisions on a programme depend on."""

    owner: UUID | None
    by: UUID
    today: date
    ends_on: date | None = None
    signals: int = 0
    applications: int = 0
    purpose_state: str = "approved"
    signed: Mapping[str, UUID] = field(default_factory=dict)  # part → who, for the terms as they are now
    against: frozenset[str] = frozenset()  # parts that said no
    acts_wanted: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # country or site → kinds, one is enough
    acts: Sequence[ActFacts] = ()
    relaunch: bool = False


def check_assess(facts: LifeFacts) -> None:
    if facts.by != facts.owner:
        raise Refused(_("Only the owner of this programme hands it in."), code="not_the_owner")
    if facts.purpose_state not in ("approved", "active"):
        raise Refused(
            _("Its purpose is not approved. Approve the purpose first."), code="purpose_not_approved"
        )
    if not facts.signals:
        raise Refused(
            _("Its purpose records nothing that is allowed now, so there is nothing to decide."),
            code="no_signals",
        )
    if not facts.applications:
        raise Refused(_("Name at least one application."), code="no_applications")
    check_end(facts)


def check_end(facts: LifeFacts) -> None:
    if facts.ends_on is None:
        raise Refused(_("Set the day on which the programme ends."), code="no_end")
    if facts.ends_on < facts.today:
        raise Refused(_("The day on which it ends has passed. Change its terms."), code="end_passed")


def check_sign(part: str, state: str, words: str, facts: LifeFacts) -> None:
    """Advice and the security sign-off: written, on what was handed in, by somebody who is nothing else in it."""
    if state != "assessed":
        raise Refused(_("The programme is not handed in, so there is nothing to sign."), code="not_handed_in")
    if len(words.strip()) < MIN_WORDS:
        raise Refused(_("Write in a sentence what you looked at and what you found."), code="words_missing")
    if facts.by == facts.owner:
        raise Refused(_("You own this programme. Somebody else signs this."), code="owner_signs")
    if any(who == facts.by for other, who in facts.signed.items() if other != part):
        raise Refused(_("You have signed another part of this. Nobody signs two parts."), code="two_parts")
    if any(act.filed_by == facts.by for act in facts.acts):
        raise Refused(
            _("You filed the act of the representation. Somebody else signs this."), code="two_parts"
        )


def check_file_act(facts: LifeFacts, act: ActFacts, signer: str, names: Sequence[str]) -> None:
    """An act is a document that the representation signed: a click counts for nothing."""
    if not act.complete:
        raise Refused(_("An act needs its document, number, date and resolution."), code="act_incomplete")
    if not act.counts:
        raise Refused(
            _("This paper does not count: it is refused, withdrawn, expired or not yet signed."),
            code="act_does_not_count",
        )
    if facts.by == facts.owner or facts.by in facts.signed.values():
        raise Refused(
            _("You are the owner or have signed another part. Somebody else files the act."), code="two_parts"
        )
    said = signer.casefold()
    if any(name and name.casefold() in said for name in names):
        raise Refused(
            _(
                "The paper is signed by the owner or by somebody who signs another part, not by the representation."
            ),
            code="two_parts",
        )


def missing_acts(facts: LifeFacts) -> list[str]:
    """Countries and sites whose representation has not agreed to the terms as they are."""
    return [
        place for place, kinds in facts.acts_wanted.items()
        if not any(act.kind in kinds and act.counts and act.complete and not act.wider for act in facts.acts)
    ]  # fmt: skip


def check_approve(facts: LifeFacts) -> None:
    """The owner decides after the DPO's advice, security's sign-off and, where one is needed, the representation's act."""
    if facts.by != facts.owner:
        raise Refused(_("Only the owner of this programme approves it."), code="not_the_owner")
    check_end(facts)
    _check_decided(facts)


def _check_decided(facts: LifeFacts) -> None:
    for part in ("advice", "security"):
        if part not in facts.signed:
            raise Refused(_("Missing: %(part)s."), code=f"no_{part}", part=PARTS[part])
    if "security" in facts.against:
        raise Refused(
            _("Security has said no. Change the terms and hand it in again."), code="security_said_no"
        )
    people: list[Any] = [facts.owner, facts.signed["advice"], facts.signed["security"]]
    if len(set(people)) < len(people):
        raise Refused(
            _("Owner, data protection officer and security are three different people."), code="two_parts"
        )
    missing = missing_acts(facts)
    if missing:
        raise Refused(
            _("The act of the worker representation is missing, or these terms go beyond it: %(places)s."),
            code="no_act", places=", ".join(missing),
        )  # fmt: skip


def check_start(facts: LifeFacts) -> None:
    """What was decided still holds at the moment of the start."""
    if facts.purpose_state != "active":
        raise Refused(_("Its purpose is not active. Activate the purpose first."), code="purpose_not_active")
    if facts.relaunch:
        raise Refused(
            _("An incident stopped it. It starts again through the relaunch on the page of the incident."),
            code="relaunch_needed",
        )
    check_end(facts)
    _check_decided(facts)
    if facts.signed.get("owner") is None:
        raise Refused(_("Its terms are not approved by the owner."), code="not_approved")
