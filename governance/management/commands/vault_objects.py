"""The vault's objects outside: the rights that each process's key needs, and the nightly comparison by hand."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.capture import blobs_s3, reconciling
from governance.lib.connectors import SystemAway


class Command(BaseCommand):
    help = (
        "Compare the vault's rows with its objects (as the eraser), or print the policy for a process's key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--policy", choices=sorted(blobs_s3.MAY), help="print what this process's key may do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BLOBS_BUCKET:
            raise CommandError("All segments lie in PostgreSQL: SAMMATI_BLOBS_BUCKET is not set.")
        if options["policy"]:
            policy = blobs_s3.policy(options["policy"], settings.BLOBS_BUCKET, settings.BLOBS_PREFIX)
            self.stdout.write(json.dumps(policy, indent=2))
            return
        try:
            found = reconciling.reconcile_and_record()
        except SystemAway as error:
            raise CommandError(f"The object store did not answer, or refused this key: {error}.") from None
        assert found is not None
        self.stdout.write(
            f"{found.blobs_without_row} objects without a row, deleted; {found.rows_without_blob} rows without their"
            f" object, {found.rows_removed} of them removed."
        )
