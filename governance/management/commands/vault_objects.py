"""The vault's objects outside: the rights that each process's key needs, the nightly comparison by hand, and the move of
what lay in PostgreSQL before a store was set."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.capture import blobs_s3, moving, reconciling, store_rights
from governance.lib.connectors import SystemAway


class Command(BaseCommand):
    help = (
        "Compare the vault's rows with its objects (as the eraser), print the policy for a process's key, move what lies in"
        " PostgreSQL into the store (as the owner), or try whether all that lies there opens (as the exporter)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--policy", choices=sorted(blobs_s3.MAY), help="print what this process's key may do"
        )
        parser.add_argument(
            "--move",
            action="store_true",
            help="move segments from PostgreSQL into the store; run again after a stop",
        )
        parser.add_argument("--at-once", type=int, default=moving.AT_ONCE, help="segments of one transaction")
        parser.add_argument(
            "--opens",
            action="store_true",
            help="open every stream that lies in the store, and keep nothing of it",
        )
        parser.add_argument(
            "--rights", action="store_true", help="say what this process's key may do beyond its part"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BLOBS_BUCKET:
            raise CommandError("All segments lie in PostgreSQL: SAMMATI_BLOBS_BUCKET is not set.")
        if options["policy"]:
            policy = blobs_s3.policy(options["policy"], settings.BLOBS_BUCKET, settings.BLOBS_PREFIX)
            self.stdout.write(json.dumps(policy, indent=2))
            return
        if options["rights"]:
            self._rights()
            return
        try:
            if options["move"]:
                self._move(options["at_once"])
                return
            if options["opens"]:
                self._opens()
                return
            found = reconciling.reconcile_and_record()
        except SystemAway as error:
            raise CommandError(f"The object store did not answer, or refused this key: {error}.") from None
        assert found is not None
        self.stdout.write(
            f"{found.blobs_without_row} objects without a row, deleted; {found.rows_without_blob} rows without their"
            f" object, {found.rows_removed} of them removed."
        )

    def _move(self, at_once: int) -> None:
        if settings.PROCESS != "owner":
            raise CommandError("Only the database's owner moves segments: SAMMATI_PROCESS=owner.")
        if at_once < 1:
            raise CommandError("Move at least one segment at once.")
        done = moving.Moved(0, 0, 0)
        try:
            for done in moving.move(at_once=at_once):
                self.stdout.write(f"{done.segments:,} moved, {done.left:,} left")
        except SystemAway as error:
            raise CommandError(
                f"Stopped after {done.segments:,} segments: {error}. What was moved is moved, the rest lies where it lay; run it again."
            ) from None
        self.stdout.write(
            f"{done.segments:,} segments, {done.bytes:,} bytes moved; none is left in PostgreSQL. Every object was read back and is"
            " byte by byte what its row held. Now run `vault_objects --opens` as the exporter."
        )

    def _opens(self) -> None:
        if settings.PROCESS != "exporter":
            raise CommandError("Only the exporter can open content: SAMMATI_PROCESS=exporter.")
        found = moving.opens()
        self.stdout.write(
            f"{found.streams - len(found.closed):,} of {found.streams:,} streams open, {found.events:,} events."
        )
        if found.closed:
            raise CommandError("These do not open: " + ", ".join(str(stream) for stream in found.closed[:20]))

    def _rights(self) -> None:
        found = store_rights.look(settings.PROCESS)
        if found.beyond:
            raise CommandError(f"This key may do more than its part: {', '.join(found.beyond)}.")
        if found.missing or found.away:
            raise CommandError(f"This key may not do its part: {', '.join(found.missing) or found.away}.")
        self.stdout.write("This key may do its part and no more.")
