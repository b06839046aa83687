"""Where somebody stands follows from what was said; a row that says otherwise is named, and can be mended."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from governance.audit.models import Entry
from governance.consents import (
    counting,
    following,
    later,
    ledger,
    optouts,
    pauses,
    rebuilding,
    rules,
    standing,
)
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut
from governance.lib import locks
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person, Unit
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.conftest import World

VERBS = 10_000 if os.environ.get("SAMMATI_NIGHT") else 160
STEPS = 40


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    """Real commits: the moments of two events of one record are two moments."""
    module_world.sign_in("web")
    yield module_world, module_world.company()


def said(cast: Cast) -> ConsentRecord:
    """Asha gave, withdrew, and gave again; her living record."""
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    ledger.withdraw_purpose(cast.purpose, by=cast.asha)
    make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    return ConsentRecord.objects.get(person=cast.asha, ended_at__isnull=True, signal="ui_event")


def tampered(record: ConsentRecord, column: str, value: Any) -> list[rebuilding.Difference]:
    """What the check says after somebody changed this column by hand; the row is as before afterwards."""
    with connection.cursor() as cursor:
        before = getattr(record, column)
        cursor.execute(f"UPDATE consents_consentrecord SET {column} = %s WHERE id = %s", [value, record.pk])
        try:
            return rebuilding.check()
        finally:
            cursor.execute(
                f"UPDATE consents_consentrecord SET {column} = %s WHERE id = %s", [before, record.pk]
            )


def test_a_row_changed_by_hand_is_named(place: tuple[World, Cast]) -> None:
    world, cast = place
    record = said(cast)
    assert rebuilding.check() == []
    assert record.expires_at is not None and record.given_at is not None
    ended = ConsentRecord.objects.filter(person=cast.asha, status="withdrawn").latest("number")
    world.sign_in("owner")
    for row, column, value in (
        (record, "status", "renewed"), (record, "status", "refused"), (record, "given_at", record.given_at - timedelta(days=1)),
        (record, "expires_at", record.expires_at + timedelta(days=1)), (record, "expires_at", record.expires_at + timedelta(days=365)),
        (record, "signal", "app_usage"), (record, "person_id", cast.bela.pk), (record, "ended_because", "lapsed"),
(ended, "ended_at", record.given_at), (ended, "notice_id", None), (ended, "status", "revoked"),
    ):  # fmt: skip
        found = tampered(row, column, value)
        assert [one.record for one in found] == [row.number] * len(found) and found, (column, value)
        assert "signal" in found[0].what or found[0].what in (column, "notice_id"), (column, found[0])
    assert rebuilding.check() == []
    world.sign_in("web")


def test_a_row_without_any_word_behind_it_is_named(place: tuple[World, Cast]) -> None:
    world, cast = place
    record = ConsentRecord.objects.create(
        number="C-0000-1", person=cast.bela, purpose=cast.purpose, signal="ui_event"
    )
    try:
        assert [(one.record, one.what) for one in rebuilding.check()] == [("C-0000-1", "status")]
    finally:
        world.sign_in("owner")
        record.delete()
        world.sign_in("web")


def test_the_command_names_it_ends_with_one_and_mends(
    place: tuple[World, Cast], capsys: pytest.CaptureFixture[str]
) -> None:
    _world, cast = place
    record = said(cast) if not ConsentRecord.objects.on().filter(person=cast.asha).exists() else None
    record = record or ConsentRecord.objects.on().filter(person=cast.asha).first()
    assert record is not None
    call_command("rebuild_consents", check=True)
    assert "Every record is what its events say" in capsys.readouterr().out
    ConsentRecord.objects.filter(pk=record.pk).update(status="withdrawn", ended_at=record.given_at)
    with pytest.raises(SystemExit) as ended:
        call_command("rebuild_consents", check=True)
    out = capsys.readouterr().out
    assert (
        ended.value.code == 1
        and f"{record.number} status: the row says withdrawn, its events say given" in out
    )
    call_command("rebuild_consents")
    assert "Rebuilt." in capsys.readouterr().out
    record.refresh_from_db()
    assert record.is_on and rebuilding.check() == []
    assert Entry.objects.filter(code="consent.rebuilt", about_id=record.pk).count() == 1


def test_events_that_cannot_follow_one_another_are_not_folded() -> None:
    def event(status: str, by_kind: str) -> ConsentEvent:
        return ConsentEvent(pk=uuid4(), status=status, by_kind=by_kind, method="")

    assert rebuilding.fold([event("given", "person")]).status == "given"
    for wrong in (
        [event("withdrawn", "person")],
        [event("given", "controller")],
        [event("refused", "person"), event("renewed", "person")],
    ):
        with pytest.raises(Refused):
            rebuilding.fold(wrong)


SIGNALS = st.sets(st.sampled_from(["ui_event", "app_usage"]), min_size=1)
WHO = st.sampled_from(["asha", "bela", "emil"])


class Ledger(RuleBasedStateMachine):
    """Three people say whatever they like, in any order; after each word every row is what was said."""

    cast: Cast

    def _purpose(self, who: str) -> Purpose:
        chosen = self.cast.purpose_de if who == "emil" else self.cast.purpose
        return Purpose.objects.select_related("entity").get(pk=chosen.pk)

    def _person(self, who: str) -> Person:
        return Person.objects.get(pk=self.cast.people[who].pk)

    def _try(self, verb: Any, *args: Any, **more: Any) -> None:
        with suppress(Refused):  # a refusal changes nothing: the check below says so
            verb(*args, **more)

    @rule(who=WHO, signals=SIGNALS)
    def give(self, who: str, signals: set[str]) -> None:
        purpose = self._purpose(who)
        person, notice = self._person(who), purpose.published_notice()
        self._try(
            ledger.give, purpose, signals, by=person, notice=notice, language="de" if who == "emil" else "en"
        )

    @rule(who=WHO, signals=SIGNALS)
    def refuse(self, who: str, signals: set[str]) -> None:
        purpose = self._purpose(who)
        self._try(
            ledger.refuse,
            purpose,
            signals,
            by=self._person(who),
            notice=purpose.published_notice(),
            language="en",
        )

    @rule(who=WHO)
    def withdraw_purpose(self, who: str) -> None:
        self._try(ledger.withdraw_purpose, self._purpose(who), by=self._person(who))

    @rule(who=WHO, at=st.integers(0, 7))
    def withdraw_one(self, who: str, at: int) -> None:
        mine = list(ConsentRecord.objects.filter(person=self._person(who)).order_by("-number")[:8])
        if mine:
            self._try(ledger.withdraw, mine[at % len(mine)].pk, by=self._person(who))

    @rule(who=WHO, whole=st.booleans(), signal=st.sampled_from(["", "ui_event"]))
    def opt_out(self, who: str, whole: bool, signal: str) -> None:
        optouts.opt_out(by=self._person(who), purpose=None if whole else self._purpose(who), signal=signal)

    @rule(who=WHO)
    def lift(self, who: str) -> None:
        for row in OptOut.objects.in_force().filter(person=self._person(who)):
            self._try(optouts.lift, row.pk, by=self._person(who))

    @rule(who=WHO, at=st.integers(0, 7))
    def revoke(self, who: str, at: int) -> None:
        mine = list(ConsentRecord.objects.filter(person=self._person(who)).order_by("-number")[:8])
        if mine:
            self._try(ledger.revoke, mine[at % len(mine)].pk, by=self.cast.dev)

    @rule(who=WHO)
    def ask_and_put_off(self, who: str) -> None:
        purpose, person = self._purpose(who), self._person(who)
        notice = purpose.published_notice()
        assert notice is not None
        with standing.changing(person.pk, purpose.pk), suppress(Refused):
            ledger.request(person, purpose, by=self.cast.dev, notice=notice, text=notice.texts.first())
        self._try(later.defer, purpose, by=person, notice=notice, language="de" if who == "emil" else "en")

    @rule(who=st.sampled_from(["asha", "bela"]), why=st.sampled_from([*rules.INVALID, "because"]))
    def invalidate(self, who: str, why: str) -> None:
        self._try(later.invalidate, self._person(who), self._purpose(who), why, by=self.cast.dev)

    @rule(who=WHO)
    def lapse(self, who: str) -> None:
        """What is on ends by its time, as following.py ends it."""
        mine = counting.grants().filter(person=self._person(who)).first()
        if mine is not None:
            with standing.changing(mine.person_id):
                event = ledger.end(
                    mine, "expired", by=None, by_kind="system", method="lapsed", because="lapsed"
                )
                ledger.order_erasure(mine.person, mine.purpose, [event])

    @rule(who=st.sampled_from(["asha", "bela"]))
    def change_job(self, who: str) -> None:
        """The job in which something was given is gone: what was given in it ends."""
        job = Employment.objects.filter(person=self._person(who), ends_on=None).order_by("-starts_on").first()
        assert job is not None
        unit, _made = Unit.objects.get_or_create(entity=job.entity, name=f"Department {job.pk % 7}")
        Employment.objects.filter(pk=job.pk).update(unit=unit)
        ConsentRecord.objects.filter(person=job.person, ended_at=None).update(job=None)
        following.follow()

    @rule()
    def new_notice(self) -> None:
        """A material change: older yeses end, and may be given again."""
        newest = self.cast.purpose.published_notice()
        assert newest is not None
        with transaction.atomic():
            locks.exclusively(locks.purpose(self.cast.purpose.pk))
            Purpose.objects.filter(pk=self.cast.purpose.pk).update(asks_from_notice=newest.version + 1)
        following.follow()
        Purpose.objects.filter(pk=self.cast.purpose.pk).update(asks_from_notice=0)

    @rule()
    def population_no(self) -> None:
        no = optouts.opt_out_population(by=self.cast.rupa, entity=self.cast.software, act=make.act())
        following.follow()
        optouts.lift(no.pk, by=self.cast.rupa, because="And back.")

    @rule(who=WHO)
    def pause(self, who: str) -> None:
        self._try(pauses.pause, by=self._person(who), hours=1)

    @invariant()
    def every_row_is_what_was_said(self) -> None:
        assert [str(one) for one in rebuilding.check()] == []

    @invariant()
    def nobody_has_two_living_records_of_one_signal(self) -> None:
        living = list(
            ConsentRecord.objects.filter(ended_at__isnull=True).values_list("person", "purpose", "signal")
        )
        assert len(living) == len(set(living))
        assert not ConsentRecord.objects.filter(ended_at__isnull=True, status__in=rules.ENDED).exists()


def test_whatever_is_said_in_whatever_order_the_rows_follow(place: tuple[World, Cast]) -> None:
    """Real verbs, real commits, the web's own login; 10,000 verbs in the nightly run."""
    Ledger.cast = place[1]
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=VERBS // STEPS, stateful_step_count=STEPS, deadline=None, derandomize=not os.environ.get("SAMMATI_NIGHT"),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert ConsentEvent.objects.count() > VERBS // 10
