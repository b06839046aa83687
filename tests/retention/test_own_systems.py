"""Sammati's own vault and tables are looked into by every order, whatever the register names; and who connects them."""

from datetime import date

from django.test import Client

from governance.capture import programmes
from governance.consents.models import Stream
from governance.lib.deadlines import add_months
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import orders, sweep, systems, together
from governance.retention.models import Connection, ErasureOrder, Proof
from tests.cast import Cast
from tests.retention.conftest import Stage


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="governance.people.signin.PersonBackend")
    return client


def not_named(stage: Stage) -> None:
    """The entry of the register forgets to say that recordings lie in the vault."""
    stage.world.sign_in("owner")
    stage.cast.purpose.systems.remove(stage.systems["vault"], stage.systems["portal"])


def test_a_withdrawal_reaches_the_vault_though_the_register_forgot_to_name_it(stage: Stage) -> None:
    stage.consent("asha")
    not_named(stage)
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "done"
    proved = dict(Proof.objects.filter(order=order).values_list("system__code", "erased"))
    assert proved["vault"] > 0 and set(proved) == {"vault", "portal", "feature-store", "team-files"}
    assert not Stream.objects.filter(person=stage.cast.asha).exclude(state="destroyed").exists()


def test_the_sweep_finds_in_the_vault_what_the_register_forgot_to_name(stage: Stage) -> None:
    stage.consent("asha")
    not_named(stage)
    stage.store.do("TRUNCATE sessions CASCADE")
    stage.store.do("DELETE FROM notes")
    over = add_months(Stream.objects.filter(person=stage.cast.asha)[0].month, 1)
    stage.world.sign_in("eraser")
    sweep.run(date(over.year + 1, over.month, 2))
    order = ErasureOrder.objects.get(because="rule.due", person=stage.cast.asha)
    assert set(order.streams) == set(
        Stream.objects.filter(person=stage.cast.asha).values_list("pk", flat=True)
    )


def test_what_was_recorded_is_never_called_done_without_its_vault(stage: Stage) -> None:
    for name in ("asha", "bela"):
        stage.consent(name)
    these = [stage.withdraw(name) for name in ("asha", "bela")]
    stage.world.sign_in("owner")
    Connection.objects.filter(kind="vault").delete()

    stage.world.sign_in("eraser")
    together.carry_out([order.pk for order in these])
    for order in these:
        order.refresh_from_db()
        assert order.state == "needs_attention" and Proof.objects.filter(order=order).count() == 3

    stage.world.sign_in("web")
    dev = signed_in(stage.cast.dev)
    said = "The vault of Nirmaan Software Pvt Ltd is not connected"
    assert said in dev.get(f"/erasures/{these[0].pk}").content.decode()
    page = dev.get("/erasures/map").content.decode()
    assert said in page and f"/erasures/map/{stage.cast.software.pk}/connect-own" in page
    dev.post(f"/erasures/map/{stage.cast.software.pk}/connect-own")
    assert said not in dev.get("/erasures/map").content.decode()
    orders.carry_on(these[0].pk, by=stage.cast.dev)
    assert stage.carry_out(these[0]) == "done"


def test_a_programme_that_starts_connects_the_vault_of_its_entity_once(cast: Cast) -> None:
    programmes.pause(cast.programme, by=cast.omar, because="a break")
    assert systems.own_missing(cast.software) == ["vault", "portal"]
    for _again in range(2):
        signed_in(cast.omar).post(f"/programmes/{cast.programme.pk}/start/")
        programmes.pause(cast.programme, by=cast.omar, because="a break")
    assert systems.own_missing(cast.software) == []
    own = DataSystem.objects.filter(entity=cast.software, connection__kind__in=systems.OWN)
    assert sorted(own.values_list("code", flat=True)) == ["portal", "vault"]
    assert set(own) <= set(cast.purpose.systems.all()), "the map of retention shows it there"
    made = systems.connect_own(cast.gmbh, by=cast.dev)
    assert sorted(row.code for row in made) == ["portal-ng", "vault-ng"], "codes are one list for the group"


def test_only_who_may_stop_the_work_in_systems_connects_them(cast: Cast) -> None:
    for name in ("lata", "arun", "asha", "omar"):
        signed_in(cast.people[name]).post(f"/erasures/map/{cast.software.pk}/connect-own")
    assert systems.own_missing(cast.software) == ["vault", "portal"]
