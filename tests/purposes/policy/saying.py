"""Facts written as one line, so that a row and its near miss can be read side by side.

    given("kind=agent_training eu=a cat=CL gate", "!ask.control_per_item")

`name=value` sets a word or a list (a,b), a bare name says yes, `!name` says no; what comes later wins. `gate` fulfils
G1–G10, `papers=` names the evidence on file, `to=` a recipient ("to=IN+processor+contract+scc").
"""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from governance.purposes.policy.facts import (
    Asking,
    Case,
    Evidence,
    NoticeFacts,
    PurposeFacts,
    Recipient,
    SignalFacts,
)

ON = date(2027, 6, 1)
EARLIER, LATER = date(2020, 1, 1), date(2035, 1, 1)
SAFE = Asking(
    control_per_item=True, withdraw_same_screen=True, clicks_to_withdraw=1, withdrawal_immediate=True,
    withdrawal_needs_reason=False, managers_see_choices=False, smallest_group=10, asked_again_after_months=6,
    part_of_onboarding=False, expires_after_months=12, ends_on_job_change=True,
)  # fmt: skip
GATE_PAPERS = ("equal_alternative", "no_detriment_clause", "dpia", "worker_consultation")
WORDS = {
    "kind": "kind",
    "eu": "basis_eu",
    "art9": "art9",
    "in": "ground_in",
    "limb": "limb_in",
    "art22": "art22",
}
SIGNAL_WORDS = {"cat": "category", "mode": "mode", "form": "form", "origin": "origin"}
LISTS = {"laws", "countries", "effects", "representatives"}
CASE_DATES = {"given": "consent_given_on", "processed": "processed_on"}


def papers(*kinds: str, since: date = EARLIER, until: date | None = None) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind, since, until) for kind in kinds)


def recipient(text: str) -> Recipient:
    country, *more = text.split("+")
    return Recipient(
        "somebody", country, "processor" in more, EARLIER if "contract" in more else None, None,
        "scc" if "scc" in more else "", "scc" in more,
    )  # fmt: skip


def given(*lines: str) -> PurposeFacts:
    """The facts that the lines say, one after the other."""
    purpose: dict[str, Any] = {}
    signal: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {"ask": {}, "n": {}, "c": {}}
    on_file: set[str] = set()
    asking = Asking()
    for token in " ".join(lines).split():
        name, sign, value = token.lstrip("!").partition("=")
        yes = not token.startswith("!")
        if name == "gate":
            asking = SAFE
            on_file |= set(GATE_PAPERS)
        elif name == "papers":
            on_file |= set(value.split(","))
        elif name == "paper":  # `!paper=dpia` takes one away
            on_file = on_file | {value} if yes else on_file - {value}
        elif name == "assessed":
            signal["assessed_until"] = LATER if yes else None
        elif name == "to":
            purpose["recipients"] = (recipient(value),)
        elif name == "people":
            parts["n"]["people_languages"] = frozenset(value.split(","))
        elif name == "approved":
            parts["n"]["approved_languages"] = frozenset(value.split(","))
        elif name == "elements":
            parts["n"]["missing_elements"] = frozenset(filter(None, value.split(",")))
        elif name == "case":
            parts["c"]["kind"] = value
        elif name in CASE_DATES:
            parts["c"][CASE_DATES[name]] = date.fromisoformat(value)
        elif name == "uses":
            signal["uses"] = frozenset(filter(None, value.split(",")))
        elif name in WORDS:
            purpose[WORDS[name]] = value
        elif name in SIGNAL_WORDS:
            signal[SIGNAL_WORDS[name]] = value
        elif name in LISTS:
            purpose[name] = frozenset(filter(None, value.split(",")))
        elif "." in name:
            where, _, fact = name.partition(".")
            parts[where][fact] = int(value) if sign else yes
        elif name in {f.name for f in fields(SignalFacts)}:
            signal[name] = yes
        else:
            purpose[name] = yes  # a name that PurposeFacts does not know is an error there
    if signal:
        purpose["signals"] = (SignalFacts(**{"code": "it", "category": "CL"} | signal),)
    return PurposeFacts(
        evidence=papers(*sorted(on_file)), asking=replace(asking, **parts["ask"]), notice=NoticeFacts(**parts["n"]),
        case=Case(**parts["c"]), **purpose,
    )  # fmt: skip
