"""A report that is being made can be stopped; short ones go before long ones; whoever asked is told how it ended."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db.models.functions import Now
from django.test import Client

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.people import post
from governance.people.models import Message, Person
from governance.reports import press, reports, sealing
from governance.reports.models import Report, ReportFile
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.reports import orders

BACKEND = "governance.people.signin.PersonBackend"


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def test_a_cancelled_report_is_made_by_nobody(cast: Cast, undrawn: None) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    cancelled = reports.cancel(report, by=cast.lata)
    assert cancelled.state == "cancelled" and report.pk not in Report.objects.waiting().pks()
    press.make(report.pk)
    assert Report.objects.get().state == "cancelled" and not ReportFile.objects.exists()
    entry = Entry.objects.get(code="report.cancelled")
    assert (entry.about_id, entry.by_id) == (report.pk, cast.lata.pk)
    assert reports.ask("register", cast.software, by=cast.lata).pk != report.pk, "it can be asked for again"


def test_a_report_that_is_cancelled_while_it_is_drawn_leaves_no_file(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    original = press.html_of
    monkeypatch.setattr(
        press, "draw", lambda *args, **more: reports.cancel(report, by=cast.lata) and b"%PDF-"
    )
    press.make(report.pk)
    assert original and Report.objects.get().state == "cancelled" and not ReportFile.objects.exists()


def test_of_a_report_that_waited_for_its_seal_nothing_is_left(cast: Cast) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    Report.objects.filter(pk=report.pk).update(state="signing")
    ReportFile.objects.create(report=report, kind="pdf", content=b"%PDF-")
    reports.cancel(report, by=cast.lata)
    sealing.put_on(report.pk)
    press.clear_away()
    assert Report.objects.get().state == "cancelled" and not ReportFile.objects.exists()


@pytest.mark.parametrize("name", ["asha", "meera", "arun", "ira", "rupa"])
def test_who_neither_asked_nor_asks_for_reports_cancels_none(cast: Cast, name: str) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    with pytest.raises(Refused) as refused:
        reports.cancel(report, by=cast.people[name])
    assert refused.value.code == "may_not_cancel"


def test_nobody_cancels_the_document_of_a_person_but_they_themselves(cast: Cast, undrawn: None) -> None:
    mine = reports.ask_for_receipt(make.consent(cast.asha, cast.purpose, "ui_event"), by=cast.asha)
    with pytest.raises(Refused):
        reports.cancel(mine, by=cast.lata)
    assert reports.cancel(mine, by=cast.asha).state == "cancelled"


def test_a_ready_report_is_not_cancelled(cast: Cast, undrawn: None) -> None:
    with pytest.raises(Refused) as refused:
        reports.cancel(orders.made("register", cast), by=cast.lata)
    assert refused.value.code == "not_being_made"


def test_the_page_offers_to_cancel_while_the_report_is_made(cast: Cast) -> None:
    report = reports.ask("register", cast.software, by=cast.lata)
    Report.objects.filter(pk=report.pk).update(
        state="pages", pages=50, pages_about=200, lease_until=Now() + timedelta(hours=1)
    )
    address = f"/reports/{report.pk}"
    page = browser(cast.lata).get(address).content.decode()
    assert f'action="{address}/cancel"' in page and 'id="pages"' in page and "50" in page and "200" in page
    assert f"{address}/cancel" not in browser(cast.arun).get(address).content.decode()
    assert browser(cast.asha).post(f"{address}/cancel").status_code in (403, 404)
    browser(cast.lata).post(f"{address}/cancel")
    assert Report.objects.get().state == "cancelled"


def test_what_somebody_waits_for_is_made_before_what_is_long(cast: Cast, undrawn: None) -> None:
    register = reports.ask("register", cast.software, by=cast.lata)
    receipt = reports.ask_for_receipt(make.consent(cast.asha, cast.purpose, "ui_event"), by=cast.asha)
    assert Report.objects.waiting().pks() == [receipt.pk, register.pk]
    assert Report.objects.waiting().short().pks() == [receipt.pk]
    press.make_all(Report.objects.waiting().short())
    assert (
        Report.objects.get(pk=receipt.pk).state == "ready"
        and Report.objects.get(pk=register.pk).state == "waiting"
    )


def test_whoever_asked_is_told_that_it_failed_and_by_mail_that_there_is_news(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: object) -> None:
        raise ValueError("Asha Deshmukh")

    monkeypatch.setattr(press, "html_of", stumble)
    report = reports.ask("register", cast.software, by=cast.lata)
    for _attempt in range(3):
        press.make(report.pk)
    told = Message.objects.get(person=cast.lata, code="report_failed")
    assert told.facts == {"report": str(report.pk), "number": report.number}
    mail.outbox.clear()
    post.send_waiting()
    assert [letter.to for letter in mail.outbox] == [[cast.lata.email]]
    assert report.number not in mail.outbox[0].body


def test_a_worker_that_was_killed_while_it_drew_is_followed_by_another(world: World, drawn: None) -> None:
    """kill -9, really: the next worker goes on from the facts, and no child goes on drawing."""
    world.sign_in("web")
    cast = world.company()
    report = reports.ask("register", cast.software, by=Person.objects.get(pk=cast.lata.pk))
    code = (
        "import time; from governance.reports import paper, press\n"
        "run = paper.run\n"
        "def slow(*args, **more):\n    print('drawing', flush=True); time.sleep(600)\n"
        f"paper.run = slow\npress.make(__import__('uuid').UUID('{report.pk}'))"
    )
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code], cwd=settings.BASE, env=world.environment("worker"),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout and worker.stdout.readline().strip() == "drawing"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    left = Report.objects.get()
    assert left.state == "pages" and left.facts is not None
    Report.objects.update(lease_until=Now() - timedelta(seconds=1))
    world.sign_in("worker")
    began = time.monotonic()
    press.make(report.pk)
    after = Report.objects.get()
    assert after.state == "signing" and after.facts == left.facts and after.attempts == 2, after.fault
    assert time.monotonic() - began < 600
