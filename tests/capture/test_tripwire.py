"""What tells of health, a union or an identity trips the wire; order numbers and ordinary words do not."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from governance.capture import deciding, tripwire, turned_away
from governance.capture.models import Arrival, Excess, Intake
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2341 2341 2346", "aadhaar"), ("id 234123412346.", "aadhaar"), ("ABCPE1234F", "pan"), ("abcpe1234f", "pan"),
        ("DE89370400440532013000", "iban"), ("iban DE89 3704 0044 0532 0130 00 and more", "iban"), ("GB82 WEST 1234 5698 7654 32", "iban"),
        ("4111 1111 1111 1111", "card"), ("378282246310005", "card"), ("asha@example.org", "email"), ("+91 98765 43210", "phone"),
        ("9876543210", "phone"), ("+49 (89) 1234567", "phone"), ("Sick leave form", "health"), ("DIAGNOSIS", "health"),
        ("Krankschreibung", "health"), ("वह गर्भवती है", "health"), ("Betriebsratswahl", "union"), ("मज़दूर संघ", "union"),
        ("shop steward", "union"), ("२३४१ २३४१ २३४६", "aadhaar"),
    ],
)  # fmt: skip
def test_it_trips(text: str, kind: str) -> None:
    assert tripwire.look(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "", "A2:C9", "select_worksheet", "Chrome", "234123412345", "4111 1111 1111 1112", "DE89370400440532013001", "invoice 2026-11-24",
        "Therapist_button_is_cancerous_not", "unionize", "row-12", "reunion", "ABCXE1234F", "PO 1234567890123", "12:30", "Krebsgang",
    ],
)  # fmt: skip
def test_it_does_not(text: str) -> None:
    assert tripwire.look(text) == ""


@given(st.text(max_size=200))
def test_whatever_the_text_it_answers_with_a_kind_or_nothing(text: str) -> None:
    assert tripwire.look(text) in {"", *tripwire.KINDS}


@given(st.integers(10**10, 10**11 - 1), st.integers(1, 9))
def test_one_wrong_digit_breaks_every_checksum(number: int, more: int) -> None:
    whole = next(f"{number}{last}" for last in range(10) if tripwire.verhoeff(f"{number}{last}"))
    other = whole[:-1] + str((int(whole[-1]) + more) % 10)
    assert tripwire.verhoeff(whole) and not tripwire.verhoeff(other)
    card = next(f"{number}{last}" for last in range(10) if tripwire.luhn(f"{number}{last}"))
    assert not tripwire.luhn(card[:-1] + str((int(card[-1]) + more) % 10))


def test_it_looks_at_text_alone() -> None:
    assert tripwire.tripped({"at": "9876543210", "x": 4111111111111111, "role": "button"}) == ""
    assert tripwire.tripped({"at": 1, "element": "asha@example.org"}) == "email"


SECRET = "pregnancy-note"


def tell(cast: Cast, user: str) -> dict[str, int]:
    found: dict[str, int] = make.post(cast, make.event(user, element={"id": SECRET, "role": "button"}))[
        "turned_away"
    ]
    return found


def test_a_hit_is_dropped_counted_and_shown_to_the_dpo_and_tells_nothing_about_a_choice(cast: Cast) -> None:
    assert "element" in deciding.recorded_now(cast.programme)["ui_event"]
    make.consent(cast.asha, cast.purpose, "ui_event")
    assert tell(cast, "N-1001") == tell(cast, "N-1002") == {"special_category": 1}
    assert not Arrival.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment")
        assert cursor.fetchone() == (0,)
    assert SECRET not in str(list(Intake.objects.values_list("answer", "excess")))
    turned_away.count()
    assert Excess.objects.get(field="tripwire_health").events == 2
    with visit(cast.dev) as client:
        assert "text about health never kept 2" in words(client.get(f"/programmes/{cast.programme.pk}/"))
