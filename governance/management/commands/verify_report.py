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

TOLD = ("number", "sealed_by", "issuer", "certificate", "sealed_at", "stamped_at", "sha256")


class Command(BaseCommand):
    help = "Say who sealed a PDF, when, and whether a byte changed since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--certificates", type=Path, default=settings.SEALS, metavar="DIR", help="certificates that were kept elsewhere"
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verifying.check(options["file"].read_bytes(), options["certificates"])
        except (OSError, Refused) as problem:
            self.stderr.write(str(problem))
            sys.exit(2)
        latest = None if found.report is None else found.newer is None
        if options["json"]:
            self.stdout.write(
                json.dumps(found.facts | {"kept_here": found.report is not None, "latest": latest})
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
        if found.code != "sound":
            sys.exit(1)
