"""Compare the confirmed maps with the columns that are there. Exit status 1 when one is not classified, or a map of any
system names a category of data that is on no list."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from governance.retention import maps


class Command(BaseCommand):
    help = (
        "Look at every connected database by its reading login. A column that no confirmed map erases, empties, replaces or "
        "keeps with a reason fails, and so does a database that does not answer or has no map, and a map that names a "
        "category of data that is on no list."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        checked = maps.check()
        for found in checked:
            for place in found.unclassified:
                self.stdout.write(f"{found.system.code}: no map says what becomes of {place}.")
            if found.away:
                self.stdout.write(f"{found.system.code}: it did not answer, so nobody knows what is there.")
            if not found.mapped:
                self.stdout.write(f"{found.system.code}: no map is confirmed.")
        unknown = maps.unknown()
        for system, codes in unknown.items():
            self.stdout.write(f"{system.code}: no list knows these categories of data: {', '.join(codes)}.")
        sound = sum(found.is_sound for found in checked)
        self.stdout.write(f"{sound} of {len(checked)} databases are classified column by column.")
        if sound < len(checked) or unknown:
            sys.exit(1)
