"""The programmes that run for a purpose: told by whoever starts and stops them, written into every event."""

from uuid import UUID

from governance.consents.models import RunningProgramme


def tell(programme_id: UUID, *, purpose_id: UUID, number: str, terms_sha256: str, runs: bool) -> None:
    """From the commit on events say that this programme, under these terms, ran (or not) when the word was given."""
    said = {"purpose_id": purpose_id, "number": number, "terms_sha256": terms_sha256, "runs": runs}
    RunningProgramme.objects.update_or_create(id=programme_id, defaults=said)


def now(purpose_id: UUID) -> list[str]:
    """ "CP-0001@<SHA-256 of its terms>" of each that runs, by number."""
    rows = RunningProgramme.objects.filter(purpose=purpose_id, runs=True).order_by("number")
    return [f"{row.number}@{row.terms_sha256}" for row in rows]
