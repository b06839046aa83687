"""Sammati is Apache-2.0: nothing that it installs may force another licence upon it."""

import re
from importlib import metadata
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
STRONG = re.compile(
    r"\b(A?GPL|GNU (Affero )?General Public|SSPL|Server Side Public|Business Source|BUSL|Commons Clause)",
    re.IGNORECASE,
)
FREE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software|MPL|Mozilla|LGPL|Lesser|Unlicense|Zlib|0BSD|HPND|PostgreSQL|OFL|WTFPL|Public Domain|CC0)",
    re.IGNORECASE,
)
# Read by hand, because their metadata does not say it: name → what the licence file says.
READ: dict[str, str] = {}


def pinned(file: str) -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", (TOP / file).read_text(), re.MULTILINE)


def licence(name: str) -> str:
    about = metadata.metadata(name)
    words = [
        about.get("License-Expression") or "",
        *(c for c in about.get_all("Classifier") or [] if c.startswith("License")),
    ]
    if not any(words):
        words.append((about.get("License") or "")[:300])
    return " | ".join(w for w in words if w)


@pytest.mark.parametrize("name", pinned("requirements.txt"))
def test_a_dependency_leaves_us_our_licence(name: str) -> None:
    try:
        text = READ.get(name) or licence(name)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed on this machine")
    assert text, f"{name} does not say its licence: read it, and write it into READ"
    # "LGPL" holds the letters GPL; a choice ("MIT OR GPL") leaves the other one to us.
    strong = STRONG.search(re.sub(r"LGPL|Lesser General Public", "", text))
    assert not strong or FREE.search(text), f"{name}: {text}"
    assert FREE.search(text), f"{name}: {text}"


def test_our_own_licence_stands_at_the_top() -> None:
    text = (TOP / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0" in text


def test_what_is_gpl_alone_is_not_among_the_requirements() -> None:
    assert "pymerkle" not in pinned("requirements.txt") + pinned("requirements-dev.txt")
