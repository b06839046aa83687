"""DPDP s.5(2): whoever said yes before the law's commencement is given its notice as soon as that can be done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import counting, standing
from governance.consents.models import ConsentRecord, ConsentRecordQuerySet
from governance.lib import packs
from governance.lib.bands import band
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Employment, Person
from governance.purposes.models import Purpose

PERMISSION = "consents.import_legacy"
AT_ONCE = 500
LAW = "dpdp.s5"


@dataclass(frozen=True)
class Figure:
    """Bands, "" where the rule of ten forbids a figure."""

    purpose: Purpose
    owed: str
    sent: str


def commencement() -> date:
    return packs.provisions()[LAW].from_


def _concerned(purpose: Purpose) -> "ConsentRecordQuerySet":
    """What is on, was said before that day, and is of a purpose under Indian law."""
    begins = datetime.combine(commencement(), time(), UTC)
    rows = ConsentRecord.objects.filter(
        pk__in=counting.grants().values("pk"), purpose=purpose, given_at__lt=begins
    )
    return rows if "IN" in purpose.jurisdictions else rows.none()


def figures(entities: set[UUID]) -> list[Figure]:
    found = []
    for purpose in Purpose.objects.filter(
        entity__in=entities,
        asks_consent=True,
        jurisdictions__contains=["IN"],
        notices__published_at__isnull=False,
    ).distinct():  # without a published notice nobody has said yes here, and nothing could be sent
        there = (
            Employment.objects.current().filter(entity=purpose.entity_id).values("person").distinct().count()
        )
        rows = _concerned(purpose)
        owed = rows.filter(notice_sent_at=None).values("person").distinct().count()
        sent = rows.exclude(notice_sent_at=None).values("person").distinct().count()
        found.append(Figure(purpose, band(owed, there), band(sent, there)))
    return found


def send(purpose: Purpose, *, by: Person) -> None:
    """The next batch of people who are owed the notice has a message that leads to it. Raises Refused.

    How many, nobody learns from the answer: with few people it would tell who said yes.
    """
    if not by.holds(PERMISSION, purpose.entity_id):
        raise Refused(_("Only the data protection officer of this entity sends it."), code="not_the_dpo")
    if purpose.published_notice() is None:
        raise Refused(_("There is no published notice to send."), code="no_notice")
    owed = _concerned(purpose).filter(notice_sent_at=None)
    for person_id in sorted(set(owed.values_list("person_id", flat=True)))[:AT_ONCE]:
        with standing.changing(person_id):
            mine = owed.filter(person=person_id)  # a withdrawal may have come between
            if mine.exists():
                ConsentRecord.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(
                    notice_sent_at=Now()
                )
                notify.tell(
                    Person.objects.get(pk=person_id),
                    "consent_notice_sent",
                    purpose=purpose.pk,
                    number=purpose.number,
                )
    log.record("consent.notices_sent", by=by, about=purpose, law=LAW)
