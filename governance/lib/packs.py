"""Policy packs: legal numbers as dated, cited, versioned data (What holds, 9). Files in governance/packs/*.toml."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

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


@cache
def load(name: str) -> Pack:
    """Read governance/packs/<name>.toml. The hash is over the file's bytes."""
    raw = (HOME / f"{name}.toml").read_bytes()
    content = tomllib.loads(raw.decode())
    return Pack(
        name=name, version=content["version"], sha256=hashlib.sha256(raw).hexdigest(), content=content
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
