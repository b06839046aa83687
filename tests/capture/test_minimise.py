"""What a minimiser lets through: closed words, identifiers, hosts, a grid. Never a token of the input's free text."""

import json
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from governance.capture import minimise
from governance.capture.shapes import Element, Event

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
