"""What really arrives is compared with what is declared: counted by known names, without a person and without a value."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from governance.capture import excess, turned_away
from governance.capture.models import Excess, Intake
from governance.purposes.models import Signal
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

DECLARED = {"ui_event": ("site", "role"), "app_usage": ("quarter",)}
SECRET = "Priyanka 9876543210"


def sent(*events: dict[str, object]) -> dict[str, int]:
    whole = [
        {"at": "2026-11-23T10:00:00Z", "user": "N-1", "action": "click", "application": "Chrome"} | e
        for e in events
    ]
    return excess.of_body(json.dumps({"events": whole}).encode(), DECLARED)


def test_what_is_declared_is_no_excess() -> None:
    assert sent({"signal": "ui_event", "url": "https://a.example/x", "element": {"role": "input"}}) == {}
    assert sent({"signal": "app_usage"}) == {}


def test_each_undeclared_field_is_counted_once_for_every_event_that_brings_it() -> None:
    one = {"signal": "ui_event", "x": 1, "y": 2, "element": {"role": "a", "id": "b", "type": "c"}}
    assert sent(one, one, {"signal": "ui_event", "x": 7}) == {
        "ui_event.x": 3, "ui_event.y": 2, "ui_event.element": 2, "ui_event.kind": 2,
    }  # fmt: skip


def test_a_signal_that_is_not_declared_counts_as_a_whole() -> None:
    assert sent({"signal": "typed_text", "value": SECRET, "x": 1}) == {"typed_text": 1}


def test_nothing_and_an_empty_element_are_not_sent() -> None:
    assert sent({"signal": "ui_event", "x": None, "url": None, "element": None}) == {}
    assert sent(
        {"signal": "ui_event", "y": None, "element": {"id": None}}, {"signal": "app_usage", "x": 3}
    ) == {"app_usage.x": 1}


def test_a_code_written_with_escapes_is_the_same_code() -> None:
    body = b'{"events":[{"signal":"ui\\u005fevent","x":1,"at":"","user":"","action":"","application":""}]}'
    assert excess.of_body(body, DECLARED) == {"ui_event.x": 1}


@given(
    st.dictionaries(st.text(max_size=12), st.integers() | st.text(max_size=12) | st.none(), max_size=6),
    st.text(max_size=12),
)
def test_no_word_of_the_client_s_own_is_ever_counted(extra: dict[str, object], signal: str) -> None:
    """Names of fields are text that a client chose: a person's name may stand there."""
    keys = sent({"signal": signal, **extra, "signal": signal}, {**extra, "signal": "ui_event"})  # noqa: F601
    parts = {part for key in keys for part in key.split(".")}
    assert parts <= excess.known_fields() | {
        "ui_event",
        "app_usage",
        "mouse_path",
        "typed_text",
        "screen_content",
        "unknown",
    }


@given(st.lists(st.sampled_from(["ui_event", "typed_text", "made_up"]), max_size=30))
def test_counts_add_up(signals: list[str]) -> None:
    counted = sent(*({"signal": code, "x": 1} for code in signals))
    assert Counter(counted) == Counter(
        {"ui_event.x": signals.count("ui_event"), "typed_text": signals.count("typed_text"), "unknown": signals.count("made_up")}
    )  # fmt: skip


def test_a_stored_key_that_nobody_could_have_written_is_unknown() -> None:
    assert excess.split("Priyanka.x") == ("unknown", "x") and excess.split("ui_event.Priyanka") == (
        "ui_event",
        "unknown",
    )


def test_over_collection_is_counted_per_programme_and_day_and_holds_no_person(cast: Cast) -> None:
    Signal.objects.filter(purpose=cast.purpose, code="ui_event").update(fields=["site", "role"])
    make.consent(cast.asha, cast.purpose, "ui_event")
    rich = make.event("N-1001", x=3, y=4, value=SECRET, surprise=SECRET)
    # Bela said nothing, and what she sends in excess counts the same: a count tells nothing of a choice.
    answer = make.post(cast, rich, rich, make.event("N-1002", x=3), make.event("N-1001", "typed_text"))
    assert answer["admitted"] == 2
    assert Intake.objects.get().excess == {
        "ui_event.x": 3,
        "ui_event.y": 2,
        "ui_event.unknown": 2,
        "typed_text": 1,
    }
    turned_away.count()
    turned_away.count()
    assert {(row.signal, row.field, row.events) for row in Excess.objects.all()} == {
        ("ui_event", "x", 3), ("ui_event", "y", 2), ("ui_event", "unknown", 2), ("typed_text", "", 1),
    }  # fmt: skip
    make.post(cast, rich)
    turned_away.count()
    assert Excess.objects.get(signal="ui_event", field="x").events == 4
    assert not {"person", "client", "application"} & {field.name for field in Excess._meta.get_fields()}
    assert SECRET not in json.dumps([*Intake.objects.values_list("excess", flat=True)])


def test_the_finding_stands_on_the_programme_and_under_its_purpose(cast: Cast) -> None:
    make.post(cast, make.event("N-1001", value=SECRET), make.event("N-1001", "typed_text"))
    turned_away.count()
    for url in (f"/programmes/{cast.programme.pk}/", f"/programmes/excess/{cast.purpose.pk}/"):
        for person in (cast.dev, cast.omar, cast.rupa):
            person.language = "en"
            person.save()
            with visit(person) as client:
                page = words(client.get(url))
            assert "sent 2 things that are not declared" in page
            assert "a field that no signal has" in page and "Typed text" in page and "Priyanka" not in page
    for person in (cast.meera, cast.lata, cast.asha):
        with visit(person) as client:
            assert client.get(f"/programmes/excess/{cast.purpose.pk}/").status_code == 404
    with visit(cast.meera) as client:
        assert "not declared" not in words(client.get(f"/programmes/{cast.programme.pk}/"))


def test_where_nothing_is_in_excess_the_page_says_so(cast: Cast) -> None:
    with visit(cast.dev) as client:
        assert "Nothing in excess" in words(client.get(f"/programmes/excess/{cast.purpose_de.pk}/"))
