"""Every address there is, with the id of a thing put in. One that cannot be built has no probe, and that is a finding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

PARTS = re.compile(r"<(?:(\w+):)?(\w+)>")
OTHER = {"slug": "pdf", "str": "pdf", None: "pdf"}


@dataclass(frozen=True)
class Door:
    name: str
    route: str
    permission: str | None  # None: the view carries nothing
    of: Any = None  # the model of the thing that its address names, where it names one

    @property
    def takes_id(self) -> bool:
        return any(kind in ("uuid", "int") for kind, _name in PARTS.findall(self.route))

    def address(self, pk: object) -> str | None:
        """With this id in every place for one; "" where an id of that kind does not fit; None where nobody knows how."""
        fits = True

        def put(match: "re.Match[str]") -> str:
            nonlocal fits
            kind = match[1]
            if kind in ("uuid", "int"):
                fits = fits and isinstance(pk, UUID if kind == "uuid" else int)
                return str(pk)
            return OTHER[kind] if kind in OTHER else match[0]

        made = PARTS.sub(put, self.route)
        if made.startswith("^"):  # a library's own pattern
            made = made.replace("^", "").replace("$", "").split("(")[0]
        return None if "<" in made else f"/{made}" if fits else ""


def doors(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[Door]:
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from doors(entry.url_patterns, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            name = f"{space}{entry.name}"
            view = entry.callback
            yield Door(
                name,
                prefix + str(entry.pattern),
                getattr(view, "sammati_permission", None),
                getattr(view, "sammati_of", None),
            )
