"""Which purposes stand on a person's own page, and which exact words they are shown there."""

from dataclasses import dataclass

from django.db.models import Q

from governance.consents import objections, running
from governance.consents.models import ConsentRecord
from governance.lib import languages
from governance.people.models import Person
from governance.purposes import catalogue
from governance.purposes.models import Notice, NoticeText, Purpose, PurposeQuerySet

SHOWN = ("active", "paused")


def concerning(person: Person) -> PurposeQuerySet:
    """What may be asked of this person where they work now, and is about them; and everything they have ever answered."""
    job = person.employment
    asked = Q(pk__in=[])
    if job:
        asked = Q(entity_id=job.entity_id, asks_consent=True, state__in=SHOWN) & running.about(job)
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
        return languages.same(self.text.language, self.wanted)

    @property
    def beside(self) -> list[tuple[str, str]]:
        """What stands beside single signals, as (title in the text's language, words): the fingerprint is over it too."""
        language, elements = self.text.language, self.text.elements
        return [
            (kind.title(language), elements[f"why_{code}"])
            for code, kind in catalogue.signals().items()
            if elements.get(f"why_{code}")
        ]


def offered(notice: Notice) -> list[NoticeText]:
    """The texts that people are shown: those that somebody has read and answers for, and that do not lag behind."""
    return notice.usable_texts()


def in_language(notice: Notice, language: str, *, among: list[NoticeText] | None = None) -> Words | None:
    """This notice in this language, else in English; `wanted` keeps what was asked for. None: in neither."""
    texts = {text.language: text for text in (offered(notice) if among is None else among)}
    text = texts.get(languages.best(language, texts) or "en")
    return Words(notice, text, language) if text else None


def told(person: Person) -> PurposeQuerySet:
    """Whose notice this person may read: of what is put before them, and of what runs about them without asking."""
    asked, unasked = concerning(person).values("pk"), objections.concerning(person).values("pk")
    return Purpose.objects.filter(Q(pk__in=asked) | Q(pk__in=unasked)).select_related("entity")


def concerns(notice: Notice, person: Person) -> bool:
    """A published notice that tells this person of something."""
    return notice.published_at is not None and told(person).filter(pk=notice.purpose_id).exists()


def words(purpose: Purpose, language: str, version: int | None = None) -> Words | None:
    """The published notice (or an earlier published version of it) in this language, else English; None without one."""
    notice: Notice | None
    if version is None:
        notice = purpose.published_notice()
    else:
        notice = purpose.notices.filter(version=version, published_at__isnull=False).first()
    return in_language(notice, language) if notice else None
