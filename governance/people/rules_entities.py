"""Legal facts of an entity: what they may be, which of them notices say, and who agrees to a change of those. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from governance.lib import languages
from governance.lib.refusals import Refused

# What people read of a controller, in notices, receipts and certificates: two people change it.
TOLD = frozenset({"name", "address", "country", "contact_name", "contact_email", "dpo_name", "dpo_email", "eu_representative"})  # fmt: skip
ALONE = frozenset({"timezone", "languages"})
NEEDED = ("name", "address", "country", "contact_name", "contact_email", "timezone")
AGREE = frozenset({"dpo", "legal"})  # of this entity, or, for a new one, of any


def check_facts(said: Mapping[str, Any]) -> None:
    """`said`: all facts of the entity as they would stand."""
    for name in NEEDED:
        if not str(said[name]).strip():
            raise Refused(
                _("Name, address, country, contact and time zone may not be empty."), code="fact_missing"
            )
    if not re.fullmatch(r"[A-Z]{2}", said["country"]):
        raise Refused(_("Write the country as two capital letters, like IN or DE."), code="unknown_country")
    if said["timezone"] not in available_timezones():
        raise Refused(_("There is no such time zone. Write it like Asia/Kolkata."), code="unknown_timezone")
    for tag in said["languages"]:
        if languages.canonical(tag) != tag:
            raise Refused(
                _("“%(language)s” is not one of the languages of this portal. Choose one of the list."),
                code="no_such_language", language=tag,
            )  # fmt: skip
    if bool(said["dpo_name"]) != bool(said["dpo_email"]):
        raise Refused(
            _("Write name and address of the data protection officer, or neither."), code="half_an_officer"
        )


def check_code(code: str) -> None:
    if not re.fullmatch(r"[A-Z][A-Z0-9-]{0,19}", code):
        raise Refused(_("A code has capital letters, digits and -, at most 20, like NSP."), code="bad_code")


def check_changed(fields: Collection[str], open_change: bool) -> None:
    if not fields:
        raise Refused(_("Nothing was changed."), code="nothing_changed")
    if open_change:
        raise Refused(
            _("A change of this entity waits for somebody’s answer. Wait for it first."), code="change_waits"
        )


def check_second(
    fields: Collection[str], *, by: UUID, second: UUID | None, second_roles: Collection[str]
) -> None:
    """Four eyes where the change alters what people are told."""
    if not TOLD & set(fields):
        return
    if second is None or second == by:
        raise Refused(
            _("Notices say this, so a second person has to agree: somebody else than you."),
            code="second_needed",
        )
    if not AGREE & set(second_roles):
        raise Refused(
            _("The second person must be data protection officer or legal there."), code="second_may_not"
        )


def check_may_edit(may: bool) -> None:
    if not may:
        raise Refused(_("Only an administrator changes the facts of this entity."), code="not_an_admin")


def check_answer(asked_of_them: bool, answered: bool) -> None:
    """Who was asked to agree answers, once."""
    if not asked_of_them:
        raise Refused(_("Somebody else was asked this."), code="not_asked")
    if answered:
        raise Refused(_("You have answered this already."), code="answered")
