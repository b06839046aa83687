"""What is a person's own, and a certificate for a court over it: theirs, and nobody else's."""

import pytest

from governance.lib.refusals import Refused
from governance.reports import reports
from governance.reports.models import Report
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


@pytest.fixture
def receipt(cast: Cast, undrawn: None) -> Report:
    type(cast.bela).objects.filter(pk=cast.bela.pk).update(language="en")
    made = reports.ask_for_receipt(make.consent(cast.bela, cast.purpose, "ui_event"), by=cast.bela)
    orders.finish(made)
    orders.seal()
    return made


def test_a_person_finds_all_that_was_made_about_them_and_nothing_else(cast: Cast, receipt: Report) -> None:
    register = orders.made("register", cast)
    other = reports.ask_for_receipt(make.consent(cast.asha, cast.purpose, "ui_event"), by=cast.asha)
    with visit(cast.bela) as bela:
        page = words(bela.get("/reports/own"))
        assert receipt.number in page and register.number not in page and other.number not in page
        assert "My documents" in words(
            bela.get("/me/history/") if bela.get("/me/history/").status_code == 200 else bela.get("/me/")
        )
    with visit(cast.dev) as dev:
        assert receipt.number not in words(dev.get("/reports/own"))


def test_a_person_certifies_their_own_receipt_for_a_court(cast: Cast, receipt: Report) -> None:
    with visit(cast.bela) as bela:
        assert "Certificate for a court in India" in words(bela.get(f"/reports/{receipt.pk}"))
        asked = bela.post(f"/reports/{receipt.pk}/certify")
        assert asked.status_code == 302
    certificate = Report.objects.get(kind="bsa_certificate")
    orders.finish(certificate)
    assert certificate.state == "ready" and certificate.about == cast.bela and certificate.only_for_its_person
    assert receipt.number in said(certificate) and "Bela" not in said(certificate)
    with visit(cast.bela) as bela:
        assert bela.get(f"/reports/{certificate.pk}").status_code == 200
        assert bela.get(f"/reports/{certificate.pk}/json").status_code == 200
        assert certificate.number in words(bela.get("/reports/own"))
        assert bela.post(f"/reports/{certificate.pk}/certify").status_code == 404, (
            "no certificate of a certificate"
        )


def test_nobody_else_asks_for_it_finds_it_or_opens_it(cast: Cast, receipt: Report) -> None:
    with visit(cast.bela) as bela:
        bela.post(f"/reports/{receipt.pk}/certify")
    certificate = Report.objects.get(kind="bsa_certificate")
    orders.finish(certificate)
    for person in (cast.lata, cast.dev, cast.arun, cast.ira, cast.meera, cast.asha, cast.rupa):
        assert certificate not in Report.objects.visible_to(person)
        with visit(person) as client:
            assert client.post(f"/reports/{receipt.pk}/certify").status_code == 404
            for path in ("", "/read", "/json", "/proof", "/changes"):
                assert client.get(f"/reports/{certificate.pk}{path}").status_code == 404, (
                    person.number,
                    path,
                )
            if person in (cast.lata, cast.dev):
                assert certificate.number not in words(client.get("/reports/"))
                assert certificate.number not in words(
                    client.post("/reports/", {"words": certificate.number})
                ).replace(f'value="{certificate.number}"', "")
    for scope in (
        {"report": str(receipt.pk)},
        {"report": str(receipt.pk), "own": "yes"},
        {"report": str(receipt.pk), "own": "no"},
    ):
        with pytest.raises(Refused) as refused:
            reports.ask("bsa_certificate", cast.software, scope, by=cast.lata)
        assert refused.value.code in ("personal", "scope_missing")
    register = orders.made("register", cast)
    with pytest.raises(Refused):
        reports.ask(
            "bsa_certificate", cast.software, {"report": str(register.pk), "own": "yes"}, by=cast.lata
        )
    assert orders.made("bsa_certificate", cast, {"report": str(register.pk)}).state == "ready", (
        "what is nobody's stays legal's"
    )
