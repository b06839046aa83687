"""Human numbers (E-2026-000001) from PostgreSQL sequences: no lock, no reuse; a rolled-back transaction leaves a gap."""

from django.db import connection

LETTERS = {
    "C": "consent records",
    "R": "receipts",
    "E": "erasure orders",
    "G": "reports",
    "Q": "requests",
    "I": "incidents",
    "X": "exports",
    "D": "datasets",
}


def take(letter: str, year: int) -> str:
    if letter not in LETTERS:
        raise ValueError(f"No numbers are kept under {letter!r}.")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('number_{letter.lower()}')")
        return written(letter, year, cursor.fetchone()[0])


def written(letter: str, year: int, number: int) -> str:
    """How a number that was taken is written."""
    return f"{letter}-{year}-{number:06d}"


def create_sequences() -> str:
    """SQL for the first migration."""
    return "".join(f"CREATE SEQUENCE IF NOT EXISTS number_{letter.lower()};" for letter in LETTERS)
