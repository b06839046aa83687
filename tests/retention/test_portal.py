"""The portal forgets a person, and looks for the name in every text and JSON column of every table of its own."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, models
from guardian.shortcuts import assign_perm

from governance import portal
from governance.consents import acting
from governance.consents.models import Representation
from governance.lib.connectors import Scope
from governance.people.models import Message, Person
from governance.portal import MentionedElsewhere, PortalConnector
from governance.retention import orders
from governance.retention.models import ErasureOrder, Proof, Step
from governance.rights import nominees, requests
from governance.rights.models import Nominee, Request
from tests.retention.conftest import Stage


def everything(person: Person) -> Scope:
    names = {"number": person.number, "name": person.name, "email": person.email}
    return Scope(person.pk, None, (), datetime.now(UTC), {k: v for k, v in names.items() if v})


def with_traces(stage: Stage) -> Person:
    """Asha has been here: a session, a message, an assignment, a nominee, a complaint."""
    stage.world.sign_in("web")
    asha = stage.cast.asha
    session = SessionStore()
    session["_auth_user_id"] = str(asha.pk)
    session.create()
    assign_perm("view_purpose", asha, stage.cast.purpose)
    Nominee.objects.create(person=asha, name="Somebody Near", contact="near@home.example")
    today = datetime.now(UTC).date()
    Request.objects.create(
        number="Q-2026-900001",
        entity=stage.cast.software,
        person=asha,
        right="grievance",
        words="I, Asha Deshmukh, complain",
        law="",
        due_on=today,
    )
    return asha


def test_forgetting_leaves_a_stub_without_a_name(stage: Stage) -> None:
    asha = with_traces(stage)
    scope = everything(asha)
    stage.world.sign_in("eraser")
    connector = PortalConnector({}, {})
    assert connector.residue(scope).count > 0

    for chunk in connector.chunks(scope):
        assert connector.count(scope, chunk) > 0
        connector.erase(scope, chunk)
        assert connector.count(scope, chunk) == 0

    read = connector.residue(scope)
    assert (read.count, read.where) == (0, ())
    assert {row.where for row in read.kept} >= {"consents, audit, retention"}
    asha.refresh_from_db()
    assert (asha.name, asha.email, asha.number, asha.is_active) == (
        None,
        None,
        None,
        False,
    ) and asha.forgotten_at
    assert (
        not EmailAddress.objects.filter(user=asha).exists()
        and not Message.objects.filter(person=asha).exists()
    )
    assert not Session.objects.exists() and not Nominee.objects.filter(person=asha).exists()
    assert Request.objects.get(person=asha).words == ""
    bela = Person.objects.get(pk=stage.cast.bela.pk)
    assert bela.name == "Bela Fernandes" and EmailAddress.objects.filter(user=bela).exists()


def test_the_name_is_cut_only_when_nothing_else_hangs_on_it(stage: Stage) -> None:
    """Blanked too early, nobody could ever find the rest again."""
    asha = with_traces(stage)
    scope = everything(asha)
    stage.world.sign_in("owner")
    stage.cast.purpose.description = "Ask Asha Deshmukh for details"
    stage.cast.purpose.save()
    stage.world.sign_in("eraser")
    connector = PortalConnector({}, {})
    connector.erase(scope, portal.SATELLITES)
    with pytest.raises(MentionedElsewhere):
        connector.erase(scope, portal.STUB)
    asha.refresh_from_db()
    assert asha.name == "Asha Deshmukh"
    assert connector.residue(scope).where == (
        "people_person",
        "people_person.email",
        "people_person.name",
        "people_person.number",
        "purposes_purpose.description",
    )


def test_the_read_back_looks_into_every_text_and_json_column_of_every_app(stage: Stage) -> None:
    """Wherever a name may stand, now or with the next app, it is looked for; nothing is left out without a reason."""
    columns = portal._text_columns()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, (models.CharField, models.TextField, models.JSONField)):
                assert field.column in columns[model._meta.db_table], (model, field.name)
    stage.world.sign_in("eraser")
    with connection.cursor() as cursor:
        for table, names in columns.items():
            for name in names:
                cursor.execute("SELECT has_column_privilege(%s, %s, 'SELECT')", [table, name])
                assert cursor.fetchone()[0], f"the eraser cannot look into {table}.{name}"
    assert set(portal.STAYS) <= set(columns)


def test_an_order_for_one_purpose_leaves_name_and_session_alone(stage: Stage) -> None:
    asha = with_traces(stage)
    stage.world.sign_in("eraser")
    connector = PortalConnector({}, {})
    scope = Scope(asha.pk, stage.cast.purpose.pk, (), datetime.now(UTC), everything(asha).identifiers)
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    assert connector.residue(scope).count == 0
    asha.refresh_from_db()
    assert asha.name and Session.objects.exists() and Request.objects.get(person=asha).words


def test_an_order_for_everything_forgets_the_person_last(stage: Stage) -> None:
    asha = with_traces(stage)
    stage.consent("asha")
    stage.withdraw("asha")
    stage.world.sign_in("web")
    scope = Scope(asha.pk, None, (), datetime.now(UTC) + timedelta(seconds=1))
    order = orders.raise_order(scope, because="request.erasure", because_id=uuid4())
    stage.store.do("REVOKE DELETE ON sessions FROM store_eraser")

    assert stage.carry_out(order) == "partly"
    asha.refresh_from_db()
    assert asha.name == "Asha Deshmukh", "without the name the feature store could not be searched any more"
    assert Step.objects.filter(
        order=order, system=stage.systems["portal"], fault__startswith="waits"
    ).exists()

    stage.store.do("GRANT DELETE ON sessions TO store_eraser")
    stage.due_again(order)
    state = stage.carry_out(order)
    print(portal._search(everything(asha), leave_out=frozenset({"people_person"})))
    assert state == "done"
    asha.refresh_from_db()
    assert (
        asha.name is None
        and stage.store.ask("SELECT count(*) FROM sessions WHERE person_number = 'N-1001'") == 0
    )
    assert Proof.objects.filter(order=order).count() == 4
    assert not Message.objects.filter(person=asha).exists(), "nobody is told who is not there any more"
    assert ErasureOrder.objects.get(pk=order.pk).scope().identifiers == {}


def _forget(person: Person) -> None:
    scope = everything(person)
    connector = PortalConnector({}, {})
    for chunk in connector.chunks(scope):
        connector.erase(scope, chunk)
    read = connector.residue(scope)
    assert (read.count, read.where) == (0, ())


def _asha_speaks_for_bela(stage: Stage) -> Nominee:
    stage.world.sign_in("owner")
    cast = stage.cast
    row = nominees.nominate(cast.asha.name, cast.asha.email, by=cast.bela)
    today = datetime.now(UTC).date()
    speaks = nominees.recognise(
        row.pk, cast.asha, since="incapacity", document="Paper", starts_on=today, by=cast.dev
    )
    acting.verify(speaks.pk, by=cast.dara)
    asked = requests.raise_for(speaks.pk, "grievance", "I, Asha Deshmukh, complain for Bela", by=cast.asha)
    requests.answer(asked.pk, "Dear Asha Deshmukh, it is put right.", by=cast.dev)
    return row


def test_a_nominee_is_forgotten_and_what_was_said_for_the_other_stays_said(stage: Stage) -> None:
    row = _asha_speaks_for_bela(stage)
    stage.world.sign_in("eraser")
    _forget(Person.objects.get(pk=stage.cast.asha.pk))
    assert not Representation.objects.exists()
    named = Nominee.objects.get(pk=row.pk)
    assert (
        named.name == "Asha Deshmukh" and named.person_id == stage.cast.bela.pk
    )  # Bela's own word stays hers
    asked = Request.objects.get(person=stage.cast.bela)
    assert (asked.words, asked.answer) == ("", "") and asked.answered_at
    kept = PortalConnector({}, {}).residue(everything(Person.objects.get(pk=stage.cast.bela.pk))).kept
    assert kept


def test_whom_a_nominee_spoke_for_is_forgotten_and_the_nominee_from_outside_after_them(stage: Stage) -> None:
    stage.world.sign_in("owner")
    cast = stage.cast
    row = nominees.nominate("Om Rao", "om@home.example, Nashik", by=cast.bela)
    speaks = nominees.recognise(
        row.pk,
        None,
        email="om@home.example",
        since="death",
        document="Paper",
        starts_on=datetime.now(UTC).date(),
        by=cast.dev,
    )
    acting.verify(speaks.pk, by=cast.dara)
    om = speaks.holder
    stage.world.sign_in("eraser")
    _forget(Person.objects.get(pk=cast.bela.pk))
    assert not Nominee.objects.exists() and not Representation.objects.exists()
    stage.world.sign_in("worker")
    assert acting.forget_outsiders() == 1
    stage.world.sign_in("eraser")
    assert ErasureOrder.objects.get(person=om).because == "acting.ended"
    _forget(Person.objects.get(pk=om.pk))
    om.refresh_from_db()
    assert (om.name, om.email, om.is_active) == (None, None, False) and om.forgotten_at
    assert not EmailAddress.objects.filter(user=om).exists()
