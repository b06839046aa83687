"""What holds, 1: once a narrowing verb has returned, nothing more is admitted. No clocks, sets only.

All writers post for the person who narrows; backends of writers are terminated meanwhile.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from msgspec import structs

from governance.capture import programmes
from governance.consents import acting, later, ledger, optouts, pauses, standing
from governance.consents.models import ConsentRecord, OptOut, Receipt, Representation, Stream
from governance.lib import locks
from governance.people.models import Employment, Person
from governance.purposes import in_force, lifecycle
from governance.purposes.activity import digest, plain
from governance.purposes.models import Purpose, PurposeVersion
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.races.storm import Storm, admitted, forget_admitted, key_maker, opened, storm

TIMES = 1000 if os.environ.get("SAMMATI_NIGHT") else 20
FEWER = max(TIMES // 4, 12)  # of the narrower noes: what they share with the others was raced there
WRITERS = 4

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(module_world: World) -> Iterator[tuple[World, Cast]]:
    module_world.sign_in("web")
    yield module_world, module_world.company()


def living(cast: Cast) -> ConsentRecord:
    return ConsentRecord.objects.get(person=cast.asha, ended_at__isnull=True, signal="ui_event")


def end_over(cast: Cast) -> None:
    with standing.changing(cast.asha.pk):
        assert ledger.end_over(cast.asha, purpose(cast))


def expire(cast: Cast) -> None:
    ConsentRecord.objects.filter(pk=living(cast).pk).update(expires_at=timezone.now())
    end_over(cast)


def purpose(cast: Cast) -> Purpose:
    return Purpose.objects.select_related("entity").get(pk=cast.purpose.pk)


def approved(cast: Cast, **said: Any) -> PurposeVersion:
    """An approved version that says this otherwise; all that is timed is how it comes into force."""
    now = PurposeVersion.objects.get(purpose=cast.purpose, state="in_force")
    activity = now.activity.but(**said)
    return PurposeVersion.objects.create(
        purpose=cast.purpose, number=now.number + 1, content=plain(activity), sha256=digest(activity), state="approved",
        author=cast.dev, approved_by=cast.dara, approved_at=timezone.now(),
    )  # fmt: skip


def drop_the_signal(cast: Cast) -> Any:
    """The register names Asha's signal no more. What it said before comes back afterwards."""
    items = PurposeVersion.objects.get(purpose=cast.purpose, state="in_force").activity.items
    in_force.begin(approved(cast, items=tuple(i for i in items if i.code != "ui_event")), by=cast.dev)
    return items


def supersede(cast: Cast) -> None:
    """What in_force.begin does for a material change, under the same lock: older yeses count no more."""
    with transaction.atomic():
        locks.exclusively(locks.purpose(cast.purpose.pk))
        Purpose.objects.filter(pk=cast.purpose.pk).update(asks_from_notice=2)


def count_again(cast: Cast, done: Any) -> None:
    Purpose.objects.filter(pk=cast.purpose.pk).update(asks_from_notice=0)


def leave(cast: Cast) -> Employment:
    """As the import of the staff list does."""
    yesterday = timezone.now().date() - timedelta(days=2)
    with transaction.atomic():
        locks.exclusively(locks.everybody())
        job = Employment.objects.get(person=cast.asha, ends_on=None)
        Employment.objects.filter(pk=job.pk).update(ends_on=yesterday)
        return job


def retire(cast: Cast) -> None:
    lifecycle.retire(purpose(cast), because="race", by=cast.dev)


def unretire(cast: Cast, done: Any) -> None:
    """No verb does this; the next trial wants a purpose that runs."""
    Purpose.objects.filter(pk=cast.purpose.pk).update(state="active")


def around_now(cast: Cast) -> OptOut:
    """A no to these hours in the zone in which Asha works, an hour before and after."""
    here = timezone.now().astimezone(ZoneInfo(cast.software.timezone))
    return optouts.opt_out(
        by=cast.asha, since=(here - timedelta(hours=1)).time(), to=(here + timedelta(hours=1)).time()
    )


def guardian_says_no(cast: Cast) -> list[Receipt]:
    """By the word of who speaks for Asha; the paper was seen by two before the writers began."""
    row = Representation.objects.filter(person=cast.asha, holder=cast.nisha).first()
    if row is None:
        row = acting.record(
            cast.asha, cast.nisha, "guardian", document="Order of the court", starts_on=timezone.now().date(), by=cast.dev,
        )  # fmt: skip
        acting.verify(row.pk, by=cast.dara)
    return acting.withdraw_everything(row.pk, by=cast.nisha)


# name → (the verb, how to make everything as it was)
Verbs = dict[str, tuple[Callable[[Cast], Any], Callable[[Cast, Any], Any]]]
VERBS: Verbs = {
    "withdraw": (lambda c: ledger.withdraw(living(c).pk, by=c.asha), lambda c, done: None),
    "withdraw_purpose": (lambda c: ledger.withdraw_purpose(c.purpose, by=c.asha), lambda c, done: None),
    "leave": (leave, lambda c, job: Employment.objects.filter(pk=job.pk).update(ends_on=None)),
    "supersede": (supersede, count_again),
    "drop_the_signal": (
        drop_the_signal, lambda c, items: in_force.begin(approved(c, items=items), by=c.dev)
    ),
    "pause_purpose": (
        lambda c: lifecycle.pause(purpose(c), because="race", by=c.dev),
        lambda c, done: lifecycle.resume(purpose(c), by=c.dev),
    ),
    "retire": (retire, unretire),
    "pause": (lambda c: pauses.pause(by=c.asha, hours=1), lambda c, done: pauses.resume(done.pk, by=c.asha)),
    "revoke": (lambda c: ledger.revoke(living(c).pk, by=c.dev), lambda c, done: None),
    "invalidate": (
        lambda c: later.invalidate(Person.objects.get(pk=c.asha.pk), purpose(c), "pressed", by=c.dev), lambda c, done: None
    ),
    "expire": (expire, lambda c, done: None),
    "opt_out": (lambda c: optouts.opt_out(by=c.asha), lambda c, done: optouts.lift(done.pk, by=c.asha)),
    "opt_out_population": (
        lambda c: optouts.opt_out_population(by=c.rupa, unit=c.asha.employment.unit, purpose=c.purpose, act=make.act()),
        lambda c, done: optouts.lift(done.pk, by=c.rupa, because="race"),
    ),
    "opt_out_everybody": (
        lambda c: optouts.opt_out_population(by=c.rupa, entity=c.software, act=make.act()),
        lambda c, done: optouts.lift(done.pk, by=c.rupa, because="race"),
    ),
    "opt_out_application": (
        lambda c: optouts.opt_out(by=c.asha, application="Chrome"), lambda c, done: optouts.lift(done.pk, by=c.asha)
    ),
    "opt_out_site": (
        lambda c: optouts.opt_out(by=c.asha, host="forms.example"), lambda c, done: optouts.lift(done.pk, by=c.asha)
    ),
    "opt_out_hours": (around_now, lambda c, done: optouts.lift(done.pk, by=c.asha)),
    "guardian_says_no": (guardian_says_no, lambda c, done: None),
    "pause_programme": (
        lambda c: programmes.pause(c.programme, by=c.dev, because="race"),
        lambda c, done: programmes.start(c.programme, by=c.omar),
    ),
    "unbind": (lambda c: programmes.unbind(c.asha, c.device), lambda c, done: programmes.bind(c.asha, c.device)),
}  # fmt: skip


FEW = {"opt_out_application", "opt_out_site", "opt_out_hours", "guardian_says_no"}
EVENTS = {"opt_out_site": {"url": "https://forms.example/claims"}}


def make_asha_consent(cast: Cast, open_streams: Callable[[], None]) -> None:
    person = Person.objects.get(pk=cast.asha.pk)
    record = ConsentRecord.objects.filter(person=person, ended_at__isnull=True).first()
    if record is None or not Stream.objects.open().filter(event__record=record).exists():
        if record is not None:
            ledger.withdraw(record.pk, by=person)
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
        open_streams()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_once_the_verb_has_returned_nothing_more_is_admitted(place: tuple[World, Cast], name: str) -> None:
    world, cast = place
    narrow, restore = VERBS[name]
    asha = cast.asha.pk
    times = FEWER if name in FEW else TIMES
    with storm(world, cast, WRITERS, **EVENTS.get(name, {})) as raging, key_maker(world) as open_streams:
        came_in = 0
        for trial in range(times):
            if trial % 20 == 0:
                forget_admitted(world)
            make_asha_consent(cast, open_streams)
            before = len(admitted(asha))
            raging.go.set()
            _let_some_in(raging, asha, before)
            if trial % 5 == 0:
                raging.kill_somebody()
            done = narrow(cast)
            right_after = admitted(asha)
            raging.each_tries_again()
            assert admitted(asha) == right_after, (
                f"{name}: something was admitted after the verb had returned"
            )
            raging.go.clear()
            came_in += len(right_after) - before
            restore(cast, done)
        assert not raging.faults, raging.faults[:3]
        assert came_in >= times, "the writers were not at it: the race was not run"


def test_a_field_that_the_register_drops_is_in_no_batch_sealed_after_that(
    place: tuple[World, Cast],
) -> None:
    """Batches go on; what is sealed after the verb has returned is opened and holds only what is declared then."""
    world, cast = place
    asha = cast.asha.pk
    items = PurposeVersion.objects.get(purpose=cast.purpose, state="in_force").activity.items
    fewer = tuple(
        item if item.code != "ui_event" else structs.replace(item, fields=("role",)) for item in items
    )
    page = {"url": "https://forms.example/claims", "element": {"role": "BUTTON"}}
    with storm(world, cast, WRITERS, **page) as raging, key_maker(world) as open_streams:
        make_asha_consent(cast, open_streams)
        for trial in range(max(TIMES // 10, 20)):
            if trial % 20 == 0:
                forget_admitted(world)
            before = len(admitted(asha))
            raging.go.set()
            _let_some_in(raging, asha, before)
            in_force.begin(approved(cast, items=fewer), by=cast.dev)
            until_then = admitted(asha)
            raging.each_tries_again()
            raging.go.clear()
            later = admitted(asha) - until_then
            assert later, "nothing was sealed afterwards: the race was not run"
            kept = {field for event in opened(world, later) for field in event}
            assert "role" in kept and "site" not in kept
            assert "site" in {field for event in opened(world, until_then) for field in event}
            in_force.begin(approved(cast, items=items), by=cast.dev)
        assert not raging.faults, raging.faults[:3]


def _let_some_in(raging: Storm, asha: UUID, before: int) -> None:
    """Until the writers get something in; then a little longer, a different while in each trial."""
    for _ in range(2000):
        if len(admitted(asha)) > before:
            break
    else:
        raise TimeoutError(f"Nothing was admitted. {raging.faults[:3]}")
    for _ in range(random.randrange(4)):
        admitted(asha)
