"""No role of the employer can sign in as somebody else: a changed address opens an account only later, and the person can stop it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from governance import grants
from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people import addresses, post
from governance.people.models import AddressChange, Message, Person, Role
from tests.cast import Cast
from tests.conftest import as_login
from tests.people.test_roster import as_they_are, csv, import_it, row
from tests.visits import visit, words

THEIRS = "ira.too@nirmaan.example"


def moved(cast: Cast, person: Person | None = None, to: str = THEIRS) -> AddressChange:
    """Ira, the administrator, changes the address by the staff list."""
    person = person or cast.asha
    import_it(cast, csv(as_they_are(person) | {"email": to}))
    return AddressChange.objects.open().get(person=person)


def reset_link(email: str) -> str:
    """Where the link for a new password goes, as anybody may ask for it; "" where nowhere."""
    cache.clear()
    mail.outbox.clear()
    with as_login("web"):
        assert Client().post("/account/password/reset/", {"email": email}).status_code == 302
    found = [letter for letter in mail.outbox if "password/reset/key" in letter.body]
    return found[0].to[0] if found else ""


def later(change: AddressChange) -> None:
    """The hours are over."""
    AddressChange.objects.filter(pk=change.pk).update(due_at=clock.now() - timedelta(seconds=1))


def test_an_admin_takes_no_account_by_moving_the_address(cast: Cast) -> None:
    old = cast.asha.email
    change = moved(cast)
    hours = change.due_at - change.asked_at
    assert timedelta(hours=71) < hours < timedelta(hours=73)
    assert reset_link(THEIRS) == ""  # nobody is known by it
    assert reset_link(old) == old
    with as_login("web"):
        assert Client().login(email=THEIRS, password="anything at all") is False
    assert Person.objects.get(pk=cast.asha.pk).email == old


def test_the_old_address_gets_a_letter_and_the_person_stops_it(cast: Cast) -> None:
    old = cast.asha.email
    change = moved(cast)
    mail.outbox.clear()
    with as_login("worker"):
        post.send_waiting()
    assert [old] in [letter.to for letter in mail.outbox] and not any(
        THEIRS in letter.to for letter in mail.outbox
    )
    with visit(cast.asha) as client:
        assert THEIRS in words(client.get("/account/"))
        assert client.post(f"/people/addresses/{change.pk}/stop/").status_code == 302
        assert THEIRS not in words(client.get("/account/"))
    later(change)
    assert reset_link(THEIRS) == "" and reset_link(old) == old
    assert Message.objects.filter(person=cast.ira, code="address_stopped").exists()
    assert Entry.objects.filter(code="address.stopped", by_id=cast.asha.pk).exists()


def test_what_was_stopped_comes_back_only_with_a_second_person(cast: Cast) -> None:
    addresses.stop(moved(cast).pk, by=cast.asha)
    again = moved(cast)
    assert again.due_at is None
    assert addresses.come_into_force() == 0
    addresses.confirm(again.pk, by=cast.dev)
    assert Person.objects.get(pk=cast.asha.pk).email == THEIRS


def test_after_the_hours_it_is_in_force(cast: Cast) -> None:
    old = cast.asha.email
    later(moved(cast))
    assert reset_link(THEIRS) == THEIRS
    assert reset_link(old) == ""
    assert Message.objects.filter(person=cast.asha, code="address_changed").exists()


@pytest.mark.parametrize(
    ("name", "code"), [("ira", "second_is_admin"), ("lata", "not_theirs"), ("meera", "not_theirs"), ("asha", "not_theirs"), ("arun", "not_theirs")]
)  # fmt: skip
def test_who_cannot_be_the_second_person(cast: Cast, name: str, code: str) -> None:
    change = moved(cast)
    with pytest.raises(Refused) as refused:
        addresses.confirm(change.pk, by=cast.people[name])
    assert refused.value.code == code
    with visit(cast.people[name]) as client:
        assert client.get("/people/addresses/").status_code == 403
        assert client.post(f"/people/addresses/{change.pk}/confirm/").status_code == 404
        if name != "asha":
            assert client.post(f"/people/addresses/{change.pk}/stop/").status_code == 404
    assert AddressChange.objects.open().filter(pk=change.pk).exists()


def test_the_dpo_confirms_it_at_once(cast: Cast) -> None:
    change = moved(cast)
    with visit(cast.dev) as client:
        assert THEIRS in words(client.get("/people/addresses/"))
        client.post(f"/people/addresses/{change.pk}/confirm/")
    change.refresh_from_db()
    assert (change.outcome, change.confirmed_by_id) == ("done", cast.dev.pk)
    assert reset_link(THEIRS) == THEIRS


def test_whoever_became_an_officer_meanwhile_is_not_taken_over_by_what_waited(cast: Cast) -> None:
    change = moved(cast)
    Role.objects.create(
        person=cast.asha, name="auditor", entity=cast.software, granted_by=cast.ira, second_by=cast.lata
    )
    later(change)
    assert reset_link(THEIRS) == ""
    change.refresh_from_db()
    assert change.outcome == "role"


def test_who_has_no_address_is_given_one_by_two_people_alone(cast: Cast) -> None:
    Person.objects.filter(pk=cast.bela.pk).update(email=None)
    cast.bela.refresh_from_db()
    change = moved(cast, cast.bela)
    assert change.due_at is None
    assert reset_link(THEIRS) == ""


def test_the_list_that_goes_back_to_the_old_address_ends_what_waited(cast: Cast) -> None:
    change = moved(cast)
    import_it(cast, csv(as_they_are(cast.asha)))
    change.refresh_from_db()
    assert change.outcome == "replaced" and not AddressChange.objects.open().exists()


def test_the_same_list_again_asks_nobody_again(cast: Cast) -> None:
    first = moved(cast)
    assert import_it(cast, csv(as_they_are(cast.asha) | {"email": THEIRS})).changed == 0
    assert AddressChange.objects.get().pk == first.pk


def test_somebody_new_cannot_be_given_what_is_still_anothers(cast: Cast) -> None:
    old = cast.asha.email or ""
    import_it(cast, csv(as_they_are(cast.asha) | {"email": THEIRS}, row("N-5001", email=old)))
    assert Person.objects.get(number="N-5001").email is None
    assert reset_link(old) == old and Person.objects.get(email=old).pk == cast.asha.pk


def test_a_change_to_an_address_that_somebody_has_by_then_is_given_up(cast: Cast) -> None:
    change = moved(cast)
    Person.objects.filter(pk=cast.bela.pk).update(email=THEIRS.upper())
    later(change)
    assert addresses.come_into_force() == 0
    change.refresh_from_db()
    assert change.outcome == "taken" and Person.objects.get(pk=cast.asha.pk).email == cast.asha.email


def test_the_database_keeps_the_administrator_from_being_the_second(cast: Cast) -> None:
    change = moved(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        AddressChange.objects.filter(pk=change.pk).update(confirmed_by=cast.ira)


def test_no_other_process_changes_an_address() -> None:
    assert set(grants.TABLES["people_addresschange"]) == {grants.WEB, grants.ERASER}
