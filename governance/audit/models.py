"""The log: entries, their leaves, and the checkpoints that close each batch."""

from django.db import models
from django.db.models.functions import Now

from governance.lib.appendonly import AppendOnly


class Entry(AppendOnly):
    """One thing that happened. Opaque ids and codes only: whoever is forgotten leaves no name here."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    code = models.CharField(max_length=64)  # e.g. consent.withdrawn
    by_id = models.UUIDField(null=True)  # the person who did it; null when the machine did
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["code", "id"]),
            models.Index(fields=["about_id", "id"]),
        ]

    def body(self) -> dict:
        """What is hashed: everything but the position."""
        return {
            "id": self.id,
            "at": self.at.isoformat(timespec="microseconds"),
            "code": self.code,
            "by": str(self.by_id or ""),
            "about": [self.about_kind, str(self.about_id or "")],
            "facts": self.facts,
        }


class Checkpoint(AppendOnly):
    """One closed batch: its Merkle root, and the hash of the checkpoint before it."""

    number = models.PositiveBigIntegerField(primary_key=True)  # 1, 2, 3, …
    first = models.PositiveBigIntegerField()  # position of its first leaf
    count = models.PositiveIntegerField()
    root = models.BinaryField()  # 32 bytes, RFC 6962
    previous = models.BinaryField()  # 32 bytes; zeros for number 1
    hash = models.BinaryField()  # SHA-256 over number, first, count, root, previous, at
    at = models.DateTimeField()
    kid = models.CharField(max_length=64, blank=True)
    signature = models.BinaryField(default=b"")  # Ed25519 over hash


class Leaf(AppendOnly):
    """The place of one entry in the log. Made by the one sealer; the entry itself is never touched."""

    position = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="leaf")
    hash = models.BinaryField()  # 32 bytes
    batch = models.ForeignKey(Checkpoint, models.PROTECT, related_name="leaves", db_constraint=True)
