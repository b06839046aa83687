"""What a rule answers when something may not be done."""

from typing import Any


class Refused(Exception):
    """A refusal: a stable `code` for machines and a sentence for people.

    The sentence may be lazy and holds named places (`%(matters)s`) that are filled from `facts`.
    Neither repeats the personal data that was refused.
    """

    def __init__(self, sentence: Any, *, code: str = "refused", **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self._sentence = sentence
        self.facts = facts

    @property
    def sentence(self) -> str:
        text = str(self._sentence)
        return text % self.facts if self.facts else text

    def __str__(self) -> str:
        return self.sentence


def reason(rule: Any, *facts: Any, **more: Any) -> str:
    """The sentence with which `rule` would refuse these facts, or "" when it would not: a greyed button's tooltip."""
    try:
        rule(*facts, **more)
    except Refused as refused:
        return refused.sentence
    return ""
