"""The works-council pack: derived from the program, given to who speaks for the workers, and naming nobody."""

from dataclasses import replace

import pypdfium2
import pytest
from django.urls import reverse

from governance.capture import deciding, programmes
from governance.capture import terms as documents
from governance.capture.models import Programme
from governance.capture.terms import Application
from governance.lib.refusals import Refused
from governance.people.rules import PERMISSIONS
from governance.reports import paper, press, reports
from governance.reports.kinds import KINDS, doors, works_pack, works_pack_words
from governance.reports.models import Report
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.reports.test_paper import AT, TWIN
from tests.visits import visit


def pack(cast: Cast, programme: Programme, language: str = "en") -> Report:
    report = reports.ask(
        "works_pack", programme.entity, {"programme": str(programme.pk)}, by=cast.dev, language=language
    )
    orders.finish(report)
    return report


def test_it_shows_every_field_before_and_after_the_minimiser(cast: Cast, undrawn: None) -> None:
    report = pack(cast, cast.programme)
    rows = {row["field"]: row for row in report.facts["content"]["samples"][0]["fields"]}
    assert (
        rows["url"]["sent"] == "https://claims.example/?insured=Maya+Rao"
        and "Maya" not in rows["url"]["kept"]
    )
    assert rows["user"]["kept"] == "sealed"
    text = said(report)
    assert "left out, never stored" in text and "sealed with the person’s own key" in text


def test_a_new_kind_of_report_stands_in_it(
    cast: Cast, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(str(kind.title) in said(pack(cast, cast.programme)) for kind in KINDS.values())
    monkeypatch.setitem(
        KINDS,
        "ranking",
        replace(KINDS["ledger"], code="ranking", title="Ranking of people", sentence="Who is slowest."),
    )
    Report.objects.all().update(state="cancelled")
    text = said(pack(cast, cast.programme))
    assert "Ranking of people" in text and "Who is slowest." in text


def test_every_table_about_a_programme_or_a_person_has_its_words() -> None:
    assert set(works_pack.stored()) == works_pack_words.STORED.keys()


def test_a_role_that_gets_more_shows_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened_by_managers() -> set[str]:
        return {row["address"] for row in doors.all_of_them() if "manager" in row["who"]}

    before = opened_by_managers()
    monkeypatch.setitem(PERMISSIONS, "manager", PERMISSIONS["manager"] | {"exports.view"})
    assert {address for address in opened_by_managers() - before if address.startswith("/exports/")}


def test_a_person_s_own_screens_are_theirs_alone() -> None:
    rows = {row["address"]: row["who"] for row in doors.all_of_them()}
    assert rows["/me/"] == ["own"] and rows["/healthz"] == ["public"]
    assert rows["/programmes/…/pause/"] == ["dpo", "owner"]


@pytest.mark.django_db
def test_postgresql_lets_one_login_read_content() -> None:
    assert works_pack.readers_of_content() == ["sammati_exporter"]


def test_what_changed_since_the_act_stands_in_it(cast: Cast, undrawn: None) -> None:
    programme = cast.programme_de
    assert "runs on exactly the terms" in said(pack(cast, programme))
    programmes.pause(programme, by=cast.omar, because="new terms")
    terms = deciding.terms_of(programme)
    wider = replace_terms(terms, applications=(*terms.applications, Application("Outlook")))
    deciding.set_terms(programme, wider, by=cast.omar)
    Report.objects.all().update(state="cancelled")
    report = pack(cast, Programme.objects.get(pk=programme.pk))
    assert report.facts["content"]["agreed"]["more"] == [{"kind": "application", "what": "Outlook"}]
    assert "application: Outlook" in said(report)


def replace_terms(terms: documents.Terms, **more: object) -> documents.Terms:
    return documents.load(documents.plain(terms) | documents.plain(documents.Terms(**more)))  # type: ignore[arg-type]


def test_without_an_act_it_says_that_there_is_none(cast: Cast, undrawn: None) -> None:
    assert "no agreed version to compare with" in said(pack(cast, cast.programme))


def test_the_worker_representative_gets_it_and_no_other_report(cast: Cast, undrawn: None) -> None:
    address = reverse("reports:works_pack", args=[cast.programme.pk])
    with visit(cast.rupa) as client:
        assert address in client.get(reverse("capture:programme", args=[cast.programme.pk])).text
        answer = client.post(address)
    report = Report.objects.get(kind="works_pack")
    assert answer["Location"] == reverse("reports:report", args=[report.pk])
    press.make(report.pk)
    with visit(cast.rupa) as client:
        assert client.get(reverse("reports:report", args=[report.pk])).status_code == 200
        assert client.get(reverse("reports:read", args=[report.pk])).status_code == 200
        assert client.get(reverse("reports:download", args=[report.pk, "json"])).status_code == 200
        assert client.get(reverse("reports:library")).status_code == 403
    with pytest.raises(Refused):
        reports.ask("programme", cast.software, {"programme": str(cast.programme.pk)}, by=cast.rupa)
    for other in (cast.meera, cast.asha, cast.ira):
        with visit(other) as client:
            assert client.post(address).status_code == 404
            assert client.get(reverse("reports:report", args=[report.pk])).status_code == 404


def test_it_names_nobody(cast: Cast, undrawn: None) -> None:
    report = pack(cast, cast.programme)
    whole = str(report.facts["content"]) + press.html_of(report, report.facts)
    answering = (
        cast.omar,
        cast.dara,
    )  # by number: who owns the programme, and who approved its register entry
    for person in cast.people.values():
        assert person.name not in whole, person.number
        assert person in answering or person.number not in whole, person.number


def test_a_line_begins_with_an_address_and_never_within_one(drawn: None) -> None:
    """No line may begin with a slash, even after a blank, say the rules: then words broke anywhere."""
    addresses = [
        f"/register/notices/{name}/review-again"
        for name in ("one", "two", "three", "four", "five", "six", "seven")
    ]
    told = "  ".join(map(works_pack_words._whole, addresses))
    sheet = '<link rel="stylesheet" href="asset:///pdf/report.css">'
    html = f'<html lang="hi"><head><title>x</title>{sheet}</head><body><table class="facts"><tr><th>x</th><td><p>{told}</p></td></tr></table></body></html>'
    page = pypdfium2.PdfDocument(paper.draw(html, twin=TWIN, made_at=AT))[0].get_textpage().get_text_range()
    lines = [line.strip("\u200b\u2060 x") for line in page.splitlines() if "/" in line]
    assert len(lines) > 2 and all(line.startswith("/") and line.endswith("review-again") for line in lines), (
        lines
    )
