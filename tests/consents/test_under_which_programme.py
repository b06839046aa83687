"""An event says which programmes ran for its purpose when the word was given, and under which terms."""

from governance.capture import deciding, programmes
from governance.capture import terms as documents
from governance.capture.models import Programme
from governance.consents import ledger, rebuilding, receipt_facts, receipts, said
from governance.consents.iso27560 import receipt as in_standard_form
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.lib import clock
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words


def under(cast: Cast) -> str:
    row = Programme.objects.get(pk=cast.programme.pk)
    return f"{row.number}@{documents.digest(deciding.terms_of(row))}"


def newest() -> ConsentEvent:
    return ConsentEvent.objects.latest("at")


def test_a_yes_names_what_runs_and_a_withdrawal_after_the_stop_names_nothing(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    assert newest().programmes == [under(cast)] and newest().programme_numbers == cast.programme.number
    with as_login("web"):
        programmes.pause(cast.programme, by=cast.dev, because="test")
        ledger.withdraw(ConsentRecord.objects.on().get().pk, by=cast.asha)
    assert newest().status == "withdrawn" and newest().programmes == []
    with as_login("worker"):
        programmes.end(cast.programme, by=None)
    assert rebuilding.check() == []


def test_an_event_from_before_says_that_nobody_wrote_it_down(cast: Cast) -> None:
    event = ConsentEvent(status="given")
    assert event.programmes is None and event.programme_numbers == ""


def test_the_person_reads_it_in_history_file_receipt_and_in_the_standards_form(cast: Cast) -> None:
    reading(cast.asha, "en")
    row = make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    with visit(cast.asha) as client:
        page = words(client.get("/me/history/"))
        paper = words(client.get(f"/me/receipts/{row.pk}/"))
    version = newest().purpose_version
    assert f"Version {version} of the register · programmes that ran then: {cast.programme.number}" in page
    assert f"Programmes that ran then {cast.programme.number}" in paper
    plain = next(word.plain for word in said.by(cast.asha) if word.event)
    assert plain["programmes"] == under(cast) and plain["purpose_version"] == version
    row = Receipt.objects.select_related("purpose__entity").get(pk=row.pk)
    assert row.body["events"][0]["programmes"] == [under(cast)] and receipts.digest(row.body) == row.sha256
    body = in_standard_form(receipt_facts.facts(row, clock.now()))
    (told,) = body["dpv:hasRecordOfActivity"][0]["dpv:hasConsentStatus"][-1]["x-in:underProgramme"]
    number, _at, terms = under(cast).partition("@")
    assert (told["dct:identifier"], told["schema:sha256"]) == (number, terms)
