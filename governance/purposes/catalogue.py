"""What can be recorded at all, in which least form, and what the laws want in a notice: data of packs/signals.toml."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from governance.lib import packs


@dataclass(frozen=True)
class SignalKind:
    """One kind of signal. `never` names the rule that blocks it and the sentence why; empty when it may be declared."""

    code: str
    category: str  # code of the capture categories: CL, AP, MM, TX, SS
    dpv: str
    sensitivity: str  # S0 … S4
    fields: tuple[str, ...]  # the most that may be declared
    titles: dict[str, str]
    explained: dict[str, str]
    sample: dict[str, Any]
    never_rule: str
    never: dict[str, str]

    def title(self, language: str) -> str:
        return _in(self.titles, language)

    def explanation(self, language: str) -> str:
        return _in(self.explained, language)

    def why_never(self, language: str) -> str:
        return _in(self.never, language)


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get(language.split("-")[0]) or texts.get("en", "")


@cache
def signals() -> dict[str, SignalKind]:
    return {
        code: SignalKind(
            code=code, category=row["category"], dpv=row["dpv"], sensitivity=row["sensitivity"],
            fields=tuple(row.get("fields", ())), titles=row["title"], explained=row["explained"],
            sample=row.get("sample", {}), never_rule=row.get("never_rule", ""), never=row.get("never", {}),
        )
        for code, row in packs.load("signals").content["signal"].items()
    }  # fmt: skip


def never_recorded() -> list[SignalKind]:
    return [kind for kind in signals().values() if kind.never]


def _elements() -> dict[str, dict[str, Any]]:
    return packs.load("signals").content["element"]


ELEMENTS: tuple[str, ...] = tuple(_elements())


def heading(code: str, language: str) -> str:
    return _in(_elements()[code]["heading"], language)


def required_elements(jurisdictions: list[str], on: date) -> dict[str, str]:
    """Element code → the provision that asks for it, for a notice under these laws on this day."""
    return {
        code: packs.cite(provision, on)
        for code, row in _elements().items()
        for law, provision in row.get("asked_by", {}).items()
        if law in jurisdictions
    }
