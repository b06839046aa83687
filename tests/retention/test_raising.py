"""What an order is made of, read in one statement, is what the house asks elsewhere in its own."""

from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest

from governance.lib import clock, prepared
from governance.lib.connectors import Scope
from governance.people.models import Employment
from governance.purposes.models import RetentionRule
from governance.retention import floors, holds, orders, raising, rules
from governance.retention.models import ErasureOrder, Hold
from tests.cast import Cast

READ = f"SELECT {raising.FACTS} FROM people_person p LEFT JOIN purposes_purpose u ON u.id = %(purpose)s::uuid WHERE p.id = %(person)s"


def read(person: object, purpose: object) -> raising.Facts:
    with prepared.cursor() as cursor:
        return raising.DECODE(cursor.run(READ, {"person": person, "purpose": purpose})[0][0])


def test_holds_are_those_of_the_house(cast: Cast) -> None:
    """One of each kind, in force or not: who is held by what, by both."""
    matter = holds.open_matter(cast.software, "A dispute", by=cast.lata)
    made = [
        holds.place(because=matter, by=cast.lata, on=cast.asha),
        holds.place(because=matter, by=cast.lata, purpose=cast.purpose),
        holds.place(because=matter, by=cast.lata, on=cast.bela, purpose=cast.purpose),
    ]
    over = {"lapses_at": "2026-01-01T00:00:00Z"}
    released = {
        "released_at": "2026-01-01T00:00:00Z",
        "released_by": cast.lata,
        "second_by": cast.people["leon"],
    }
    for keep, more in product([*range(3), None], [{}, released, {"lapses_at": None}]):
        Hold.objects.update(**over)
        if keep is not None:
            Hold.objects.filter(pk=made[keep].pk).update(**{"lapses_at": "2099-01-01T00:00:00Z"} | more)
        for person, purpose in product((cast.asha, cast.bela, cast.omar), (cast.purpose.pk, None)):
            ours = Hold.objects.over(person.pk, purpose)
            told = read(person.pk, purpose)
            assert bool(told.holds) is ours.exists()
            assert (False in told.holds) is ours.filter(silent=False).exists()
        Hold.objects.update(released_at=None, released_by=None, second_by=None)


def test_laws_and_floors_are_those_of_the_house(cast: Cast) -> None:
    on = date(2027, 8, 1)
    RetentionRule.objects.create(purpose=cast.purpose, category="Payroll", jurisdiction="IN", minimum="P8Y", start_event="employment_ended", source="s")  # fmt: skip
    RetentionRule.objects.create(purpose=cast.purpose, category="Books", jurisdiction="DE", minimum="P10Y", start_event="purpose_ended", source="HGB")  # fmt: skip
    Employment.objects.filter(person=cast.bela).update(ends_on=on - timedelta(days=40))
    for person, purpose in product((cast.asha, cast.bela, cast.omar), (cast.purpose, None)):
        told = read(person.pk, purpose.pk if purpose else None)
        assert told.laws == orders.jurisdictions_of(person)
        scope = Scope(person.pk, purpose.pk if purpose else None, (uuid4(),), clock.now())
        made = raising.order(told, scope, because="consent.withdrawn", because_id=uuid4(), entity=cast.software.pk, on=on, at=clock.now())  # fmt: skip
        facts = rules.OrderFacts(
            told.laws, "consent.withdrawn", on, floors=floors.of(person, purpose, on, on)
        )
        outcome = rules.decide(facts, on)
        assert (made.state, made.kept_until) == (outcome.state, outcome.kept_until)


@pytest.mark.parametrize("everything", [False, True])
def test_the_row_in_hand_is_the_row_that_stands(cast: Cast, everything: bool) -> None:
    scope = Scope(cast.asha.pk, None if everything else cast.purpose.pk, (uuid4(), uuid4()), clock.now())
    event = uuid4()
    order = orders.raise_order(scope, because="request.erasure", because_id=event)
    stands = ErasureOrder.objects.get(pk=order.pk)
    for field in ErasureOrder._meta.fields:
        assert getattr(order, field.attname) == getattr(stands, field.attname), field.name
    assert order._state.db == stands._state.db and not order._state.adding
    again = orders.raise_order(scope, because="request.erasure", because_id=event)
    assert again == order and ErasureOrder.objects.count() == 1
    later = orders.raise_order(scope, because="request.erasure", because_id=uuid4())
    assert int(later.number[-6:]) == int(order.number[-6:]) + 1, "asking twice takes no number"


def test_an_order_about_nobody_or_nothing_is_none(cast: Cast) -> None:
    for person, purpose in ((uuid4(), cast.purpose.pk), (cast.asha.pk, uuid4())):
        with pytest.raises(LookupError):
            orders.raise_order(Scope(person, purpose, (), clock.now()), because="request.erasure", because_id=uuid4())  # fmt: skip
    assert not ErasureOrder.objects.exists()
