"""Verify a sealed PDF. Exit status 1 when its seal does not hold, 2 when the file cannot be read."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.lib.refusals import Refused
from governance.reports import verifying

TOLD = (
    "number",
    "sealed_by",
    "issuer",
    "certificate",
    "sealed_at",
    "stamped_at",
    "stamped_by",
    "stamp",
    "sha256",
)


class Command(BaseCommand):
    help = "Say who sealed a PDF, when, and whether a byte changed since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--certificates", type=Path, default=settings.SEALS, metavar="DIR", help="certificates that were kept elsewhere"
        )  # fmt: skip

        parser.add_argument("--proof", type=Path, help="the file with its place in the log")
        parser.add_argument(
            "--keys", type=Path, default=settings.CHECKPOINTS, metavar="DIR", help="where the checkpoints' keys.json lies"
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = options["file"].read_bytes()
            found = verifying.check(document, options["certificates"])
            proof = options["proof"] and verifying.check_proof(
                document, options["proof"].read_bytes(), options["keys"]
            )
        except (OSError, Refused) as problem:
            self.stderr.write(str(problem))
            sys.exit(2)
        latest = None if found.report is None else found.newer is None
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    found.facts
                    | {"kept_here": found.report is not None, "latest": latest}
                    | ({"log": proof} if proof else {})
                )
            )
        else:
            self.stdout.write(found.sentence)
            for label in TOLD:
                if found.facts.get(label):
                    self.stdout.write(f"  {label.replace('_', ' ')}: {found.facts[label]}")
            if found.report is not None:
                self.stdout.write(
                    f"  kept here as: {found.report.number}"
                    + (f", replaced by {found.newer.number}" if found.newer else ", the latest")
                )
            if proof:
                self.stdout.write(proof["sentence"])
                if proof["proof"] == "in_log":
                    self.stdout.write(
                        f"  recorded at: {proof['recorded_at']}, position {proof['position']}, checkpoint {proof['checkpoint']}"
                    )
        if found.code != "sound" or (proof and proof["proof"] != "in_log"):
            sys.exit(1)
