"""What an entry of the register of systems may say, and when a system may leave it. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from governance.lib.refusals import Refused
from governance.purposes import lists
from governance.purposes.activity import CODE, COUNTRY

NAMED = 5  # activities that a refusal names


def check_system(said: Mapping[str, Any]) -> None:
    """`said`: code, country, kind and categories, as far as they are said."""
    if "code" in said and not CODE.fullmatch(said["code"]):
        raise Refused(_("A code has small letters, digits, _ and -, at most 40."), code="bad_code")
    if "country" in said and not COUNTRY.fullmatch(said["country"]):
        raise Refused(
            _("“%(word)s” is no country code. Write two capital letters, like IN or DE."),
            code="unknown_country", word=said["country"],
        )  # fmt: skip
    unknown = [code for code in said.get("categories", ()) if code not in lists.categories()]
    if "kind" in said and said["kind"] not in lists.codes("system_kind"):
        unknown.append(said["kind"])
    if unknown:
        raise Refused(_("“%(word)s” is not in the list."), code="unknown_code", word=unknown[0])


def check_not_retired(retired: bool) -> None:
    if retired:
        raise Refused(
            _("This system has left the register. Enter it anew, if data lie there again."), code="retired"
        )


def check_retire(named_by: Collection[str], because: str) -> None:
    """A system leaves the register when no activity names it any more. `named_by`: their numbers."""
    if named_by:
        first = ", ".join(sorted(named_by)[:NAMED])
        says = ngettext_lazy(
            "%(n)s activity still names this system (%(first)s). Change or retire it first.",
            "%(n)s activities still name this system (%(first)s). Change or retire them first.",
            len(named_by),
        )
        raise Refused(says, code="still_named", n=len(named_by), first=first)
    if not because.strip():
        raise Refused(_("Write where its data went: people will read it later."), code="no_reason")
