"""The press: facts first, then pages, then their digest in the log; killed anywhere it goes on from the facts."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from django.db import connection, connections
from django.db.models.functions import Now
from django.db.utils import ProgrammingError

from governance.audit.models import Entry
from governance.lib.canonical import digest
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes.models import Purpose
from governance.reports import kinds, paper, press, reports, sealing
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.conftest import World, as_login
from tests.reports import orders


def file(report: Report, kind: str) -> bytes:
    return bytes(ReportFile.objects.get(report=report, kind=kind).content)


def test_a_ready_report_has_its_digest_in_the_log_and_its_asker_is_told(cast: Cast, drawn: None) -> None:
    report = orders.made("register", cast)
    assert (report.state, report.progress, report.fault) == ("ready", 100, "")
    entry = Entry.objects.get(pk=report.entry_id)
    assert entry.code == "report.made" and entry.about_id == report.pk
    assert entry.facts["pdf_sha256"] == report.pdf_sha256 == sha256(file(report, "pdf")).hexdigest()
    assert entry.facts["facts_sha256"] == report.facts_sha256 == digest(report.facts)
    assert entry.facts["json_sha256"] == sha256(file(report, "json")).hexdigest()
    assert Message.objects.get(person=cast.lata, code="report_ready").facts["report"] == str(report.pk)


def test_the_twin_inside_the_pdf_is_the_facts(cast: Cast, drawn: None) -> None:
    report = orders.made("register", cast)
    with pikepdf.open(io.BytesIO(file(report, "pdf"))) as pdf:
        name, linked = sorted(pdf.attachments)
        assert linked == f"{report.number}.jsonld"
        twin = pdf.attachments[name].get_file().read_bytes()
        assert name == f"{report.number}.json"
        assert pdf.Root.AF[0].AFRelationship == "/Data"
        assert b'pdfaid:part="3"' in pdf.Root.Metadata.read_bytes()
        assert str(pdf.Root.Lang) == "en" and pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) == report.pages
    assert twin == file(report, "json")
    whole = json.loads(twin)
    assert whole["facts"] == report.facts and whole["facts_sha256"] == report.facts_sha256


def test_the_same_facts_give_the_same_bytes(cast: Cast, drawn: None) -> None:
    """A short kind; for the register see test_bound.py and test_editions.py."""
    report = orders.made("processors", cast)
    Report.objects.filter(pk=report.pk).update(state="waiting", attempts=0)
    sealed = file(report, "pdf")
    press.make(report.pk)
    report.refresh_from_db()
    assert report.state == "signing" and sealed.startswith(file(report, "pdf"))


class Killed(BaseException):
    """As kill -9: nobody catches it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    if place == "facts":
        original = kinds.KINDS["register"]
        monkeypatch.setitem(kinds.KINDS, "register", kinds.Kind(**{**vars(original), "facts": die}))
    elif place == "pages":
        monkeypatch.setattr(paper, "draw", die)
    elif place == "sealing":
        monkeypatch.setattr(press.ReportFile.objects, "bulk_create", die)
    else:
        monkeypatch.setattr(reports.notify, "tell", die)


@pytest.mark.parametrize("place", ["facts", "pages", "sealing", "telling"])
def test_a_worker_killed_at_any_stage_loses_nothing(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    with monkeypatch.context() as killing:
        kill_at(killing, place)
        with pytest.raises(Killed):
            press.make(report.pk)
    report.refresh_from_db()
    stored = report.facts
    assert report.is_being_made and (stored is None) == (place == "facts")
    assert report.pk not in Report.objects.waiting().pks(), "its lease is still living"
    Report.objects.filter(pk=report.pk).update(lease_until=Now() - timedelta(seconds=1))
    Purpose.objects.filter(pk=cast.purpose.pk).update(name="Renamed since")

    press.make(report.pk)

    report.refresh_from_db()
    assert report.state == "ready" and report.attempts == 2
    if stored:
        assert report.facts == stored, "another attempt says what the first one read"
    assert Entry.objects.filter(code="report.made", about_id=report.pk).count() == 1
    assert ReportFile.objects.filter(report=report).count() == 1
    assert Message.objects.filter(code="report_ready").count() == 1


def test_three_stumbles_fail_and_only_the_class_of_the_error_is_kept(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: Any) -> None:
        raise ValueError("Asha Deshmukh")

    monkeypatch.setattr(press, "html_of", stumble)
    report = reports.ask("register", cast.software, by=cast.lata)
    states = []
    for _attempt in range(3):
        press.make(report.pk)
        report.refresh_from_db()
        states.append(report.state)
    assert states == ["waiting", "waiting", "failed"] and report.fault == "ValueError"
    press.make(report.pk)
    report.refresh_from_db()
    assert report.attempts == 3
    assert Entry.objects.get(code="report.failed").facts == {"fault": "ValueError"}


def test_a_report_that_kills_every_worker_fails_at_last(cast: Cast) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    Report.objects.filter(pk=report.pk).update(
        state="pages", attempts=3, lease_until=Now() - timedelta(seconds=1)
    )
    press.make(report.pk)
    report.refresh_from_db()
    assert (report.state, report.fault) == ("failed", "WorkerLost")


def test_a_worker_that_was_overtaken_settles_nothing(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    original = press.html_of

    def overtaken(*args: Any) -> str:
        Report.objects.filter(pk=report.pk).update(fence=99)
        return original(*args)

    monkeypatch.setattr(press, "html_of", overtaken)
    press.make(report.pk)
    report.refresh_from_db()
    assert report.state == "pages" and not ReportFile.objects.exists()
    assert not Entry.objects.filter(code="report.made").exists()


def test_stored_facts_that_were_changed_are_not_printed(cast: Cast, undrawn: None) -> None:
    report = orders.made("register", cast)
    facts = report.facts | {"content": report.facts["content"] | {"activities": []}}
    Report.objects.filter(pk=report.pk).update(state="waiting", attempts=2, facts=facts)
    press.make(report.pk)
    report.refresh_from_db()
    assert (report.state, report.fault) == ("failed", "ValueError")


def test_without_pango_page_and_json_still_work(cast: Cast, undrawn: None) -> None:
    report = orders.made("register", cast)
    assert (report.state, report.pdf_sha256, report.pages) == ("ready", "", None)
    assert list(report.files.values_list("kind", flat=True)) == ["json"]
    assert paper.why_not().startswith("PDFs cannot be made on this machine: ")


def test_asked_twice_gives_the_one_under_way_and_a_new_one_once_that_is_ready(
    cast: Cast, undrawn: None
) -> None:
    first = reports.ask("register", cast.software, by=cast.lata)
    assert reports.ask("register", cast.software, by=cast.dev).pk == first.pk
    assert reports.ask("register", cast.gmbh, by=cast.dev).pk != first.pk
    assert reports.ask("register", cast.software, by=cast.dev, language="hi").pk != first.pk
    press.make(first.pk)
    assert reports.ask("register", cast.software, by=cast.lata).pk != first.pk
    assert Entry.objects.filter(code="report.asked", about_id=first.pk).count() == 1


def test_asked_eight_times_at_once_there_is_one(world: World) -> None:
    world.sign_in("web")
    cast = world.company()

    def ask(_number: int) -> Any:
        world.sign_in("web")
        try:
            return reports.ask("register", cast.software, by=Person.objects.get(pk=cast.lata.pk)).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        asked = set(threads.map(ask, range(8)))
    assert len(asked) == 1 and Report.objects.count() == 1
    world.sign_in("worker")
    press.make(asked.pop())
    waiting = Report.objects.get()
    assert waiting.state == ("ready" if paper.why_not() else "signing"), "the worker's own login draws it"
    world.sign_in("exporter")
    sealing.put_on(waiting.pk)
    assert Report.objects.get().state == "ready", "and the signer's own login seals it"


@pytest.mark.parametrize(
    ("kind", "scope", "language", "code"),
    [
        ("gossip", {}, "en", "no_such_kind"), ("register", {}, "tlh", "no_such_language"),
        ("certificate", {}, "en", "scope_missing"), ("certificate", {"order": "x"}, "en", "scope_missing"), ("register", {"order": "1"}, "en", "scope_missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(
    cast: Cast, kind: str, scope: dict[str, str], language: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask(kind, cast.software, scope, by=cast.lata, language=language)
    assert refused.value.code == code and not Report.objects.exists()


@pytest.mark.parametrize("name", ["asha", "meera", "arun", "ira", "rupa", "omar"])
def test_only_legal_and_the_dpo_ask_for_the_reports_of_an_entity(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="legal or data protection team"):
        reports.ask("register", cast.software, by=cast.people[name])


def test_the_web_login_cannot_write_a_file_of_a_report(cast: Cast) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    with as_login("web"):
        with pytest.raises(ProgrammingError):
            ReportFile.objects.create(report=report, kind="pdf", content=b"%PDF-forged")
        connection.needs_rollback = True


def test_the_text_layer_of_the_pdf_says_what_the_page_says(
    cast: Cast, drawn: None, text_of: Callable[[bytes], str]
) -> None:
    text = text_of(file(orders.made("register", cast), "pdf"))
    for words in (
        "Purpose register",
        "Nirmaan Software Pvt Ltd",
        "Train an agent on the reimbursement workflow",
        "not recorded",
    ):
        assert words in text
