"""The version of everything that turns facts into pages: one digest over all files that have a say in it.

A kind's words import other modules and templates include others, so the files are found by following both. What is
hashed too much makes a version differ that draws the same; what is forgotten makes a reprint say "the same templates"
falsely, which is worse.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.utils.translation import to_locale

HERE = Path(__file__).parent
PACKAGE = HERE.parent.name
LIBRARIES = ("weasyprint", "pydyf", "pikepdf", "fonttools", "django", "qrcode")
SAID_BY = ("words.py", "codes.py", "honest.py", "sheets.py", "linked.py", "linked_more.py")
DRAWN_BY = (
    "paper.py",
    "drawing.py",
    "binding.py",
    "bound.py",
    "lines.py",
)  # these import every kind; what they draw is named here
# What a template names: {% extends "…" %} and {% include "…" %}
NAMED = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")


@cache
def of(kind: str, language: str) -> str:
    """Twelve signs. The same for the whole life of a process: what is deployed anew starts anew."""
    whole = sha256()
    for name in LIBRARIES:
        whole.update(f"{name} {version(name)}\n".encode())
    for path in files(kind, language):
        whole.update(f"{_name(path)} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:12]


def files(kind: str, language: str) -> list[Path]:
    """Every file that has a say in how this kind looks in this language, in a fixed order."""
    base = Path(settings.BASE)
    found = set(modules([HERE / "kinds" / f"{kind}.py", *(HERE / name for name in SAID_BY)]))
    found |= {HERE / name for name in DRAWN_BY}
    found |= set(templates(f"pdf/{kind}.html"))
    found |= {
        path
        for page in (base / "templates" / "pdf" / "bound").glob(f"{kind}_*.html")
        for path in templates(_template(page))
    }
    found |= set(templates("pdf/bound/frame.html"))
    found |= {path for path in (HERE.parent / "packs").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    for home in (HERE / "locale", HERE.parent / "locale"):
        found |= {path for ending in ("*.po", "*.mo") for path in (home / to_locale(language)).rglob(ending)}
    found |= set(Path(settings.PACKS).rglob("*.toml")) if settings.PACKS else set()
    found |= set((base / "static" / "pdf").glob("*.css"))
    found |= set((Path(settings.BUILD) / "vendor" / "fonts").glob("*.ttf"))
    return sorted(found, key=_name)


def templates(name: str) -> Iterator[Path]:
    """The template and all that it names, once each."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        path = Path(settings.BASE) / "templates" / one
        if one in seen or not path.is_file():
            continue
        seen.add(one)
        waiting += NAMED.findall(path.read_text())
        yield path


def modules(first: list[Path]) -> Iterator[Path]:
    """These modules of ours and all of ours that they import, once each."""
    seen: set[Path] = set()
    waiting = list(first)
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        if (
            path != HERE / "kinds" / "__init__.py"
        ):  # it has the title; the other kinds that it names say nothing here
            waiting += _imported(path)
        yield path


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            # `from governance.reports import words` names a module or something in one
            found += [_module(node.module), *(_module(f"{node.module}.{name.name}") for name in node.names)]
        elif isinstance(node, ast.Import):
            found += [_module(name.name) for name in node.names if name.name.split(".")[0] == PACKAGE]
    return tuple(path for path in found if path.is_file())


def _module(name: str) -> Path:
    path = HERE.parent.parent.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _template(path: Path) -> str:
    return path.relative_to(Path(settings.BASE) / "templates").as_posix()


def _name(path: Path) -> str:
    """Where it lies, the same on every machine."""
    for home, name in ((Path(settings.BUILD), "build"), (HERE.parent.parent, "")):
        if path.is_relative_to(home):
            return f"{name}/{path.relative_to(home).as_posix()}"
    return path.name
