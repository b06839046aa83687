"""A client has emptied its buffer of one person: its receipt, kept for the certificate of what was erased."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.db import connection, transaction

from governance.audit import log
from governance.capture import rules
from governance.capture.gate import BatchRefused, Sender
from governance.capture.models import Device, Wiped
from governance.capture.shapes import Word
from governance.people.models import Person


class Receipt(msgspec.Struct, forbid_unknown_fields=True):
    """What the client posts. `events`: how many it held back and has destroyed, unsent."""

    device: Word
    user: Word
    wiped_at: Annotated[datetime, msgspec.Meta(tz=True)]
    events: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


DECODE = msgspec.json.Decoder(Receipt, strict=True)


def read(body: bytes) -> Receipt:
    """The receipt, or BatchRefused; never a value of it in the answer."""
    try:
        receipt = DECODE.decode(body)
    except msgspec.ValidationError:
        raise BatchRefused("wrong_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BatchRefused("not_json") from None
    if "\0" in receipt.device + receipt.user:
        raise BatchRefused("wrong_shape")
    return receipt


@transaction.atomic
def keep(receipt: Receipt, *, client: Sender) -> dict[str, Any]:
    """The receipt is on file; the same one again changes nothing. Raises BatchRefused."""
    device = Device.objects.filter(client_id=client.client_id, number=receipt.device).first()
    if device is None:
        raise BatchRefused("wrong_client")
    # Only of somebody who was at this device: a client cannot write about others.
    person = Person.objects.filter(number=receipt.user, bindings__device=device).first()
    if person is None:
        raise BatchRefused("unknown_person")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    if not now - rules.BEHIND <= receipt.wiped_at <= now + rules.AHEAD:
        raise BatchRefused("bad_time")
    row, made = Wiped.objects.get_or_create(
        device=device, person=person, wiped_at=receipt.wiped_at,
        defaults={"purpose_id": client.purpose_id, "events": receipt.events},
    )  # fmt: skip
    if made:
        log.record("buffer.wiped", about=device, purpose=client.purpose_id, wiped_at=receipt.wiped_at)
    return {"kept": True, "receipt": row.pk}
