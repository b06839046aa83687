"""Who may let a changed address open an account at once, and who may stop it."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused


@dataclass(frozen=True)
class Facts:
    open: bool
    by: UUID
    about: UUID
    asked_by: UUID
    is_admin: bool  # `by` reaches accounts
    may: bool  # by role, where the person works
    guarded: bool  # the person has come to hold a role that two people have to agree to


def check_confirm(facts: Facts) -> None:
    if not facts.open:
        raise Refused(_("This change is over. Look at the list again."), code="over")
    if facts.by == facts.asked_by or facts.is_admin:
        raise Refused(_("The second person must not be an administrator."), code="second_is_admin")
    if not facts.may or facts.by == facts.about:
        raise Refused(
            _("The data protection officer of their entity confirms an address."), code="not_theirs"
        )
    if facts.guarded:
        raise Refused(
            _("This person holds a role that a second person has to agree to. End the role, change the address, give the role again."),
            code="guarded",
        )  # fmt: skip


def check_stop(facts: Facts) -> None:
    if not facts.open:
        raise Refused(
            _("This change is over. Tell the data protection officer if it was not yours."), code="over"
        )
    if facts.by != facts.about:
        raise Refused(_("Only the person themselves stops it."), code="not_theirs")
