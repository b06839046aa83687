"""Where everybody stands, rebuilt from what was said. With --check nothing is written; exit status 1 when a row differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance.consents import rebuilding
from governance.consents.models import ConsentRecord


class Command(BaseCommand):
    help = "Rebuild every consent record from its events, or with --check only say which rows differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = rebuilding.check() if options["check"] else rebuilding.rebuild()
        for difference in found:
            self.stdout.write(str(difference))
        if not found:
            count = ConsentRecord.objects.count()
            self.stdout.write(f"Every record is what its events say: {count} records.")
            return
        if options["check"]:
            sys.exit(1)
        left = rebuilding.check()
        self.stdout.write(
            "Rebuilt." if not left else f"{len(left)} differences cannot be mended from the events."
        )
        if left:
            sys.exit(1)
