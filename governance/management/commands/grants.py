"""Apply or print the privileges of every login. Run as owner, after migrate."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections, transaction

from governance import grants
from governance.capture import key_service, keys
from governance.lib import clock


class Command(BaseCommand):
    help = "Grant each login what governance/grants.py lists, and nothing else; with --sql only print it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sql", action="store_true", help="print the statements for a database administrator"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sql"]:
            self._print()
            return
        with transaction.atomic(), connections["default"].cursor() as cursor:
            for statement in [
                *grants.doors_sql(connections["default"].settings_dict["NAME"], grants.LOGINS),
                *grants.main_sql(),
            ]:
                cursor.execute(statement)
        if "keys" in connections:
            with transaction.atomic("keys"), connections["keys"].cursor() as cursor:
                cursor.execute(keys.TABLE)
                doors = grants.doors_sql(
                    connections["keys"].settings_dict["NAME"], (grants.ERASER, grants.EXPORTER)
                )
                for statement in [*doors, *grants.keys_sql()]:
                    cursor.execute(statement)
            if settings.KEY_SERVICE == "files":  # another service's keys are its administrator's to make
                key_service.chosen().prepare(clock.now().date())
        self.stdout.write("Every login has exactly what the table lists.")

    def _print(self) -> None:
        say = self.stdout.write
        say(
            "-- 1. Once, as a superuser, before the first migrate. Set the passwords with \\password afterwards."
        )
        for statement in grants.roles_sql():
            say(f"{statement};")
        say("-- 2. As sammati_owner in the main database, after every migrate.\nBEGIN;")
        for statement in grants.main_sql():
            say(f"{statement};")
        say("COMMIT;\n-- 3. As sammati_owner in the keys database.\nBEGIN;")
        say(f"{keys.TABLE.strip()};")
        for statement in grants.keys_sql():
            say(f"{statement};")
        say("COMMIT;")
