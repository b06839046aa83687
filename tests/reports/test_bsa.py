"""Certificate under s.63(4) of the Bharatiya Sakshya Adhiniyam: hashes that are true, and nothing affirmed for anybody."""

import re
from hashlib import sha256

import pytest
from django.urls import reverse

from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.reports import press, reports
from governance.reports.models import Report, ReportFile
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


def certified(cast: Cast, report: Report, language: str = "en") -> Report:
    return orders.made("bsa_certificate", cast, {"report": str(report.pk)}, language=language)


def test_it_states_the_hash_of_every_file_as_it_lies_there(cast: Cast, undrawn: None) -> None:
    register = orders.made("register", cast)
    orders.seal()
    report = certified(cast, register)
    content, text = report.facts["content"], said(report)
    assert content["whole"] and content["files"]
    for file in register.files.all():
        digest = sha256(bytes(file.content)).hexdigest()
        assert digest in text and f"{register.number}-register.{file.kind}" in text
    assert (
        "■ SHA256" in text and "□ MD5" in text and content["log"]["proof"]["leaf"] == content["log"]["leaf"]
    )
    assert "was computed again and is what was sealed" in text


def test_its_moments_are_those_of_india(cast: Cast, undrawn: None) -> None:
    type(cast.software).objects.filter(pk=cast.software.pk).update(timezone="Europe/Berlin")
    cast.software.refresh_from_db()
    text = said(certified(cast, orders.made("register", cast)))
    assert re.search(r"\d\d/\d\d/\d{4}, \d\d:\d\d:\d\d IST", text)


def test_it_affirms_nothing_for_anybody_and_leaves_part_b_empty(cast: Cast, undrawn: None) -> None:
    text = said(certified(cast, orders.made("register", cast)))
    assert "It is no certificate yet" in text and "Lata" not in text
    part_b = text[
        text.index("Part B, by the expert") : text.index("Hash report", text.index("Part B, by the expert"))
    ]
    assert not re.search(r"[0-9a-f]{64}", part_b) and "■" not in part_b and part_b.count("_" * 34) >= 10


def test_a_changed_file_is_not_certified(cast: Cast, undrawn: None) -> None:
    register = orders.made("register", cast)
    file = ReportFile.objects.get(report=register, kind="json")
    ReportFile.objects.filter(pk=file.pk).update(content=bytes(file.content) + b" ")
    report = certified(cast, register)
    text = said(report)
    assert not report.facts["content"]["whole"]
    assert "No certificate can be given" in text and "NOT THE SAME" in text and "solemnly affirm" not in text


def test_of_no_personal_document_and_of_no_other_entity_s(cast: Cast, undrawn: None) -> None:
    make.consent(cast.bela, cast.purpose, "ui_event")
    bundle = reports.ask_for_bundle(cast.purpose, by=Person.objects.get(pk=cast.bela.pk))
    orders.finish(bundle)
    register = orders.made("register", cast)
    own = certified(cast, register)
    waiting = reports.ask("register", cast.software, by=cast.lata, language="de")
    wrong = [(cast.software, str(one.pk)) for one in (bundle, own, waiting)] + [
        (cast.gmbh, str(register.pk)),
        (cast.software, "x"),
    ]
    for entity, pk in wrong:
        with pytest.raises(Refused) as refused:
            reports.ask("bsa_certificate", entity, {"report": pk}, by=cast.lata)
        assert refused.value.code in ("scope_missing", "may_not_request")


def test_the_form_offers_the_reports_that_the_role_sees(cast: Cast, undrawn: None) -> None:
    register = orders.made("register", cast)
    extract = orders.made("audit_extract", cast, {"period": f"{register.asked_at:%Y-%m}"}, by=cast.dev)
    url = reverse("reports:new") + "?kind=bsa_certificate"
    with visit(cast.lata) as client:
        page = words(client.get(url))
        assert register.number in page and extract.number not in page
        assert client.post(url, {"language": "en", "report": str(extract.pk)}).status_code == 200, (
            "not theirs to certify"
        )
        assert client.post(url, {"language": "en", "report": str(register.pk)}).status_code == 302
    report = Report.objects.get(kind="bsa_certificate")
    assert (
        report.entity == register.entity
        and report.scope == {"report": str(register.pk)}
        and report.about is None
    )


@pytest.mark.parametrize("name", ["meera", "asha", "omar"])
def test_who_has_no_reports_gets_none(cast: Cast, undrawn: None, name: str) -> None:
    register = orders.made("register", cast)
    with pytest.raises(Refused) as refused:
        reports.ask("bsa_certificate", cast.software, {"report": str(register.pk)}, by=cast.people[name])
    assert refused.value.code == "may_not_request"


@pytest.mark.parametrize("language", ["en", "hi", "de"])
def test_it_is_said_in_three_languages(cast: Cast, undrawn: None, language: str) -> None:
    assert len(said(certified(cast, orders.made("register", cast), language))) > 2000


def test_the_worker_s_own_login_reads_all_that_it_needs(cast: Cast, undrawn: None) -> None:
    register = orders.made("register", cast)
    report = reports.ask("bsa_certificate", cast.software, {"report": str(register.pk)}, by=cast.lata)
    with as_login("worker"):
        press.make(report.pk)
    report.refresh_from_db()
    assert report.state == "ready", report.fault


def test_of_a_sealed_pdf_it_states_the_hash_after_sealing(cast: Cast, drawn: None) -> None:
    register = orders.made("register", cast)
    orders.seal()
    report = certified(cast, register)
    by_kind = {file["kind"]: file for file in report.facts["content"]["files"]}
    assert by_kind["pdf"]["sha256"] == register.pdf_sha256 and report.pdf_sha256
