"""Check a policy pack before it is used. Exit status 1 when anything in it is wrong."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance.purposes.policy import packs, sound
from governance.purposes.policy.packs import PolicyPack

# Papers that no rule asks for, but the life of a capture programme does (capture.gate, packs/capture.toml).
PROGRAMMES = {"client_permission", "incident_report"}


class Command(BaseCommand):
    help = (
        "Check a folder of policy packs: unknown facts and words, missing citations, ids that stand twice, rules that can "
        "never fire, dates that differ from the laws pack."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, default=None, help="the pack; without it, the one in use"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or packs.place()
        pack, wrong = sound.examine(folder)
        notes = _notes(pack) if pack is not None else []
        laws = Counter(rule.law for rule in pack.rules) if pack else Counter()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "valid": not wrong, "version": pack and pack.version, "sha256": pack and pack.sha256,
                        "rules": dict(laws), "problems": wrong, "notes": notes,
                    },
                    ensure_ascii=False,
                )
            )  # fmt: skip
        else:
            for line in wrong:
                self.stdout.write(line)
            for line in notes:
                self.stdout.write(f"Note: {line}")
            if pack is not None and not wrong:
                counts = ", ".join(f"{number} {law}" for law, number in sorted(laws.items()))
                self.stdout.write(
                    f"{pack.name} {pack.version}: {len(pack.rules)} rules ({counts}) are sound."
                )
                self.stdout.write(f"sha256 {pack.sha256}")
        if wrong:
            sys.exit(1)


def _notes(pack: PolicyPack) -> list[str]:
    notes = [
        f"{rule.id} has no sentence in Hindi." for rule in pack.rules if "hi" not in dict(rule.sentences)
    ]
    named = {kind for rule in pack.rules for kind in rule.needs} | {
        kind for gate in pack.gate for kind in gate.needs
    }
    named |= {act for listed in pack.acts.values() for act in listed}
    asked = " ".join([rule.when for rule in pack.rules] + [gate.when for gate in pack.gate])
    named |= PROGRAMMES
    notes += [
        f"no rule asks for the evidence {kind}."
        for kind in pack.shared["evidence"]
        if kind not in named and kind not in asked
    ]
    return notes
