"""Some messages are also sent by e-mail: that there is news, and where. Never what it is about.

A mailbox at work may be read by others, and what somebody decided is theirs; so the e-mail names neither purpose nor
decision, and every kind of message reads the same from outside. The rows are the truth: what was not sent is found
again, what somebody has read in the portal is not sent any more.
"""

from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from governance.lib import clock, languages
from governance.people.models import Message

BY_MAIL = frozenset(
    {
        "consent_ends_soon", "consent_superseded", "consent_expired", "order_done", "objection_upheld", "objection_rejected",
        "request_answered", "password_changed", "address_to_change", "name_opened",
        "representation_recorded", "representation_verified", "request_for_other_answered",
        "report_scheduled", "report_ready", "report_failed",
    }
)  # fmt: skip
WITHIN = timedelta(days=3)  # older news is not news; and nobody is flooded when mail works again


def send_waiting(limit: int = 200) -> int:
    """Every message that is due was sent; how many. A server that does not answer ends the round."""
    sent = 0
    for pk in _waiting()[:limit]:
        try:
            sent += _send(pk)
        except (OSError, SMTPException):
            break
    return sent


def _waiting() -> list[int]:
    rows = Message.objects.filter(
        code__in=BY_MAIL, sent_at__isnull=True, read_at__isnull=True, created_at__gt=clock.now() - WITHIN,
        person__is_active=True, person__forgotten_at__isnull=True, person__email__isnull=False,
    ).exclude(person__email="")  # fmt: skip
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _send(pk: int) -> int:
    """Marked as sent and sent, or neither; a second worker finds the row taken."""
    row = (
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("person")
        .filter(pk=pk, sent_at__isnull=True)
        .first()
    )
    if row is None or not row.person.email:
        return 0
    Message.objects.filter(pk=pk).update(sent_at=Now())
    subject, text = letter(row.person.language, str(row.facts.get("link", "")))
    send_mail(subject, text, None, [row.person.email])
    return 1


def letter(language: str, link: str = "") -> tuple[str, str]:
    """Subject and text, the same for every message, in this language where the pages are in it.

    `link`: a path that leads to where the message leads, for some days and for its reader alone; it names nothing.
    """
    with translation.override(languages.of_pages(language, own=True)):
        where = f"\n\n{settings.PUBLIC_URL}{link or '/people/messages/'}" if settings.PUBLIC_URL else ""
        text = _(
            "There is a message for you in Sammati. Sign in to read it.\n\n"
            "For your protection this e-mail does not say what it is about."
        )
        return str(_("There is a message for you in Sammati")), f"{text}{where}\n"
