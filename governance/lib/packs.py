"""Policy packs: legal numbers as dated, cited, versioned data (What holds, 9). Files in governance/packs/*.toml, and in
the folder of SAMMATI_PACKS, where an organisation keeps those that it has replaced: legal numbers change without code."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

# As they are shipped.
HOME = Path(__file__).resolve().parent.parent / "packs"


@dataclass(frozen=True)
class Provision:
    """One provision of a law and the day from which it binds."""

    id: str
    law: str
    cite: str
    text: str
    from_: date
    until: date | None = None

    def in_force(self, on: date) -> bool:
        return self.from_ <= on and (self.until is None or on < self.until)


@dataclass(frozen=True)
class Pack:
    name: str
    version: str
    sha256: str
    content: dict[str, Any]


def names() -> list[str]:
    """Every pack that the code asks for, but for the folder of rules."""
    return sorted(path.stem for path in HOME.glob("*.toml"))


def place(name: str) -> Path:
    """Where the file or folder of this name is read: in the organisation's own folder if it lies there, else ours."""
    own = Path(settings.PACKS) / name if settings.PACKS else None
    return own if own is not None and own.exists() else HOME / name


@cache
def load(name: str) -> Pack:
    """Read <name>.toml. The hash is over the file's bytes."""
    return _read(name, place(f"{name}.toml"))


def _read(name: str, path: Path) -> Pack:
    raw = path.read_bytes()
    content = tomllib.loads(raw.decode())
    return Pack(
        name=name, version=content["version"], sha256=hashlib.sha256(raw).hexdigest(), content=content
    )


def problems() -> list[str]:
    """What is wrong with the organisation's own folder: empty when it may be used, or when there is none."""
    if not settings.PACKS:
        return []
    folder = Path(settings.PACKS)
    if not folder.is_dir():
        return [f"SAMMATI_PACKS: {folder.name} is no folder."]
    files = {path.name for path in folder.glob("*.toml")}
    wrong = [
        f"{name}: no pack has this name." for name in sorted(files - {f"{name}.toml" for name in names()})
    ]
    for name in names():
        if f"{name}.toml" in files:
            wrong += _compared(name, folder / f"{name}.toml")
    if not files and not (folder / "policy").is_dir():
        wrong.append("SAMMATI_PACKS: there is no pack in this folder.")
    return wrong


def _compared(name: str, path: Path) -> list[str]:
    """A pack of one's own says more or other things than ours, but nothing that the code asks for is missing from it."""
    try:
        own = _read(name, path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [f"{path.name}: it is no TOML: {error}"]
    except KeyError:
        return [f"{path.name}: it has no version."]
    ours = _read(name, HOME / path.name)
    lost = [key for key in ours.content if key not in own.content]
    for key, table in ours.content.items():
        there = own.content.get(key)
        if isinstance(table, dict) and there is not None:
            lost += [f"{key}.{part}" for part in table if not isinstance(there, dict) or part not in there]
    same = own.sha256 != ours.sha256 and own.version == ours.version
    return [f"{path.name}: {key} is missing." for key in lost[:10]] + (
        [f"{path.name}: it differs from ours and has the same version. Give it one of its own."]
        if same
        else []
    )


@cache
def provisions() -> dict[str, Provision]:
    """Every provision of the laws pack by id."""
    return {
        key: Provision(
            id=key,
            law=row["law"],
            cite=row["cite"],
            text=row["text"],
            from_=row["from"],
            until=row.get("until"),
        )
        for key, row in load("laws").content["provision"].items()
    }


def cite(provision_id: str, on: date, part: str = "") -> str:
    """How a text of this day may name the provision: plainly when it binds, else as applied voluntarily.

    Texts cite only law in force on the day; the rest reads "applied voluntarily, in force from …".
    `part` is what follows the citation: GDPR Art. 13 and "(1)(c)".
    """
    provision = provisions()[provision_id]
    cited = provision.cite + part
    if provision.in_force(on):
        return cited
    if on < provision.from_:
        return f"{cited} (applied voluntarily, in force from {provision.from_:%d %B %Y})"
    return f"{cited} (no longer in force)"


def binds(provision_id: str, on: date) -> bool:
    return provisions()[provision_id].in_force(on)
