"""Every sentence that the code or a page says through gettext stands in both catalogues: none is forgotten in English."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = (ROOT / "governance" / "locale", ROOT / "governance" / "reports" / "locale")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
CALL = re.compile(r"(?<![\w.])(_|n?p?gettext)\(")
Sentence = tuple[str | None, str]
"""Its context and what stands in the source."""


def _of_call(name: str, given: list[ast.expr]) -> Sentence | None:
    said = [
        arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None for arg in given
    ]
    if name in PLAIN | PLURAL and said and said[0]:
        return None, said[0]
    if name in IN_CONTEXT and len(said) > 1 and said[1]:
        return said[0], said[1]
    return None


def in_code(path: Path) -> Iterator[Sentence]:
    yield from in_tree(ast.parse(path.read_text()))


def in_tree(tree: ast.AST) -> Iterator[Sentence]:
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in aliases:
            found = _of_call(aliases[node.func.id], node.args)
            if found:
                yield found


def in_template(path: Path) -> Iterator[Sentence]:
    """What Django's own makemessages would see of it."""
    seen = templatize(path.read_text())
    for match in CALL.finditer(seen):
        depth, at = 1, match.end()
        quote = ""
        while depth and at < len(seen):
            letter = seen[at]
            if quote:
                if letter == "\\":
                    at += 1
                elif letter == quote:
                    quote = ""
            elif letter in "'\"":
                quote = letter
            else:
                depth += {"(": 1, ")": -1}.get(letter, 0)
            at += 1
        try:
            call = ast.parse(f"f({seen[match.end() : at]}", mode="eval").body
        except SyntaxError:
            continue
        assert isinstance(call, ast.Call)
        found = _of_call(match.group(1), call.args)
        if found:
            yield found


def sentences() -> dict[Sentence, str]:
    """Each with a place where it is said."""
    found: dict[Sentence, str] = {}
    for path in sorted((ROOT / "governance").rglob("*.py")):
        if "migrations" not in path.parts:
            found |= {said: str(path.relative_to(ROOT)) for said in in_code(path)}
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            found |= {said: str(path.relative_to(ROOT)) for said in in_template(path)}
    return found


@pytest.mark.parametrize("language", ["hi", "de"])
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    compiled: dict[Any, str] = {}
    for folder in CATALOGUES:
        with (folder / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
            compiled |= gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]

    def there(context: str | None, text: str) -> bool:
        key = text if context is None else f"{context}\x04{text}"
        return key in compiled or (key, 1) in compiled

    said = sentences()
    assert len(said) > 3000
    assert {text: place for (context, text), place in said.items() if not there(context, text)} == {}


@pytest.mark.parametrize("language", ["hi", "de"])
def test_what_both_catalogues_say_they_say_in_the_same_words(language: str) -> None:
    """Else the portal calls a thing by one name and its documents by another, or hides that name behind the portal's."""
    portal, documents = (
        gettext.GNUTranslations((folder / language / "LC_MESSAGES" / "django.mo").open("rb"))._catalog  # type: ignore[attr-defined]
        for folder in CATALOGUES
    )
    both = {said for said in portal.keys() & documents.keys() if said}
    assert len(both) > 5
    assert {said: (portal[said], documents[said]) for said in both if portal[said] != documents[said]} == {}


ENTRY = re.compile(r'^(?:msgctxt "(.*)"\n)?msgid ((?:".*"\n)+)', re.M)


@pytest.mark.parametrize(
    "path", sorted(path for folder in CATALOGUES for path in folder.rglob("django.po")), ids=str
)
def test_no_sentence_stands_twice_in_a_catalogue(path: Path) -> None:
    """msgfmt refuses such a catalogue, and which of the two is said is anybody's guess."""
    said = [
        (found[1], "".join(re.findall(r'"(.*)"', found[2]))) for found in ENTRY.finditer(path.read_text())
    ]
    assert said and [one for one, n in Counter(said).items() if n > 1] == []
