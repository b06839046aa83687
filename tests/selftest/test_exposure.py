"""The self-test finds what is open, pauses and opens an incident; and finds nothing in the portal as it is."""

import os
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from governance import urls as real
from governance.capture.models import Programme
from governance.consents.models import Receipt
from governance.incidents.models import Incident, Probe
from governance.lib.access import requires
from governance.people.models import Person
from governance.selftest import probing
from governance.selftest.doors import Door, doors
from tests.cast import Cast
from tests.conftest import as_login

ROLES = (
    probing.ROLES if os.environ.get("SAMMATI_NIGHT") else ("",)
)  # an administrator's tries double the time


@requires("consents.receipt")  # forgot whose: of=Receipt
def leaking(request: HttpRequest, pk: Any) -> HttpResponse:
    row = Receipt.objects.filter(pk=pk).first()
    return HttpResponse(str(row.number) if row else "", status=200 if row else 404)


def test_the_portal_as_it_is_shows_nothing_of_the_canary(cast: Cast) -> None:
    people = Person.objects.count()
    with as_login("web"):
        run = probing.probe(cast.software, roles=ROLES)
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
