"""A client written for the GovStack Consent Building Block works, as far as our rules let it write."""

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import Resolver404, resolve

from governance.audit.models import Entry
from governance.consents import ledger
from governance.consents.models import ConsentEvent, ConsentRecord, RunningProgramme
from governance.interfaces import drafting
from governance.interfaces.models import Webhook
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import versions
from governance.purposes.models import Purpose
from governance.retention import reads
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.interfaces.conftest import Make, Program
from tests.interfaces.document import DOCUMENT, needs_the_document
from tests.visits import visit, words

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


def test_a_consent_of_somebody_whom_no_programme_takes_in_answers_as_the_document_has_it(
    cast: Cast, program: Make
) -> None:
    kiosk = program("consents.write")
    good = _agreement(kiosk, cast)["revision"]["id"]
    RunningProgramme.objects.filter(purpose=cast.purpose).update(countries=["FR"])
    assert RunningProgramme.objects.filter(purpose=cast.purpose, ended=False).exists()
    answer = _give(kiosk, cast, good)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_about_them")
    assert not ConsentEvent.objects.exists()


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
    for method, path, code, body in (
        ("post", "/config/policy/", "written_in_portal", {}),
        ("put", f"/config/data-agreement/{cast.purpose.pk}/", "written_in_portal", {"dataAgreement": AGREEMENT}),
        ("delete", f"/config/data-agreement/{cast.purpose.pk}/", "written_in_portal", None),
        ("post", "/service/individual/", "from_the_staff_list", {"individual": {"externalId": "N-9999"}}),
        ("post", "/service/individual/record/consent-record/", "signed_here", {}),
    ):  # fmt: skip
        answer = agent.ask(method, HOME + path, body)
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


AGREEMENT = {
    "id": "", "version": "", "purpose": "Lend  tools to who asks", "lawfulBasis": "consent", "dpia": "DPIA-7",
    "policy": {"id": "", "name": "Tools", "version": "1", "url": "https://tools.example/policy"},
}  # fmt: skip


class TestAProposedAgreement:
    def test_it_is_a_draft_that_the_office_finds_in_the_register(self, cast: Cast, program: Make) -> None:
        kiosk = program("drafts.write", "register")
        with as_login("web"):
            answer = kiosk.ask("post", f"{HOME}/config/data-agreement/", {"dataAgreement": AGREEMENT})
        assert answer.status_code == 200, answer.content
        made = answer.json()["dataAgreement"]
        assert (made["purpose"], made["lawfulBasis"]) == ("Lend tools to who asks", "consent")
        assert made["active"] is False and made["lifecycle"]["name"] == "Draft"
        there = kiosk.ask("get", f"{HOME}/config/data-agreement/{made['id']}/").json()
        assert there["dataAgreement"] == made and "revision" not in there
        purpose = Purpose.objects.get(pk=made["id"])
        draft = purpose.versions.get()
        assert (purpose.state, purpose.entity, draft.author) == ("draft", cast.software, cast.dev)
        assert (draft.activity.dpia_link, draft.activity.policy_link) == (
            "DPIA-7",
            "https://tools.example/policy",
        )
        with visit(cast.dara) as client:
            assert "Lend tools to who asks" in words(client.get("/register/"))
        entry = Entry.objects.get(code="purpose.proposed")
        assert entry.facts["client"] == str(kiosk.client.pk)

    def test_nothing_runs_on_it_and_who_let_the_program_in_cannot_approve_it(
        self, cast: Cast, program: Make
    ) -> None:
        kiosk = program()
        made = kiosk.ask("post", f"{HOME}/config/data-agreement/", {"dataAgreement": AGREEMENT}).json()[
            "dataAgreement"
        ]
        purpose = Purpose.objects.get(pk=made["id"])
        draft = versions.submit(purpose.versions.get().pk, by=cast.dara)
        with pytest.raises(Refused):
            versions.approve(draft.pk, by=cast.dev)
        given = kiosk.ask(
            "post", f"{HOME}/service/individual/record/data-agreement/{made['id']}/?individualId={cast.asha.pk}&revisionId=1.en.{'0' * 64}"
        )  # fmt: skip
        assert given.status_code == 400 and not ConsentRecord.objects.exists()
        again = kiosk.ask("put", f"{HOME}/config/data-agreement/{made['id']}/", {"dataAgreement": AGREEMENT})
        assert (again.status_code, again.json()["code"]) == (400, "written_in_portal")

    def test_it_is_changed_and_taken_back_while_it_is_a_draft_and_never_what_people_approved(
        self, cast: Cast, program: Make
    ) -> None:
        kiosk = program()
        first, second = (
            kiosk.ask("post", f"{HOME}/config/data-agreement/", {"dataAgreement": AGREEMENT}).json()[
                "dataAgreement"
            ]
            for _ in range(2)
        )
        assert first["id"] == second["id"]  # sent twice is proposed once
        door = f"{HOME}/config/data-agreement/{first['id']}/"
        changed = kiosk.ask(
            "put", door, {"dataAgreement": AGREEMENT | {"purpose": "Lend ladders", "lawfulBasis": "contract"}}
        )
        assert changed.json()["dataAgreement"]["purpose"] == "Lend ladders"
        assert Purpose.objects.get(pk=first["id"]).versions.get().activity.basis_eu == "b"
        assert kiosk.ask("delete", door).status_code == 200
        assert Purpose.objects.get(pk=first["id"]).state == "retired"
        for method in ("put", "delete"):
            theirs = kiosk.ask(
                method, f"{HOME}/config/data-agreement/{cast.purpose.pk}/", {"dataAgreement": AGREEMENT} if method == "put" else None
            )  # fmt: skip
            assert (theirs.status_code, theirs.json()["code"]) == (400, "written_in_portal")
        cast.purpose.refresh_from_db()
        assert cast.purpose.state == "active"

    def test_odd_ones_are_refused_with_a_code_and_a_program_fills_no_register(
        self, cast: Cast, program: Make
    ) -> None:
        kiosk = program()
        before = Purpose.objects.count()
        for wrong, code in (
            ({"lawfulBasis": "because"}, "no_such_basis"), ({"purpose": " "}, "not_an_activity"), ({"purpose": "x" * 201}, "not_an_activity"),
            ({"purpose": "x\0"}, "wrong_shape"), ({"purpose": None}, "wrong_shape"),
        ):  # fmt: skip
            answer = kiosk.ask("post", f"{HOME}/config/data-agreement/", {"dataAgreement": AGREEMENT | wrong})
            assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
        assert Purpose.objects.count() == before
        for n in range(drafting.MOST + 1):
            answer = kiosk.ask(
                "post",
                f"{HOME}/config/data-agreement/",
                {"dataAgreement": AGREEMENT | {"purpose": f"Tool {n}"}},
            )
        assert (
            answer.json()["code"] == "too_many_drafts" and Purpose.objects.count() == before + drafting.MOST
        )

    def test_a_program_whose_sponsor_left_the_office_proposes_nothing(
        self, cast: Cast, program: Make
    ) -> None:
        kiosk = program()
        cast.dev.roles.update(ended_at=clock.now())
        answer = kiosk.ask("post", f"{HOME}/config/data-agreement/", {"dataAgreement": AGREEMENT})
        assert (answer.status_code, answer.json()["code"]) == (400, "nobody_answers_for_it")


def test_an_individual_is_found_by_the_staff_number_and_nobody_is_entered(cast: Cast, program: Make) -> None:
    kiosk = program("individuals")
    before = Person.objects.count()
    for part in ("config", "service"):
        asked = {"individual": {"id": "", "externalId": "N-1001", "externalIdType": "staff-number"}}
        found = kiosk.ask("post", f"{HOME}/{part}/individual/", asked)
        assert found.json()["individual"]["id"] == str(cast.asha.pk)
    same = kiosk.ask("put", f"{HOME}/service/individual/{cast.asha.pk}/", found.json())
    assert same.json() == found.json()
    for number in ("", "N-9999", cast.emil.number):
        answer = kiosk.ask(
            "post", f"{HOME}/service/individual/", {"individual": {"id": "", "externalId": number}}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "from_the_staff_list")
    other = kiosk.ask("put", f"{HOME}/service/individual/{cast.bela.pk}/", found.json())
    assert other.status_code == 400 and Person.objects.count() == before


def test_a_draft_of_a_record_is_unsaved_and_tells_nothing_of_where_the_person_stands(
    cast: Cast, program: Make
) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    kiosk = program("consents.write")
    drafts = [
        kiosk.ask(
            "post", f"{HOME}/service/individual/record/consent-record/draft/?individualId={person.pk}&dataAgreementId={cast.purpose.pk}"
        ).json()["consentRecord"]
        for person in (cast.asha, cast.rupa)
    ]  # fmt: skip
    assert [draft.pop("individual")["id"] for draft in drafts] == [str(cast.asha.pk), str(cast.rupa.pk)]
    assert (
        drafts[0] == drafts[1]
        and drafts[0]["id"] == ""
        and drafts[0]["state"] == "unsigned"
        and "optIn" not in drafts[0]
    )
    assert not ConsentRecord.objects.filter(person=cast.rupa).exists()
    assert _give(kiosk, cast, drafts[0]["dataAgreementRevision"]["id"], cast.rupa).status_code == 200
