"""The programmes of a purpose: told by whoever starts and stops them. Written into every event; and who can be recorded at
all, so that nobody is asked about what is never about them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from governance.consents.models import RunningProgramme
from governance.people.models import Employment

RULES = ("sites", "units", "countries", "kinds")
# The same as `about`, inside a statement that has a purpose `u` and a job `j` at hand.
ABOUT = """
COALESCE((
    SELECT bool_or(COALESCE(
        (a.sites = '{}' OR j.site_id = ANY(a.sites)) AND (a.units = '{}' OR j.unit_id = ANY(a.units))
        AND (a.countries = '{}' OR j.country = ANY(a.countries))
        AND (a.kinds = '{}' OR CASE j.employer WHEN '' THEN 'own' ELSE 'agency' END = ANY(a.kinds)), FALSE))
    FROM consents_runningprogramme a WHERE a.purpose_id = u.id AND NOT a.ended), TRUE)
"""


def tell(
    programme_id: UUID, *, purpose_id: UUID, number: str, terms_sha256: str, runs: bool, ended: bool = False,
    people: Mapping[str, Sequence[Any]] | None = None,
) -> None:  # fmt: skip
    """From the commit on events say that this programme, under these terms, ran (or not) when the word was given.

    `people`: {"sites": [ids], "units": [ids], "countries": ["IN"], "kinds": ["own"]}; what is missing does not narrow.
    """
    said: dict[str, Any] = {
        "purpose_id": purpose_id, "number": number, "terms_sha256": terms_sha256, "runs": runs, "ended": ended,
    }  # fmt: skip
    said |= {rule: list((people or {}).get(rule, ())) for rule in RULES}
    RunningProgramme.objects.update_or_create(id=programme_id, defaults=said)


def now(purpose_id: UUID) -> list[str]:
    """ "CP-0001@<SHA-256 of its terms>" of each that runs, by number."""
    rows = RunningProgramme.objects.filter(purpose=purpose_id, runs=True).order_by("number")
    return [f"{row.number}@{row.terms_sha256}" for row in rows]


def about(job: Employment) -> Q:
    """Of purposes: those that can be about who has this job. One that no programme was ever started for narrows nobody."""
    told = RunningProgramme.objects.filter(purpose=OuterRef("pk"), ended=False)
    place = {
        "sites": job.site_id, "units": job.unit_id, "countries": job.country or None, "kinds": "agency" if job.employer else "own",
    }  # fmt: skip
    here = Q()
    for rule, mine in place.items():
        here &= Q(**{rule: []}) if mine is None else Q(**{rule: []}) | Q(**{f"{rule}__contains": [mine]})
    return ~Exists(told) | Exists(told.filter(here))


def jobs_of(purpose_id: UUID) -> Q:
    """The same, asked of jobs: which of them this purpose can be about."""
    rows = list(RunningProgramme.objects.filter(purpose=purpose_id, ended=False))
    found = Q()
    for row in rows:
        one = Q(pk__isnull=False)
        if row.sites:
            one &= Q(site__in=row.sites)
        if row.units:
            one &= Q(unit__in=row.units)
        if row.countries:
            one &= Q(country__in=row.countries)
        if row.kinds and "agency" not in row.kinds:
            one &= Q(employer="")
        if row.kinds and "own" not in row.kinds:
            one &= ~Q(employer="")
        found |= one
    return found if rows else Q()
