"""What a minimiser lets through: closed words, identifiers, hosts, a grid. Never a token of the input's free text."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.capture import kept, minimise
from governance.capture.shapes import Element, Event
from governance.lib.refusals import Refused
from governance.purposes import catalogue, words

ALL = ("site", "role", "element", "kind", "x", "y")
AT = datetime(2026, 11, 23, 10, 47, 31, tzinfo=UTC)
# Free text as people write it: with capitals, spaces, signs or long numbers, so never the shape of an identifier.
free_text = st.text(min_size=3, max_size=60).map(lambda t: f"Zq{t} 98765") | st.emails().map(
    lambda t: f"{t} "
)


def cut(event: Event, signal: str = "ui_event") -> str:
    kept = minimise.minimiser(signal, ALL if signal != "app_usage" else ("quarter",))(event)
    return msgspec.json.encode(kept).decode()


@given(text=free_text)
def test_no_free_text_passes_by_any_field(text: str) -> None:
    event = Event(
        at=AT, user="N-1", signal="ui_event", action=text, application="Chrome", url=f"https://claims.example/{text}?q={text}#{text}",
        element=Element(role=text, id=text, type=text), x=1.0, y=1.0,
    )  # fmt: skip
    kept = json.loads(cut(event))
    assert set(kept) <= {"at", "application", "site", "x", "y"}
    assert kept.get("site", "claims.example") == "claims.example"


@given(
    user=st.text("abcdefgh0123456789._-", min_size=1, max_size=20),
    secret=st.text("abcdefgh0123456789", min_size=8, max_size=20),
)
def test_a_password_in_a_url_does_not_pass(user: str, secret: str) -> None:
    assert minimise.site(f"https://{user}:{secret}xyz@claims.example:8443/a") == "claims.example"


@given(x=st.floats(allow_nan=False, allow_infinity=False), y=st.floats())
def test_positions_are_cut_down_to_the_grid(x: float, y: float) -> None:
    cell = minimise.grid(x)
    assert cell is None or (cell % 100 == 0 and cell <= x < cell + 100)
    assert minimise.grid(y) is None or minimise.grid(y) % 100 == 0  # type: ignore[operator]


def test_application_usage_keeps_the_quarter_and_not_the_second() -> None:
    kept = json.loads(
        cut(Event(at=AT, user="N-1", signal="app_usage", action="used", application="Excel"), "app_usage")
    )
    assert kept == {"at": "2026-11-23", "application": "Excel", "quarter": "10:45"}


def test_a_phone_number_in_an_id_does_not_pass_and_a_form_field_does() -> None:
    assert minimise.identifier("tel_9876543210") == ""
    assert minimise.identifier("AshaDeshmukh") == ""
    assert minimise.identifier("first_3") == "first_3"
    assert minimise.identifier("A2:C9") == "A2:C9"


KEY = b"of one programme"


@given(text=free_text)
def test_a_window_title_is_a_sign_and_no_word_of_it(text: str) -> None:
    event = Event(at=AT, user="N-1", signal="window_title", action=text, application="Chrome", title=text)
    kept = minimise.minimiser("window_title", ("window",), KEY)(event)
    assert set(kept) <= {"at", "application", "window"}
    said = msgspec.json.encode(kept["window"]).decode()
    assert not [word for word in text.split() if len(word) > 2 and word in said]
    assert kept["window"] == minimise.hashed(KEY, text) != minimise.hashed(b"of another", text)


def test_without_a_key_no_sign_is_made() -> None:
    event = Event(
        at=AT, user="N-1", signal="window_title", action="focus", application="Chrome", title="Pay slip"
    )
    assert "window" not in minimise.minimiser("window_title", ("window",))(event)


@given(count=st.integers(0, 100_000), text=free_text, second=st.integers(0, 59))
def test_of_typing_only_tens_in_a_minute_stay(count: int, text: str, second: int) -> None:
    event = Event(
        at=AT.replace(second=second, microsecond=second), user="N-1", signal="keystroke_counts", action=text, application="Excel", count=count,
        title=text, element=Element(id=text),
    )  # fmt: skip
    kept = minimise.minimiser("keystroke_counts", ("keys",), KEY)(event)
    assert kept == {
        "at": AT.replace(second=0, microsecond=0),
        "application": "Excel",
        "keys": min(count, 1000) // 10 * 10,
    }


@given(text=free_text)
def test_of_a_visit_only_the_site_and_the_quarter_stay(text: str) -> None:
    event = Event(
        at=AT,
        user="N-1",
        signal="site_visit",
        action="open",
        application="Chrome",
        url=f"https://claims.example/{text}?q={text}",
        title=text,
    )
    kept = minimise.minimiser("site_visit", ("site", "quarter"), KEY)(event)
    assert set(kept) <= {"at", "application", "site", "quarter"} and kept["quarter"] == "10:45"
    assert kept.get("site", "claims.example") == "claims.example"


def test_what_section_e_blocks_cannot_be_declared() -> None:
    from governance.purposes import catalogue, rules

    for code in ("typed_text", "screen_content", "audio", "worn_video", "gaze", "location"):
        assert catalogue.signals()[code].never and not catalogue.signals()[code].fields
        with pytest.raises(Refused):
            rules.check_declared(code)


def test_a_stronger_form_asks_for_a_stronger_reason() -> None:
    from datetime import date

    from governance.purposes import rules_papers

    def assess(item: str, why: str) -> None:
        rules_papers.check_assess(item, [item], why, why, date(2027, 1, 1), date(2026, 11, 29))

    assess("ui_event", "Needed.")
    with pytest.raises(Refused):
        assess("window_title", "Needed.")
    assess("window_title", "The agent has to learn when one window is left for another. " * 3)


def test_the_example_that_people_read_holds_exactly_what_stays_of_every_event() -> None:
    """Time, action and application stay of some signals and not of others; the notice and the register say it by the example."""
    looked = 0
    for code, kind in catalogue.signals().items():
        if kind.never or kind.clip:
            continue
        left = kept.cut(code, kind.fields)
        time = {"time"} if "quarter" not in kind.fields else set()
        always = {*time, *({"action", "application"} & set(left))}
        assert always == {name for name in ("time", "action", "application") if name in kind.sample}, code
        assert set(words.always_kept(code)) == always and set(kind.sample) - always <= set(kind.fields), code
        looked += 1
    assert looked >= 6
