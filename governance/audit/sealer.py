"""Close what was recorded into Merkle batches, and find what was changed afterwards."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import merkle
from governance.audit.models import Checkpoint, Entry, Leaf
from governance.lib import locks
from governance.lib.canonical import canonical

SETTLED = timedelta(
    hours=1
)  # no transaction lives longer: below what was sealed this long ago, nothing appears any more
BATCH = 10_000
Sign = Callable[[bytes], tuple[str, bytes]]  # hash → (kid, signature)


def unsealed(limit: int = BATCH) -> list[Entry]:
    """Entries without a leaf, oldest first.

    Ids are given before the commit, so a smaller id may appear after a larger one was sealed. The search therefore
    starts at what was sealed an hour ago, not at the last leaf.
    """
    settled = (
        Leaf.objects.filter(batch__at__lt=Now() - SETTLED).aggregate(Max("entry_id"))["entry_id__max"] or 0
    )
    return list(Entry.objects.filter(id__gt=settled, leaf__isnull=True).order_by("id")[:limit])


def checkpoint_hash(number: int, first: int, count: int, root: bytes, previous: bytes, at: datetime) -> bytes:
    body = [
        number,
        first,
        count,
        root.hex(),
        previous.hex(),
        at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return hashlib.sha256(canonical(["sammati checkpoint 1", *body])).digest()


@transaction.atomic
def seal(now: datetime, *, sign: Sign, home: Path) -> Checkpoint | None:
    """Give every waiting entry its leaf and close them as one batch; None when nothing waits or another sealer is at it.

    The checkpoint also leaves the database: one line in `home`/checkpoints.jsonl, written before the commit. A line
    without its row (crash in between) is told apart by verify: its successor repeats the number.
    """
    if not locks.only_one("audit.sealer"):
        return None
    entries = unsealed()
    if not entries:
        return None
    last = Checkpoint.objects.order_by("-number").first()
    number, first = (last.number + 1, last.first + last.count) if last else (1, 1)
    previous = bytes(last.hash) if last else bytes(32)
    hashes = [merkle.leaf_hash(canonical(entry.body())) for entry in entries]
    root = merkle.root(hashes)
    sealed = checkpoint_hash(number, first, len(entries), root, previous, now)
    kid, signature = sign(sealed)
    batch = Checkpoint.objects.create(
        number=number, first=first, count=len(entries), root=root, previous=previous,
        hash=sealed, at=now, kid=kid, signature=signature,
    )  # fmt: skip
    Leaf.objects.bulk_create(
        [
            Leaf(position=first + i, entry=entry, hash=digest, batch=batch)
            for i, (entry, digest) in enumerate(zip(entries, hashes, strict=True))
        ]
    )
    export(batch, home)
    return batch


def export(batch: Checkpoint, home: Path) -> None:
    """Append the checkpoint to the file outside the database; kept elsewhere too, it makes truncation visible."""
    home.mkdir(parents=True, exist_ok=True)
    line = {
        "number": batch.number, "first": batch.first, "count": batch.count, "root": bytes(batch.root).hex(),
        "previous": bytes(batch.previous).hex(), "hash": bytes(batch.hash).hex(),
        "at": batch.at.astimezone(UTC).isoformat(timespec="microseconds"), "kid": batch.kid,
        "signature": bytes(batch.signature).hex(),
    }  # fmt: skip
    with (home / "checkpoints.jsonl").open("a") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")
        file.flush()


@dataclass(frozen=True)
class Finding:
    position: int  # of the leaf; 0 where none is known
    what: str


def exported(home: Path) -> dict[int, dict]:
    """The checkpoints that left the database, by number; of a number written twice the later line counts."""
    path = home / "checkpoints.jsonl"
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text().splitlines() if line.strip())
    return {line["number"]: line for line in lines}


def verify(
    home: Path,
    *,
    check_signature: Callable[[str, bytes, bytes], bool],
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Finding]:
    """Everything that is wrong with the log, first position first; nothing when it is as it was written.

    Edits, deletions, insertions and reordering show in the leaves; a log cut short shows against the exported file.
    `tick` is called for every leaf that was read: it counts, or raises in order to stop.
    """
    outside = exported(home)
    previous, expected = bytes(32), 1
    numbers = []
    for batch in Checkpoint.objects.order_by("number").iterator():
        numbers.append(batch.number)
        if batch.number != len(numbers):
            yield Finding(batch.first, f"checkpoint {len(numbers)} is missing")
            return
        if bytes(batch.previous) != previous:
            yield Finding(batch.first, f"checkpoint {batch.number} does not name the one before it")
        if batch.first != expected:
            yield Finding(batch.first, f"checkpoint {batch.number} begins at the wrong position")
        sealed = checkpoint_hash(
            batch.number, batch.first, batch.count, bytes(batch.root), bytes(batch.previous), batch.at
        )
        if sealed != bytes(batch.hash):
            yield Finding(batch.first, f"checkpoint {batch.number} was changed")
        if not check_signature(batch.kid, bytes(batch.hash), bytes(batch.signature)):
            yield Finding(batch.first, f"the signature of checkpoint {batch.number} does not hold")
        if batch.number in outside and outside[batch.number]["hash"] != sealed.hex():
            yield Finding(
                batch.first, f"checkpoint {batch.number} differs from the one kept outside the database"
            )
        yield from _verify_leaves(batch, tick)
        previous, expected = bytes(batch.hash), batch.first + batch.count
    beyond = [number for number in outside if number > len(numbers)]
    if beyond:
        yield Finding(
            expected, f"the log was cut short: checkpoint {max(beyond)} was closed, but is not there"
        )


def _verify_leaves(batch: Checkpoint, tick: Callable[[], None]) -> Iterator[Finding]:
    hashes: list[bytes] = []
    rows = Leaf.objects.filter(batch=batch).select_related("entry").order_by("position")
    for position, leaf in enumerate(rows.iterator(chunk_size=5000), start=batch.first):
        tick()
        if leaf.position != position:
            yield Finding(position, "a leaf is missing")
            return
        if merkle.leaf_hash(canonical(leaf.entry.body())) != bytes(leaf.hash):
            yield Finding(position, f"entry {leaf.entry_id} was changed")
        hashes.append(bytes(leaf.hash))
    if len(hashes) != batch.count:
        yield Finding(
            batch.first + len(hashes),
            f"checkpoint {batch.number} counts {batch.count} leaves, {len(hashes)} are there",
        )
    elif merkle.root(hashes) != bytes(batch.root):
        yield Finding(batch.first, f"the leaves of checkpoint {batch.number} do not give its root")
