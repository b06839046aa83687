"""The person's lock, then a fresh row: the only way in which standing is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from governance.consents.models import ConsentRecord
from governance.lib import locks


@contextmanager
def changing(person_id: UUID) -> Iterator[None]:
    """One transaction that holds the person's exclusive lock; read only inside it, after the lock."""
    with transaction.atomic():
        locks.exclusively(locks.person(person_id))
        yield


@contextmanager
def narrowing(record_id: UUID) -> Iterator[ConsentRecord]:
    """The lock of the record's person, then the record as it is now.

    Whose record it is never changes, so it may be asked before the lock; everything else is read after it.
    """
    person_id = ConsentRecord.objects.values_list("person_id", flat=True).get(pk=record_id)
    with changing(person_id):
        yield ConsentRecord.objects.select_related("person", "purpose").get(pk=record_id)
