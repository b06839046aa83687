"""Verify a sealed PDF. Exit status 1 when its seal does not hold."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance.lib.refusals import Refused
from governance.reports import sealing, verifying


class Command(BaseCommand):
    help = "Say who sealed a PDF, when, and whether a byte changed since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--certificates",
            type=Path,
            default=None,
            metavar="DIR",
            help="certificates that were kept elsewhere",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verifying.check(
                options["file"].read_bytes(), options["certificates"] or sealing.published_in()
            )
        except (OSError, Refused) as problem:
            self.stderr.write(str(problem))
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps(found.facts))
        else:
            self.stdout.write(found.sentence)
            for label in ("number", "sealed_by", "issuer", "sealed_at", "stamped_at", "sha256"):
                if found.facts.get(label):
                    self.stdout.write(f"  {label.replace('_', ' ')}: {found.facts[label]}")
        if found.code != "sound":
            sys.exit(1)
