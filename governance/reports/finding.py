"""Find reports by words: a number, words of their title in the reader's language, or of what they are about."""

from uuid import UUID

from django.db.models import Q

from governance.capture.models import Programme
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.reports.kinds import KINDS
from governance.reports.models import Report, ReportQuerySet
from governance.retention.models import ErasureOrder


def by_words(person: Person, words: str) -> ReportQuerySet:
    """Of those that the person's roles show, newest first."""
    words = " ".join(words.split())
    about = Q(number__icontains=words) | Q(kind__in=_kinds(words))
    for name, ids in (
        ("purpose", _purposes(words)),
        ("programme", _programmes(words)),
        ("order", _orders(words)),
    ):
        about |= Q(**{f"scope__{name}__in": [str(pk) for pk in ids]})
    return Report.objects.by_role(person).filter(about).order_by("-asked_at")


def _kinds(words: str) -> list[str]:
    wanted = words.casefold()
    return [
        kind.code for kind in KINDS.values() if wanted in str(kind.title).casefold() or wanted == kind.code
    ]


def _purposes(words: str) -> list[UUID]:
    found = Purpose.objects.filter(Q(number__iexact=words) | Q(name__icontains=words))
    return list(found.values_list("pk", flat=True)[:500])


def _programmes(words: str) -> list[UUID]:
    found = Programme.objects.filter(Q(number__iexact=words) | Q(name__icontains=words))
    return list(found.values_list("pk", flat=True)[:500])


def _orders(words: str) -> list[UUID]:
    return list(ErasureOrder.objects.filter(number__iexact=words).values_list("pk", flat=True))
