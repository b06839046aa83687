"""Nobody's events without a living binding: by badge, by hand, ended with the shift or when idle; set up on pages alone."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client as Browser

from governance.capture import bindings, deciding
from governance.capture import terms as documents
from governance.capture.models import Binding, Device, Programme, Wiped
from governance.capture.terms import Application, Hours, Terms
from governance.lib import clock
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def set_terms(cast: Cast, **more: Any) -> None:
    terms = msgspec.structs.replace(deciding.terms_of(cast.programme), **more)
    Programme.objects.filter(pk=cast.programme.pk).update(**deciding.projected(terms))


def tell(cast: Cast, path: str, **said: Any) -> Any:
    with as_login("web"):
        return Browser().post(
            f"/api/v1/{path}", json.dumps(said), content_type="application/json",
            headers={"Authorization": f"Bearer {cast.keys[cast.programme.number]}"},
        )  # fmt: skip


class TestHowLong:
    def test_idle_is_counted_from_the_last_batch(self) -> None:
        terms = Terms(idle_minutes=10)
        assert bindings.over(terms, "UTC", AT, None, AT + timedelta(minutes=9)) == ""
        assert bindings.over(terms, "UTC", AT, None, AT + timedelta(minutes=10)) == "idle"
        assert bindings.over(terms, "UTC", AT, AT + timedelta(minutes=5), AT + timedelta(minutes=10)) == ""

    def test_a_shift_ends_with_its_hours_or_its_length(self) -> None:
        assert bindings.over(Terms(shift_hours=8), "UTC", AT, AT, AT + timedelta(hours=8)) == "shift"
        hours = Terms(hours=(Hours((1, 2, 3, 4, 5), "09:00", "18:00"),))
        assert bindings.over(hours, "UTC", AT, None, AT + timedelta(hours=7)) == ""
        assert bindings.over(hours, "UTC", AT, None, AT + timedelta(hours=8)) == "hours"

    def test_a_longer_time_needs_a_new_act(self) -> None:
        wider = documents.wider(Terms(idle_minutes=10, shift_hours=8), Terms(idle_minutes=20))
        assert wider == [("idle_minutes", "10 → 20"), ("shift_hours", "8 → ∞")]


def test_the_task_ends_what_is_over_and_keeps_the_rest(cast: Cast) -> None:
    set_terms(cast, idle_minutes=10)
    Binding.objects.update(from_at=clock.now())  # the company may be older than ten minutes
    with as_login("worker"):
        assert bindings.end_due(clock.now() + timedelta(minutes=5)) == 0
        assert bindings.end_due(clock.now() + timedelta(minutes=11)) == 2
    assert not Binding.objects.filter(device=cast.device, to_at__isnull=True).exists()
    assert Binding.objects.filter(device=cast.device_de, to_at__isnull=True).count() == 2


def test_the_gate_takes_nothing_of_an_idle_one_and_sees_who_is_there(cast: Cast) -> None:
    set_terms(cast, idle_minutes=10)
    Binding.objects.update(from_at=clock.now())  # the company may be older than ten minutes
    make.consent(cast.asha, cast.purpose)
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    living = Binding.objects.get(person=cast.asha, device=cast.device)
    assert living.seen_at is not None
    Binding.objects.filter(pk=living.pk).update(seen_at=clock.now() - timedelta(minutes=11))
    assert make.post(cast, make.event("N-1001"))["turned_away"] == {"nobody_bound": 1}


class TestBadge:
    def test_who_badges_in_is_alone_at_the_device(self, cast: Cast) -> None:
        assert tell(cast, "badge", device=cast.device.number, user="N-1101", action="in").json() == {
            "bound": True
        }
        here = Binding.objects.filter(device=cast.device, to_at__isnull=True)
        assert [row.person.number for row in here] == ["N-1101"]
        assert tell(cast, "badge", device=cast.device.number, user="N-1101", action="out").json() == {
            "bound": False
        }
        assert not here.all().exists()

    @pytest.mark.parametrize(
        ("said", "status", "code"),
        [
            ({"device": "NONE", "user": "N-1001", "action": "in"}, 403, "wrong_client"),
            ({"device": "PUNE-0041", "user": "N-2001", "action": "in"}, 422, "unknown_person"),
            ({"device": "PUNE-0041", "user": "N-1001", "action": "over"}, 422, "wrong_shape"),
            ({"device": "PUNE-0041", "user": "N-1001"}, 422, "wrong_shape"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, cast: Cast, said: Any, status: int, code: str) -> None:
        answer = tell(cast, "badge", **said)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "N-2001" not in answer.content.decode()


class TestWiped:
    def test_the_receipt_is_kept_once(self, cast: Cast) -> None:
        said = {
            "device": cast.device.number,
            "user": "N-1001",
            "wiped_at": clock.now().isoformat(),
            "events": 7,
        }
        assert tell(cast, "wiped", **said).status_code == tell(cast, "wiped", **said).status_code == 200
        row = Wiped.objects.get()
        assert row.person_id == cast.asha.pk and row.events == 7 and row.purpose_id == cast.purpose.pk

    def test_nobody_writes_about_somebody_who_was_not_there(self, cast: Cast) -> None:
        said = {
            "device": cast.device.number,
            "user": "N-1101",
            "wiped_at": clock.now().isoformat(),
            "events": 0,
        }
        assert tell(cast, "wiped", **said).status_code == 422 and not Wiped.objects.exists()

    def test_a_time_that_cannot_be_right_is_refused(self, cast: Cast) -> None:
        late = (clock.now() + timedelta(hours=1)).isoformat()
        said = {"device": cast.device.number, "user": "N-1001", "wiped_at": late, "events": 0}
        assert tell(cast, "wiped", **said).json()["code"] == "bad_time"

    def test_the_certificate_says_when(self, cast: Cast) -> None:
        from governance.consents import ledger
        from governance.reports.kinds import certificate
        from governance.retention.models import ErasureOrder

        make.consent(cast.asha, cast.purpose)
        ledger.withdraw_purpose(cast.purpose, by=cast.asha)
        order = ErasureOrder.objects.filter(person=cast.asha).latest("created_at")
        assert certificate._times(order, [], {}, True)["buffer_wiped_at"] is None
        at = clock.now()
        tell(cast, "wiped", device=cast.device.number, user="N-1001", wiped_at=at.isoformat(), events=3)
        assert certificate._times(order, [], {}, True)["buffer_wiped_at"] == at


class TestSites:
    def test_only_listed_sites_and_what_lies_beneath(self, cast: Cast) -> None:
        set_terms(cast, hosts=("claims.example",))
        make.consent(cast.asha, cast.purpose)
        answer = make.post(
            cast,
            *(make.event("N-1001", url=f"https://{host}/x") for host in ("claims.example", "a.claims.example", "notclaims.example")),
            make.event("N-1001"),
        )  # fmt: skip
        assert answer["admitted"] == 3 and answer["turned_away"] == {"site_not_listed": 1}

    def test_another_site_needs_a_new_act_and_one_beneath_does_not(self) -> None:
        agreed = Terms(hosts=("claims.example",))
        assert documents.wider(agreed, Terms(hosts=("claims.example", "a.claims.example"))) == []
        assert documents.wider(agreed, Terms(hosts=("other.example",))) == [("hosts", "other.example")]
        assert documents.wider(agreed, Terms()) == [("hosts", "all")]
        assert documents.wider(Terms(), agreed) == []

    def test_the_client_is_told(self, cast: Cast) -> None:
        set_terms(cast, hosts=("claims.example",))
        with as_login("web"):
            key = {"Authorization": f"Bearer {cast.keys[cast.programme.number]}"}
            assert Browser().get("/api/v1/policy", headers=key).json()["sites"] == ["claims.example"]

    def test_on_the_form(self, cast: Cast) -> None:
        from governance.capture.forms import EditTerms

        said = {
            "own": "Chrome", "hosts": "Claims.example\n", "units": [str(cast.asha.employment.unit_id)], "countries": "in",
            "days": ["1"], "begins": "09:00", "ends": "12:00", "days_2": ["2"], "begins_2": "13:00", "ends_2": "18:00",
            "idle_minutes": "15", "shift_hours": "9", "sampling": "100", "ends_on": "2027-01-31",
        }  # fmt: skip
        form = EditTerms(said, programme=cast.programme, terms=Terms())
        assert form.is_valid(), form.errors
        terms = form.terms()
        assert terms.hosts == ("claims.example",) and terms.population.countries == ("IN",)
        assert terms.population.units == (cast.asha.employment.unit_id,)
        assert [h.begins for h in terms.hours] == ["09:00", "13:00"]
        assert (terms.idle_minutes, terms.shift_hours) == (15, 9)
        again = EditTerms(programme=cast.programme, terms=terms)
        assert again.initial["hosts"] == "claims.example" and again.initial["days_2"] == [2]
        assert not EditTerms(
            said | {"hosts": "mail.google.com"}, programme=cast.programme, terms=Terms()
        ).is_valid()
        assert not EditTerms(
            said | {"hosts": "https://a.example/x"}, programme=cast.programme, terms=Terms()
        ).is_valid()


def test_a_company_starts_without_a_demo_on_pages_alone(cast: Cast) -> None:
    """From a new programme to a batch at the gate; what others decide is done by the verbs that their pages call."""
    reading(cast.omar, "en")
    with visit(cast.omar) as browser:
        made = browser.post(
            "/programmes/new/",
            {"purpose": cast.purpose.pk, "name": "Claims desk", "applications": "Chrome\nExcel"},
        )
        programme = Programme.objects.get(name="Claims desk")
        assert made["Location"] == f"/programmes/{programme.pk}/terms/"
        assert deciding.terms_of(programme).applications == (Application("Chrome"), Application("Excel"))
        page = browser.post(f"/programmes/{programme.pk}/clients/new/", {"name": "Desk client"})
        key = re.search(r"smt_[\w-]+", page.content.decode()).group()  # type: ignore[union-attr]
        assert "no-store" in page["Cache-Control"]
        client = programme.clients.get()
        browser.post(f"/programmes/clients/{client.pk}/devices/new/", {"number": "PUNE-0099"})
        device = Device.objects.get(client=client)
        assert browser.post(f"/programmes/devices/{device.pk}/bind/", {"number": "N-2001"}).status_code == 400
        assert browser.post(f"/programmes/devices/{device.pk}/bind/", {"number": "N-1001"}).status_code == 302
        shown = browser.get(f"/programmes/{programme.pk}/clients/")
        assert "N-1001" in words(shown) and key not in shown.content.decode()
        ends = (clock.law_date() + timedelta(days=30)).isoformat()
        assert (
            browser.post(
                f"/programmes/{programme.pk}/terms/", {"own": "Chrome", "sampling": "100", "ends_on": ends}
            ).status_code
            == 302
        )
    said = "Looked at the terms line by line and found nothing against them."
    programme = Programme.objects.get(pk=programme.pk)
    deciding.assess(programme, by=cast.omar)
    deciding.sign(programme, "advice", said, by=cast.dev)
    deciding.sign(programme, "security", said, by=cast.leon)
    deciding.approve(programme, by=cast.omar)
    with visit(cast.omar) as browser:
        browser.post(f"/programmes/{programme.pk}/start/")
    make.consent(cast.asha, cast.purpose, "ui_event")
    body = make.batch(programme.number, "PUNE-0099", [make.event("N-1001")], uuid4())
    with as_login("web"):
        answer = Browser().post(
            "/api/v1/batches",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
    assert answer.json()["admitted"] == 1
    binding = Binding.objects.get(device=device)
    with visit(cast.omar) as browser:
        browser.post(f"/programmes/bindings/{binding.pk}/end/")
        browser.post(f"/programmes/clients/{client.pk}/end/")
    with as_login("web"):
        refused = Browser().post(
            "/api/v1/batches",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
    assert refused.status_code == 401 and Binding.objects.get(pk=binding.pk).to_at is not None


def test_only_the_owner_sets_up_clients(cast: Cast) -> None:
    for person in (cast.ira, cast.meera, cast.dev, cast.asha):
        with visit(person) as browser:
            assert browser.get(f"/programmes/{cast.programme.pk}/clients/").status_code in (403, 404)
            assert browser.get("/programmes/new/").status_code == 403
