"""What a rule can answer, in the order of strictness: the strictest wins."""

from enum import IntEnum


class Outcome(IntEnum):
    ALLOW = 0  # notice, no control
    NOTICE_OBJECT = 1  # on after a notice, with a control to object
    OPT_IN = 2  # off until given
    EXPLICIT_OPT_IN = 3  # off until given in a separate, explicit statement
    HOLD = 4  # cannot start until evidence is on file
    REJECT_CONFIG = 5  # the purpose is defined in a way that is refused
    BLOCK = 6

    @property
    def may_run(self) -> bool:
        """Whether a purpose with this outcome can be activated at all."""
        return self < Outcome.HOLD

    def __str__(self) -> str:
        return self.name


def strictest(outcomes: "list[Outcome]") -> Outcome:
    """The strictest of them; HOLD when there is none, for what no rule covers does not run."""
    return max(outcomes, default=Outcome.HOLD)
