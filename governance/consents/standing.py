"""The person's lock, then a fresh row: the only way in which standing is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from governance.consents.models import ConsentRecord
from governance.lib import locks


@contextmanager
def changing(person_id: UUID, purpose_id: UUID | None = None) -> Iterator[None]:
    """One transaction that holds the person's exclusive lock; read only inside it, after the lock.

    With a purpose it shares that one's lock too, before, as admission does: what is given is what is offered at the
    commit, because a version comes into force and a purpose pauses only under the exclusive one.
    """
    with transaction.atomic():
        if purpose_id is None:
            locks.exclusively(locks.person(person_id))
        else:
            with connection.cursor() as cursor:
                cursor.execute(locks.SHARED_THEN_ALONE, [locks.purpose(purpose_id), locks.person(person_id)])
        yield


@contextmanager
def narrowing(record_id: UUID) -> Iterator[ConsentRecord]:
    """The lock of the record's person, then the record as it is now.

    Whose record it is never changes, so it may be asked before the lock; everything else is read after it.
    """
    person_id = ConsentRecord.objects.values_list("person_id", flat=True).get(pk=record_id)
    with changing(person_id):
        yield ConsentRecord.objects.select_related("person", "purpose__entity").get(pk=record_id)
