"""manage.py selftest: the exposure self-test, in a process with the web's login. Ends with 1 when something was reached."""

import time
from typing import Any, NoReturn

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from governance.lib import quiet
from governance.selftest import probing

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Try to reach a canary colleague by every address, as employee and administrator, and the vault."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--coverage", action="store_true", help="print every address with how often it was tried"
        )

        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="stay, and try again this often"
        )  # fmt: skip

        parser.add_argument(
            "--first",
            type=int,
            default=120,
            metavar="SECONDS",
            help="with --every: when the first time is (120)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PROCESS != "web":
            raise SystemExit("The self-test tries what the web process can do: SAMMATI_PROCESS must be web.")
        if options["every"]:
            self.stay(options["every"], options["first"])
        run = probing.run_all()
        if options["coverage"]:
            for door, tries in probing.coverage(run):
                self.stdout.write(f"{door}: " + ", ".join(f"{role} {n}" for role, n in tries.items()))
        for finding in run.findings:
            self.stderr.write(f"REACHED {finding['what']} as {finding['as']}: {finding['found']}")
        self.stdout.write(f"{run.tried} tries, {run.refused} refused, {len(run.findings)} findings.")
        if run.findings:
            raise SystemExit(1)

    def stay(self, seconds: int, first: int) -> NoReturn:
        """A finding stops the programmes and opens an incident; it does not stop the test. A fault is logged and tried again."""
        time.sleep(first)
        while True:
            try:
                probing.run_all()
            except DatabaseError as error:
                logger.error("exposure.not_probed", error=quiet.describe(error))
            connection.close()
            time.sleep(seconds)
