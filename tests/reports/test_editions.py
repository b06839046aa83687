"""A report is drawn again as it was, after the templates were changed: what drew it is kept, once, by its digest."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from governance.audit.models import Entry
from governance.lib.appendonly import WrittenOnce
from governance.reports import editions, press, reprinting, versions
from governance.reports.models import Edition, Report, ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.test_kinds import scopes


@contextmanager
def changed_templates(settings: Any, tmp_path: Path) -> Iterator[None]:
    """A later release: another sentence in the register and in every document of sections, other ink."""
    base = tmp_path / "later"
    for place in ("templates", "static/pdf"):
        shutil.copytree(Path(settings.BASE) / place, base / place)
    for name in ("reports/register_about.html", "reports/sheet_body.html", "reports/certificate_body.html"):
        page = base / "templates" / name
        page.write_text(page.read_text() + "<p>A sentence of the later release.</p>")
    sheet = base / "static" / "pdf" / "report.css"
    sheet.write_text(sheet.read_text() + "\nh2 { color: #600000; }\n")
    before = settings.BASE, settings.TEMPLATES
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [base / "templates"]}]
    settings.BASE = base
    versions.of.cache_clear()  # as a process that starts anew
    try:
        yield
    finally:
        settings.BASE, settings.TEMPLATES = before
        versions.of.cache_clear()


def scope_of(kind: str, cast: Cast) -> dict[str, str]:
    if kind == "certificate":
        order = orders.carry_out(orders.withdrawn(cast), [orders.system(cast, "store", "Feature store")])
        return {"order": str(order.pk)}
    return {} if kind == "register" else scopes(cast)[kind]


# The register is drawn again by day too, in another language, below.
KINDS = (
    ["register", "ledger", "certificate"] if os.environ.get("SAMMATI_NIGHT") else ["ledger", "certificate"]
)


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_templates_changed_the_same_bytes_are_drawn(
    kind: str, cast: Cast, drawn: None, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = orders.made(kind, cast, scope_of(kind, cast))
    sealed = bytes(ReportFile.objects.get(report=report, kind="pdf").content)
    then = press.html_of(report, report.facts)
    with changed_templates(settings, tmp_path):
        assert press.version_of(kind, "en") != report.template_version
        now = press.html_of(report, report.facts)
        assert "of the later release" in now and now != then, "what is in force now draws something else"
        out = tmp_path / "again.pdf"
        call_command("reprint", report.number, "--out", str(out))
        said = capsys.readouterr().out
        assert report.template_version in said and "templates of then" in said
        assert sealed.startswith(out.read_bytes()) and len(out.read_bytes()) > 10_000


def test_in_another_language_too(cast: Cast, drawn: None, settings: Any, tmp_path: Path) -> None:
    report = orders.made("register", cast, language="hi")
    with changed_templates(settings, tmp_path):
        found = reprinting.compare(report)
    assert found.same, found.says


def test_what_is_not_kept_is_named_and_nothing_else_is_drawn_in_its_place(
    cast: Cast, drawn: None, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = orders.made("processors", cast)
    noted = report.drawn_by
    for drawn_by, why in (
        ({}, f"made with templates {report.template_version}, before they were kept"),
        (noted | {"program": "ab" * 32}, "The log names another program"),
        (noted | {"fonts": "cd" * 32}, "is not kept here"),
        (noted | {"libraries": noted["libraries"] | {"weasyprint": "60.1"}}, "drawn with weasyprint 60.1"),
    ):
        Report.objects.filter(pk=report.pk).update(drawn_by=drawn_by)
        with changed_templates(settings, tmp_path / why[-4:]), pytest.raises(SystemExit):
            call_command("reprint", report.number, "--out", str(tmp_path / "none.pdf"))
        assert why in capsys.readouterr().out
        assert not (tmp_path / "none.pdf").exists()


def test_a_program_is_kept_once_and_never_replaced(cast: Cast, drawn: None) -> None:
    one, two = orders.made("processors", cast, language="de"), orders.made("processors", cast)
    assert one.drawn_by == two.drawn_by and Edition.objects.count() == 2
    assert Entry.objects.get(pk=one.entry_id).facts["program"] == one.drawn_by["program"]
    with pytest.raises(WrittenOnce):
        Edition.objects.all().delete()
    for said in ("UPDATE reports_edition SET content = ''", "DELETE FROM reports_edition"):
        with (
            pytest.raises(ProgrammingError, match="written once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(said)


def test_a_program_that_was_changed_in_its_row_is_not_run(cast: Cast, drawn: None) -> None:
    """Whoever owns the database can switch a trigger off; the digest in the log stands outside."""
    report = orders.made("processors", cast)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_edition DISABLE TRIGGER reports_edition_written_once")
        cursor.execute("UPDATE reports_edition SET content = content || '\\x00'::bytea")
    with pytest.raises(editions.NotKept, match="was changed"):
        editions.draw(report)


def test_the_archive_is_the_same_bytes_each_time_and_holds_no_secret() -> None:
    said = (str(editions.ROOT), str(editions.ROOT / "build"), "")
    one = editions._archive.__wrapped__("program", *said)
    assert one == editions._archive.__wrapped__("program", *said)
    names = set(editions._program(said[0], ""))
    assert editions.ENTRY in names and "templates/pdf/register.html" in names
    assert not any(name.startswith("var/") or name.endswith((".env", ".pem", ".key")) for name in names)
    assert {name.split("/")[0] for name in names} == {"governance", "templates", "static"}
