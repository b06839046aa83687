"""What a notice has to tell, by which provision, for one activity: DPDP Act s.5 and Rules r.3, GDPR Art. 13 and 14. Pure.

The rows are data (packs/signals.toml, [element.*] and [whole.*]); their conditions are the words of CONDITIONS.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.lib import packs
from governance.purposes import catalogue
from governance.purposes.activity import Activity

FROM_THE_PERSON = ("", "person", "capture_client")


@dataclass(frozen=True)
class Beside:
    """What bears on a notice and does not stand in the activity: the controller, and where its processors are."""

    controller_country: str = ""
    has_officer: bool = False  # a data protection officer is appointed
    countries: frozenset[str] = frozenset()  # of recipients, also those that the register of processors names


NOTHING = Beside()


def _elsewhere(activity: Activity, _beside: Beside) -> bool:
    return any(item.source not in FROM_THE_PERSON for item in activity.items)


def _from_person(activity: Activity, _beside: Beside) -> bool:
    return not activity.items or any(item.source in FROM_THE_PERSON for item in activity.items)


def _transfers(activity: Activity, beside: Beside) -> bool:
    """Somebody outside the EEA gets the data; also where a decision of adequacy covers it: it is told all the same."""
    countries = {r.country for r in activity.recipients if r.country} | beside.countries
    return bool(countries - _eea())


def _representative(_activity: Activity, beside: Beside) -> bool:
    return bool(beside.controller_country) and beside.controller_country not in _eea()


def _eea() -> set[str]:
    return set(packs.load("laws").content["jurisdictions"]["EU"])


CONDITIONS: dict[str, Callable[[Activity, Beside], bool]] = {
    "consent_in": lambda a, _: a.ground_in == "s6",
    "consent_eu": lambda a, _: a.basis_eu == "a",
    "from_person": _from_person,
    "from_elsewhere": _elsewhere,
    "interests": lambda a, _: a.basis_eu == "f",
    "joint": lambda a, _: bool(a.joint_controllers),
    "representative": _representative,
    "officer": lambda _, beside: beside.has_officer,
    "transfers": _transfers,
    "automated": lambda a, _: bool(a.art22) or "solely_automated" in a.circumstances,
}


@dataclass(frozen=True)
class Asked:
    """One law asks for something, by one provision. `part` follows the citation: "(1)(c)"."""

    law: str
    provision: str
    part: str = ""

    def cite(self, on: date) -> str:
        return packs.cite(self.provision, on, self.part)


@dataclass(frozen=True)
class Whole:
    """Something that the text must be as a whole; `findings` are the codes of the lint that speak against it."""

    code: str
    asked: tuple[Asked, ...]
    findings: frozenset[str]

    def heading(self, language: str) -> str:
        return catalogue.whole_heading(self.code, language)


def asked(
    activity: Activity, jurisdictions: Collection[str], beside: Beside = NOTHING
) -> dict[str, list[Asked]]:
    """Element → who asks for it, in the order in which a notice tells it; only what this activity makes necessary."""
    rows = packs.load("signals").content["element"]
    found = {
        code: _holding(row.get("asked", ()), activity, jurisdictions, beside) for code, row in rows.items()
    }
    return {code: who for code, who in found.items() if who}


def required(
    activity: Activity, jurisdictions: Collection[str], on: date, beside: Beside = NOTHING
) -> dict[str, list[str]]:
    """Element → citations as a text of this day may name them."""
    return {
        code: [row.cite(on) for row in who] for code, who in asked(activity, jurisdictions, beside).items()
    }


def of_the_whole(activity: Activity, jurisdictions: Collection[str], beside: Beside = NOTHING) -> list[Whole]:
    """What the laws want of the text as a whole: stands by itself, is plain, is free, stops as easily as it starts."""
    rows = packs.load("signals").content["whole"].items()
    found = [
        Whole(
            code,
            tuple(_holding(row["asked"], activity, jurisdictions, beside)),
            frozenset(row.get("findings", ())),
        )
        for code, row in rows
    ]
    return [whole for whole in found if whole.asked]


def _holding(
    rows: Collection[dict[str, Any]], activity: Activity, jurisdictions: Collection[str], beside: Beside
) -> list[Asked]:
    return [
        Asked(row["law"], row["provision"], row.get("part", ""))
        for row in rows
        if row["law"] in jurisdictions
        and all(CONDITIONS[word](activity, beside) for word in row.get("when", ()))
    ]
