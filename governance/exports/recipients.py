"""Who may open packages: registered by one, compared and confirmed by another."""

import hashlib
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.exports import rules
from governance.exports.models import Recipient
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person


@transaction.atomic
def register(entity: Entity, name: str, public_key: bytes, *, by: Person) -> Recipient:
    """The key stands there and opens nothing yet: a second person compares it first. Raises Refused."""
    rules.check_recipient(public_key, name, by.holds("exports.ask", entity.pk))
    fingerprint = hashlib.sha256(public_key).hexdigest()
    if Recipient.objects.filter(entity=entity, fingerprint=fingerprint, ended_at__isnull=True).exists():
        raise Refused(rules._("This key is registered already."), code="key_known")
    recipient = Recipient.objects.create(
        entity=entity, name=name.strip(), public_key=public_key, fingerprint=fingerprint, registered_by=by
    )
    log.record("recipient.registered", by=by, about=recipient, fingerprint=fingerprint)
    return recipient


@transaction.atomic
def confirm(recipient_id: UUID, *, by: Person) -> Recipient:
    """Somebody else has compared the fingerprint with the recipient, over another way: packages may be sealed to it."""
    recipient = Recipient.objects.select_for_update().get(pk=recipient_id)
    rules.check_confirm(
        by.holds("exports.advise", recipient.entity_id),
        recipient.registered_by_id == by.pk,
        recipient.confirmed_at is None and recipient.ended_at is None,
    )
    Recipient.objects.filter(pk=recipient.pk).update(confirmed_by=by, confirmed_at=Now())
    log.record("recipient.confirmed", by=by, about=recipient, fingerprint=recipient.fingerprint)
    recipient.refresh_from_db()
    return recipient


@transaction.atomic
def end(recipient_id: UUID, *, by: Person) -> Recipient:
    """Nothing more is sealed to this key. Who registers and who confirms may both end it."""
    recipient = Recipient.objects.select_for_update().get(pk=recipient_id)
    if not (by.holds("exports.ask", recipient.entity_id) or by.holds("exports.advise", recipient.entity_id)):
        raise Refused(rules._("This is decided by somebody else."), code="not_theirs_to_say")
    if Recipient.objects.filter(pk=recipient.pk, ended_at__isnull=True).update(ended_at=Now()):
        log.record("recipient.ended", by=by, about=recipient)
    recipient.refresh_from_db()
    return recipient
