"""A client written for the GovStack Consent Building Block works, as far as our rules let it write."""

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import Resolver404, resolve

from governance.audit.models import Entry
from governance.consents import ledger
from governance.consents.models import ConsentRecord
from governance.interfaces.models import Webhook
from governance.retention import reads
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.interfaces.conftest import Make, Program
from tests.interfaces.document import DOCUMENT, needs_the_document

HOME = "/govstack/v1"
DOORS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
WHO = "X-ConsentBB-IndividualId"


def address(path: str, **ids: Any) -> str:
    for name in ("policyId", "dataAgreementId", "individualId", "webhookId", "consentRecordId"):
        path = path.replace(f"{{{name}}}", str(ids.get(name, uuid4())))
    return HOME + path


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_of_the_document_is_there_and_asks_for_a_key(
    db: None, client: Any, method: str, path: str
) -> None:
    try:
        resolve(address(path))
    except Resolver404:
        pytest.fail(f"{path} is missing")
    answer = getattr(client, method)(address(path))
    assert answer.status_code == 401 and answer.json()["code"] == "no_client"


@needs_the_document
def test_an_id_that_nothing_has_and_an_empty_request_answer_as_documented(cast: Cast, program: Make) -> None:
    agent = program()
    for method, path in DOORS:
        answer = agent.ask(method, address(path), {} if method in ("post", "put") else None)
        assert answer.status_code in (200, 400), (path, answer.content)
        if answer.status_code == 400:
            assert answer["Content-Type"] == "application/problem+json" and answer.json()["code"], path


@needs_the_document
def test_a_key_without_scopes_opens_no_door(cast: Cast, program: Make) -> None:
    agent = program("events")
    for method, path in DOORS:
        answer = agent.ask(method, address(path), {} if method in ("post", "put") else None)
        assert answer.status_code in (400, 403), (path, answer.content)
        if answer.status_code == 400:  # what nobody may do, or a body of no shape
            assert answer.json()["code"] in (
                "written_in_portal",
                "from_the_staff_list",
                "signed_here",
                "wrong_shape",
            )


def _agreement(kiosk: Program, cast: Cast) -> Any:
    return kiosk.ask("get", f"{HOME}/service/data-agreement/{cast.purpose.pk}/").json()


def _give(kiosk: Program, cast: Cast, revision: str, person: Any = None) -> Any:
    person = person or cast.asha
    return kiosk.ask(
        "post", f"{HOME}/service/individual/record/data-agreement/{cast.purpose.pk}/?individualId={person.pk}&revisionId={revision}"
    )  # fmt: skip


def test_a_purpose_is_a_data_agreement_with_its_words(cast: Cast, program: Make) -> None:
    said = _agreement(program("register"), cast)
    agreement, revision = said["dataAgreement"], said["revision"]
    assert (
        agreement["purpose"] == cast.purpose.name
        and agreement["lawfulBasis"] == "consent"
        and agreement["active"]
    )
    assert agreement["controller"]["name"] == "Nirmaan Software Pvt Ltd" and agreement["forgettable"] is False
    text = cast.purpose.published_notice().texts.get(language="en")
    assert (
        text.elements["purpose"]
        in json.loads(revision["serializedSnapshot"])["objectData"]["elements"]["purpose"]
    )
    assert revision["serializedHash"] == hashlib.sha1(revision["serializedSnapshot"].encode()).hexdigest()
    assert revision["id"] == f"1.en.{text.sha256}"


def test_a_person_agrees_reads_and_withdraws_at_a_kiosk_of_another_maker(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write", "withdrawals.write")
    revision = _agreement(kiosk, cast)["revision"]
    with as_login("web"):
        given = _give(kiosk, cast, revision["id"])
    assert given.status_code == 200, given.content
    record = given.json()["consentRecord"]
    assert record["optIn"] is True and record["dataAgreementRevisionHash"] == revision["serializedHash"]
    assert ConsentRecord.objects.on().filter(person=cast.asha).count() == cast.purpose.signals.count()
    mine = kiosk.ask(
        "get", f"{HOME}/service/individual/record/consent-record/", **{WHO: str(cast.asha.pk)}
    ).json()
    assert [row["id"] for row in mine["consentRecords"]] == [record["id"]]
    out = kiosk.ask(
        "put", f"{HOME}/service/individual/record/consent-record/{record['id']}/", {"consentRecord": record | {"optIn": False}}
    )  # fmt: skip
    assert out.status_code == 200 and out.json()["consentRecord"]["optIn"] is False
    assert not ConsentRecord.objects.on().filter(person=cast.asha).exists()
    assert ErasureOrder.objects.filter(person=cast.asha).exists()
    again = kiosk.ask(
        "put", f"{HOME}/service/individual/record/consent-record/{record['id']}/",
        {"consentRecord": record | {"optIn": True, "dataAgreementRevision": {"id": revision["id"]}}},
    )  # fmt: skip
    assert again.json()["consentRecord"]["optIn"] is True


def test_a_consent_to_no_words_or_to_old_ones_is_refused(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write")
    good = _agreement(kiosk, cast)["revision"]["id"]
    for revision, code in (
        ("", "words_not_named"), ("1", "words_not_named"), ("7" + good[1:], "stale_notice"), (good[:-1] + "x", "other_words"),
        (good.replace(".en.", ".xx."), "no_notice"),
    ):  # fmt: skip
        answer = _give(kiosk, cast, revision)
        assert (answer.status_code, answer.json()["code"]) == (400, code), revision
    assert _give(kiosk, cast, good, cast.emil).json()["code"] == "not_found"  # of another entity
    assert not ConsentRecord.objects.on().exists()


def test_everything_is_withdrawn_in_one_step_and_the_proof_stays(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage")
    kiosk = program("withdrawals.write")
    answer = kiosk.ask("delete", f"{HOME}/service/individual/record/", **{WHO: str(cast.asha.pk)})
    assert answer.status_code == 200 and not ConsentRecord.objects.on().exists()
    assert ConsentRecord.objects.filter(person=cast.asha, status="withdrawn").count() == 2


def test_an_auditors_system_sees_who_is_on_and_never_who_said_no(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.consent(cast.rupa, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.rupa)
    ledger.refuse(
        cast.purpose, ["ui_event"], by=cast.bela, notice=cast.purpose.published_notice(), language="en"
    )
    auditor = program("records")
    listed = auditor.ask("get", f"{HOME}/audit/consent-records/").json()["consentRecords"]
    assert [row["individual"] for row in listed] == [{"id": str(cast.asha.pk)}]
    assert "dataAgreementRevision" in listed[0] and listed[0]["state"] == "signed"
    for person, status in (
        (cast.rupa, 200),
        (cast.bela, 400),
        (cast.meera, 400),
    ):  # refused and never asked look alike
        answer = auditor.ask("get", f"{HOME}/audit/consent-record/{cast.purpose.pk}.{person.pk}/")
        assert answer.status_code == status
    assert (
        Entry.objects.filter(code="consent.records_read", facts__client=str(auditor.client.pk)).count() == 2
    )
    with_numbers = program("records", "individuals").ask("get", f"{HOME}/audit/consent-records/").json()
    assert with_numbers["consentRecords"][0]["individual"]["externalId"] == "N-1001"


def test_a_hundred_records_cost_no_more_queries_than_one(
    cast: Cast, program: Make, django_assert_max_num_queries: Any
) -> None:
    for name in ("asha", "bela", "meera", "rupa"):
        make.consent(getattr(cast, name), cast.purpose, "ui_event")
    auditor = program("records")
    with django_assert_max_num_queries(16):
        assert len(auditor.ask("get", f"{HOME}/audit/consent-records/").json()["consentRecords"]) == 4


def test_individuals_are_those_of_the_entity_by_number_and_without_names(cast: Cast, program: Make) -> None:
    answer = program("individuals").ask("get", f"{HOME}/service/individuals/?limit=500")
    numbers = {row["externalId"] for row in answer.json()["individuals"]}
    assert "N-1001" in numbers and "N-2001" not in numbers and b"Asha" not in answer.content


def test_a_program_keeps_its_own_webhooks_and_sees_no_others(cast: Cast, program: Make) -> None:
    agent, other = program(), program()
    hook = {
        "id": "",
        "payloadUrl": "https://example.com/in",
        "contentType": "application/json",
        "disabled": False,
        "secretKey": "mine",
    }
    with as_login("web"):
        made = agent.ask("post", f"{HOME}/config/webhook/", {"webhook": hook}).json()["webhook"]
    assert made["secretKey"].startswith("whsec_") and made["disabled"] is False
    place = f"{HOME}/config/webhook/{made['id']}/"
    assert agent.ask("get", place).json()["webhook"]["secretKey"] == ""  # told once
    assert other.ask("get", place).status_code == 400 and other.ask("delete", place).status_code == 400
    assert (
        agent.ask("put", place, {"webhook": hook | {"disabled": True}}).json()["webhook"]["disabled"] is True
    )
    assert (
        agent.ask("put", place, {"webhook": hook | {"payloadUrl": "http://10.0.0.1/"}}).json()["code"]
        == "not_https"
    )
    assert len(agent.ask("get", f"{HOME}/config/webhooks/").json()["webhooks"]) == 1
    assert agent.ask("delete", place).status_code == 200 and Webhook.objects.get().ended_at is not None


def test_nobody_writes_the_register_or_the_staff_list_from_outside(cast: Cast, program: Make) -> None:
    agent = program()
    for method, path, code in (
        ("post", "/config/policy/", "written_in_portal"), ("put", f"/config/data-agreement/{cast.purpose.pk}/", "written_in_portal"),
        ("delete", f"/config/data-agreement/{cast.purpose.pk}/", "written_in_portal"),
        ("post", "/service/individual/", "from_the_staff_list"),
        ("post", "/service/individual/record/consent-record/", "signed_here"),
    ):  # fmt: skip
        answer = agent.ask(method, HOME + path, {})
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_an_individual_sees_that_a_program_asked_where_they_stand(cast: Cast, program: Make) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    asker = program("records", "individuals")
    agreement = f"/govstack/v1/service/individual/record/data-agreement/{cast.purpose.pk}/"
    who = {"X-ConsentBB-IndividualId": str(cast.asha.pk)}
    assert asker.ask("get", agreement, **who).status_code == 200
    assert asker.ask("get", "/govstack/v1/service/verification/consent-records/").status_code == 200
    found = {(row.how, row.role, row.reader_id) for row in reads.of(cast.asha)}
    assert found == {("record", "program", asker.client.pk), ("records", "program", asker.client.pk)}
    assert reads.of(cast.bela) == []
