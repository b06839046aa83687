"""A receipt as a document: what the person said, the exact words, and where the log has it; for nobody else."""

import pytest

from governance.consents import ledger
from governance.consents.models import Receipt
from governance.lib.refusals import Refused
from governance.reports import press, reports
from governance.reports.models import Report
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said


def document(receipt: Receipt, cast: Cast) -> Report:
    report = reports.ask_for_receipt(receipt, by=receipt.person)
    orders.finish(report)
    return report


@pytest.fixture
def given(cast: Cast, undrawn: None) -> Receipt:
    return make.consent(cast.asha, cast.purpose, "ui_event", "app_usage", language="hi")


def test_it_is_in_the_language_of_the_notice_and_holds_its_exact_words(cast: Cast, given: Receipt) -> None:
    orders.seal()
    report = document(given, cast)
    text = said(report)
    notice = given.body["notice"]
    assert report.language == "hi" == notice["language"]
    assert notice["sha256"] in text and given.number in text and given.sha256 in text and "N-1001" in text
    assert (
        "सहमति की रसीद" in text
        and "ऐप का उपयोग" in text
        and "माउस का रास्ता" not in text.split("जो शब्द आपको दिखाए गए")[0]
    )
    shown = cast.purpose.published_notice().texts.get(language="hi")
    assert all(" ".join(part.split()) in text for part in shown.elements.values())
    proof = report.facts["content"]["log"]["proof"]
    assert proof and proof["leaf"] in text and report.facts["content"]["unchanged"] is True


def test_it_holds_no_name(cast: Cast, given: Receipt) -> None:
    report = document(given, cast)
    whole = press.twin_of(report, report.facts).decode() + press.html_of(report, report.facts)
    assert "Deshmukh" not in whole and "asha@" not in whole


def test_of_a_withdrawal_it_names_the_order(cast: Cast, given: Receipt) -> None:
    withdrawal = ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    text = said(document(withdrawal, cast))
    assert "सहमति वापस लेने की रसीद" in text and withdrawal.body["erasure_order"] in text


def test_asked_again_it_is_the_same_document(cast: Cast, given: Receipt) -> None:
    first = document(given, cast)
    assert reports.ask_for_receipt(given, by=cast.asha).pk == first.pk


@pytest.mark.parametrize("name", ["lata", "dev", "meera", "omar", "bela", "ira"])
def test_nobody_else_gets_it_whatever_their_role(cast: Cast, given: Receipt, name: str) -> None:
    with pytest.raises(Refused) as refused:
        reports.ask("receipt", cast.software, {"receipt": str(given.pk)}, by=cast.people[name])
    assert refused.value.code == "personal"


def test_it_does_not_appear_in_anybody_s_list_but_their_own(cast: Cast, given: Receipt) -> None:
    document(given, cast)
    assert (
        not Report.objects.visible_to(cast.lata).exists() and not Report.objects.visible_to(cast.dev).exists()
    )
    assert Report.objects.visible_to(cast.asha).count() == 1
