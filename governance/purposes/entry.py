"""An entry of the register as completeness sees it: the activity, what stands beside it, and the words of the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.lib import packs
from governance.purposes import lists
from governance.purposes.activity import Activity, Item, Recipient, laws

SPECIAL = frozenset({"HL", "BM"})  # categories of data under GDPR Art. 9
SPECIAL_USES = frozenset({"race", "politics", "religion", "union_membership", "sex_life"})


@dataclass(frozen=True)
class Contract:
    """What the register of processors knows of one."""

    country: str = ""
    contract: bool = False  # in writing, with its reference
    clauses: frozenset[str] = frozenset()
    tool: str = ""

    @property
    def clauses_missing(self) -> list[str]:
        return [code for code in lists.codes("clause") if code not in self.clauses]


@dataclass(frozen=True)
class Beside:
    """What stands beside an activity in the register."""

    country: str = ""  # of the controller
    controller: bool = False  # name, address and contact are recorded
    representative: bool = False  # Art. 27
    dpo: bool = False
    owner: bool = False
    review: bool = False
    notice: bool = False  # a published one
    evidence: frozenset[str] = frozenset()  # kinds that count on the day
    assessed: frozenset[str] = frozenset()  # items with a living value assessment
    processors: Mapping[str, Contract] = field(default_factory=dict)  # by code


@dataclass(frozen=True)
class Entry:
    """An activity and what stands beside it, with the words in which requirements are written."""

    a: Activity
    b: Beside

    @property
    def laws(self) -> tuple[str, ...]:
        return laws(self.a)

    @property
    def in_uk(self) -> bool:
        return "GB" in self.a.countries or self.b.country == "GB"

    def says(self, circumstance: str) -> bool:
        return circumstance in self.a.circumstances

    @property
    def captured(self) -> tuple[Item, ...]:
        return self.a.signals

    @property
    def special(self) -> bool:
        return any(item.category in SPECIAL or SPECIAL_USES & set(item.uses) for item in self.a.items)

    @property
    def watched(self) -> bool:
        """Systematic monitoring: GDPR Art. 35(3), 37(1)(b)."""
        return bool(self.captured) or self.says("monitoring_capable")

    @property
    def uses_ai(self) -> bool:
        return bool(self.a.ai_system) or self.says("uses_ai") or self.a.trains_ai

    @property
    def controller_is_outside(self) -> bool:
        return is_outside_eea(self.b.country)

    @property
    def outsiders(self) -> list[Recipient]:
        return [recipient for recipient in self.a.recipients if recipient.kind != "internal"]

    @property
    def processing(self) -> list[Recipient]:
        return [r for r in self.a.recipients if r.kind == "processor" or r.processor]

    def contract(self, recipient: Recipient) -> Contract:
        return self.b.processors.get(recipient.processor, Contract())

    def country_of(self, recipient: Recipient) -> str:
        return recipient.country or self.contract(recipient).country

    def tool_of(self, recipient: Recipient) -> str:
        return recipient.tool or self.contract(recipient).tool

    @property
    def transfers(self) -> list[Recipient]:
        """Recipients outside the EEA, of data to which the GDPR applies."""
        there = [r for r in self.a.recipients if is_outside_eea(self.country_of(r))]
        return there if "EU" in self.laws else []


def is_outside_eea(country: str) -> bool:
    return bool(country) and country not in packs.load("laws").content["jurisdictions"]["EU"]
