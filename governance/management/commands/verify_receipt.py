"""Check one receipt against the published keys. Exit status 1 when it is not a genuine receipt of this portal."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.consents import verifying


class Command(BaseCommand):
    help = "Check a receipt (.jws or .json) and say in plain words what it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_bytes().decode(errors="replace")
        except OSError as error:
            raise CommandError(f"This file cannot be read: {error.strerror}.") from None
        finding = verifying.check(text)
        self.stdout.write(finding.sentence)
        for label, value in finding.facts.items():
            self.stdout.write(f"  {label}: {value}")
        if not finding.ok:
            sys.exit(1)
