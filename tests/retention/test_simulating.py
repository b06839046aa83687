"""A period is tried before it is saved: what the page says is what the next sweep would do."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.lib.refusals import Refused
from governance.retention import rules, rules_simulating, simulating, sweep
from governance.retention.models import ErasureOrder, Simulation, Step
from tests.cast import Cast
from tests.retention.conftest import Stage
from tests.retention.test_pages import signed_in
from tests.visits import reading

ON = date(2026, 11, 24)


def test_a_year_is_looked_at_from_the_next_sweep_on() -> None:
    days = rules_simulating.days(date(2026, 1, 31))
    assert days[0] == date(2026, 1, 31) and days[1] == date(2026, 2, 1) and days[-1] == date(2027, 1, 1)
    assert len(days) == 13 and days == sorted(set(days))


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(["P30D", "P1M", "P12M", "P7Y"]))
def test_the_simulator_reckons_with_the_sweeps_cut_off(day: date, period: str) -> None:
    assert (rules_simulating.collected_before(period, day).date() - rules.cut_off(period, day)).days == 1


@given(st.lists(st.frozensets(st.integers(0, 9)), max_size=13))
def test_everybody_is_counted_once_on_their_first_day(due: list[frozenset[int]]) -> None:
    counts = rules_simulating.first_due(due)
    assert sum(counts) == len(frozenset().union(*due))
    assert counts[:1] == [len(one) for one in due[:1]]


@pytest.mark.parametrize("text", ["", "12", "P", "P0D", "PT5H", "P12W", "12M", "P99999Y", "P-3M", "PxM"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        rules_simulating.check_period(text, ON)


def try_it(stage: Stage, period: str, law: str = "EU") -> dict[str, Any]:
    stage.world.sign_in("web")
    row = simulating.ask(stage.cast.purpose_de, law=law, period=period, applies_from=None, by=stage.cast.dara)
    stage.world.sign_in("eraser")
    for pk in simulating.waiting():
        simulating.work_out(pk)
    row.refresh_from_db()
    assert row.ready_at is not None and row.result is not None
    return row.result


def test_shortening_counts_for_what_was_collected_before_and_the_sweep_then_does_just_that(
    stage: Stage,
) -> None:
    """Emil's sessions are 70 days old, Nisha's of today; P12M is in force."""
    stage.store.do(
        "UPDATE sessions SET started_at = started_at - interval '70 days' WHERE person_number = 'N-2001'"
    )
    store = str(stage.systems["feature-store-de"].pk)

    same = try_it(stage, "P12M")
    assert same["people"]["sooner"] == 0 and same["people"]["now"] == same["people"]["then"]
    assert same["people"]["then"][0] == 0 and sum(same["people"]["then"]) >= 1, (
        "his year is over within the year"
    )

    found = try_it(stage, "P30D")
    assert found["people"]["sooner"] == 1 and found["people"]["then"][0] == 1
    shown = {entry["system"]: entry for entry in found["systems"]}
    assert shown[store]["then"][0] == 1 and shown[store]["now"][0] == 0
    assert shown[store]["rows"] == 3 + 9, "his sessions and their features; his note is younger"
    assert {entry["state"] for entry in shown.values()} == {"seen", "no_times"}
    assert found["outcomes"] == {"waiting": 1} and "N-2001" not in str(found)
    assert not ErasureOrder.objects.exists() and not Step.objects.exists(), "trying changes nothing"

    # The rule is put in force, and the sweep orders what the simulator said.
    stage.world.sign_in("owner")
    stage.cast.purpose_de.retention_rules.living().filter(jurisdiction="EU").update(maximum="P30D")
    stage.world.sign_in("eraser")
    sweep.run(datetime.now(UTC).date())
    orders = ErasureOrder.objects.filter(because="rule.due", purpose=stage.cast.purpose_de)
    assert orders.count() == 1 and orders.get().person == stage.cast.emil


def test_a_system_that_does_not_answer_is_said_to_be_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATURE_STORE_READ_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    found = try_it(stage, "P30D")
    assert "away" in {entry["state"] for entry in found["systems"]}


def answered(cast: Cast) -> Simulation:
    from governance.demo import systems as demo

    store = str(demo.register(cast)["feature-store"].pk)
    row = simulating.ask(cast.purpose, law="IN", period="P30D", applies_from=None, by=cast.dev)
    counts = [3, *([0] * 12)]
    row.result = {
        "days": [day.isoformat() for day in rules_simulating.days(row.on)],
        "systems": [{"system": store, "state": "seen", "now": [0] * 13, "then": counts, "rows": 39}],
        "people": {"now": [0] * 13, "then": counts, "sooner": 3}, "outcomes": {"waiting": 3}, "counted": 3,
    }  # fmt: skip
    row.ready_at = row.asked_at
    row.save()
    return row


def test_the_owner_is_shown_no_figure_that_shows_a_choice(cast: Cast) -> None:
    row = answered(cast)
    dpo = signed_in(cast.dev).get(f"/erasures/tried/{row.pk}").content.decode()
    assert ">39<" in dpo and ">3<" in dpo
    cast.purpose.owner = cast.omar
    cast.purpose.save()
    owner = signed_in(cast.omar).get(f"/erasures/tried/{row.pk}").content.decode()
    assert ">39<" not in owner and ">3<" not in owner and "too few to show" in owner
    for name in ("asha", "ira", "lata", "meera"):
        assert signed_in(cast.people[name]).get(f"/erasures/tried/{row.pk}").status_code == 404


def test_the_page_asks_shows_that_it_is_worked_out_and_names_the_law(cast: Cast) -> None:
    dpo = signed_in(cast.dev)
    address = f"/register/{cast.purpose.pk}/try-a-period"
    page = dpo.get(address).content.decode()
    assert "P12M" in page and '<option value="IN" selected>' in page, (
        "the law of the entity's own people first"
    )
    assert "no_period" not in (page := dpo.post(address, {"law": "IN", "period": "soon"}).content.decode())
    assert "Write a period such as" in page and not Simulation.objects.exists()
    answer = dpo.post(address, {"law": "IN", "period": "P30D", "applies_from": "2027-06-01"})
    row = Simulation.objects.get()
    assert answer.headers["Location"] == f"/erasures/tried/{row.pk}"
    part = dpo.get(f"/erasures/tried/{row.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" in part and "<html" not in part
    row.delete()
    row = answered(cast)
    Simulation.objects.filter(pk=row.pk).update(applies_from=date(2027, 6, 1))
    page = dpo.get(f"/erasures/tried/{row.pk}").content.decode()
    assert "What 30 days would bring" in page, "in words, not as P30D"
    assert "Shorter than the law asks to keep." in page and "r.8(3)" in page


def test_the_map_shows_each_system_with_its_periods_and_the_hours_it_keeps(cast: Cast) -> None:
    from governance.demo import systems as demo

    made = demo.register(cast)
    dpo = signed_in(cast.dev)
    page = dpo.get("/erasures/map").content.decode()
    assert (
        "Feature store" in page
        and "12 months" in page
        and "P12M" not in page
        and "<svg" in page
        and "never yet" in page
    )
    address = f"/erasures/systems/{made['feature-store'].pk}/pace"
    assert dpo.post(address, {"from_time": "22:00"}).status_code == 200
    assert (
        dpo.post(
            address, {"from_time": "22:00", "until_time": "05:00", "per_hour": "40", "backup_days": "61"}
        ).status_code
        == 302
    )
    page = dpo.get("/erasures/map").content.decode()
    assert "22:00–05:00" in page and "at most 40 parts" in page and "61 days" in page
    assert signed_in(cast.lata).get(address).status_code == 404
    assert signed_in(cast.asha).get("/erasures/map").status_code == 403


def test_an_orders_page_offers_to_each_what_they_may(cast: Cast) -> None:
    from tests.retention.test_pages import withdrawn

    reading(cast.asha, "en")
    order = withdrawn(cast)
    dpo, legal = signed_in(cast.dev), signed_in(cast.lata)
    assert "Stop it for now" in dpo.get(f"/erasures/{order.pk}").content.decode()
    assert "Stop it for now" not in legal.get(f"/erasures/{order.pk}").content.decode()
    assert legal.post(f"/erasures/{order.pk}/pause").status_code == 404
    assert dpo.post(f"/erasures/{order.pk}/pause").status_code == 302
    page = dpo.get(f"/erasures/{order.pk}").content.decode()
    assert "Stopped for now" in page and "every 2s" not in page
    assert "has stopped this for now" in signed_in(cast.asha).get(f"/me/erasures/{order.pk}").content.decode()
    dpo.post(f"/erasures/{order.pk}/resume")
    dpo.post(f"/erasures/{order.pk}/look")
    assert "A dry run is under way" in dpo.get(f"/erasures/{order.pk}").content.decode()
    ErasureOrder.objects.filter(pk=order.pk).update(
        approval_wanted_at=order.created_at, looked_at=order.created_at
    )
    assert "two people have to agree" in (page := legal.get(f"/erasures/{order.pk}").content.decode())
    assert "Agree to this erasure" in page
    legal.post(f"/erasures/{order.pk}/approve")
    assert "You have agreed already" in legal.get(f"/erasures/{order.pk}").content.decode()
    dpo.post(f"/erasures/{order.pk}/approve")
    order.refresh_from_db()
    assert order.second_by == cast.dev and order.pk in ErasureOrder.objects.waiting().pks()
