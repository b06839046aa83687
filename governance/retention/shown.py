"""What a page shows of an order: its systems with their steps and proofs, what was not erased, how far it is."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.purposes import lists
from governance.purposes.models import DataSystem
from governance.retention import methods, systems, wording
from governance.retention.models import ErasureOrder, Proof, Step

RUNNING = ("waiting", "erasing")
NOT_SEEN = {
    "away": gettext_lazy("It did not answer."),
    "no_map": gettext_lazy("No map is confirmed, so nobody knows where to look."),
    "not_connected": gettext_lazy("Not connected: nobody can look."),
}


@dataclass
class Shown:
    """One system of an order."""

    system: DataSystem
    steps: list[Step] = field(default_factory=list)
    proof: Proof | None = None
    connected: bool = True

    @property
    def state(self) -> str:
        if not self.connected:
            return "unknown"
        if self.proof:
            return "verified"
        if any(step.fault or step.residue for step in self.steps):
            return "partly"
        return "erasing" if any(step.state != "pending" for step in self.steps) else "waiting"

    @property
    def why(self) -> str:
        """Why it is not finished, in words; "" when it is or nothing went wrong."""
        if not self.connected:
            return _("Registered for this purpose, but not connected: it was not searched.")
        if self.proof:
            return ""
        fault = next((step.fault for step in self.steps if step.fault), "")
        if fault:
            return str(wording.fault(fault))
        places = list(dict.fromkeys(place for step in self.steps for place in step.residue))
        named = {f"{part}: {which}" for part, which in self.would_not_go}
        if places := [place for place in places if place not in named]:
            count = max(step.found_after or 0 for step in self.steps)
            return _("Reading back found %(count)s, in: %(places)s.") % {
                "count": count,
                "places": ", ".join(places),
            }
        return ""

    @property
    def would_not_go(self) -> list[tuple[str, str]]:
        """(part, which of its rows or files) that were still there when it was read back, where they can be told."""
        found = {}
        for step in self.steps if not self.proof else []:
            for place in step.residue:
                part, colon, which = place.partition(": ")
                if colon and any(part == other.chunk for other in self.steps):
                    found[part] = which
        return list(found.items())

    @property
    def found_before(self) -> int | None:
        if self.proof:
            return self.proof.found_before
        counts = [step.found_before for step in self.steps if step.found_before is not None]
        return sum(counts) if counts else None

    @property
    def erased(self) -> int | None:
        return (
            self.proof.erased
            if self.proof
            else sum(step.erased for step in self.steps)
            if self.steps
            else None
        )

    @property
    def found_after(self) -> int | None:
        if self.proof:
            return 0
        counts = [step.found_after for step in self.steps if step.found_after is not None]
        return max(counts) if counts else None

    @property
    def kept(self) -> list[dict[str, Any]]:
        rows = self.proof.not_erased if self.proof else [row for step in self.steps for row in step.kept]
        return [row for i, row in enumerate(rows) if row not in rows[:i]]


def of(order: ErasureOrder) -> list[Shown]:
    """The systems of an order: those that were worked on, those that will be, and those nobody connected."""
    parts, not_connected = systems.of_order(order)
    shown = {part.system.pk: Shown(part.system) for part in parts}
    for proof in Proof.objects.filter(order=order).select_related("system"):
        shown.setdefault(proof.system_id, Shown(proof.system)).proof = proof
    for step in Step.objects.filter(order=order).select_related("system").order_by("pk"):
        shown.setdefault(step.system_id, Shown(step.system)).steps.append(step)
    if order.done_at:  # what was connected since was not looked at then
        missing = [entry["system"] for entry in order.not_searched]
        shown = {pk: row for pk, row in shown.items() if row.proof}
        not_connected = list(DataSystem.objects.filter(pk__in=missing))
    return [*shown.values(), *(Shown(system, connected=False) for system in not_connected)]


def misses_the_vault(order: ErasureOrder) -> bool:
    """Something was recorded, and the vault where it lies is not connected, so that this order is never done."""
    return systems.misses_the_vault(order, systems.of_order(order)[0])


def progress(order: ErasureOrder, rows: list[Shown]) -> dict[str, Any]:
    """For components/progress.html: systems proved, of those connected."""
    connected = [row for row in rows if row.connected]
    proved = sum(1 for row in connected if row.proof)
    words = _("%(proved)s of %(all)s systems erased and read back") % {
        "proved": proved,
        "all": len(connected),
    }
    still = order.paused_at or (order.approval_wanted_at and order.second_by_id is None)
    runs = order.state in RUNNING and not still
    return {"value": proved, "max": len(connected), "words": words, "runs": runs}


def system_rows(rows: list[Shown]) -> list[list[Any]]:
    """Cells for components/table.html: system, state, found before, erased, found after, read back."""
    return [
        [
            {"text": row.system.name, "note": row.why},
            {"state": row.state, "word": _("Not searched") if not row.connected else ""},
            _number(row.found_before), _number(row.erased), _number(row.found_after),
            row.proof.read_back_at if row.proof else "",
        ]
        for row in rows
    ]  # fmt: skip


def step_rows(rows: list[Shown]) -> list[list[Any]]:
    """The journal: system, part, state, found before, erased, how."""
    return [
        [
            row.system.name, methods.part(step.chunk), {"state": step.state, "word": step.get_state_display()},
            _number(step.found_before), _number(step.erased if step.erased_at else None),
            {"text": methods.told(step.method), "note": step.fault},
        ]
        for row in rows
        for step in row.steps
    ]  # fmt: skip


NAMED = 12  # rows or files that a page names; a dry run keeps more


def look_rows(order: ErasureOrder) -> list[list[Any]]:
    """The last dry run: system, part with what it holds, how much would go, which rows or files."""
    names = DataSystem.objects.in_bulk([UUID(entry["system"]) for entry in order.looked])
    rows: list[list[Any]] = []
    for entry in order.looked:
        name = names[UUID(entry["system"])].name
        if entry["state"] != "seen":
            rows.append([{"text": name, "note": NOT_SEEN.get(entry["state"], "")}, "", "", ""])
        for part in entry["parts"]:
            named = part["named"][:NAMED]
            more = part["count"] - len(named) if part["named"] else 0
            which = ", ".join(named) + (_(" and %(more)s more") % {"more": more} if more > 0 else "")
            rows.append([name, _held(part), _number(part["count"]), which])
    return rows


def _held(part: dict[str, Any]) -> Any:
    """A part with the categories of data in it; what was looked at before they were told has none."""
    called = methods.part(part["part"])
    words = ", ".join(lists.category(code) for code in part.get("categories", ()))
    if not words:
        return called
    said = called if isinstance(called, dict) else {"text": called}
    return {**said, "note": " · ".join(filter(None, (said.get("note"), words)))}


def kept_rows(rows: list[Shown]) -> list[list[Any]]:
    """What was not erased: system, what, where, why, how much, until."""
    return [
        [
            row.system.name,
            _said(kept["what"]),
            kept["where"],
            _said(kept["why"]),
            _number(kept["count"] or None),
            kept["until"],
        ]
        for row in rows
        for kept in row.kept
    ]


def _said(text: str) -> str:
    """A connector's sentence is stored in its source language; here it is said in the reader's, where it is known."""
    return _(text) if text else ""


def left_rows(rows: list[Shown]) -> list[list[Any]]:
    """What would not go: system, part, which rows or files."""
    return [[row.system.name, part, which] for row in rows for part, which in row.would_not_go]


def looked(rows: list[Shown]) -> list[dict[str, Any]]:
    """Where was looked, of each system that has its proof: {"system", "places"}."""
    proofs = [row.proof for row in rows if row.proof]
    return [
        {"system": proof.system, "places": [methods.looked(one) for one in proof.looked_at]}
        for proof in proofs
    ]


def proof_rows(rows: list[Shown]) -> list[list[Any]]:
    """The proofs: system, when it was read back, connector, digest."""
    return [
        [
            proof.system.name, proof.read_back_at, proof.connector, {"digest": proof.digest, "label": _("Digest of the proof")},
        ]
        for proof in (row.proof for row in rows if row.proof)
    ]  # fmt: skip


def _number(count: int | None) -> Any:
    return "" if count is None else {"text": str(count)}
