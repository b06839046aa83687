"""Who sees which report, and how asking, watching and taking away look from outside."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from governance.audit.models import Entry
from governance.consents.models import Receipt
from governance.reports import reports
from governance.reports.models import Report
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.reports import orders

BACKEND = "governance.people.signin.PersonBackend"


def browser(cast: Cast, name: str) -> Client:
    client = Client()
    if name != "nobody":
        client.force_login(cast.people[name], backend=BACKEND)
    return client


@pytest.fixture
def certificate(cast: Cast, undrawn: None) -> Report:
    order = orders.carry_out(orders.withdrawn(cast), [orders.system(cast, "store", "Feature store")])
    return orders.made("certificate", cast, {"order": str(order.pk)})


@pytest.fixture
def receipt(cast: Cast, undrawn: None) -> Report:
    made = reports.ask_for_receipt(make.consent(cast.asha, cast.purpose, "ui_event"), by=cast.asha)
    orders.finish(made)
    return made


PAGE, FILE = "reports:report", "reports:download"
# name → (library, asking, page of the certificate, its file, page of the receipt, its file)
WHO = {
    "asha": (403, 403, 200, 200, 200, 200),  # about herself
    "bela": (403, 403, 404, 404, 404, 404),
    "meera": (403, 403, 404, 404, 404, 404),
    "dev": (200, 200, 200, 200, 404, 404),
    "lata": (200, 200, 200, 200, 404, 404),
    "arun": (200, 403, 200, 404, 404, 404),  # reads, takes nothing away
    "ira": (403, 403, 404, 404, 404, 404),
    "rupa": (403, 403, 404, 404, 404, 404),
    "omar": (403, 403, 404, 404, 404, 404),
    "emil": (403, 403, 404, 404, 404, 404),
    "nobody": (302, 302, 302, 302, 302, 302),
}


@pytest.mark.parametrize("name", WHO)
def test_who_may(cast: Cast, certificate: Report, receipt: Report, name: str) -> None:
    client = browser(cast, name)
    found = (
        client.get(reverse("reports:library")).status_code,
        client.get(reverse("reports:new")).status_code,
        *(
            client.get(address).status_code
            for report in (certificate, receipt)
            for address in (reverse(PAGE, args=[report.pk]), reverse(FILE, args=[report.pk, "json"]))
        ),
    )
    assert found == WHO[name]


def test_a_file_is_handed_over_without_a_name_and_written_down(cast: Cast, certificate: Report) -> None:
    answer = browser(cast, "lata").get(reverse(FILE, args=[certificate.pk, "json"]))
    assert answer["Content-Disposition"] == f'attachment; filename="{certificate.number}-certificate.json"'
    assert "no-store" in answer["Cache-Control"] and answer["Content-Type"].startswith("application/json")
    assert json.loads(answer.content)["facts"] == certificate.facts
    entry = Entry.objects.get(code="report.downloaded")
    assert (entry.by_id, entry.about_id, entry.facts["file"]) == (cast.lata.pk, certificate.pk, "json")
    page = browser(cast, "asha").get(reverse(PAGE, args=[certificate.pk])).content.decode()
    assert "Lata Menon" in page, "the person concerned sees who took it away"


def test_a_pdf_is_handed_over_as_one(cast: Cast, drawn: None) -> None:
    report = orders.made("processors", cast)
    answer = browser(cast, "dev").get(reverse(FILE, args=[report.pk, "pdf"]))
    assert answer.content.startswith(b"%PDF-") and answer["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("kind", ["exe", "pdf", "html"])
def test_a_file_that_is_not_there_is_not_found_and_not_written_down(
    cast: Cast, certificate: Report, kind: str
) -> None:
    assert browser(cast, "lata").get(reverse(FILE, args=[certificate.pk, kind])).status_code == 404
    assert not Entry.objects.filter(code="report.downloaded").exists()


def test_legal_asks_watches_and_reads(cast: Cast, undrawn: None) -> None:
    client = browser(cast, "lata")
    assert "Purpose register" in client.get(reverse("reports:new")).content.decode()
    asked = client.post(
        f"{reverse('reports:new')}?kind=register", {"entity": cast.software.pk, "language": "en"}
    )
    report = Report.objects.get()
    assert asked.status_code == 302 and asked["Location"] == reverse(PAGE, args=[report.pk])
    waiting = client.get(asked["Location"]).content.decode()
    assert (
        'hx-trigger="every 1s"' in waiting
        and '<noscript><meta http-equiv="refresh"' in waiting
        and "Waiting for the press" in waiting
    )
    orders.finish(report)
    part = client.get(
        asked["Location"], headers={"HX-Request": "true", "HX-Target": "report-state"}
    ).content.decode()
    assert "hx-get" not in part and "<html" not in part and "Download the facts" in part
    assert "PDFs cannot be made on this machine" in part
    read = client.get(reverse("reports:read", args=[report.pk])).content.decode()
    assert "Train an agent on the reimbursement workflow" in read and "Art" in read and "<script>" not in read
    assert report.number in client.get(reverse("reports:library")).content.decode()


def test_a_certificate_is_asked_for_from_its_order(cast: Cast, undrawn: None) -> None:
    order = orders.withdrawn(cast)
    client = browser(cast, "lata")
    address = f"{reverse('reports:new')}?kind=certificate&order={order.pk}"
    assert f'value="{order.pk}" selected' in client.get(address).content.decode()
    client.post(address, {"order": order.pk, "language": "hi"})
    assert (
        Report.objects.get().scope == {"order": str(order.pk)}
        and Report.objects.get().about_id == cast.asha.pk
    )


@pytest.mark.parametrize(
    "query",
    ["kind=gossip", "kind=receipt", "kind=certificate&order=x", "kind=certificate&order=' OR 1=1", "kind="],
)
def test_odd_questions_get_a_page(cast: Cast, query: str) -> None:
    assert browser(cast, "lata").get(f"{reverse('reports:new')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "data", [{}, {"entity": "x", "language": "en"}, {"language": "tlh"}, {"entity": "", "language": ""}]
)
def test_a_form_filled_in_badly_says_what_is_wrong(cast: Cast, data: dict[str, str]) -> None:
    answer = browser(cast, "lata").post(f"{reverse('reports:new')}?kind=register", data)
    assert answer.status_code == 200 and "Please check these points" in answer.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "query",
    ["kind=register", "state=ready", "state=made", "entity=NSP", "kind=x&state=y&entity=z", "page=99"],
)
def test_filters_stand_in_the_address(cast: Cast, certificate: Report, query: str) -> None:
    answer = browser(cast, "lata").get(f"{reverse('reports:library')}?{query}")
    assert answer.status_code == 200
    elsewhere = (
        "kind=register",
        "state=made",
        "kind=x&state=y&entity=z",
    )  # what no filter knows widens nothing
    assert (certificate.number in answer.content.decode()) == (query not in elsewhere)


def test_the_person_asks_for_their_own_certificate_and_nobody_for_them(cast: Cast, undrawn: None) -> None:
    order: ErasureOrder = orders.withdrawn(cast)
    address = reverse("reports:own_certificate", args=[order.pk])
    assert browser(cast, "bela").post(address).status_code == 404
    assert browser(cast, "lata").post(address).status_code == 404
    assert browser(cast, "asha").get(address).status_code == 405
    answer = browser(cast, "asha").post(address)
    assert answer["Location"] == reverse(PAGE, args=[Report.objects.get().pk])


def test_the_person_asks_for_their_own_receipt(cast: Cast, undrawn: None) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    address = reverse("reports:receipt", args=[Receipt.objects.get().pk])
    assert browser(cast, "lata").post(address).status_code == 404
    assert browser(cast, "asha").post(address).status_code == 302
    assert Report.objects.get().kind == "receipt"


def test_a_failed_report_says_so_by_class_only(cast: Cast, certificate: Report) -> None:
    Report.objects.filter(pk=certificate.pk).update(state="failed", fault="ValueError")
    page = browser(cast, "lata").get(reverse(PAGE, args=[certificate.pk])).content.decode()
    assert "could not be made" in page and "ValueError" in page
    assert browser(cast, "lata").get(reverse(FILE, args=[certificate.pk, "json"])).status_code == 404
