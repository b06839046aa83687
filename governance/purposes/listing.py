"""The register as a list: narrowed, in order, a page at a time, and as it was on a day. Nothing here counts to the end."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.people.models import Person
from governance.purposes.models import Purpose, PurposeQuerySet, PurposeVersion

PAGE = 50
COUNTED = 1000  # beyond it a list says "1,000+": counting to the end is what makes big lists slow
MOST_WORDS = 8
NUMBER = re.compile(r"(?i)\s*p-?(\d{1,9})\s*")
KEY = re.compile(r"(?:(\d{4}-\d\d-\d\d)?_)?(\d{1,9})")


@dataclass(frozen=True)
class Asked:
    """What a reader narrowed the register to. Empty: everything that they may see."""

    entity_id: UUID | None = None
    unit_id: int | None = None
    state: str = ""
    law: str = ""
    verdict: str = ""
    people: str = ""
    ground: str = ""  # EU:a, IN:s6
    country: str = ""
    overdue: bool = False
    missing: bool = False
    mine: bool = False
    words: str = ""


def of_the_past(asked: Asked) -> Asked:
    """What can be asked of the register of another day: what is not said by a version, and does not change with it."""
    number = asked.words if NUMBER.fullmatch(asked.words) else ""
    return Asked(entity_id=asked.entity_id, unit_id=asked.unit_id, mine=asked.mine, words=number)


def narrow(
    purposes: PurposeQuerySet, asked: Asked, *, reader: Person, today: date, walked: bool = False
) -> PurposeQuerySet:
    """The purposes that match everything that was asked. `walked`: see `matching`."""
    exact: dict[str, Any] = {
        "entity_id": asked.entity_id, "unit_id": asked.unit_id, "state": asked.state, "verdict": asked.verdict,
        "owner_id": reader.pk if asked.mine else None,
    }  # fmt: skip
    purposes = purposes.filter(**{name: value for name, value in exact.items() if value})
    if asked.law:
        purposes = purposes.filter(jurisdictions__contains=[asked.law])
    if asked.people:
        purposes = purposes.filter(people_codes__contains=[asked.people])
    if asked.ground:
        law, _, code = asked.ground.partition(":")
        purposes = purposes.filter(**{"basis_eu" if law == "EU" else "ground_in": code})
    if asked.country:
        here = [asked.country]
        purposes = purposes.filter(Q(countries__contains=here) | Q(recipient_countries__contains=here))
    if asked.overdue:
        purposes = purposes.filter(review_on__lt=today).exclude(state="retired")
    if asked.missing:
        purposes = purposes.filter(missing_count__gt=0)
    return matching(purposes, asked.words, walked=walked)


def matching(purposes: PurposeQuerySet, words: str, *, walked: bool = False) -> PurposeQuerySet:
    """Every word begins a word of the entry; a number finds its entry. Words without a letter or digit find nothing.

    `walked`: for words that very many have. The rows are then read in their order and tried one by one until a page is
    full: collecting all of them by the index of words, to sort them and show fifty, costs more the longer the register is.
    PostgreSQL cannot know how many words begin with these letters, so it is told by a condition no index answers.
    """
    if not words.strip():
        return purposes
    if number := NUMBER.fullmatch(words):
        return purposes.filter(ordinal=int(number.group(1)))
    parts = re.findall(r"[^\W_]+", words)[:MOST_WORDS]
    if not parts:
        return purposes.none()
    every = " & ".join(f"{part}:*" for part in parts)
    found = Q(search=SearchQuery(every, config="simple", search_type="raw"))
    if walked:
        return purposes.filter(Coalesce(ExpressionWrapper(found, models.BooleanField()), False))
    return purposes.filter(found)


def found(
    purposes: PurposeQuerySet, asked: Asked, *, reader: Person, today: date
) -> tuple[PurposeQuerySet, int | None]:
    """(the purposes that match, how many up to COUNTED + 1); None: not counted yet. Words are counted before they are listed."""
    rows = narrow(purposes, asked, reader=reader, today=today)
    if not asked.words.strip():
        return rows, None
    n = count(rows)
    return (rows if n <= COUNTED else narrow(purposes, asked, reader=reader, today=today, walked=True)), n


@dataclass(frozen=True)
class Place:
    """A place in the order: after or before the row with this review date (where that is the order) and ordinal."""

    ordinal: int
    review_on: date | None = None

    def __str__(self) -> str:
        return f"{self.review_on or ''}_{self.ordinal}"


def place(text: str) -> Place | None:
    """From a URL; None for what is none."""
    found = KEY.fullmatch(text)
    if found is None:
        return None
    try:
        return Place(int(found.group(2)), date.fromisoformat(found.group(1)) if found.group(1) else None)
    except ValueError:
        return None


@dataclass(frozen=True)
class Page:
    rows: list[Any] = field(default_factory=list)
    before: str = ""  # the place to go back from, "" on the first page
    after: str = ""


def page(rows: QuerySet[Any], *, by: str, after: Place | None, before: Place | None, of: str = "") -> Page:
    """A page by place, not by counting: what is entered meanwhile moves nothing, and page 2,000 costs what page 1 costs.

    `by`: "number" or "review"; `of`: where the columns are, "purpose__" for versions.
    """
    back = after is None and before is not None
    names = ([f"{of}review_on"] if by == "review" else []) + [f"{of}ordinal"]
    order = (
        [F(names[0]).desc(nulls_first=True) if back else F(names[0]).asc(nulls_last=True)]
        if by == "review"
        else []
    )
    order += [F(names[-1]).desc() if back else F(names[-1]).asc()]
    if (here := after or before) is not None:
        rows = rows.filter(_beyond(here, by=by, back=back, of=of))
    found = list(rows.order_by(*order)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if back:
        found.reverse()
    if not found:
        return Page()
    place_of = (lambda row: row.purpose) if of else (lambda row: row)
    ends = [
        Place(place_of(row).ordinal, place_of(row).review_on if by == "review" else None)
        for row in (found[0], found[-1])
    ]
    has_before, has_after = (more, True) if back else (after is not None, more)
    return Page(found, str(ends[0]) if has_before else "", str(ends[1]) if has_after else "")


def _beyond(here: Place, *, by: str, back: bool, of: str) -> Q:
    further = Q(**{f"{of}ordinal__{'lt' if back else 'gt'}": here.ordinal})
    if by != "review":
        return further
    day, none = f"{of}review_on", Q(**{f"{of}review_on__isnull": True})
    if here.review_on is None:  # the ones without a date come last
        return (none & further) | ~none if back else none & further
    same = Q(**{day: here.review_on}) & further
    return (
        Q(**{f"{day}__lt": here.review_on}) | same
        if back
        else Q(**{f"{day}__gt": here.review_on}) | same | none
    )


def count(rows: QuerySet[Any]) -> int:
    """How many there are, at most COUNTED + 1."""
    return rows.order_by()[: COUNTED + 1].count()


def end_of(day: date) -> datetime:
    """The last moment of the day on the reader's clock."""
    return datetime.combine(day + timedelta(days=1), time(), timezone.get_current_timezone())


def versions_on(day: date) -> QuerySet[PurposeVersion]:
    """The versions that were in force when the day ended; for today, that are in force."""
    return PurposeVersion.objects.filter(in_force_at__lt=end_of(day)).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gte=end_of(day))
    )


def version_on(purpose: Purpose, day: date) -> PurposeVersion | None:
    """Which version of this purpose was in force on that day; None: none was."""
    return versions_on(day).filter(purpose=purpose).select_related("approved_by").first()
