"""A version names everything that turns facts into pages, so that "the same templates" is never said falsely."""

from pathlib import Path

import pytest

from governance.reports import kinds, reprinting, versions
from governance.reports.models import Report
from tests.cast import Cast
from tests.reports import orders
from tests.reports.test_kinds import scopes


def named(kind: str, language: str = "en") -> set[str]:
    return {versions._name(path).lstrip("/") for path in versions.files(kind, language)}


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("register", "governance/reports/kinds/register_words.py"), ("fiche", "governance/purposes/exchange/fiche.py"),
        ("register", "governance/purposes/lists.py"), ("register", "governance/purposes/headings.py"),
        ("ledger", "governance/reports/sheets.py"), ("ledger", "templates/reports/sheet_body.html"), ("ledger", "templates/components/bars.html"),
        ("register", "templates/reports/register_activity.html"), ("register", "templates/pdf/bound/register_part.html"),
        ("audit_extract", "governance/reports/lines.py"), ("register", "governance/reports/binding.py"), ("register", "governance/packs/laws.toml"),
        ("register", "static/pdf/report.css"), ("register", "build/vendor/fonts/NotoSans-Regular.ttf"), ("statement", "templates/pdf/parts/seal.html"),
    ],
)  # fmt: skip
def test_what_draws_a_kind_is_in_its_version(kind: str, file: str) -> None:
    assert file in named(kind)


def test_the_translation_of_the_language_is_in_its_version() -> None:
    assert "governance/locale/de/LC_MESSAGES/django.mo" in named("register", "de") - named("register", "hi")


@pytest.mark.parametrize("kind", list(kinds.KINDS))
def test_every_kind_has_its_template_and_its_words_in_its_version(kind: str) -> None:
    assert {
        f"templates/pdf/{kind}.html",
        f"governance/reports/kinds/{kind}.py",
        "templates/pdf/base.html",
    } <= named(kind)


def test_another_release_of_a_library_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = versions.of("register", "en")
    monkeypatch.setattr(versions, "version", lambda name: "99")
    versions.of.cache_clear()
    try:
        assert versions.of("register", "en") != before
    finally:
        versions.of.cache_clear()


def test_one_sign_more_in_a_file_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = versions.of("register", "en")
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda self: read(self) + (b" " if self.name == "lists.py" else b"")
    )
    versions.of.cache_clear()
    try:
        assert versions.of("register", "en") != before
    finally:
        versions.of.cache_clear()


def test_a_ledger_drawn_again_is_the_same_bytes(cast: Cast, drawn: None) -> None:
    report = orders.made("ledger", cast, scopes(cast)["ledger"])
    assert report.state == "ready", report.fault
    found = reprinting.compare(Report.objects.get(pk=report.pk))
    assert found.same, found.says
