"""The life of a purpose and of its versions: transitions as data, drawn on pages and in states.md, checked by verbs."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

# (state, verb) → state. What is not here cannot happen.
PURPOSE: dict[tuple[str, str], str] = {
    ("draft", "submit"): "in_review",
    ("in_review", "send_back"): "draft",
    ("in_review", "approve"): "approved",
    ("approved", "activate"): "active",
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("draft", "retire"): "retired",
    ("approved", "retire"): "retired",
    ("active", "retire"): "retired",
    ("paused", "retire"): "retired",
}
VERSION: dict[tuple[str, str], str] = {
    ("draft", "submit"): "in_review",
    ("draft", "discard"): "discarded",
    ("in_review", "send_back"): "draft",
    ("in_review", "approve"): "approved",
    ("in_review", "discard"): "discarded",
    ("approved", "put_in_force"): "in_force",
    ("approved", "discard"): "discarded",
    ("in_force", "replace"): "superseded",
}
VERBS = {
    "submit": _("hand in for review"), "send_back": _("send back"), "approve": _("approve"), "activate": _("activate"),
    "pause": _("pause"), "resume": _("resume"), "retire": _("retire"), "discard": _("give up"), "put_in_force": _("put in force"),
    "replace": _("replace"),
}  # fmt: skip


def follow(table: Mapping[tuple[str, str], str], state: str, verb: str) -> str:
    """The state after the verb. Refused when the table has no such step."""
    after = table.get((state, verb))
    if after is None:
        raise Refused(
            _("This cannot be done now: “%(verb)s” does not follow on the state “%(state)s”."),
            code="wrong_transition", verb=VERBS[verb], state=state,
        )  # fmt: skip
    return after


def verbs_from(table: Mapping[tuple[str, str], str], state: str) -> list[str]:
    return [verb for before, verb in table if before == state]


def diagram(table: Mapping[tuple[str, str], str], begins: str) -> str:
    """A state diagram in Mermaid; states.md is made of it and compared with it by a test."""
    lines = [f"    {before} --> {after}: {verb}" for (before, verb), after in table.items()]
    ends = [state for state in dict.fromkeys(table.values()) if not verbs_from(table, state)]
    return "\n".join(
        ["stateDiagram-v2", f"    [*] --> {begins}", *lines, *(f"    {state} --> [*]" for state in ends)]
    )


def drawn() -> str:
    """The whole of states.md."""
    return (
        "# States of the register\n\n"
        "Drawn from `states.py` by `states.drawn()`; a test compares the two.\n\n"
        "A purpose:\n\n```mermaid\n" + diagram(PURPOSE, "draft") + "\n```\n\n"
        "A version of it:\n\n```mermaid\n" + diagram(VERSION, "draft") + "\n```\n"
    )
