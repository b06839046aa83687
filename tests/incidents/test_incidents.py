"""The clocks of an incident start when we knew, run through weekends, and name their law."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.audit.models import Entry
from governance.capture import gate
from governance.incidents import incidents, rules
from governance.incidents.models import Incident
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

FRIDAY = datetime(2027, 6, 4, 18, 30, tzinfo=UTC)


def test_the_72_hours_start_when_we_knew() -> None:
    found = {
        c.law: c.due_at
        for c in rules.clocks({"EU", "IN"}, FRIDAY, date(2027, 6, 4))
        if c.hours == 72 and not c.own
    }
    monday = datetime(2027, 6, 7, 18, 30, tzinfo=UTC)
    assert found == {"GDPR Art. 33(1)": monday, "DPDP Rules r.7(2)(b)": monday}


def test_the_first_clock_in_india_is_cert_in() -> None:
    first = rules.clocks({"IN"}, FRIDAY, date(2027, 6, 4))[0]
    assert first.law.startswith("CERT-In") and first.due_at == FRIDAY + timedelta(hours=6)


def test_before_its_day_a_law_is_applied_voluntarily() -> None:
    laws = [c.law for c in rules.clocks({"IN"}, FRIDAY, date(2026, 11, 23))]
    assert "DPDP Rules r.7(2)(b) (applied voluntarily, in force from 13 May 2027)" in laws
    assert not rules.clocks(set(), FRIDAY, date(2027, 6, 4))


def test_the_programme_stops_in_the_same_step(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    local = timezone.localtime(clock.now() - timedelta(hours=2), ZoneInfo("Asia/Kolkata"))
    with visit(cast.dev) as client:
        answer = client.post(
            "/incidents/open/",
            {
                "entity": cast.software.pk, "what": "A client key was found in a repository.", "aware_at": local.strftime("%Y-%m-%dT%H:%M"),
                "programme": cast.programme.pk, "pause": "on",
            },
            follow=True,
        )  # fmt: skip
        page = words(answer)
    row = Incident.objects.get()
    assert abs(row.aware_at - (clock.now() - timedelta(hours=2))) < timedelta(
        minutes=2
    )  # read in Dev's own zone
    assert row.number in page and "GDPR Art. 33(1)" in page and "CERT-In" in page and "Asia/Kolkata" in page
    cast.programme.refresh_from_db()
    assert cast.programme.state == "paused" and cast.programme.stopped_because == row.number
    with pytest.raises(gate.BatchRefused):
        make.post(cast, make.event("N-1001"))
    assert Message.objects.filter(person=cast.lata, code="incident_opened").exists()
    assert Entry.objects.get(code="incident.opened").facts["paused"] is True


def test_what_the_rules_refuse(cast: Cast) -> None:
    past = clock.now() - timedelta(hours=1)
    for entity, what, aware_at, by, programme, code in [
        (cast.software, "x", past, cast.lata, None, "not_the_dpo"),
        (cast.software, " ", past, cast.dev, None, "words_missing"),
        (cast.software, "x", clock.now() + timedelta(hours=1), cast.dev, None, "aware_in_future"),
        (cast.software, "x", past, cast.dev, cast.programme_de, "other_entity"),
    ]:
        with pytest.raises(Refused) as refused:
            incidents.open_incident(entity, what, aware_at=aware_at, by=by, programme=programme, pause=True)
        assert refused.value.code == code
    assert not Incident.objects.exists()


def test_pausing_without_a_programme_is_asked_back_at_the_field(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = client.post(
            "/incidents/open/",
            {"entity": cast.software.pk, "what": "x", "aware_at": "2026-01-01T10:00", "pause": "on"},
        )
    assert page.status_code == 400 and "Choose the programme that shall be paused." in words(page)


def test_it_closes_once_and_by_the_dpo(cast: Cast) -> None:
    row = incidents.open_incident(cast.software, "x", aware_at=clock.now(), by=cast.dev)
    with visit(cast.lata) as client:
        assert client.post(reverse("incidents:close", args=[row.pk])).status_code == 404
    with visit(cast.dev) as client:
        client.post(reverse("incidents:close", args=[row.pk]))
        assert "Closed" in words(client.get(reverse("incidents:incident", args=[row.pk])))
    with pytest.raises(Refused):
        incidents.close(row.pk, by=cast.dev)


@pytest.mark.parametrize(
    ("who", "answer"),
    [("dev", 200), ("lata", 200), ("arun", 200), ("ira", 404), ("meera", 404), ("asha", 404), ("rupa", 404)],
)
def test_who_sees_an_incident(cast: Cast, who: str, answer: int) -> None:
    row = incidents.open_incident(cast.software, "x", aware_at=clock.now(), by=cast.dev)
    with visit(getattr(cast, who)) as client:
        assert client.get(reverse("incidents:incident", args=[row.pk])).status_code == answer
        assert client.get("/incidents/").status_code == (200 if answer == 200 else 403)
