"""After a backup of a system was restored: erase there again what had been erased. Exit status 1 when something is left."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.purposes.models import DataSystem
from governance.retention import tombstones


class Command(BaseCommand):
    help = (
        "Erase in a system, of which a backup was restored, whatever had been erased and proved there since the backup was "
        "made. Run it as the eraser, before anybody works with the system again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("system", help="The system's code, as in the register.")

    def handle(self, *args: Any, **options: Any) -> None:
        system = DataSystem.objects.filter(code=options["system"]).first()
        if system is None:
            raise CommandError(f"There is no system “{options['system']}” in the register.")
        done = tombstones.replay(system)
        self.stdout.write(
            f"{done.orders} orders were proved in {system.code}: {done.erased} erased again, {done.empty} found empty, "
            f"{done.held} kept because of a hold, {done.failed} not empty afterwards, {done.unknown} not to be recognised, "
            f"{done.partly} recognised by number alone, so look for the name in free text."
        )
        if not done.is_sound:
            sys.exit(1)
