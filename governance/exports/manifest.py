"""The manifest of an export: what is in the package, by which consents and which rules, and the head of the tree over it.

No person is named: `subject` is a random word of this export. client/package.py checks it without us.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from governance.audit import merkle
from governance.capture import minimise
from governance.exports.models import Export, ExportedSegment
from governance.lib.canonical import canonical
from governance.purposes.policy import packs

FORMAT = "sammati manifest 1"


def line(row: dict[str, Any]) -> bytes:
    return canonical(row) + b"\n"


def asked(export: Export) -> dict[str, Any]:
    """What was asked for and agreed to; places, no names of ours."""
    purpose = export.programme.purpose
    return {
        "format": FORMAT, "export": export.number, "entity": export.entity.name,
        "programme": export.programme.number, "purpose": purpose.number, "purpose_version": purpose.version,
        "recipient": {"name": export.recipient.name, "key_sha256": export.recipient.fingerprint},
        "why": export.why, "since": export.since, "until": export.until, "fields": export.fields,
        "asked_at": export.asked_at, "advised_at": export.advised_at, "favourable": export.favourable,
        "owner_agreed_at": export.owner_at, "second_agreed_at": export.second_at,
    }  # fmt: skip


def head(export: Export, counts: dict[str, Any], leaves: list[bytes]) -> dict[str, Any]:
    """As JSON keeps it. `policy` and `minimiser` are those in force when the consents were asked again."""
    pack = packs.default()
    plain: dict[str, Any] = {
        **asked(export), **counts,
        "policy": {"pack": pack.name, "version": pack.version, "sha256": pack.sha256},
        "minimiser_sha256": minimiser_sha256(),
        "notices": notices(export),
        "root": merkle.root([merkle.leaf_hash(leaf) for leaf in leaves]).hex(),
    }  # fmt: skip
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in plain.items()}


def notices(export: Export) -> list[int]:
    """The versions of the notice on which those said yes whose events are in it."""
    rows = ExportedSegment.objects.filter(export=export, notice_version__isnull=False).order_by(
        "notice_version"
    )
    return list(rows.values_list("notice_version", flat=True).distinct())


@cache
def minimiser_sha256() -> str:
    """Of the very code that cuts events down; a changed minimiser has another one."""
    return hashlib.sha256(Path(minimise.__file__).read_bytes()).hexdigest()


def segment(row: ExportedSegment, subject: str) -> dict[str, Any]:
    return {
        "kind": "segment", "position": row.position, "segment": str(row.segment), "subject": subject, "signal": row.signal,
        "consent_event": str(row.consent_event), "notice_version": row.notice_version, "events": row.events, "sha256": row.sha256,
    }  # fmt: skip


def leaf(row: ExportedSegment, subject: str) -> bytes:
    return canonical(segment(row, subject))


def whole(export: Export) -> Iterator[bytes]:
    """The manifest as it is downloaded: its head, then a line for each segment."""
    yield line({"kind": "manifest", **(export.manifest or {}), "package_sha256": export.package_sha256})
    rows = ExportedSegment.objects.filter(export=export).select_related("person").order_by("position")
    for row in rows.iterator(chunk_size=2000):
        yield line(segment(row, row.person.subject))


def is_intact(export: Export) -> bool:
    """Do the lines that we keep still lead to the head that was let go?"""
    rows = ExportedSegment.objects.filter(export=export).select_related("person").order_by("position")
    leaves = [merkle.leaf_hash(leaf(row, row.person.subject)) for row in rows.iterator(chunk_size=2000)]
    return bool(export.manifest) and merkle.root(leaves).hex() == export.manifest["root"]
