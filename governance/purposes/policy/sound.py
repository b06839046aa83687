"""Whether packs may be used: what is wrong with a folder of rules, with the dates that people read, with the retention rows."""

from pathlib import Path

from governance.lib import packs as lib_packs
from governance.lib.refusals import Refused
from governance.purposes.policy import packs, retention
from governance.purposes.policy.packs import PolicyPack


def examine(folder: Path) -> tuple[PolicyPack | None, list[str]]:
    """The pack of rules in this folder, and everything that is wrong with it and with the other packs in use."""
    wrong = lib_packs.problems()
    if wrong:
        return None, wrong  # the rules are read against laws.toml: first things first
    pack, broken = packs.examine(folder)
    wrong = [refusal.sentence for refusal in broken]
    if pack is not None:
        wrong += [f"{rule.file}, rule {rule.id}: it can never fire." for rule in packs.unused(pack)]
        wrong += _dates_that_differ(pack)
    return pack, wrong + _retention()


def _dates_that_differ(pack: PolicyPack) -> list[str]:
    """People read dates from laws.toml, rules apply by pack.toml: one day, or one of the two misleads."""
    provisions = lib_packs.provisions()
    wrong = []
    for name, provision in pack.shared.get("date_provision", {}).items():
        if provision not in provisions:
            wrong.append(f"pack.toml: laws.toml has no provision {provision} for the date {name}.")
        elif pack.tables.dates.get(name) != provisions[provision].from_:
            wrong.append(f"pack.toml: the date {name} differs from {provision} in laws.toml.")
    return wrong


def _retention() -> list[str]:
    try:
        retention.rows_of(lib_packs.load("retention").content)
    except Refused as refusal:
        return [refusal.sentence]
    return []
