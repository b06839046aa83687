"""What runs without asking is told in the reader's language too, on My choices, at the kiosk and as a paper to keep."""

import pytest

from governance.demo import unasked
from governance.purposes.models import Purpose
from tests.cast import Cast
from tests.visits import reading, visit, words


@pytest.fixture
def told(cast: Cast) -> Cast:
    unasked.tell(cast)
    return cast


def test_asha_reads_in_hindi_what_runs_without_her_consent(told: Cast) -> None:
    with visit(told.asha) as client:
        page = words(client.get("/me/"))
        assert "आपका वेतन देना" in page and "तेरह महीने।" in page
        for english in ("Pay salaries", "Security logs", "wage registers", "The processing of this portal"):
            assert english not in page, english
        pay = Purpose.objects.get(name="Pay salaries", entity=told.software)
        paper = client.get(f"/me/purposes/{pay.pk}/notice/?lang=hi")
        assert paper.status_code == 200 and "वेतन के रजिस्टर सात वर्ष तक।" in words(paper)


def test_emil_reads_his_in_german_and_not_those_of_the_other_company(told: Cast) -> None:
    with visit(told.emil) as client:
        page = words(client.get("/me/"))
        assert "Ihr Gehalt zahlen" in page and "Das Lohnkonto sechs Jahre." in page
        elsewhere = Purpose.objects.get(name="Pay salaries", entity=told.software)
        assert client.get(f"/me/purposes/{elsewhere.pk}/notice/").status_code == 404


def test_without_a_notice_the_register_speaks(cast: Cast) -> None:
    with visit(cast.asha) as client:
        assert "Pay salaries" in words(client.get("/me/"))


def test_the_register_offers_to_write_one(cast: Cast) -> None:
    pay = Purpose.objects.get(name="Pay salaries", entity=cast.software)
    with visit(reading(cast.dev, "en")) as client:
        page = client.get(f"/register/{pay.pk}/")
        assert "Without one, people read on My choices what stands here" in words(page)
        assert f"/register/{pay.pk}/new-notice/" in page.content.decode()
