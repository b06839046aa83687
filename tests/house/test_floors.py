"""An app imports only from the floors beneath it: read from the source, so that a late import counts too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2] / "governance"
FLOORS = {
    "lib": 0, "audit": 1, "people": 2, "purposes": 3, "retention": 4, "consents": 5, "capture": 6, "rights": 7, "incidents": 7, "interfaces": 7, "exports": 7, "reports": 8,
}  # fmt: skip
# The roof wires everything and may name anything. A new name here is a decision.
ROOF = {
    "formats",
    "apps.py", "celery.py", "checks.py", "grants.py", "portal.py", "settings.py", "urls.py", "wsgi.py", "__init__.py",
    "demo", "management", "pages", "selftest", "setup",
}  # fmt: skip
NO_CODE = {"locale", "packs", "decisions"}
OUTSIDE = {"views", "forms", "urls", "api", "tasks"}  # doors of an app: another app calls its verbs


def files() -> Iterator[tuple[str, Path]]:
    for app in FLOORS:
        for path in sorted((HOME / app).rglob("*.py")):
            yield app, path


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import anywhere in the file: at the top, in a function, under TYPE_CHECKING."""
    package = ["governance", *path.relative_to(HOME).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            for name in node.names:
                yield node.lineno, f"{module}.{name.name}"


@pytest.mark.parametrize(
    ("app", "path"), list(files()), ids=lambda value: str(value).split("governance/")[-1]
)
def test_no_import_goes_up_or_sideways(app: str, path: Path) -> None:
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] != "governance" or len(parts) == 1:
            continue
        other = parts[1]
        where = f"{path.relative_to(HOME.parent)}:{line} imports {name}"
        assert other in FLOORS, f"{where}: that is the roof, or no floor of the house"
        if other == app:
            continue
        assert FLOORS[other] < FLOORS[app], f"{where}: not beneath it"
        room = parts[2] if len(parts) > 2 else ""
        assert room not in OUTSIDE and not room.startswith("views"), f"{where}: call its verb, not its door"


def test_no_import_hides_behind_a_string() -> None:
    for app, path in files():
        text = path.read_text()
        assert "TYPE_CHECKING" not in text, f"{path}: a type is an import too"
        if "import_module" in text or "import_string" in text or "__import__" in text:
            assert path == HOME / "lib" / "connectors.py", (
                f"{path}: only lib.connectors loads by name ({app})"
            )


def test_every_folder_is_a_floor_or_the_roof() -> None:
    there = {p.name for p in HOME.iterdir() if p.name != "__pycache__" and p.suffix not in (".pyc", ".md")}
    assert there <= set(FLOORS) | ROOF | NO_CODE, f"Not on the plan: {there - set(FLOORS) - ROOF - NO_CODE}"
    assert set(FLOORS) <= there


def test_every_app_that_is_installed_is_a_floor() -> None:
    from django.conf import settings

    ours = {app.split(".")[1] for app in settings.INSTALLED_APPS if app.startswith("governance.")}
    assert ours == set(FLOORS) - {"lib"}


def test_rules_ask_neither_database_nor_request_nor_clock() -> None:
    for _app, path in files():
        if path.name != "rules.py":
            continue
        for line, name in imports(path):
            for wrong in ("django.db", "django.http", "governance.lib.clock", "django.utils.timezone"):
                assert not name.startswith(wrong), f"{path}:{line}: a rule takes facts and answers"
            assert not name.endswith(".models") and ".models." not in name, f"{path}:{line}"
        assert "now()" not in path.read_text() and "today()" not in path.read_text(), path


def test_the_set_up_code_needs_nothing_but_python() -> None:
    import sys

    for path in sorted((HOME / "setup").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:  # at the top: what is needed before there is a venv
            names = (
                [n.name for n in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("governance.setup"), (
                    f"{path}: {name}"
                )
