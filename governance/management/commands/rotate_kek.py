"""Another key-encryption key for the streams' keys, without re-encrypting the data. Run as the exporter."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.capture import key_service, keys_transit, rotating
from governance.lib.connectors import SystemAway
from governance.lib.refusals import Refused


class Command(BaseCommand):
    help = "Make a new key-encryption key and wrap every stream key by it; begun again, it goes on where it stood."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="only say how many are left; 1 when any is")
        what.add_argument(
            "--rewrap", action="store_true", help="make no new one: wrap what is left by the newest"
        )
        what.add_argument("--destroy", metavar="NAME", help="destroy an old one that wraps nothing any more")
        what.add_argument(
            "--policy",
            choices=sorted(keys_transit.MAY),
            help="print what this process's token needs at the key service",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["policy"]:
            self.stdout.write(keys_transit.policy(options["policy"]))
            return
        if settings.PROCESS != "exporter":
            raise CommandError("Only the exporter opens stream keys: run this with SAMMATI_PROCESS=exporter.")
        try:
            self._act(options)
        except SystemAway as error:
            raise CommandError(f"The key service did not answer, or refused this process: {error}") from None
        except Refused as refused:
            raise CommandError(str(refused.sentence)) from None

    def _act(self, options: dict[str, Any]) -> None:
        if options["check"]:
            newest = key_service.chosen().newest()
            for kek, number in rotating.counts().items():
                self.stdout.write(f"{kek}: {number}{' (the newest)' if kek == newest else ''}")
            left = rotating.left_of(newest)
            self.stdout.write(f"{left} stream keys are left to be wrapped by {newest}.")
            if left:
                raise SystemExit(1)
        elif options["destroy"]:
            rotating.destroy(options["destroy"])
            self.stdout.write(
                f"{options['destroy']} is destroyed. Backups of the keys database from before cannot be used any more."
            )
        else:
            found = rotating.rewrap() if options["rewrap"] else rotating.rotate()
            self.stdout.write(
                f"{found.done} stream keys are wrapped by {found.kek} now; {found.left} are left, {found.lost} of them"
                " cannot be opened."
            )
