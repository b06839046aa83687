"""What can be recorded at all, in which least form, and what the laws want in a notice: data of packs/signals.toml."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from governance.lib import languages, packs


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
    clip: bool = False  # comes as a clip of a worn camera, never as an event in a batch

    def title(self, language: str) -> str:
        return _in(self.titles, language)

    def explanation(self, language: str) -> str:
        return _in(self.explained, language)

    def why_never(self, language: str) -> str:
        return _in(self.never, language)


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(languages.best(language, texts) or "en", "")


def _also(kind: str, code: str) -> dict[str, str]:
    """The words of packs/headings.toml for a part of a notice, or of or about a signal: language → text."""
    table: dict[str, dict[str, str]] = packs.load("headings").content[kind]
    return {language: row[code] for language, row in table.items() if code in row}


@cache
def signals() -> dict[str, SignalKind]:
    return {
        code: SignalKind(
            code=code, category=row["category"], dpv=row["dpv"], sensitivity=row["sensitivity"],
            fields=tuple(row.get("fields", ())), titles=_also("signal", code) | row["title"],
            explained=_also("explained", code) | row["explained"], sample=row.get("sample", {}),
            never_rule=row.get("never_rule", ""), never=_also("never", code) | row.get("never", {}), clip=row.get("clip", False),
        )
        for code, row in packs.load("signals").content["signal"].items()
    }  # fmt: skip


def is_clip(code: str) -> bool:
    kind = signals().get(code)
    return kind is not None and kind.clip


def never_recorded() -> list[SignalKind]:
    return [kind for kind in signals().values() if kind.never]


def _elements() -> dict[str, dict[str, Any]]:
    return packs.load("signals").content["element"]


ELEMENTS: tuple[str, ...] = tuple(_elements())


@cache
def _headings(code: str) -> dict[str, str]:
    return _also("element", code) | _elements()[code]["heading"]


def heading(code: str, language: str) -> str:
    """What stands over this part of a notice in this language; in English where nobody has said it yet."""
    return _in(_headings(code), language)


def whole_heading(code: str, language: str) -> str:
    """What a notice must be as a whole, in this language."""
    return _in(packs.load("signals").content["whole"][code]["heading"], language)
