"""Pass on a person's own word that was said at another program: only to exact words, only through the ledger's verbs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.consents import ledger, receipts
from governance.consents.models import ConsentRecord, Receipt
from governance.interfaces.callers import Caller, Problem
from governance.people.models import Person
from governance.purposes.models import Notice, Purpose


def find_purpose(caller: Caller, number: str) -> Purpose:
    row = Purpose.objects.select_related("entity").filter(number=number, pk__in=caller.purposes).first()
    if row is None:
        raise Problem(404, "no_such_purpose", _("Your key knows no purpose of this number."))
    return row


def find_person(caller: Caller, name: str) -> Person:
    """Somebody who works, or has worked, at the client's entity, by number or id."""
    here = Person.objects.filter(is_active=True, employments__entity_id=caller.entity_id).distinct()
    row = here.filter(number=name).first()
    if row is None:
        try:
            row = here.filter(pk=UUID(name)).first()
        except ValueError:
            row = None
    if row is None:
        raise Problem(404, "no_such_person", _("Nobody of this number or id works at this entity."))
    return row


def notice_of(purpose: Purpose, version: int, language: str, text_sha256: str) -> Notice:
    """The notice that the person has read, word for word; what is asked for otherwise is refused by a code."""
    notice: Notice | None = purpose.published_notice()
    if notice is None or notice.version != version:
        raise Problem(
            409, "stale_notice", _("The notice has changed. Show the person the new one, and let them decide again.")
        )  # fmt: skip
    text = next((text for text in notice.usable_texts() if text.language == language), None)
    if text is None:
        raise Problem(409, "no_notice", _("There is no notice in this language that anybody could agree to."))
    if text.sha256 != text_sha256:
        raise Problem(
            409, "other_words",
            _("The fingerprint is not that of our words in this language. The person has to read these, no others."),
        )  # fmt: skip
    return notice


def method(caller: Caller) -> str:
    return f"client:{caller.id}"


def told(receipt: Receipt | receipts.Written, purpose: str) -> dict[str, Any]:
    """What the program hears of the receipt of a word about the purpose of this number; shapes.Written documents it."""
    return {
        "receipt": receipt.number, "kind": receipt.kind, "purpose": purpose, "events": [str(pk) for pk in receipt.events],
        "at": receipt.at.isoformat(), "sha256": receipt.sha256,
    }  # fmt: skip


def give(
    caller: Caller, purpose: Purpose, person: Person, signals: Iterable[str], *, version: int, language: str, text_sha256: str
) -> Receipt:  # fmt: skip
    """The person's yes to these signals stands in the ledger, said at this client."""
    caller.needs("consents.write")
    notice = notice_of(purpose, version, language, text_sha256)
    # The page puts a purpose before nobody whom none of its programmes can be about; a program might.
    return ledger.give(
        purpose, signals, by=person, notice=notice, language=language, method=method(caller), unasked=True
    )


def withdraw(caller: Caller, purpose: Purpose, person: Person, signal: str = "") -> Receipt:
    """The person's withdrawal of one signal, or of everything for this purpose, is in force."""
    caller.needs("withdrawals.write")
    if not signal:
        return ledger.withdraw_purpose(purpose, by=person, method=method(caller))
    record = (
        ConsentRecord.objects.filter(person=person, purpose=purpose, signal=signal)
        .order_by("-number")
        .first()
    )
    if record is None:
        raise Problem(409, "nothing_on", _("Nothing is switched on, so there is nothing to withdraw."))
    return ledger.withdraw(record.pk, by=person, method=method(caller))
