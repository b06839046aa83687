"""The life of a programme: transitions as data, drawn on its page and in states.md, checked by the verbs."""

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

# (state, verb) → state. What is not here cannot happen.
PROGRAMME: dict[tuple[str, str], str] = {
    ("draft", "assess"): "assessed",
    ("assessed", "send_back"): "draft",
    ("assessed", "approve"): "approved",
    ("approved", "start"): "running",
    ("running", "pause"): "paused",
    ("paused", "start"): "running",
    ("approved", "change"): "draft",
    ("paused", "change"): "draft",
    ("draft", "end"): "ended",
    ("assessed", "end"): "ended",
    ("approved", "end"): "ended",
    ("running", "end"): "ended",
    ("paused", "end"): "ended",
}
VERBS = {
    "assess": _("hand in for approval"), "send_back": _("send back"), "approve": _("approve"), "start": _("start"),
    "pause": _("pause"), "change": _("change its terms"), "end": _("end"),
}  # fmt: skip
ORDER = ("draft", "assessed", "approved", "running", "paused", "ended")


def follow(state: str, verb: str) -> str:
    """The state after the verb. Refused when the table has no such step."""
    after = PROGRAMME.get((state, verb))
    if after is None:
        raise Refused(
            _("A programme in the state “%(state)s” has no step “%(verb)s”."),
            code="wrong_transition", verb=VERBS[verb], state=state,
        )  # fmt: skip
    return after


def verbs_from(state: str) -> list[str]:
    return [verb for before, verb in PROGRAMME if before == state]


def drawn() -> str:
    """The whole of states.md, in Mermaid."""
    lines = [f"    {before} --> {after}: {verb}" for (before, verb), after in PROGRAMME.items()]
    diagram = "\n".join(["stateDiagram-v2", "    [*] --> draft", *lines, "    ended --> [*]"])
    return (
        "# States of a programme\n\nDrawn from `states.py` by `states.drawn()`; a test compares the two.\n\n"
        f"```mermaid\n{diagram}\n```\n"
    )
