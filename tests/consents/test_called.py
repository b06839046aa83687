"""On a person's own pages a purpose has one name, that of its notice in their language; the register's is for the office."""

import io
import zipfile

import pytest

from governance.consents import ledger, optouts
from governance.consents.models import ConsentRecord
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.fixture
def spoken(cast: Cast) -> Cast:
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage", language="hi")
    optouts.opt_out(by=cast.asha, purpose=cast.purpose, application="Excel")
    ledger.withdraw(ConsentRecord.objects.get(person=cast.asha, signal="ui_event").pk, by=cast.asha)
    return cast


def test_every_page_of_hers_calls_it_as_the_notice_that_she_read(spoken: Cast) -> None:
    order = ErasureOrder.objects.get(person=spoken.asha)
    in_hindi = spoken.purpose.published_notice().texts.get(language="hi").title
    with visit(spoken.asha) as client:
        for address in (
            "/me/", "/me/history/", "/me/opt-outs/", "/me/pressed/", "/me/content/", f"/me/erasures/{order.pk}",
        ):  # fmt: skip
            page = words(client.get(address))
            assert in_hindi in page and spoken.purpose.name not in page, address
        with zipfile.ZipFile(io.BytesIO(client.get("/me/history/download/").content)) as mine:
            read = mine.read("read.html").decode()
    assert in_hindi in read and spoken.purpose.name not in read


def test_the_name_of_a_purpose_is_asked_once_however_long_the_history(
    spoken: Cast, django_assert_max_num_queries: object
) -> None:
    with visit(spoken.asha) as client:
        client.get("/me/history/")
        for _again in range(8):
            optouts.lift(
                optouts.opt_out(by=spoken.asha, purpose=spoken.purpose, weekdays=[1]).pk, by=spoken.asha
            )
        with django_assert_max_num_queries(40) as asked:  # type: ignore[operator]
            client.get("/me/history/")
    titles = [query["sql"] for query in asked.captured_queries if "noticetext" in query["sql"]]
    assert len(titles) <= 3


def test_without_a_notice_it_is_called_as_in_the_register(cast: Cast) -> None:
    pay = Purpose.objects.get(name="Pay salaries", entity=cast.software)
    assert (pay.called.text, pay.called.language) == ("Pay salaries", "en")
