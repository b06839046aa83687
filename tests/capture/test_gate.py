"""The gate lets in what was decided and nothing else; what it turns away is stored nowhere."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from governance.capture import gate, programmes
from governance.capture.api import parse
from governance.capture.models import Arrival, Intake
from governance.consents import ledger, optouts
from governance.consents.models import ConsentRecord
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast


def segments() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment")
        return int(cursor.fetchone()[0])


def test_only_what_asha_switched_on_is_admitted(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage")
    answer = make.post(
        cast,
        make.event("N-1001"),
        make.event("N-1001", "app_usage"),
        make.event("N-1001", "mouse_path", x=10, y=10),
        make.event("N-1001", "typed_text"),
        make.event("N-1001", "screen_content"),
        make.event("N-1001", application="Tinder"),
    )
    assert answer["admitted"] == 2
    assert answer["turned_away"] == {"not_permitted": 1, "not_declared": 2, "application_not_listed": 1}
    assert segments() == 2 == Arrival.objects.count()


def test_bela_was_never_asked_and_nothing_of_hers_stays(cast: Cast) -> None:
    answer = make.post(cast, make.event("N-1002"), make.event("N-1002", "app_usage"))
    assert answer["admitted"] == 0 and answer["turned_away"] == {"not_permitted": 2}
    assert segments() == 0 and not Arrival.objects.exists()


def test_those_who_run_the_client_hear_one_code_for_every_no(cast: Cast) -> None:
    notice = cast.purpose.published_notice()
    ledger.refuse(cast.purpose, ["ui_event"], by=cast.bela, notice=notice, language="en")
    make.consent(cast.asha, cast.purpose, "ui_event")
    optouts.opt_out(by=cast.asha)
    answer = make.post(cast, make.event("N-1001"), make.event("N-1002"))
    assert answer["turned_away"] == {"not_permitted": 2}


def test_withdrawing_stops_the_next_batch_and_orders_erasure(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    assert make.post(cast, make.event("N-1001"))["turned_away"] == {"not_permitted": 1}
    order = ErasureOrder.objects.get()
    assert (
        order.person_id == cast.asha.pk and order.because == "consent.withdrawn" and len(order.streams) == 1
    )


def test_a_second_click_on_withdraw_changes_nothing(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    record = ConsentRecord.objects.get()
    first = ledger.withdraw(record.pk, by=cast.asha)
    assert ledger.withdraw(record.pk, by=cast.asha).pk == first.pk
    assert ErasureOrder.objects.count() == 1


def test_what_happened_before_the_consent_is_not_taken(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    early = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert make.post(cast, make.event("N-1001", at=early))["turned_away"] == {"not_permitted": 1}


def test_until_its_key_is_made_a_consent_lets_nothing_in(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    assert make.post(cast, make.event("N-1001"))["admitted"] == 0


def test_nobody_signed_in_at_the_device_is_nobody(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    programmes.unbind(cast.asha, cast.device)
    assert make.post(cast, make.event("N-1001"))["turned_away"] == {"nobody_bound": 1}


def test_a_population_opt_out_beats_every_consent(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    row = optouts.opt_out_population(
        by=cast.rupa, unit=cast.asha.employment.unit, purpose=cast.purpose, act=make.act()
    )
    assert make.post(cast, make.event("N-1001"))["admitted"] == 0
    optouts.lift(row.pk, by=cast.rupa, because="Agreed anew.")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1


def test_a_paused_programme_takes_nothing_and_says_stop(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    programmes.pause(cast.programme, by=cast.dev, because="test")
    with pytest.raises(gate.BatchRefused) as refused:
        make.post(cast, make.event("N-1001"))
    assert refused.value.code == "programme_not_running" and not Intake.objects.exists()


def test_the_same_batch_is_counted_once_and_answered_the_same(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    body = make.batch(cast.programme.number, cast.device.number, [make.event("N-1001")], uuid4())
    sender = gate.sender(cast.keys[cast.programme.number])
    first = gate.admit(parse(body), body, client=sender)
    assert gate.admit(parse(body), body, client=sender) == first
    assert segments() == 1
    other = body.replace(b'"click"', b'"paste"')
    with pytest.raises(gate.BatchRefused) as refused:
        gate.admit(parse(other), other, client=sender)
    assert refused.value.code == "batch_reused" and refused.value.status == 409


SECRET = "Priyanka Chaturvedi 9876543210"


@pytest.mark.parametrize(
    "field",
    ["value", "content", "inner_text", "title", "href", "html", "option", "checked", "task", "surprise"],
)
def test_no_field_beyond_the_declared_ones_reaches_the_vault(cast: Cast, field: str) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.post(
        cast,
        make.event(
            "N-1001",
            **{field: SECRET},
            url=f"https://forms.example/{SECRET}?q={SECRET}",
            element={"role": "INPUT", "id": SECRET, "name": SECRET},
        ),
    )
    from governance.capture.vault import opened

    stream = Arrival.objects.get().stream
    kept = list(opened([stream]))
    assert SECRET not in json.dumps(kept) and "Priyanka" not in json.dumps(kept)
    assert set(kept[0]) == {"segment", "at", "application", "action", "site", "role"}
    assert kept[0]["site"] == "forms.example"


BAD = {
    "not_json": b'{"batch_id": ',
    "wrong_shape": b'{"batch_id": 7}',
    "empty_batch": json.dumps(
        {"batch_id": str(uuid4()), "programme": "CP-0001", "device": "PUNE-0041", "events": []}
    ).encode(),
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_bad_input_is_refused_with_a_code_and_leaves_nothing(cast: Cast, client: object, code: str) -> None:
    answer = client.post(  # type: ignore[attr-defined]
        "/api/v1/batches",
        BAD[code],
        content_type="application/json",
        headers={"Authorization": f"Bearer {cast.keys['CP-0001']}"},
    )
    assert 400 <= answer.status_code < 500 and answer.json()["code"] == code and answer.json()["detail"]
    assert not Intake.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"programme": "CP-9999"}, "unknown_programme"),
        ({"device": "MUC-0007"}, "wrong_client"),
        ({"user": "N-9999"}, "unknown_person"),
        ({"at": "2020-01-01T00:00:00Z"}, "bad_time"),
        ({"at": "2099-01-01T00:00:00Z"}, "bad_time"),
    ],
)
def test_what_does_not_belong_is_refused_whole(cast: Cast, change: dict, code: str) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    event = make.event("N-1001") | {k: v for k, v in change.items() if k in ("user", "at")}
    body = make.batch(change.get("programme", "CP-0001"), change.get("device", "PUNE-0041"), [event])
    with pytest.raises(gate.BatchRefused) as refused:
        gate.admit(parse(body), body, client=gate.sender(cast.keys["CP-0001"]))
    assert refused.value.code == code
    assert not Intake.objects.exists() and segments() == 0


def test_without_a_key_nobody_is_let_in(cast: Cast) -> None:
    with pytest.raises(gate.BatchRefused) as refused:
        gate.sender("smt_wrong")
    assert refused.value.status == 401
