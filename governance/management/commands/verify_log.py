"""Verify the whole log. Exit status 1 when anything is wrong with it."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.audit import verifying


class Command(BaseCommand):
    help = (
        "Verify every entry, leaf and checkpoint of the log, and the checkpoints kept outside the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--checkpoints", type=Path, default=settings.CHECKPOINTS, metavar="DIR",
            help="a copy of the checkpoint folder that was kept elsewhere",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verifying.run(options["checkpoints"], at_most=None)
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "verified": verdict.holds, "leaves": verdict.leaves, "checkpoints": verdict.checkpoints,
                        "findings": [{"position": f.position, "what": f.what} for f in verdict.findings],
                        "seconds": verdict.seconds,
                    }
                )
            )  # fmt: skip
        elif verdict.holds:
            self.stdout.write(
                f"The log is as it was written: {verdict.leaves} entries under {verdict.checkpoints} checkpoints."
            )
        else:
            first = verdict.findings[0]
            self.stdout.write(f"The log was changed. First at position {first.position}: {first.what}.")
            for finding in verdict.findings[1:]:
                self.stdout.write(f"  position {finding.position}: {finding.what}")
        if not verdict.holds:
            sys.exit(1)
