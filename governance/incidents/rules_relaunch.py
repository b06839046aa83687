"""When a programme that an incident stopped may run again: every control fresh and green, three different people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

CONTROLS: dict[str, Any] = {
    "grants": _("Rights of every database login are exactly the table’s"),
    "log": _("The log verifies from its first entry"),
    "keys": _("Keys and streams tell the same story (0 and 0)"),
    "probe": _("The exposure self-test has run since and was refused everywhere"),
    "cause": _("A report on the cause and its repair is on file"),
    "assessment": _("The impact assessment was reviewed and is on file anew"),
}
PARTS = ("dpo", "owner", "security")


@dataclass(frozen=True)
class Line:
    """One control. at: when it was checked or filed, None: not since the incident."""

    code: str
    how: str  # machine, evidence
    ok: bool
    at: datetime | None = None
    found: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    lines: Sequence[Line]
    signed: Mapping[str, UUID]  # part → who
    now: datetime
    fresh: timedelta
    done: bool = False

    def open_lines(self) -> list[Line]:
        """Controls that are not green, or whose check by machine is too old to be of this moment."""
        return [
            line for line in self.lines
            if not line.ok or line.at is None or (line.how == "machine" and self.now - line.at > self.fresh)
        ]  # fmt: skip


def _check_lines(facts: Facts) -> None:
    if facts.done:
        raise Refused(_("This relaunch is done."), code="relaunched")
    left = facts.open_lines()
    if left:
        raise Refused(
            _("Not shown yet, or too long ago: %(controls)s."),
            code="controls_open", controls="; ".join(str(CONTROLS[line.code]) for line in left),
        )  # fmt: skip


def check_sign(facts: Facts, part: str, by: UUID, parts_of_by: frozenset[str]) -> None:
    if part not in parts_of_by:
        raise Refused(
            _("Only the data protection officer, the owner and security sign a relaunch."),
            code="not_a_signer",
        )
    if by in facts.signed.values():
        raise Refused(_("You have signed already. Three different people sign."), code="two_parts")
    if part in facts.signed:
        raise Refused(_("This part is signed already."), code="signed")
    _check_lines(facts)


def check_go(facts: Facts) -> None:
    _check_lines(facts)
    if any(part not in facts.signed for part in PARTS) or len(set(facts.signed.values())) < len(PARTS):
        raise Refused(
            _("Three different people sign first: the data protection officer, the owner and security."),
            code="signatures_missing",
        )
