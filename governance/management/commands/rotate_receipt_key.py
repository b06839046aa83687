"""From now on receipts are signed with a new key; those signed before can still be checked."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.audit import log
from governance.consents import signing
from governance.lib import clock


class Command(BaseCommand):
    help = "Make a new key for receipts, publish it, and destroy the private half of the old one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--called-back", action="store_true",
            help="the old key has been in other hands: what it signed is no longer accepted",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        called_back = options["called_back"]
        kid = signing.rotate(settings.SECRETS, settings.RECEIPT_KEYS, clock.now(), called_back=called_back)
        log.record("receipts.key_rotated", kid=kid, called_back=called_back)
        self.stdout.write(f"Receipts are signed with {kid} from now on.")
