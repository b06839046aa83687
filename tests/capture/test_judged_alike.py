"""Events that are alike are judged once: it comes to the same as judging each by itself, and counts the same in excess."""

import json
import unicodedata
import zlib
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.capture import alike, excess, gate, rules, segments, tripwire
from governance.capture.api import parse
from governance.capture.client import events as client
from governance.capture.limits import Limits, Window
from governance.capture.shapes import Event
from governance.consents import decide
from tests.capture import plain

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)  # a Tuesday
PEOPLE = {f"N-{n}": UUID(int=n) for n in (1, 2, 3)}
FIELDS = {
    "ui_event": ("site", "role", "element", "kind", "x", "y"), "app_usage": ("quarter",), "keystroke_counts": ("keys",),
    "site_visit": ("site", "quarter"), "window_title": ("window",),
}  # fmt: skip
APPLICATIONS = ["Chrome", "Excel", "Client system", "KeePass", "Solitaire"]
URLS = [
    None, "https://wiki.example/a?q=1", "https://sub.wiki.example./b", "https://forms.example/x", "mailto:x", "https://[broken",
    "https://pregnancy.example/",
]  # fmt: skip
ELEMENTS = [
    None, {}, {"id": None}, {"id": "A2"}, {"id": "pregnancy-note", "role": "button"}, {"role": "INPUT", "id": "first_3", "type": "text"},
    {"role": "a", "name": "Priyanka"}, {"id": "Priyanka", "class": None}, {"type": "made up", "made_up": 1},
]  # fmt: skip
SECONDS = st.integers(-3 * 86_400, 200)
ZONES = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))]


def few(*things: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(things)


moments = st.builds(
    lambda seconds, zone: (NOW + timedelta(seconds=seconds)).astimezone(zone).isoformat(),
    SECONDS,
    st.sampled_from(ZONES),
)
more = st.fixed_dictionaries(
    {},
    optional={
        "url": few(*URLS), "element": few(*ELEMENTS), "x": few(None, 3.5, -0.0, 0.0, 1e9), "y": few(None, 250), "count": few(None, 0, 47),
        "title": few(None, "", "Pay slip", "pay  SLIP"), "value": few(None, "Priyanka", 7, {"a": [1]}), "content": few(None, "x"),
        "seconds": few(None, 1.5), "surprise": few(None, "x"),
    },
)  # fmt: skip
one_event = st.builds(
    lambda at, user, signal, action, application, rest: {
        "at": at, "user": user, "signal": signal, "action": action, "application": application, **rest,
    },
    moments, few(*PEOPLE), few(*FIELDS, "typed_text", "made_up"), few("click", "go_back", "Priyanka"), few(*APPLICATIONS), more,
)  # fmt: skip
without_surprise = one_event.map(
    lambda event: {name: value for name, value in event.items() if name != "surprise"}
)
batches = st.lists(one_event, min_size=1, max_size=25) | st.lists(without_surprise, min_size=1, max_size=25)
clocks = few(time(0), time(8), time(10, 30), time(18))
some_hours = st.builds(
    decide.Window, st.frozensets(st.integers(1, 7)), clocks, clocks, few("UTC", "Asia/Kolkata")
)
noes = st.builds(
    decide.No, few("", "ui_event", "site_visit"), few("", "Chrome"), st.none() | some_hours, few(False, False, False, True),
    few("", "", "wiki.example", "forms.example"),
)  # fmt: skip
pauses = st.builds(
    lambda since, lasts: decide.Break(NOW + timedelta(seconds=since), None if lasts is None else NOW + timedelta(seconds=since + lasts)),
    SECONDS, st.none() | st.integers(0, 86_400),
)  # fmt: skip


@st.composite
def facts(draw: Any) -> rules.Facts:
    standing = decide.Standing(frozenset(FIELDS))
    for number, person in enumerate(PEOPLE.values()):
        for at, signal in enumerate(FIELDS):
            if draw(few(True, True, True, False)):
                since = NOW + timedelta(seconds=draw(few(-4 * 86_400, -86_400, -3600)))
                standing.grants.setdefault(person, {})[signal] = decide.Grant(
                    draw(few("given", "given", "refused")), since, NOW + timedelta(days=90), UUID(int=100 + 10 * number + at), b"k" * 32,
                    date(2027, 11, 24),
                )  # fmt: skip
        if found := draw(st.lists(noes, max_size=2)):
            standing.noes[person] = found
        if paused := draw(st.lists(pauses, max_size=1)):
            standing.breaks[person] = paused
    standing.minors = draw(st.frozensets(st.sampled_from(list(PEOPLE.values())), max_size=1))
    bounds = Limits(
        UUID(int=9), draw(st.frozensets(few(*PEOPLE.values()), max_size=1)), frozenset({"Client system"}),
        draw(few((), (), (Window(frozenset({1, 2}), time(8), time(12)),))), "Asia/Kolkata", draw(few(100, 100, 50)),
        draw(few((), ("wiki.example", "pregnancy.example"))), draw(few("", "", "zone_barred")),
    )  # fmt: skip
    bound = draw(st.frozensets(few(*PEOPLE.values()), min_size=2))
    return rules.Facts(
        NOW, standing, PEOPLE, bound, frozenset(APPLICATIONS) - {"Solitaire"}, FIELDS, bounds, b"key"
    )


def body_of(events: list[dict[str, Any]], **rest: Any) -> bytes:
    whole = {"batch_id": str(UUID(int=5)), "programme": "CP-0001", "device": "D-1", "events": events, **rest}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


@given(batches, facts())
@settings(max_examples=400)
def test_it_comes_to_the_same_as_looking_at_each_event_by_itself(
    events: list[dict[str, Any]], known: rules.Facts
) -> None:
    body = body_of(events)
    read = plain.read(body)
    assert not isinstance(read, str)
    piles, admitted, turned, tripped = plain.judge(read.events, known)
    found = rules.judge(parse(body), known)
    assert (found.admitted, found.turned_away, found.tripped) == (admitted, turned, tripped)
    assert {
        stream: {
            "person": pile.person, "signal": pile.signal, "applications": pile.applications, "last_at": pile.last_at,
            "events": list(segments.events(segments.pack(pile))),
        }
        for stream, pile in found.piles.items()
    } == piles  # fmt: skip


@given(batches)
@settings(max_examples=300)
def test_it_counts_the_same_in_excess_as_reading_the_body_again(events: list[dict[str, Any]]) -> None:
    body = body_of(events)
    for declared in (FIELDS, {"ui_event": ("role",), "typed_text": ()}, {}):
        assert excess.of(parse(body), body, declared) == excess.of_body(body, declared)


def test_a_batch_of_known_names_is_read_once() -> None:
    event = {
        "at": NOW.isoformat(),
        "user": "N-1",
        "signal": "ui_event",
        "action": "click",
        "application": "Chrome",
        "value": "x",
    }
    assert parse(body_of([event])).whole and not parse(body_of([event | {"surprise": 1}])).whole
    assert excess.of(parse(body_of([event] * 3)), b"", FIELDS) == {"ui_event.unknown": 3}


def test_every_name_that_our_own_client_sends_is_known() -> None:
    assert set(client._SENT) <= set(alike.Told.__struct_fields__)


def test_the_last_of_a_name_that_stands_twice_counts() -> None:
    body = body_of(
        [
            {
                "at": NOW.isoformat(),
                "user": "N-1",
                "signal": "ui_event",
                "action": "click",
                "application": "Chrome",
                "x": 1,
            }
        ]
    )
    for twice in (
        b'"x": 1, "x": null',
        b'"x": null, "x": 1',
        b'"value": 1, "value": null',
        b'"element": {"id": "a", "id": null}',
    ):
        one = body.replace(b'"x": 1', twice)
        assert excess.of(parse(one), one, {"ui_event": ()}) == excess.of_body(one, {"ui_event": ()})


GOOD = {
    "at": NOW.isoformat(),
    "user": "N-1",
    "signal": "ui_event",
    "action": "click",
    "application": "Chrome",
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200_000) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2), max_leaves=4,
)  # fmt: skip


@given(st.sampled_from([*alike.Told.__struct_fields__, "surprise"]), json_values, st.booleans())
@settings(max_examples=400)
def test_what_is_no_batch_is_refused_as_before(name: str, value: Any, inside: bool) -> None:
    changed = GOOD | ({"element": {name: value}} if inside else {name: value})
    same_answer(body_of([GOOD, changed]))


@given(st.data())
@settings(max_examples=300)
def test_a_broken_body_is_refused_as_before(data: Any) -> None:
    body = bytearray(body_of([GOOD | {"element": {"id": "ä", "name": "b"}, "value": "ü", "surprise": "ö\\"}]))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    same_answer(bytes(body[: data.draw(st.integers(len(body) // 2, len(body)))]))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", body_of([]), body_of([GOOD] * 5001), body_of([GOOD | {"user": "\0"}]), body_of([GOOD], device="\0"), body_of([GOOD], zone="z"),
        body_of([GOOD | {"element": {"deep": json.loads("[" * 900 + "]" * 900)}}]), body_of([GOOD | {"value": "\udc80"}]), body_of([GOOD], more=1),
        body_of([GOOD]).replace(b'"click"', b'"click", "element": {"deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        body_of([GOOD]).replace(b'"click"', b'"click", "element": {"made_up": 1.e}'),
        # The time stands elsewhere, twice, in other signs, or is none; and what looks like it.
        body_of([dict(reversed(GOOD.items())), GOOD]), body_of([GOOD, GOOD]).replace(b'"click"}', b'"click", "at": "2026-11-24T10:00:00Z"}', 1),
        body_of([GOOD, GOOD]).replace(b'"click"', b'"click", "\\u0061t": "2026-11-24T10:00:00Z"', 1),
        body_of([GOOD]).replace(b'"at": "2', b'"at": "\\u0032'), body_of([GOOD]).replace(b'"at": "2', b'"at" :\n"2'),
        body_of([GOOD, GOOD]).replace(b'+00:00", ', b'+00:00\\", ', 1), body_of([GOOD | {"at": None}]), body_of([GOOD | {"at": 5, "value": '"at"'}]),
        body_of([GOOD | {"title": '", "at": "2026-11-24T10:00:00Z"'}, GOOD]), body_of([GOOD | {"element": {"at": "x"}}, GOOD | {"value": {"at": 1}}]),
        body_of([{}, GOOD]), body_of([GOOD, [], "at"]), body_of([GOOD] * 3).replace(b"{", b"{ "), json.dumps(json.loads(body_of([GOOD] * 3)), separators=(",", ":")).encode(),
    ],
)  # fmt: skip
def test_these_too(body: bytes) -> None:
    same_answer(body)


def same_answer(body: bytes) -> None:
    before = plain.read(body)
    try:
        now = parse(body)
    except gate.BatchRefused as refused:
        assert refused.code == before
        return
    assert not isinstance(before, str)
    assert (now.batch_id, now.programme, now.device, now.zone) == (
        before.batch_id,
        before.programme,
        before.device,
        before.zone or "",
    )
    assert now.times == [event.at for event in before.events]
    assert [told(now.alike[number]) for number in now.order] == [told(event) for event in before.events]
    assert sum(now.counts) == len(before.events) and now.counts == [
        now.order.count(n) for n in range(len(now.alike))
    ]


def told(event: Any) -> tuple[Any, ...]:
    element = event.element and (event.element.role, event.element.id, event.element.type)
    return *(
        getattr(event, name) for name in Event.__struct_fields__ if name not in ("at", "element")
    ), element


def test_a_segment_of_the_form_before_is_read_as_it_was() -> None:
    kept = [{"at": "2026-11-24T10:00:00Z", "application": "Chrome", "role": "button"}]
    assert (
        list(segments.events(zlib.compress(msgspec.json.encode({"signal": "ui_event", "events": kept}), 3)))
        == kept
    )


def test_only_what_was_let_in_is_in_a_segment() -> None:
    """Also where something like it was let in at another time: what is told once is told of nothing that was refused."""
    standing = decide.Standing(frozenset(FIELDS))
    person, since = PEOPLE["N-1"], NOW - timedelta(hours=1)
    standing.grants[person] = {
        "ui_event": decide.Grant("given", since, NOW + timedelta(days=9), UUID(int=1), b"k", date(2027, 1, 1))
    }
    known = rules.Facts(NOW, standing, PEOPLE, frozenset({person}), frozenset({"Chrome"}), FIELDS)
    before = GOOD | {
        "at": (NOW - timedelta(hours=2)).isoformat(),
        "element": {"id": "too_early", "role": "button"},
    }
    found = rules.judge(parse(body_of([before, GOOD])), known)
    assert found.turned_away == {"not_permitted": 1}
    assert b"too_early" not in zlib.decompress(segments.pack(found.piles[UUID(int=1)]))


@given(st.text(alphabet="0123456789+-() ABCPE४५६é", max_size=tripwire.SHORTEST + 4))
@settings(max_examples=500)
def test_a_text_too_short_for_any_number_has_none(text: str) -> None:
    found = tripwire._number("".join(str(unicodedata.digit(sign, sign)) for sign in text))
    assert tripwire.look(text) == found


def test_what_is_read_is_what_the_document_shows() -> None:
    """The two shapes of an event stand apart, because the fast one is compared in its own order: neither may gain a field alone."""
    shown, read = (get_type_hints(shape, include_extras=True) for shape in (Event, alike.Sent))
    assert shown.keys() == read.keys()
    assert {name for name in shown if shown[name] != read[name]} == {"element"}, (
        "which is read by its wording"
    )
