"""Which purposes stand on a person's own page, and which exact words they are shown there."""

from dataclasses import dataclass

from django.db.models import Q

from governance.consents.models import ConsentRecord
from governance.people.models import Person
from governance.purposes.models import Notice, NoticeText, Purpose, PurposeQuerySet

SHOWN = ("active", "paused")


def concerning(person: Person) -> PurposeQuerySet:
    """What may be asked of this person where they work now, and everything they have ever answered."""
    job = person.employment
    asked = Q(entity_id=job.entity_id, asks_consent=True, state__in=SHOWN) if job else Q(pk__in=[])
    answered = Q(pk__in=ConsentRecord.objects.filter(person=person).values("purpose_id"))
    return Purpose.objects.filter(asked | answered).select_related("entity").prefetch_related("signals")


@dataclass(frozen=True)
class Words:
    """A notice in the language in which it is shown; `wanted` is the language that was asked for."""

    notice: Notice
    text: NoticeText
    wanted: str

    @property
    def in_their_language(self) -> bool:
        return self.text.language.split("-")[0] == self.wanted.split("-")[0]


def words(purpose: Purpose, language: str, version: int | None = None) -> Words | None:
    """The published notice (or an earlier published version of it) in this language, else English; None without one."""
    notice: Notice | None
    if version is None:
        notice = purpose.published_notice()
    else:
        notice = purpose.notices.filter(version=version, published_at__isnull=False).first()
    text = notice.text_for(language) if notice else None
    return Words(notice, text, language) if notice and text else None
