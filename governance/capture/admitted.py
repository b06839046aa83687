"""When something was last let in of a person: also after its rows were erased, from what the eraser wrote down of them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from governance.audit.models import Entry
from governance.capture.models import Arrival
from governance.consents.models import Stream


def last(
    person_id: UUID, purpose_id: UUID | None, streams: Iterable[UUID] = (), until: datetime | None = None
) -> datetime | None:
    """The last moment at which the gate admitted something under these streams; None when it never did.

    Without streams: under all of the person's, of this purpose or of every one. Nothing after `until` counts.
    """
    mine = Stream.objects.filter(person_id=person_id)
    if purpose_id:
        mine = mine.filter(purpose_id=purpose_id)
    chosen = list(streams) or list(mine.values_list("pk", flat=True))
    rows = Arrival.objects.filter(stream__in=chosen)
    if until is not None:
        rows = rows.filter(admitted_at__lte=until)
    still_there = rows.aggregate(at=Max("admitted_at"))["at"]
    erased = Entry.objects.filter(code="vault.erased", about_id__in=chosen).values_list("facts", flat=True)
    moments = [
        datetime.fromisoformat(one["last_admitted_at"]) for one in erased if one.get("last_admitted_at")
    ]
    moments = [at for at in moments if until is None or at <= until]
    return max([*moments, *([still_there] if still_there else [])], default=None)
