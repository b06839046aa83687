"""Consents follow the register and the staff list: what the gate refuses already is ended, told and erased."""

from django.db.models.functions import Now

from governance.consents import counting, jobs, ledger, rules, standing
from governance.consents.models import ConsentRecord
from governance.lib import clock
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Purpose


def follow() -> int:
    """Every grant that counts no more has ended, each person and purpose in a transaction of its own; how many ended."""
    over = ConsentRecord.objects.filter(pk__in=list(counting.over()))
    ended = 0
    for person_id, purpose_id in sorted(set(over.values_list("person_id", "purpose_id"))):
        with standing.changing(person_id):
            purpose = Purpose.objects.select_related("entity").get(pk=purpose_id)
            ended += len(ledger.end_over(Person.objects.get(pk=person_id), purpose))
    return ended


def warn() -> int:
    """Everybody whose yes lapses soon was told, once for each purpose; how many messages. Silence lets it lapse."""
    until = rules.warn_until(clock.now().date())
    soon = counting.grants().filter(warned_at__isnull=True, expires_at__date__lte=until)
    told = 0
    for person_id, purpose_id in sorted(set(soon.values_list("person_id", "purpose_id"))):
        with standing.changing(person_id):  # a withdrawal may have come between
            rows = list(soon.filter(person=person_id, purpose=purpose_id).select_related("person", "purpose"))
            if not rows:
                continue
            ConsentRecord.objects.filter(pk__in=[row.pk for row in rows]).update(warned_at=Now())
            if rows[0].person.forgotten_at is None:
                first = min(row.expires_at for row in rows if row.expires_at)
                notify.tell(
                    rows[0].person, "consent_ends_soon", purpose=purpose_id, number=rows[0].purpose.number, until=first.date()
                )  # fmt: skip
                told += 1
    return told


def erase_unrenewed() -> int:
    """Orders exist for everything whose time to agree again has passed; how many are new."""
    day = clock.now().date()
    waiting = ConsentRecord.objects.to_renew().filter(erase_on__lte=day)
    raised = 0
    for person_id, purpose_id in sorted(set(waiting.values_list("person_id", "purpose_id"))):
        with standing.changing(person_id):
            purpose = Purpose.objects.select_related("entity").get(pk=purpose_id)
            signals = waiting.filter(person=person_id, purpose=purpose_id).values_list("signal", flat=True)
            today = jobs.day_at(purpose.entity.timezone)
            person = Person.objects.get(pk=person_id)
            raised += ledger.erase_unrenewed(person, purpose, list(signals), on=today) is not None
    return raised
