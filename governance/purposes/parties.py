"""What the record of processors still lacks: of one who processes for us (Art. 28), of one for whom we process (Art. 30(2)). Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.lib import packs
from governance.lib.refusals import Refused
from governance.purposes import lists
from governance.purposes.activity import COUNTRY
from governance.purposes.entry import is_outside_eea

SOON = 90  # days before its end that a contract is shown as ending


@dataclass(frozen=True)
class Gap:
    field: str
    cite: str
    sentence: Any


def contract_state(begins: date | None, ends: date | None, on: date) -> tuple[str, int]:
    """("none" | "coming" | "running" | "ending" | "ended", days until it ends or since). No end: 0 days."""
    if begins is None:
        return "none", 0
    if begins > on:
        return "coming", (begins - on).days
    if ends is None:
        return "running", 0
    days = (ends - on).days
    if days <= 0:
        return "ended", -days
    return ("ending" if days <= SOON else "running"), days


def clauses_missing(clauses: Collection[str]) -> list[str]:
    """Of Art. 28(3)(a)–(h), in their order."""
    return [code for code in lists.codes("clause") if code not in clauses]


def lacking(
    *, contract: str, state: str, clauses: Collection[str], contact: str, country: str, tool: str,
    subprocessors: Collection[Mapping[str, Any]], home_in_eea: bool, on: date,
) -> list[Gap]:  # fmt: skip
    """What is missing of a processor. `state`: of its contract; `home_in_eea`: GDPR governs what it is given."""

    def gaps() -> Iterator[Gap]:
        if not contact:
            yield Gap("contact", packs.cite("gdpr.30-2", on, "(a)"), _("Record whom to ask there."))
        if not contract or state in ("none", "ended"):
            yield Gap("contract", packs.cite("gdpr.28-3", on), _("There is no contract in force."))
        elif left_out := clauses_missing(clauses):
            names = ", ".join(lists.label("clause", code) for code in left_out)
            yield Gap(
                "clauses",
                packs.cite("gdpr.28-3", on),
                _("The contract does not say: %(clauses)s.") % {"clauses": names},
            )
        if "subprocessors" in clauses and any(not sub.get("agreed_on") for sub in subprocessors):
            yield Gap(
                "subprocessors",
                packs.cite("gdpr.28-3", on, "(d)"),
                _("Record when each sub-processor was agreed to."),
            )
        abroad = is_outside_eea(country) or any(
            is_outside_eea(str(sub.get("country", ""))) for sub in subprocessors
        )
        if home_in_eea and abroad and not tool:
            yield Gap("tool", packs.cite("gdpr.46", on), _("Data leave the EEA: name the safeguard."))

    return list(gaps())


def lacking_mandate(
    *, controller_contact: str, controller_country: str, representative: str, categories: str, countries: Collection[str],
    safeguards: str, security: Collection[str], security_note: str, contract: str, on: date,
) -> list[Gap]:  # fmt: skip
    """What Art. 30(2)(a)–(d) asks for and is not there."""

    def gaps() -> Iterator[Gap]:
        if not controller_contact:
            yield Gap(
                "controller_contact",
                packs.cite("gdpr.30-2", on, "(a)"),
                _("Record the contact of the controller."),
            )
        if is_outside_eea(controller_country) and not representative and countries:
            yield Gap(
                "representative",
                packs.cite("gdpr.30-2", on, "(a)"),
                _("Record the controller’s representative, where there is one."),
            )
        if not categories.strip():
            yield Gap(
                "categories", packs.cite("gdpr.30-2", on, "(b)"), _("Say what is done for this controller.")
            )
        if any(is_outside_eea(country) for country in countries) and not safeguards:
            yield Gap(
                "safeguards", packs.cite("gdpr.30-2", on, "(c)"), _("Name the safeguards of the transfers.")
            )
        if not security and not security_note:
            yield Gap("security", packs.cite("gdpr.30-2", on, "(d)"), _("Describe the security measures."))
        if not contract:
            yield Gap(
                "contract", packs.cite("gdpr.28-3", on), _("Record the contract under which it is done.")
            )

    return list(gaps())


MANDATE = ("controller_country", "countries", "security", "starts_on", "ends_on")


def check_mandate(said: Mapping[str, Any]) -> None:
    """`said`: the fields of MANDATE, as far as they are said."""
    for code in said.get("security", ()):
        if code not in lists.codes("security"):
            raise Refused(_("“%(word)s” is not in the list."), code="unknown_code", word=code)
    for country in (*said.get("countries", ()), said.get("controller_country", "")):
        if country and not COUNTRY.fullmatch(country):
            raise Refused(
                _("“%(word)s” is no country code. Write two capital letters, like IN or DE."),
                code="unknown_country", word=country,
            )  # fmt: skip
    begins, ends = said.get("starts_on"), said.get("ends_on")
    if begins and ends and ends <= begins:
        raise Refused(_("The contract would end before it begins."), code="ends_before_it_begins")


def check_seen(seen: Any, now: Any) -> None:
    """Two people at one entry: the second is told. `seen`: when it was last changed, as the writer saw it; None: not asked."""
    if seen is not None and seen != now:
        raise Refused(
            _("Somebody else changed this entry while you were writing. Look at what they wrote, and save again."),
            code="edited_meanwhile",
        )  # fmt: skip
