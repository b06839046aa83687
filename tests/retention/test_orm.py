"""The models of a host application: rows go by its ORM, and never more than the map says."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.models.signals import post_delete

from governance.lib.connectors import SystemAway
from governance.lib.refusals import Refused
from governance.retention.connectors.orm import DjangoConnector
from tests.retention import at_hand
from tests.servers import cluster

OPTIONS = {"database": "shop", "read_url_env": "SHOP_READ_URL"}
BY_CUSTOMER = {"lookup": "customer__number", "is": "number"}
LINES = {"model": "shop.Line", "find": {"lookup": "order__customer__number", "is": "number"}, "time": "order__placed_on", "action": "erase"}  # fmt: skip
ORDERS = {"model": "shop.Order", "find": BY_CUSTOMER, "time": "placed_on", "action": "erase"}
CUSTOMERS = {"model": "shop.Customer", "find": {"lookup": "number", "is": "number"}, "action": "erase"}
MAP = {"models": [CUSTOMERS, ORDERS, LINES], "keep": {"shop.Team": "teams are nobody"}}
NOW = datetime.now(UTC)


@pytest.fixture
def shop(
    host_app: Any, django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A PostgreSQL of the host's own, reached by its alias; a reading login by its variable."""
    name = f"test_shop_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    monkeypatch.setenv("SHOP_READ_URL", cluster().url("store_reader", name))
    connections.databases["shop"] = {**connections.databases["default"], "NAME": name, **_owner()}
    from tests.retention.shop import models

    with django_db_blocker.unblock():
        try:
            with connections["shop"].schema_editor() as editor:
                for model in (models.Team, models.Customer, models.Order, models.Line):
                    editor.create_model(model)
            with psycopg.connect(cluster().url("owner", name)) as store:
                store.execute("GRANT USAGE ON SCHEMA public TO store_reader")
                store.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO store_reader")
            yield models
        finally:
            connections["shop"].close()
            del connections["shop"]
            del connections.databases["shop"]
            with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _owner() -> dict[str, Any]:
    parts = psycopg.conninfo.conninfo_to_dict(cluster().url("owner", "postgres"))
    return {"USER": parts["user"], "PASSWORD": parts.get("password", ""), "HOST": parts["host"], "PORT": str(parts.get("port", ""))}  # fmt: skip


def customer(
    shop: Any, number: str, orders: int = 2, on: datetime = NOW - timedelta(days=3), **more: Any
) -> Any:
    team = shop.Team.objects.using("shop").get_or_create(name="north")[0]
    row = shop.Customer.objects.using("shop").create(number=number, team=team, **more)
    for _ in range(orders):
        order(shop, row, on)
    return row


def order(shop: Any, row: Any, on: datetime) -> Any:
    made = shop.Order.objects.using("shop").create(customer=row, placed_on=on.date(), total=5)
    made.teams.add(row.team)
    shop.Line.objects.using("shop").create(order=made, what="a door")
    return made


def all_of(shop: Any, model: str) -> int:
    return getattr(shop, model)._meta.default_manager.using("shop").count()


def erased(connector: DjangoConnector, scope: Any) -> list[int]:
    return [connector.erase(scope, chunk).count for chunk in connector.chunks(scope)]


def test_rows_go_before_what_they_point_to_and_the_applications_signals_are_sent(shop: Any) -> None:
    customer(shop, "N-1001")
    customer(shop, "N-1002")
    connector, scope = DjangoConnector(OPTIONS, MAP), at_hand.scope()
    assert connector.chunks(scope) == ["shop.Line", "shop.Order", "shop.Customer"]
    heard: list[str] = []
    listen = lambda sender, **_more: heard.append(sender.__name__)  # noqa: E731
    post_delete.connect(listen)
    try:
        assert erased(connector, scope) == [2, 2, 1]
    finally:
        post_delete.disconnect(listen)
    assert {"Line", "Order", "Customer"} <= set(heard)
    read = connector.residue(scope)
    assert read.count == 0 and any("shop_customer" in place for place in read.looked_at)
    assert [all_of(shop, name) for name in ("Line", "Order", "Customer")] == [2, 2, 1]
    assert len(list(connector.export(at_hand.scope(identifiers=at_hand.BELA)))) == 5


def test_a_row_that_is_only_marked_as_deleted_is_found_and_really_goes(shop: Any) -> None:
    customer(shop, "N-1001", orders=0, is_gone=True)
    connector, scope = DjangoConnector(OPTIONS, MAP), at_hand.scope()
    assert connector.residue(scope).count > 0
    assert erased(connector, scope) == [0, 0, 1]
    assert connector.residue(scope).count == 0


def test_what_was_ordered_after_the_cut_off_stays_and_holds_its_customer(shop: Any) -> None:
    """Cascading would have taken the newer order along."""
    row = customer(shop, "N-1001", orders=1)
    order(shop, row, NOW + timedelta(days=2))
    customer(shop, "N-1002", orders=1)
    connector, scope = DjangoConnector(OPTIONS, MAP), at_hand.scope()
    assert erased(connector, scope) == [1, 1, 0]
    read = connector.residue(scope)
    assert "shop.Customer" in read.where, "it is not called done"
    assert [all_of(shop, name) for name in ("Line", "Order", "Customer")] == [2, 2, 2]


def test_whoever_she_invited_is_not_taken_along(shop: Any) -> None:
    asha = customer(shop, "N-1001", orders=0)
    customer(shop, "N-1002", orders=0, invited_by=asha)
    connector, scope = DjangoConnector(OPTIONS, MAP), at_hand.scope()
    assert erased(connector, scope)[-1] == 0 and connector.residue(scope).count > 0
    assert all_of(shop, "Customer") == 2


def test_more_rows_than_one_transaction_takes(shop: Any) -> None:
    row = customer(shop, "N-1001", orders=0)
    shop.Order.objects.using("shop").bulk_create(
        shop.Order(customer=row, placed_on=(NOW - timedelta(days=9)).date()) for _ in range(1201)
    )
    connector, scope = DjangoConnector(OPTIONS, MAP), at_hand.scope()
    assert connector.count(scope, "shop.Order") == 1201 and len(connector.named(scope, "shop.Order", 5)) == 5
    assert erased(connector, scope) == [0, 1201, 1] and connector.residue(scope).count == 0


def test_fields_are_emptied_replaced_and_hashed(shop: Any) -> None:
    customer(shop, "N-1001", email="asha@nirmaan.example", orders=1)
    customer(shop, "N-1002", email="bela@nirmaan.example", orders=1)
    by_number = {"lookup": "number", "is": "number"}
    spec = {
        "models": [
            {**CUSTOMERS, "find": by_number, "anonymise": {"number": "hash", "email": "null"}},
            {**ORDERS, "anonymise": {}}, {**LINES, "anonymise": {}},
        ]
    }  # fmt: skip
    connector, scope = DjangoConnector(OPTIONS, spec), at_hand.scope(anonymise=True)
    assert erased(connector, scope)[-1] == 1 and connector.residue(scope).count == 0
    numbers = set(shop.Customer.objects.using("shop").values_list("number", flat=True))
    assert "N-1002" in numbers and any(number.startswith("anon-") for number in numbers)
    assert all_of(shop, "Order") == 2, "the rows stay"
    emptied = {
        "models": [
            {**CUSTOMERS, "find": {"lookup": "email", "is": "email"}, "action": "null", "fields": ["email"]}
        ]
    }
    capitals = at_hand.scope(identifiers={"email": "Bela@Nirmaan.example"})
    assert erased(DjangoConnector(OPTIONS, emptied), capitals) == [1]
    assert not shop.Customer.objects.using("shop").filter(email__isnull=False).exists()


def test_a_rule_finds_who_has_old_rows(shop: Any) -> None:
    customer(shop, "N-1001", on=NOW - timedelta(days=400))
    customer(shop, "N-1002", on=NOW)
    due = DjangoConnector(OPTIONS, MAP).due(uuid.uuid4(), NOW - timedelta(days=365))
    assert [row.number for row in due] == ["N-1001"]


def test_a_column_that_no_map_names_is_told(shop: Any) -> None:
    assert DjangoConnector(OPTIONS, MAP).unclassified() == {
        f"shop_order_teams.{column}" for column in ("id", "order_id", "team_id")
    }
    spec = {"models": [{**CUSTOMERS, "action": "null", "fields": ["email"]}]}
    left = DjangoConnector(OPTIONS, {**spec, "keep": MAP["keep"]}).unclassified()
    assert {"shop_customer.team_id", "shop_order.total", "shop_line.what"} <= left
    assert not left & {"shop_customer.email", "shop_customer.number", "shop_team.name"}


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"models": []}, "names its models"),
        ({"models": [{**CUSTOMERS, "model": "shop.Nothing"}]}, "one of this project"),
        ({"models": [{**CUSTOMERS, "find": {"lookup": "orders__x", "is": "number"}}]}, "does not know"),
        ({"models": [CUSTOMERS]}, "shop.Order"),
        ({"models": [CUSTOMERS, ORDERS]}, "shop.Line"),
        ({"models": [{**CUSTOMERS, "action": "null", "fields": ["number"]}]}, "may not be empty"),
        ({"models": [{**ORDERS, "action": "replace", "fields": ["total"]}]}, "only a field of text"),
        ({"models": [CUSTOMERS, ORDERS, LINES], "keep": {"shop.Team": " "}}, "with its reason"),
    ],
)
def test_a_map_that_cannot_be_right_is_answered_by_a_sentence(
    host_app: Any, spec: Any, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        DjangoConnector.check_map(spec)


@pytest.mark.parametrize("wrong", ["alias", "address", "login"])
def test_a_database_that_is_away_says_so_and_nothing_else(
    shop: Any, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    options = {**OPTIONS, "database": "nowhere"} if wrong == "alias" else OPTIONS
    if wrong == "address":
        monkeypatch.delenv("SHOP_READ_URL")
    if wrong == "login":
        monkeypatch.setenv("SHOP_READ_URL", "postgresql://nobody:hidden@127.0.0.1:1/none")
    with pytest.raises(SystemAway) as away:
        DjangoConnector(options, MAP).residue(at_hand.scope())
    assert "hidden" not in str(away.value) and away.value.__cause__ is None
    assert all(", read back" not in alias for alias in connections.databases)
