"""A kiosk passes on a person's own word: to exact words, once, through the ledger's verbs."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.consents import ledger
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.interfaces import clients, once
from governance.interfaces.models import Answered
from governance.people.models import Person
from governance.retention.models import ErasureOrder
from tests.cast import Cast
from tests.conftest import World, as_login
from tests.consents import signed
from tests.interfaces.conftest import Make, Program, yes

CONSENTS, WITHDRAWALS = "/api/v1/consents", "/api/v1/withdrawals"


def test_a_yes_at_the_kiosk_is_in_the_ledger_with_the_words_that_were_read(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write", "withdrawals.write")
    with as_login("web"):
        answer = kiosk.ask("post", CONSENTS, yes(cast, "N-1001", "ui_event"))
    assert answer.status_code == 201, answer.content
    receipt = Receipt.objects.get(number=answer.json()["receipt"])
    event = ConsentEvent.objects.get(pk=receipt.events[0])
    assert (event.status, event.signal, event.by_kind, event.by_id) == (
        "given",
        "ui_event",
        "person",
        cast.asha.pk,
    )
    assert event.method == f"client:{kiosk.client.pk}" and event.text_sha256 == yes(cast)["text_sha256"]
    assert b"Asha" not in answer.content and b"N-1001" not in answer.content


def test_a_yes_asks_the_database_no_more_often_than_it_must(cast: Cast, program: Make) -> None:
    """Who asks and for what, the locks and the retry's answer; beside them two prepared ones, which nobody counts here."""
    kiosk = program("consents.write")
    assert kiosk.ask("post", CONSENTS, yes(cast, "N-1001", "ui_event")).status_code == 201
    said = yes(cast, "N-1002", "ui_event")
    with CaptureQueriesContext(connection) as caught:
        answer = kiosk.ask("post", CONSENTS, said)
    receipt, event = Receipt.objects.get(number=answer.json()["receipt"]), ConsentEvent.objects.latest("at")
    assert len(caught) <= 12, [query["sql"][:90] for query in caught]
    assert (
        answer.json()["at"] == receipt.at.isoformat()
        and ConsentRecord.objects.get(pk=event.record_id).given_at == event.at
    )


def test_the_words_to_show_come_from_the_same_place(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write")
    words = kiosk.ask("get", f"/api/v1/purposes/{cast.purpose.number}/notice?language=en").json()
    body = {"person": "N-1001", "purpose": words["purpose"], "signals": words["signals"][:1]}
    body |= {key: words[key] for key in ("notice_version", "language", "text_sha256")}
    assert kiosk.ask("post", CONSENTS, body).status_code == 201


def test_a_withdrawal_at_the_kiosk_orders_the_erasure(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write", "withdrawals.write")
    kiosk.ask("post", CONSENTS, yes(cast, "N-1001", "ui_event", "app_usage"))
    one = {"person": "N-1001", "purpose": cast.purpose.number, "signal": "ui_event"}
    with as_login("web"):
        assert kiosk.ask("post", WITHDRAWALS, one).status_code == 201
    assert list(ConsentRecord.objects.on().values_list("signal", flat=True)) == ["app_usage"]
    rest = kiosk.ask("post", WITHDRAWALS, {"person": "N-1001", "purpose": cast.purpose.number})
    assert rest.json()["kind"] == "withdrawn" and not ConsentRecord.objects.on().exists()
    assert ErasureOrder.objects.filter(person=cast.asha).count() == 2


ATTACKS: list[tuple[dict[str, Any], int, str]] = [
    ({"notice_version": 99}, 409, "stale_notice"),
    ({"text_sha256": "0" * 64}, 409, "other_words"),
    ({"language": "xx"}, 409, "no_notice"),
    ({"signals": ["keystrokes"]}, 409, "not_declared"),
    ({"signals": []}, 422, "wrong_shape"),
    ({"person": "N-9999"}, 404, "no_such_person"),
    ({"person": "N-2001"}, 404, "no_such_person"),  # of the other entity
    ({"purpose": "P-9999"}, 404, "no_such_purpose"),
    ({"person": "' OR 1=1 --"}, 404, "no_such_person"),
    ({"person": "N-1001\0"}, 422, "wrong_shape"),
    ({"by": "N-1002"}, 422, "wrong_shape"),
    ({"method": "portal"}, 422, "wrong_shape"),
    ({"text_sha256": None}, 422, "wrong_shape"),
]


@pytest.mark.parametrize(("change", "status", "code"), ATTACKS)
def test_what_is_not_exactly_a_persons_yes_changes_nothing(
    cast: Cast, program: Make, change: dict[str, Any], status: int, code: str
) -> None:
    answer = program("consents.write").ask("post", CONSENTS, yes(cast) | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not ConsentEvent.objects.filter(status="given").exists() and not Answered.objects.exists()


def test_somebody_under_18_cannot_be_switched_on_by_a_program(cast: Cast, program: Make) -> None:
    Person.objects.filter(pk=cast.asha.pk).update(is_under_18=True)
    answer = program("consents.write").ask("post", CONSENTS, yes(cast))
    assert (answer.status_code, answer.json()["code"]) == (409, "under_18")


def test_a_retry_hears_the_first_answer_and_writes_nothing(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write")
    first = kiosk.ask("post", CONSENTS, yes(cast), again="a1")
    second = kiosk.ask("post", CONSENTS, yes(cast), again="a1")
    assert first.json() == second.json() and second.status_code == 201
    assert second["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert ConsentEvent.objects.filter(status="given").count() == 1
    other = kiosk.ask("post", CONSENTS, yes(cast, "N-1002"), again="a1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (
        program("consents.write").ask("post", CONSENTS, yes(cast), again="a1").json()["code"] == "already_on"
    )


def test_a_refused_write_may_be_tried_again_under_the_same_key(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write", "withdrawals.write")
    body = {"person": "N-1001", "purpose": cast.purpose.number}
    assert kiosk.ask("post", WITHDRAWALS, body, again="w").json()["code"] == "nothing_on"
    kiosk.ask("post", CONSENTS, yes(cast))
    assert kiosk.ask("post", WITHDRAWALS, body, again="w").status_code == 201


def test_a_write_without_a_key_of_its_own_is_refused(cast: Cast, program: Make, client: Any) -> None:
    key = program("consents.write").key
    answer = client.post(CONSENTS, yes(cast), "application/json", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_answers_are_forgotten_after_a_day_and_hold_no_name(cast: Cast, program: Make) -> None:
    kiosk = program("consents.write")
    kiosk.ask("post", CONSENTS, yes(cast), again="N-1001 Asha")
    row = Answered.objects.get()
    assert "N-1001" not in str(row.answer) and "Asha" not in row.key_sha256
    assert once.forget_old() == 0
    Answered.objects.update(at="2020-01-01T00:00:00Z")
    with as_login("worker"):
        assert once.forget_old() == 1


def test_eight_twins_at_once_are_one_yes(world: World) -> None:
    from django.core.cache import cache
    from django.db import connection, connections

    cache.clear()
    world.sign_in("owner")
    cast = world.company()
    client, key = clients.let_in(
        cast.software,
        "Kiosk",
        purposes=[cast.purpose],
        scopes=["consents.write"],
        by=cast.dev,
        per_minute=1000,
    )
    body, kiosk, answers = yes(cast), Program(client, key), []

    def ask() -> None:
        try:
            world.sign_in("web")
            answers.append(kiosk.ask("post", CONSENTS, body, again="same"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM consents_consentevent WHERE status = 'given'")
        assert cursor.fetchone() == (1,)


def test_the_program_gets_the_signed_receipt_of_what_it_passed_on_and_no_other_does(
    cast: Cast, program: Make, settings: Any, tmp_path: Any
) -> None:
    signed.own_keys(settings, tmp_path)
    kiosk, other = program("consents.write"), program("consents.write", "withdrawals.write")
    number = kiosk.ask("post", CONSENTS, yes(cast, "N-1001", "ui_event")).json()["receipt"]
    where = f"/api/v1/receipts/{number}"
    early = kiosk.ask("get", where).json()
    assert early["receipt"] == number and early["jws"] is None and early["proof"] is None
    row = signed.signed(Receipt.objects.get(number=number), settings)
    with as_login("web"):
        said = kiosk.ask("get", where).json()
    assert said["jws"] == row.jws and said["kid"] == row.kid and said["proof"]["position"] is not None
    assert "N-1001" not in str(said) and "Asha" not in str(said)
    for stranger in (other, program("decisions", "events", "consents.write", purposes=[cast.purpose])):
        assert stranger.ask("get", where).json()["code"] == "no_such_receipt"
    assert program("decisions").ask("get", where).json()["code"] == "scope_missing"
    own = ledger.give(
        cast.purpose, ["app_usage"], by=cast.asha, notice=cast.purpose.published_notice(), language="en"
    )
    assert kiosk.ask("get", f"/api/v1/receipts/{own.number}").status_code == 404  # said in the portal
