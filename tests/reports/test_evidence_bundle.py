"""Evidence bundle of one person and purpose: whole, without a name, and for nobody but the person."""

import pytest
from django.urls import reverse

from governance.audit import log
from governance.consents import optouts
from governance.consents.models import ConsentEvent
from governance.exports.models import Export, ExportedPerson, Recipient
from governance.interfaces.models import ApiClient
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes.models import NoticeText
from governance.reports import press, reports
from governance.reports.models import Report
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


def bundle(cast: Cast, person: Person | None = None) -> Report:
    by = Person.objects.get(pk=(person or cast.bela).pk)
    report = reports.ask_for_bundle(cast.purpose, by=by)
    orders.finish(report)
    assert report.state == "ready", report.fault
    return report


def erased(cast: Cast, person: Person | None = None) -> None:
    order = orders.withdrawn(cast, person or cast.bela)
    orders.carry_out(order, [orders.system(cast, "crm", "Customer files")])


def relied(cast: Cast, person: Person, name: str) -> None:
    """A program says so, as governance/interfaces/answers.py writes it down."""
    client = ApiClient.objects.create(
        entity=cast.software, name=name, key_sha256=name.ljust(64, "0"), made_by=cast.dev
    )
    events = ConsentEvent.objects.filter(person=person, purpose=cast.purpose).values_list("pk", flat=True)
    log.record(
        "consent.relied_on",
        about=cast.purpose.pk,
        client=client.pk,
        purpose=cast.purpose.pk,
        events=list(events),
    )


def exported(cast: Cast, person: Person, number: str) -> None:
    recipient = Recipient.objects.create(
        entity=cast.software, name="Model team, Pune", public_key=b"k" * 32, fingerprint=number.ljust(64, "0"), registered_by=cast.dev
    )  # fmt: skip
    today = clock.now().date()
    export = Export.objects.create(
        number=number, entity=cast.software, programme=cast.programme, recipient=recipient, why="To train", fields={}, since=today,
        until=today, asked_by=cast.dev, packed_at=clock.now(), package_sha256="ab" * 32,
    )  # fmt: skip
    ExportedPerson.objects.create(export=export, person=person, subject="s-4711", events=3)


def test_its_first_page_is_the_whole_story_in_order(cast: Cast, undrawn: None) -> None:
    erased(cast)
    report = bundle(cast)
    steps = [row["what"] for row in report.facts["content"]["chronology"]]
    wanted = ["shown", "given", "last_admitted", "withdrawn", "ordered", "read_back", "order_done"]
    told = iter(steps)
    assert all(step in told for step in wanted), steps
    times = [row["at"] for row in report.facts["content"]["chronology"]]
    assert times == sorted(times)
    text = said(report)
    assert text.index("What happened when") < text.index("The notice exactly as it was shown")


def test_the_notice_stands_in_it_word_for_word_with_its_digest(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event", language="hi")
    report = bundle(cast)
    (notice,) = report.facts["content"]["notices"]
    text = NoticeText.objects.get(notice=cast.purpose.published_notice(), language="hi")
    assert notice["found"] and notice["sha256"] == text.sha256
    pages = said(report)
    assert text.sha256 in pages and text.title in pages
    for _code, _heading, told in text.parts:
        assert " ".join(told.split()) in pages
    assert '<article class="told" lang="hi" dir="ltr">' in press.html_of(report, report.facts)


def test_words_that_are_not_those_that_were_shown_are_not_printed(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    notice = cast.purpose.published_notice()
    NoticeText.objects.filter(notice=notice, language="en").update(title="Something kinder")
    report = bundle(cast)
    assert not report.facts["content"]["notices"][0]["found"]
    assert "Something kinder" not in said(report) and "no words with this digest" in said(report)


def test_it_names_who_relied_on_it_the_exports_and_the_proofs(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "app_usage")
    relied(cast, cast.bela, "reimbursement agent")
    exported(cast, cast.bela, "X-2026-000001")
    erased(cast)
    content, text = (report := bundle(cast)).facts["content"], said(report)
    assert [row["times"] for row in content["relied"]["clients"]] == [1]
    for part in (
        "reimbursement agent",
        "X-2026-000001",
        "Model team, Pune",
        "s-4711",
        content["proofs"][0]["digest"],
        "Customer files",
    ):
        assert part in text, part
    assert {row["number"] for row in content["receipts"]} and all(
        row["sha256"] in text for row in content["receipts"]
    )


def test_it_holds_no_name_and_nothing_of_anybody_else(cast: Cast, undrawn: None) -> None:
    theirs = make.consent(cast.asha, cast.purpose, "ui_event")
    relied(cast, cast.asha, "agent of asha")
    exported(cast, cast.asha, "X-2026-000002")
    make.consent(cast.bela, cast.purpose, "ui_event")
    report = bundle(cast)
    whole = press.twin_of(report, report.facts).decode() + press.html_of(report, report.facts)
    for part in ("Fernandes", "bela@", "N-1001", theirs.number, "agent of asha", "X-2026-000002"):
        assert part not in whole, part
    assert "N-1002" in whole and "No program said that it relied on this consent." in whole


@pytest.mark.parametrize("name", ["dev", "lata", "meera", "arun", "ira", "asha"])
def test_nobody_else_gets_it_whatever_their_role(cast: Cast, undrawn: None, name: str) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    report, other = bundle(cast), cast.people[name]
    scope = {"person": str(cast.bela.pk), "purpose": str(cast.purpose.pk)}
    with pytest.raises(Refused) as refused:
        reports.ask("evidence_bundle", cast.software, scope, by=other)
    assert refused.value.code == "personal"
    assert not Report.objects.visible_to(other).filter(pk=report.pk).exists()
    with visit(other) as client:
        assert "evidence_bundle" not in client.get(reverse("reports:new")).content.decode()
        for page in ("reports:report", "reports:read"):
            assert client.get(reverse(page, args=[report.pk])).status_code == 404
        assert client.get(reverse("reports:download", args=[report.pk, "json"])).status_code == 404


def test_every_making_is_told_to_the_person(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    report = bundle(cast)
    assert report.about == report.asked_by == cast.bela
    assert Message.objects.get(code="report_ready", facts__report=str(report.pk)).person == cast.bela


def test_it_is_asked_for_beside_the_history_of_the_purpose(cast: Cast, undrawn: None) -> None:
    url = reverse("reports:bundle", args=[cast.purpose.pk])
    with visit(cast.bela) as client:
        assert client.post(url).status_code == 404, "nothing was said on it yet"
        assert "Evidence bundle" not in words(client.get(reverse("consents:history")))
    make.consent(cast.bela, cast.purpose, "ui_event")
    with visit(cast.bela) as client:
        assert "Evidence bundle on this purpose" in words(
            client.get(reverse("consents:history") + f"?purpose={cast.purpose.pk}")
        )
        assert client.get(url).status_code == 405
        answer = client.post(url)
        report = Report.objects.get(kind="evidence_bundle")
        assert answer["Location"] == reverse("reports:report", args=[report.pk])
    orders.finish(report)
    with visit(cast.bela) as client:
        assert "What happened when" in words(client.get(reverse("reports:read", args=[report.pk])))


def test_a_purpose_of_another_entity_is_none(cast: Cast) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    scope = {"person": str(cast.bela.pk), "purpose": str(cast.purpose.pk)}
    for entity, asked in (
        (cast.gmbh, scope),
        (cast.software, scope | {"more": "1"}),
        (cast.software, {"person": scope["person"]}),
    ):
        with pytest.raises(Refused) as refused:
            reports.ask("evidence_bundle", entity, asked, by=cast.bela)
        assert refused.value.code == "scope_missing"


def test_an_opt_out_stands_in_its_chronology(cast: Cast, undrawn: None) -> None:
    optouts.opt_out(by=cast.bela, purpose=cast.purpose, signal="app_usage")
    report = bundle(cast)
    assert [row["what"] for row in report.facts["content"]["chronology"]] == ["opted_out"]


@pytest.mark.parametrize("language", ["en", "hi", "de"])
def test_it_is_said_in_three_languages(cast: Cast, undrawn: None, language: str) -> None:
    erased(cast)
    Person.objects.filter(pk=cast.bela.pk).update(language=language)
    report = bundle(cast)
    assert report.language == language and len(said(report)) > 2000


def test_the_worker_s_own_login_reads_all_that_it_needs(cast: Cast, undrawn: None) -> None:
    erased(cast)
    relied(cast, cast.bela, "agent")
    report = reports.ask_for_bundle(cast.purpose, by=Person.objects.get(pk=cast.bela.pk))
    with as_login("worker"):
        press.make(report.pk)
    report.refresh_from_db()
    assert report.state == "ready", report.fault


def test_it_is_drawn(cast: Cast, drawn: None) -> None:
    erased(cast)
    relied(cast, cast.bela, "Reimbursement agent")
    exported(cast, cast.bela, "X-2026-000001")
    orders.seal()
    assert bundle(cast).pdf_sha256
