"""What the register refuses: signals the law blocks, steps that do not follow, work that nobody else has seen."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.purposes import catalogue, lists


def check_declared(code: str) -> None:
    """A signal that the rules block cannot be declared; the gate then refuses it for everybody."""
    kind = catalogue.signals().get(code)
    if kind is None:
        raise Refused(
            _("There is no signal “%(signal)s” in the catalogue."), code="no_such_signal", signal=code
        )
    if kind.never:
        raise Refused(
            _("This signal is never recorded: %(why)s"), code="signal_blocked", why=kind.why_never("en")
        )


def check_edit(state: str, purpose_state: str = "") -> None:
    """Only a draft is edited; what waits for review is sent back first, what was approved stays."""
    if purpose_state == "retired":
        raise Refused(_("This purpose was retired for good. Enter a new one."), code="wrong_transition")
    if state == "in_review":
        raise Refused(_("This draft is in review. Have it sent back before you change it."), code="in_review")
    if state == "approved":
        raise Refused(
            _(
                "A version is approved and waits for its notice. Publish the notice or give that version up, then change more."
            ),
            code="approved",
        )
    if state != "draft":
        raise Refused(_("This version stays as it is. Begin a new one."), code="approved")


def check_submit(changes_something: bool) -> None:
    if not changes_something:
        raise Refused(
            _("This draft says the same as the version in force. Change something, or give it up."),
            code="nothing_changed",
        )


def check_discard(in_force: int) -> None:
    """`in_force`: number of the version in force, 0 for none."""
    if not in_force:
        raise Refused(_("A purpose keeps its only version. Retire the purpose instead."), code="only_version")


def check_seen(seen: str, stands: str) -> None:
    """Who approves has read these very words (SHA-256)."""
    if seen != stands:
        raise Refused(
            _("This version was changed since you read it. Read it again, then decide."),
            code="changed_since_read",
        )


def check_owner(roles_there: Collection[str]) -> None:
    """Art. 38(6) GDPR: who answers for a purpose is a programme owner there; roles keep the DPO from being one."""
    if "owner" not in roles_there:
        raise Refused(
            _("Only a programme owner of this entity can answer for an activity. Have the role given first."),
            code="not_an_owner",
        )


def check_approve(by: UUID, wrote: Collection[UUID | None]) -> None:
    """Four eyes: who wrote or handed in a version does not approve it."""
    if by in wrote:
        raise Refused(
            _("You cannot approve what you wrote yourself. Ask another member of the DPO’s office."),
            code="own_work",
        )


def check_because(because: str) -> None:
    if not because.strip():
        raise Refused(_("Write a reason: people will read it later."), code="no_reason")


def check_review(review_on: date, today: date) -> None:
    if review_on <= today:
        raise Refused(
            _("%(day)s is past. Choose a later day for the review."), code="review_in_the_past", day=review_on
        )


PROCESSOR = ("country", "contract_from", "contract_until", "clauses", "tool")


def check_processor(said: Mapping[str, Any]) -> None:
    """`said`: the fields of PROCESSOR, as far as they are said."""
    for name, code in [("clause", code) for code in said.get("clauses", ())] + [
        ("tool", said.get("tool", ""))
    ]:
        if code and code not in lists.codes(name):
            raise Refused(_("“%(word)s” is not in the list."), code="unknown_code", word=code)
    begins, ends = said.get("contract_from"), said.get("contract_until")
    if begins and ends and ends <= begins:
        raise Refused(_("The contract would end before it begins."), code="ends_before_it_begins")


def check_activate(state: str, asks_consent: bool, has_notice: bool) -> None:
    """Only what is approved runs, and only what is told can be asked; what runs need not be started."""
    if state in ("active", "retired"):
        raise Refused(_("This purpose is active already, or was retired for good."), code="wrong_transition")
    if state in ("draft", "in_review"):
        raise Refused(
            _("A second person has to approve this entry before it can run."), code="wrong_transition"
        )
    if asks_consent and not has_notice:
        raise Refused(_("Publish a notice first: nobody can be asked without one."), code="no_notice")
