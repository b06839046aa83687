"""Links in e-mails to those who get a report by schedule: for one person and one report, for some days, after signing in.

A link opens nothing that its reader may not open anyway; whoever else finds it in a mailbox has to sign in and is refused.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from governance.people.models import Person
from governance.reports.models import Report

SALT = "reports.link"
DAYS = 7  # our own measure, of no law


@dataclass(frozen=True)
class Link:
    """`is_over`: it was one of ours, and its days are over."""

    report_id: UUID
    person_id: UUID
    is_over: bool


def of(report: Report, person: Person) -> str:
    """The path of a link that this person can follow for some days."""
    token = signing.dumps([report.pk.hex, person.pk.hex], salt=SALT)
    return reverse("reports:link", args=[token])


def read(token: str) -> Link | None:
    """What the link leads to; None for what we did not sign."""
    try:
        report, person = signing.loads(token, salt=SALT)
        ids = UUID(report), UUID(person)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    try:
        signing.loads(token, salt=SALT, max_age=timedelta(days=DAYS))
    except signing.SignatureExpired:
        return Link(*ids, is_over=True)
    return Link(*ids, is_over=False)
