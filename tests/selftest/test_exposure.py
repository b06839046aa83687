"""The self-test finds what is open, pauses and opens an incident; and finds nothing in the portal as it is."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from governance import urls as real
from governance.capture import programmes
from governance.capture.models import Binding, Programme
from governance.consents.models import Receipt
from governance.incidents.models import Incident, Probe
from governance.lib.access import public, requires
from governance.people.models import Entity, Message, Person
from governance.selftest import canary, probing
from governance.selftest.doors import Door, doors
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words


@requires("consents.receipt")  # forgot whose: of=Receipt
def leaking(request: HttpRequest, pk: Any) -> HttpResponse:
    row = Receipt.objects.filter(pk=pk).first()
    return HttpResponse(str(row.number) if row else "", status=200 if row else 404)


def test_the_portal_as_it_is_shows_nothing_of_the_canary(cast: Cast) -> None:
    people = Person.objects.count()
    with as_login("web"):
        run = probing.probe(cast.software)
    assert run.findings == []
    assert run.tried == run.refused > 1000
    names = {door.name for door in doors()}
    assert {door for door, _role in run.covered} >= names
    assert Person.objects.count() == people and not Incident.objects.exists()  # nothing of it stays


def test_a_broken_permission_is_found_pauses_and_opens_an_incident(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = path("me/leak/<uuid:pk>/", leaking, name="leak")
    monkeypatch.setattr(real, "urlpatterns", [*real.urlpatterns, broken])
    from django.urls import clear_url_caches

    clear_url_caches()
    try:
        with as_login("web"):
            run = probing.run_all([Door("leak", "me/leak/<uuid:pk>/", "consents.receipt")])
    finally:
        monkeypatch.undo()
        clear_url_caches()
    assert {"what": "leak", "as": "employee", "found": "get receipt"} in run.findings
    assert Programme.objects.get(pk=cast.programme.pk).state == "paused"
    assert "leak as employee" in Incident.objects.filter(programme=cast.programme).get().what
    probe = Probe.objects.latest("at")
    assert probe.tried > probe.refused and probe.findings
    assert (probe.addresses, probe.roles, probe.covered) == (1, 2, 2)


def test_in_a_demo_of_a_day_to_come_there_is_a_canary_too(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    with transaction.atomic():
        bird = canary.plant(cast.software)
        assert bird.things.get("record")
        transaction.set_rollback(True)


def test_a_login_that_can_open_the_vault_is_found(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vault_owner; GRANT SELECT ON vault.segment TO sammati_web; RESET ROLE")
    with as_login("web"):
        run = probing.probe(cast.software, [])
    assert run.findings == [{"what": "vault.segment", "as": "web login", "found": "vault opened"}]


def test_an_address_that_cannot_be_tried_fails_the_run(cast: Cast) -> None:
    with as_login("web"):
        run = probing.probe(cast.software, [Door("odd", "odd/<weekday:day>/", "pages.home")])
    assert {"what": "odd", "as": "employee", "found": "no probe"} in run.findings


def break_a_door(monkeypatch: pytest.MonkeyPatch) -> probing.Run:
    """One run in which an address shows what it must not."""
    from django.urls import clear_url_caches

    broken = path("me/leak/<uuid:pk>/", leaking, name="leak")
    monkeypatch.setattr(real, "urlpatterns", [*real.urlpatterns, broken])
    clear_url_caches()
    try:
        with as_login("web"):
            return probing.run_all([Door("leak", "me/leak/<uuid:pk>/", "consents.receipt")])
    finally:
        monkeypatch.undo()
        clear_url_caches()


def test_an_exposure_is_told_to_the_dpo_although_no_programme_runs(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for programme in Programme.objects.filter(entity=cast.software):
        programmes.pause(programme, by=cast.omar, because="a test")
    break_a_door(monkeypatch)
    incident = Incident.objects.get(entity=cast.software)
    assert incident.programme is None and "leak as employee" in incident.what
    assert Message.objects.filter(
        person=cast.dev, code="incident_opened", facts__incident=str(incident.pk)
    ).exists()
    break_a_door(monkeypatch)
    assert Incident.objects.filter(entity=cast.software).count() == 1  # open already: not one with each run


def test_an_entity_without_a_programme_is_probed_too(cast: Cast) -> None:
    Entity.objects.create(code="ZZ", name="Nirmaan Trust", country="IN", timezone="Asia/Kolkata")
    tried = []
    run = probing.probe

    def count(entity: Entity, known: Any = None, roles: Any = probing.ROLES) -> probing.Run:
        tried.append(entity.code)
        return run(entity, [], ("",))

    with as_login("web"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(probing, "probe", count)
        probing.run_all([])
    assert tried == ["NG", "NSP", "ZZ"]


def test_the_first_line_of_the_dpo_is_the_last_run_with_its_coverage(cast: Cast) -> None:
    reading(cast.dev, "en")
    with visit(cast.dev) as browser:
        assert "The exposure self-test has not run yet" in words(browser.get("/"))
    Probe.objects.create(tried=4000, refused=4000, addresses=210, roles=2, covered=420)
    with visit(cast.dev) as browser:
        page = words(browser.get("/"))
    assert "Nothing was reached by the exposure self-test" in page
    assert "420 of 420" in page and "210 addresses × 2 roles" in page
    assert page.index("Nothing was reached") < page.index("What is recorded about you")
    Probe.objects.create(tried=9, refused=8, findings=[{"what": "leak", "as": "employee", "found": "words"}])
    with visit(cast.dev) as browser:
        assert "reached what it must not: leak as employee" in words(browser.get("/"))
    with visit(cast.meera) as browser:
        assert "self-test" not in words(browser.get("/"))


# Whose one it is, is somebody of the data team or who erases by hand; of people they hold ids alone, or nothing.
OF_OFFICES = {"Dataset", "Exclusion", "ManualTask", "EntityChange"}


def test_the_canary_has_one_of_everything_that_an_address_names_and_that_is_somebodys_own(cast: Cast) -> None:
    own = {
        door.of
        for door in doors()
        if door.of is not None
        and (hasattr(door.of, "belongs_to") or getattr(door.of, "only_for_its_person", False))
    }
    assert len(own) > 12
    missing = {model.__name__ for model in own} - {model.__name__ for model in canary.KINDS.values()}
    assert missing <= OF_OFFICES
    with as_login("web"), transaction.atomic():
        bird = canary.plant(cast.software)
        assert set(bird.things) == set(canary.KINDS), "each kind is really planted"
        for kind, pk in bird.ids:
            assert canary.KINDS[kind].objects.filter(pk=pk).exists(), kind  # type: ignore[attr-defined]
        transaction.set_rollback(True)


@requires("capture.run")  # forgot whose: of=Programme
def leaking_devices(request: HttpRequest, pk: Any) -> HttpResponse:
    numbers = Binding.objects.filter(device__client__programme=pk).values_list("person__number", flat=True)
    return HttpResponse(" ".join(map(str, numbers)))


def test_a_page_that_names_who_is_at_a_device_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address takes a programme, of which the canary has none: it is tried with one that stands there."""
    from django.urls import clear_url_caches

    open_door = public(leaking_devices.__wrapped__)  # type: ignore[attr-defined]
    monkeypatch.setattr(
        real, "urlpatterns", [*real.urlpatterns, path("who/<uuid:pk>/", open_door, name="who")]
    )
    clear_url_caches()
    try:
        with as_login("web"):
            run = probing.probe(cast.software, [Door("who", "who/<uuid:pk>/", "", Programme)], ("",))
    finally:
        monkeypatch.undo()
        clear_url_caches()
    assert {"what": "who", "as": "employee", "found": "name"} in run.findings


def test_the_session_of_a_probe_ends_after_sixty_seconds_and_there_is_never_a_second(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = canary.somebody(cast.software)
    session = probing.Session(person)
    client, before = session.client(), Session.objects.count()
    row = Session.objects.get(pk=client.cookies["sessionid"].value)
    assert timedelta(seconds=50) < row.expire_date - timezone.now() <= timedelta(seconds=60)
    assert client.get("/me/").status_code == 200
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment + timedelta(seconds=61))
    refused = client.get("/me/")
    assert refused.status_code == 302 and refused["Location"].startswith(reverse("account_login")), (
        "it is asked to sign in"
    )
    monkeypatch.undo()
    begun = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: begun + probing.FRESH + 1)
    again = session.client()
    assert again is not client and again.get("/me/").status_code == 200
    assert Session.objects.count() == before and not Session.objects.filter(pk=row.pk).exists()
