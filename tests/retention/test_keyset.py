"""A Redis ends as if each of a set had been worked on alone, and each is told the same of it; an order of many stays a set."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis

from governance.lib.connectors import Scope
from governance.purposes.models import DataSystem
from governance.retention import erasure, systems, together
from governance.retention.connectors.keyvalue import CHUNKS, RedisConnector
from governance.retention.models import Proof
from tests.retention import at_hand
from tests.retention.conftest import Stage

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
MAP: dict[str, Any] = {
    "own": [{"keys": "session:{number}:*", "time": "at"}, {"keys": "cache:{email}"}, {"keys": "*:of:{number}"}],
    "fields": [{"keys": "scores:*", "field": "{number}"}, {"keys": "scores:*", "field": "mail {email}"}],
    "members": [{"keys": "seen:*", "member": "{number}*"}],
    "entries": [{"keys": "events*", "field": "person", "is": "number"}, {"keys": "events:mail", "field": "who", "is": "email"}],
}  # fmt: skip
PEOPLE = [
    {"number": f"N-{i}", "name": f"{'Zoë' if i % 3 else 'Mia'} Bench{i}", "email": f"z{i}@x.example"}
    for i in range(1, 14)
]


def fill(store: "redis.Redis", dice: random.Random) -> None:
    store.flushdb()

    def moment() -> datetime:
        return NOW + timedelta(days=dice.randrange(-4, 4))

    for one in PEOPLE:
        number, email = one["number"], one["email"]
        for n in range(dice.randrange(4)):
            store.hset(
                f"session:{number}:{n}",
                mapping={"at": moment().isoformat(), "page": dice.choice(PEOPLE)["name"]},
            )
        store.hset(f"session:{number}9:0", mapping={"at": "no moment"})
        store.set(f"cache:{email}", "prefers dark")
        store.set(f"team {dice.choice(PEOPLE)['number']}:of:{number}", "1")
        store.hset(f"scores:{dice.randrange(3)}", mapping={number: 1, f"mail {email}": 2, "average": 3})
        store.sadd("seen:north", number, f"{number}/a", dice.choice(PEOPLE)["name"])
        store.zadd("seen:order", {number: dice.random(), f"{number}0": 1})
        store.rpush("seen:list", number, dice.choice(PEOPLE)["number"], number)
    store.set("seen:text", PEOPLE[0]["number"])
    at = sorted(int(moment().timestamp() * 1000) for _ in range(60))
    for n, ms in enumerate(at):
        store.xadd("events", {"person": f" {dice.choice(PEOPLE)['number']} ", "n": n}, id=f"{ms}-{n}")
        store.xadd("events:mail", {"who": dice.choice(PEOPLE)["email"].upper(), "n": n}, id=f"{ms}-{n}")


def contents(store: "redis.Redis") -> dict[bytes, Any]:
    read = {
        b"string": store.get, b"hash": store.hgetall, b"set": store.smembers, b"zset": lambda key: store.zrange(key, 0, -1),
        b"list": lambda key: store.lrange(key, 0, -1), b"stream": store.xrange,
    }  # fmt: skip
    return {key: read[store.type(key)](key) for key in sorted(store.keys("*"))}


@pytest.mark.parametrize("seed", range(4))
def test_a_redis_ends_as_if_each_had_been_worked_on_alone(
    keystore: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    _case, store = at_hand.keys(keystore, monkeypatch)
    connector = RedisConnector(at_hand.KEYS, MAP)
    dice = random.Random(seed)
    scopes = [
        Scope(uuid4(), None, (), NOW + timedelta(days=dice.randrange(-2, 3)), one)
        for one in PEOPLE[: 3 + 3 * seed]
    ]
    works = [(scope, chunk) for chunk in CHUNKS for scope in scopes]
    ends, told = [], []
    for way in ("alone", "together"):
        fill(store, random.Random(seed))
        if way == "alone":
            counts = [connector.count(*work) for work in works]
            done = [connector.erase(*work) for work in works]
        else:
            counts, done = connector.count_all(works), connector.erase_all(works)
        assert connector.count_all(works) == [connector.count(*work) for work in works] == [0] * len(works)
        read = connector.residues(scopes)
        assert read == [connector.residue(scope) for scope in scopes]
        ends.append(contents(store))
        told.append((counts, [(one.count, one.method, one.kept) for one in done], read))
    assert ends[0] == ends[1] and told[0] == told[1]
    assert sum(told[0][0]) > 3 * len(scopes) and any(found.count for found in told[0][2])
    assert all(ends[0][f"session:{one['number']}9:0".encode()] for one in PEOPLE), (
        "a number that goes on is another's"
    )


def test_an_order_of_many_stays_a_set_where_a_redis_is_among_its_systems(
    stage: Stage, keystore: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, store = at_hand.keys(keystore, monkeypatch)
    stage.world.sign_in("web")
    more = DataSystem.objects.create(
        code="keys", name="Keys", holds="traces", country="IN", entity=stage.cast.software
    )
    systems.connect(more, "redis", case.options, by=stage.cast.dev)
    systems.confirm_map(more, stage.cast.purpose, case.map, by=stage.cast.dev)
    orders = [stage.withdraw_without_capture(name) for name in ("asha", "bela")]
    alone: list[Any] = []
    monkeypatch.setattr(erasure, "go_on", lambda claim, **_more: alone.append(claim))
    stage.world.sign_in("eraser")
    together.carry_out([order.pk for order in orders])
    assert not alone, "nobody left the set"
    for order in orders:
        order.refresh_from_db()
        proof = Proof.objects.get(order=order, system=more)
        assert order.state == "done" and (proof.found_before, proof.erased, proof.found_after) == (7, 7, 0)
    assert not [key for key in store.keys("*") if b"N-100" in key] and store.hgetall("scores:may") == {
        b"average": b"6"
    }
