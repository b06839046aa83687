"""To whom one purpose may be opened beyond their roles."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

RIGHTS = ("view", "edit")


def check_assign(*, right: str, to: UUID, by: UUID, is_active: bool, is_admin: bool) -> None:
    """Nobody to themselves, and nobody who reaches accounts: an administrator sees no content."""
    if right not in RIGHTS:
        raise Refused(_("Choose whether the person may see or edit the entry."), code="no_such_right")
    if to == by:
        raise Refused(
            _("You cannot open an entry to yourself. Ask another data protection officer."),
            code="own_assignment",
        )
    if not is_active:
        raise Refused(
            _("This account is closed. Ask an administrator if that is a mistake."), code="not_active"
        )
    if is_admin:
        raise Refused(
            _("This person is an administrator, and administrators see no content. Choose somebody else."),
            code="is_admin",
        )
