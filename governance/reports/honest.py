"""What a seal shows and what it does not, in one sentence that is the same on the page, on paper and in a verification."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from governance.reports import dates
from governance.reports.models import Report


def sentence(entity: str, since: str, *, own: bool) -> str:
    """`own`: a key that the entity made itself, by nobody's authority."""
    said = {"entity": entity, "time": since}
    if own:
        return (
            _(
                "Sealed by %(entity)s with its own key: shows that nothing changed since %(time)s, not who %(entity)s is."
            )
            % said
        )
    return (
        _(
            "Sealed by %(entity)s with a certificate that was given to it: shows that nothing changed since %(time)s. Who %(entity)s is, says whoever gave the certificate."
        )
        % said
    )


def of(report: Report) -> str:
    """The sentence of a ready report; "" where it carries no seal."""
    if not report.seal:
        return ""
    return sentence(report.entity.name, moment(report.seal["at"]), own=bool(report.seal["own"]))


def moment(iso: str) -> str:
    at = localtime(datetime.fromisoformat(iso))
    return f"{dates.moment(at)} ({at.tzname()})"


def on_paper(entity: dict[str, Any], own: bool) -> str:
    """Said by the pages themselves, which are drawn before the seal is put on: so it says what a copy without one is."""
    return f"{sentence(entity['name'], _('it was put on'), own=own)} {_('A copy without a whole seal is not this document.')}"
