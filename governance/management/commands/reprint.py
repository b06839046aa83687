"""Draw a report again from its stored facts. Exit status 1 when the pages are not those that were sealed."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.reports import paper, reprinting
from governance.reports.models import Report


class Command(BaseCommand):
    help = "Draw a report again from its stored facts and compare it, byte by byte, with the pages that were sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", help="its number, like G-2026-000001")
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="write the pages there; they carry no seal"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = Report.objects.filter(number=options["report"].upper()).first()
        if report is None or report.facts is None:
            raise CommandError(f"There is no finished report {options['report']}.")
        try:
            found = reprinting.compare(report)
        except paper.CannotDraw as problem:
            raise CommandError(
                paper.why_not() or f"The pages could not be drawn: {type(problem).__name__}."
            ) from None
        if options["out"] and found.drawn:
            options["out"].write_bytes(found.drawn)
        self.stdout.write(found.says)
        if not found.same:
            sys.exit(1)
