"""What orders, their states and their causes are called, to those who carry them out and to the person concerned."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.people.models import Person
from governance.retention.models import ErasureOrder

BECAUSE = {
    "consent.withdrawn": _("Consent was withdrawn"),
    "consent.expired": _("Consent has expired"),
    "consent.revoked": _("The purpose was stopped"),
    "consent.invalidated": _("The consent was found to be invalid"),
    "opt_out.placed": _("The person opted out"),
    "objection.upheld": _("The person objected, and it was upheld"),
    "rule.due": _("The retention period is over"),
    "request.erasure": _("The person asked for erasure"),
    "employment.ended": _("The employment has ended, and the time after it is over"),
    "acting.ended": _("They speak for nobody here any more"),
    "purpose.ended": _("The purpose has ended"),
    "programme.ended": _("The programme has ended, and the time after it is over"),
    "own_content.deleted": _("The person deleted it"),
}
# What no person chose, and what shows nothing that one did: the only causes that others than they and the DPO are told.
# That consent expired or was revoked stays untold too: it shows that there was a yes, and it keeps the sentence below
# from meaning "this person said no".
NOBODYS_CHOICE = frozenset({"rule.due", "employment.ended", "purpose.ended"})
UNTOLD = _("A right was used or a period ended")
TO_THE_PERSON = {
    "waiting": _("Your data are about to be erased."),
    "erasing": _("Your data are being erased."),
    "done": _("The data that this is about were erased. We looked again afterwards and found nothing."),
    "partly": _("Your data were erased in part. The rest is tried again by itself."),
    "needs_attention": _(
        "Your data could not be erased completely. The data protection officer has been asked to look."
    ),
    "merged": _("Your data are erased with another order of yours."),
    "called_off": _("Your data stay: you came back before they were erased."),
    "held": _("Your data are kept for a legal claim, and are used for nothing else."),
    "restricted_hold": _(
        "Your data are locked away and used for nothing. The law asks to keep them until %(until)s; then they are erased."
    ),
    "retention_conflict": _(
        "Two laws disagree about your data: one asks to keep them, the other to erase them. They are locked away until "
        "somebody accountable has decided."
    ),
}
ANONYMOUS = {
    "waiting": _("Your name and number are about to be taken out of data that stay."),
    "erasing": _("Your name and number are being taken out of data that stay."),
    "done": _("The data stay without you: we looked for you in them afterwards and found nothing."),
    "partly": _("You were taken out of a part of the data. The rest is tried again by itself."),
}
# A fault is a class of error in the journal; people read what it means.
FAULTS = {
    "SystemAway": _("The system did not answer or refused our login."),
    "held": _("It is kept for a legal claim. The other systems are erased."),
    "CannotAnonymise": _(
        "The rule says to make the data anonymous, and nobody has said how that is done in this system."
    ),
    "NoMap": _("Nobody has confirmed where in this system the data lie."),
    "waits": _("It is erased last, when the other systems have been read back empty."),
    "MentionedElsewhere": _("The name still stands elsewhere in the portal."),
    "CannotLookInside": _("A file could not be read back: it is locked, broken or too large."),
    "ParquetPackageMissing": _(
        "There is a Parquet file, and the package pyarrow that reads it is not installed where the eraser runs."
    ),
    "NotReadable": _("A file is not as the map says."),
    "FileFault": _("A file could not be worked on."),
    "TooLarge": _("The database's file is too large to be looked through byte by byte."),
    "S3Fault": _("The file store refused a request. Its administrator can see which."),
    "RedisFault": _("The key store refused a command. Its administrator can see which."),
    "HttpFault": _("The other system's answer was not what was agreed, so nothing of it was believed."),
    "NobodyToAsk": _("Whoever should erase this by hand has left. Name somebody else in the map."),
    "window": _("The system may only be worked on at certain hours. It is tried again when they begin."),
    "pace": _("The system may only be worked on so often in an hour. It is tried again after that."),
}


def because(order: ErasureOrder) -> Any:
    """The cause as it is: for the person concerned."""
    return BECAUSE.get(order.because, order.because)


def because_to(order: ErasureOrder, reader: Person) -> Any:
    """The cause as this reader may know it: exactly to the person and the DPO, to others only where nobody chose."""
    return because(order) if tells_cause(order, reader) else anybodys(order.because)


def tells_cause(order: ErasureOrder, reader: Person) -> bool:
    return order.person_id == reader.pk or reader.holds("retention.view_causes", order.entity_id)


def anybodys(because: str) -> Any:
    """A cause for documents that anybody may come to hold."""
    return BECAUSE[because] if because in NOBODYS_CHOICE else UNTOLD


def anybodys_code(because: str) -> str:
    """The same for machines: "untold" where the cause is a choice."""
    return because if because in NOBODYS_CHOICE else "untold"


def to_the_person(order: ErasureOrder, until: str) -> str:
    state = order.shown_state()
    if order.action == "anonymise" and state in ANONYMOUS:
        return str(ANONYMOUS[state])
    return str(TO_THE_PERSON[state]) % {"until": until}


def fault(what: str) -> Any:
    return next(
        (words for code, words in FAULTS.items() if what.startswith(code)),
        _("The system answered with an error."),
    )


def reasons(order: ErasureOrder) -> list[str]:
    """The sentences and citations that made the order what it is; advice and decisions stand apart."""
    return [reason for reason in order.reasons if isinstance(reason, str)]


def reasons_shown(order: ErasureOrder) -> list[str]:
    """Those that the person concerned may read."""
    return reasons(order) if order.shown_state() == order.state else []


def spoken(order: ErasureOrder) -> list[dict[str, Any]]:
    """Advice and decision on a conflict, in order."""
    return [reason for reason in order.reasons if isinstance(reason, dict)]
