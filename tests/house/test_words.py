"""One word each: what the product never calls itself, names that say nothing, and files that grew too long."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SKIPPED = {
    ".venv",
    ".git",
    "node_modules",
    "build",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}
LONGEST = 450


def files(*endings: str, under: str = ".") -> Iterator[Path]:
    for path in sorted((TOP / under).rglob("*")):
        if path.is_file() and path.suffix in endings and not SKIPPED & set(path.relative_to(TOP).parts):
            yield path


# Somebody may write that Sammati is no such thing; nobody may write that it is one.
NOT_US = [
    (r"consent[ -]manager", r"(never|not|no|nobody|nicht|isn.t|is a registered|registered role|benchmark)"),
    (r"सहमति प्रबंधक", r"नहीं"),
]
TEXTS = [
    *files(".html", ".txt", ".po", ".toml", under="templates"),
    *files(".po", ".toml", ".py", under="governance"),
    *files(".md"),
    *files(".html", ".js", ".css", under="static"),
]


@pytest.mark.parametrize("path", dict.fromkeys(TEXTS), ids=lambda path: str(path.relative_to(TOP)))
def test_it_never_calls_itself_a_registered_role(path: Path) -> None:
    text = path.read_text()
    for word, denial in NOT_US:
        for match in re.finditer(word, text, re.IGNORECASE):
            around = text[max(match.start() - 120, 0) : match.end() + 120]
            assert re.search(denial, around, re.IGNORECASE), f"{path}: …{around}…"


def test_no_module_is_called_after_nothing() -> None:
    empty = {
        "core",
        "common",
        "utils",
        "util",
        "services",
        "helpers",
        "misc",
        "signals",
        "managers",
        "handlers",
    }
    for path in files(".py", under="governance"):
        parts = {part.removesuffix(".py") for part in path.relative_to(TOP).parts}
        # governance/celery.py imports Celery's own module of that name; a module of ours has no such name
        assert not parts & empty, path


def test_there_are_no_signals_and_no_event_bus() -> None:
    for path in files(".py", under="governance"):
        text = path.read_text()
        assert (
            "django.dispatch" not in text and "db.models.signals" not in text and "@receiver" not in text
        ), path
        if path.name != "celery.py":
            assert "celery import signals" not in text and "celery.signals" not in text, path


def test_no_file_is_longer_than_anybody_reads() -> None:
    for path in [
        *files(".py"),
        *files(".html", ".css", ".js", under="templates"),
        *files(".css", ".js", under="static"),
    ]:
        if "migrations" in path.parts:
            continue
        lines = len(path.read_text().splitlines())
        assert lines <= LONGEST, f"{path.relative_to(TOP)} has {lines} lines"


def test_no_page_carries_a_style_or_a_script_of_its_own() -> None:
    for path in files(".html", under="templates"):
        if "pdf" in path.parts:
            continue
        text = re.sub(r"(?s){% comment %}.*?{% endcomment %}", "", path.read_text())
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:", text), path
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script, f"{path}: {script}"
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text), (
            f"{path}: nothing comes from anybody else's server"
        )


def test_no_file_names_the_machine_that_it_was_written_on() -> None:
    # Spelt in two halves, so that this list does not find itself.
    for path in [
        *files(".py", ".html", ".md", ".toml", ".txt", ".in", ".css", ".js", ".json", ".po"),
        TOP / "run",
    ]:
        text = path.read_text()
        for word in ("/wo" + "rk/", "/tmp" + "/dev", "/ro" + "ot/"):
            assert word not in text, f"{path.relative_to(TOP)} says {word}"


def test_every_migration_is_named_for_the_fact_that_it_establishes() -> None:
    for path in files(".py", under="governance"):
        if "migrations" in path.parts and path.name != "__init__.py":
            assert re.fullmatch(r"\d{4}_[a-z0-9_]{6,}\.py", path.name) and "auto" not in path.name, path


def test_a_template_stands_where_its_app_stands() -> None:
    """One word through four folders."""
    apps = {p.parent.name for p in (TOP / "governance").glob("*/apps.py")}
    for folder in (TOP / "templates").iterdir():
        if folder.is_dir():
            assert folder.name in apps | {"components", "pages", "account", "pdf"}, folder
