"""The start page tells each person what waits for them, and nothing that is not theirs."""

from datetime import timedelta

from django.test import Client

from governance.capture.models import Arrival
from governance.consents import ledger
from governance.incidents import incidents
from governance.lib import clock
from governance.people.models import Person
from governance.rights import requests
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


def read(person: Person) -> str:
    with visit(person) as client:
        return words(client.get("/"))


def test_who_was_never_asked_reads_that_nothing_is_recorded(cast: Cast) -> None:
    page = read(cast.bela)
    assert "Nothing is recorded about you." in page
    assert "My work" not in page


def test_who_takes_part_reads_since_when_and_how_much(cast: Cast) -> None:
    Person.objects.filter(pk=cast.asha.pk).update(language="en")
    make.consent(cast.asha, cast.purpose, "ui_event")
    make.post(cast, *[make.event("N-1001") for _ in range(3)])
    page = read(cast.asha)
    assert "Recorded since" in page and "3 events" in page
    assert Arrival.objects.get().events == 3


def test_the_dpo_sees_what_is_due_and_the_clocks(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    asked = requests.raise_request("access", by=cast.bela)
    page = read(cast.dev)
    assert "1 waiting or being erased" in page
    assert asked.number in page and "in 30 days" in page
    assert "Asha" not in page and "Bela" not in page


def test_the_manager_sees_that_it_runs_and_never_who(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    page = read(cast.meera)
    assert cast.programme.name in page and "no figure" in page
    assert "Asha" not in page and "N-1001" not in page


def test_the_admin_sees_people_and_roles_and_no_content(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    page = read(cast.ira)
    assert "people employed" in page and "roles in force" in page
    assert cast.programme.name not in page and "N-1001" not in page


def test_legal_the_auditor_and_the_representative_each_have_their_part(cast: Cast) -> None:
    assert "Ask for a report" in read(cast.lata) and "holds in force" in read(cast.lata)
    assert "Verify the log" in read(cast.arun)
    assert cast.programme.name in read(cast.rupa)


def test_an_open_incident_stands_on_the_dpos_page(cast: Cast) -> None:
    row = incidents.open_incident(
        cast.software, "A laptop is gone.", aware_at=clock.now() - timedelta(hours=1), by=cast.dev
    )
    assert row.number in read(cast.dev)
    assert row.number not in read(cast.bela)


def test_one_person_may_have_several_roles_and_stays_an_employee(cast: Cast) -> None:
    page = read(cast.omar)  # owner, and a manager of two people
    assert "For you to decide" in page and "Programmes" in page and "Nothing is recorded about you." in page


def test_my_account_shows_my_own_row_and_how_my_roles_came(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get("/account/"))
    assert "N-1030" in page and "Data protection officer" in page and "Lata Menon" in page


def test_a_nobody_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/account/login/?next=/"
