"""What a rule can answer, in the order of strictness: the strictest wins. None of them is false."""

from enum import IntEnum


class Outcome(IntEnum):
    ALLOW = 1  # notice, no control
    NOTICE_OBJECT = 2  # on after a notice, with a control to object
    OPT_IN = 3  # off until given
    EXPLICIT_OPT_IN = 4  # off until given in a separate, explicit statement
    HOLD = 5  # cannot start until evidence is on file
    REJECT_CONFIG = 6  # the purpose is defined in a way that is refused
    BLOCK = 7

    @property
    def may_run(self) -> bool:
        """Whether a purpose with this outcome can be activated at all."""
        return self < Outcome.HOLD

    def __str__(self) -> str:
        return self.name


def strictest(outcomes: "list[Outcome]") -> Outcome:
    """The strictest of them; HOLD when there is none, for what no rule covers does not run."""
    return max(outcomes, default=Outcome.HOLD)
