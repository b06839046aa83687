"""A person's own statement: all of it, in their language, and for nobody else."""

from typing import Any

import pytest
from django.urls import reverse

from governance.consents import ledger, objections, optouts
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.reports import press, reports
from governance.reports.models import Report
from governance.rights import requests
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


def mine(person: Person) -> Report:
    report = reports.ask_for_statement(by=Person.objects.get(pk=person.pk))
    orders.finish(report)
    assert report.state == "ready", report.fault
    return report


def test_it_holds_what_runs_and_everything_they_said(cast: Cast, undrawn: None) -> None:
    receipt = make.consent(cast.bela, cast.purpose, "ui_event")
    make.post(cast, make.event(cast.bela.number), make.event(cast.bela.number))
    optouts.opt_out(by=cast.bela, signal="app_usage")
    request = requests.raise_request("access", "Please show me Ramesh's notes", by=cast.bela)
    text = said(mine(cast.bela))
    for part in (
        "Everything that stands here about the person N-1002", cast.purpose.number, "switched on", "opted out", receipt.number,
        receipt.sha256, request.number, "See my data", "Nirmaan Software Pvt Ltd", "not answered yet",
    ):  # fmt: skip
        assert part in text, part
    assert "Ramesh" not in text, "what they wrote themselves is not copied into a document"


def test_of_a_withdrawal_it_names_the_order(cast: Cast, undrawn: None) -> None:
    order = orders.withdrawn(cast, cast.bela)
    text = said(mine(cast.bela))
    assert order.number in text and "Nothing is switched on." in text and "withdrawn" in text


def test_who_said_nothing_gets_a_statement_too(cast: Cast, undrawn: None) -> None:
    text = said(mine(cast.bela))
    assert "You have not said anything yet." in text and "Nothing is recorded about you." in text


def test_it_holds_no_name_and_nothing_of_anybody_else(cast: Cast, undrawn: None) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    theirs = make.consent(cast.bela, cast.purpose, "app_usage")
    report = mine(cast.asha)
    whole = press.twin_of(report, report.facts).decode() + press.html_of(report, report.facts)
    assert "Deshmukh" not in whole and "asha@" not in whole
    assert theirs.number not in whole and "N-1002" not in whole
    assert report.language == "hi"


@pytest.mark.parametrize("name", ["lata", "dev", "meera", "arun", "ira", "asha"])
def test_nobody_else_gets_it_whatever_their_role(cast: Cast, undrawn: None, name: str) -> None:
    report, other = mine(cast.bela), cast.people[name]
    with pytest.raises(Refused) as refused:
        reports.ask("statement", cast.software, {"person": str(cast.bela.pk)}, by=other)
    assert refused.value.code == "personal"
    assert not Report.objects.visible_to(other).exists()
    with visit(other) as client:
        for page in ("reports:report", "reports:read"):
            assert client.get(reverse(page, args=[report.pk])).status_code == 404
        assert client.get(reverse("reports:download", args=[report.pk, "json"])).status_code == 404


def test_it_is_asked_for_on_the_page_of_their_history(cast: Cast, undrawn: None) -> None:
    with visit(cast.bela) as client:
        assert "My statement as PDF" in words(client.get(reverse("consents:history")))
        assert client.get(reverse("reports:statement")).status_code == 405
        answer = client.post(reverse("reports:statement"))
        report = Report.objects.get(kind="statement")
        assert answer["Location"] == reverse("reports:report", args=[report.pk]) and report.about == cast.bela
    orders.finish(report)
    with visit(cast.bela) as client:
        assert "What runs about you" in words(client.get(reverse("reports:read", args=[report.pk])))


def test_it_is_in_the_language_that_they_chose_on_their_device(
    cast: Cast, undrawn: None, settings: Any
) -> None:
    with visit(cast.bela) as client:
        for chosen, made in (("ta", "ta"), ("ur", "ur"), ("brx", "en"), ("", "en")):
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
            client.post(reverse("reports:statement"))
            assert Report.objects.filter(kind="statement").latest("asked_at").language == made


def test_an_objection_stands_in_it(cast: Cast, undrawn: None) -> None:
    purpose = objections.concerning(cast.bela).first()
    if purpose is None:
        pytest.skip("Nothing of the demo company runs without consent.")
    objections.object_to(purpose, "My own words", by=cast.bela)
    text = said(mine(cast.bela))
    assert "not decided yet; processing is restricted until then" in text and "My own words" not in text


def test_who_left_still_gets_it_from_the_entity_where_they_worked_last(cast: Cast, undrawn: None) -> None:
    Employment.objects.filter(person=cast.bela).update(ends_on="2026-01-31")
    ledger_free = mine(cast.bela)
    assert ledger_free.entity == cast.software


def test_it_is_drawn(cast: Cast, drawn: None) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    assert mine(cast.asha).pdf_sha256


def test_the_hours_of_a_no_and_the_purposes_are_in_the_language_of_the_statement(
    cast: Cast, undrawn: None
) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
    optouts.opt_out(by=cast.asha, application="Excel", weekdays=[6])
    text = said(mine(cast.asha))
    assert "Excel, शनिवार" in text and "Saturday" not in text and "सब कुछ, Excel" not in text
    assert cast.purpose.published_notice().texts.get(language="hi").title in text
    assert cast.purpose.name not in text
