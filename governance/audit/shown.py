"""What a reader of the log sees of an entry. The log is one chain for everybody, so what would lead from a person's word
to an order, or from an order to its cause, is kept back on pages and papers; the sealed entry holds it, and is verified."""

from typing import Any

from governance.audit.models import Entry

CHOICES = ("consent.", "opt_out.", "pause.", "objection.", "pressure.")  # codes of what people said
LINKS = frozenset({"because", "because_id", "event", "events", "order", "until"})


def is_a_choice(entry: Entry) -> bool:
    return entry.code.startswith(CHOICES)


def facts(entry: Entry) -> dict[str, Any]:
    """The facts without what links them."""
    if not is_a_choice(entry) and not entry.code.startswith("order."):
        return dict(entry.facts)
    return {key: value for key, value in entry.facts.items() if key not in LINKS}


def by(entry: Entry) -> str:
    """The beginning of the id of whoever did it; "" for the portal itself, and for what a person said about themselves."""
    return "" if entry.by_id is None or is_a_choice(entry) else str(entry.by_id)[:8]
