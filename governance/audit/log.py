"""Write and show entries. `record()` takes no lock: the sealer gives the order later."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from governance.audit import merkle
from governance.audit.models import Leaf
from governance.lib import prepared

INSERT = """
INSERT INTO audit_entry (code, by_id, about_kind, about_id, facts) VALUES (%s, %s, %s, %s, %s::jsonb) RETURNING id
"""

# For a verb that writes its entry in one statement with all the rest: the id is taken before, with what the verb reads.
NEXT = "nextval('audit_entry_id_seq')"
PUT = """
INSERT INTO audit_entry (id, at, code, by_id, about_kind, about_id, facts)
SELECT %(entry)s::bigint, %(entry_at)s::timestamptz, %(entry_code)s, %(entry_by)s::uuid, %(entry_kind)s, %(entry_about)s::uuid, %(entry_facts)s::jsonb
"""

INSERT_MANY = """
INSERT INTO audit_entry (code, by_id, about_kind, about_id, facts)
SELECT %s, %s, %s, said.about, said.facts::jsonb FROM unnest(%s::uuid[], %s::text[]) AS said (about, facts)
"""


def record(code: str, *, by: Any = None, about: Any = None, **facts: Any) -> int:
    """One entry in the transaction of the change that it tells of, and its id: if it cannot be written, neither can the change.

    `by` and `about` are rows or ids; only their ids are kept. `facts` hold ids, codes, counts and dates: no names.
    """
    kind = about._meta.model_name if hasattr(about, "_meta") else ""
    plain = json.dumps({key: _plain(value) for key, value in facts.items()})
    # By hand and planned once for a connection, because every verb passes here: the way there took longer than PostgreSQL does.
    return prepared.at_once(INSERT, (code, _id(by), kind, _id(about), plain))[0][0]


def values(
    number: int, code: str, *, by: UUID | None, kind: str, about: UUID | None, at: datetime, **facts: Any
) -> dict[str, Any]:
    """The values of PUT: the same entry as record() makes, by the verb's own statement."""
    plain = json.dumps({key: _plain(value) for key, value in facts.items()})
    return {
        "entry": number, "entry_at": at, "entry_code": code, "entry_by": by, "entry_kind": kind, "entry_about": about, "entry_facts": plain,
    }  # fmt: skip


def record_many(code: str, about: Sequence[tuple[Any, dict[str, Any]]], *, by: Any = None) -> None:
    """The same entry about many rows of one kind, each with its facts: one statement, where record() would be one each."""
    if not about:
        return
    _record_many(code, about[0][0]._meta.model_name, about, by)


def record_of_ids(code: str, about: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
    """The same where only ids are at hand, as record() takes them too."""
    if about:
        _record_many(code, "", about, None)


def _record_many(code: str, kind: str, about: Sequence[tuple[Any, dict[str, Any]]], by: Any) -> None:
    ids = [_id(thing) for thing, _facts in about]
    facts = [json.dumps({key: _plain(value) for key, value in said.items()}) for _thing, said in about]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, [code, _id(by), kind, ids, facts])


def _id(thing: Any) -> UUID | None:
    if thing is None or isinstance(thing, UUID):
        return thing
    key = thing.pk
    return key if isinstance(key, UUID) else None


def _plain(value: Any) -> Any:
    if isinstance(value, (int, str, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def inclusion(entry_id: int) -> dict[str, Any] | None:
    """The proof that this entry is in the log, or None while it is recorded and being sealed.

    `position`, `index` and `size` count leaves; hashes are hex. Check with merkle.root_from_proof, offline.
    """
    leaf = Leaf.objects.select_related("batch").filter(entry_id=entry_id).first()
    if leaf is None:
        return None
    hashes = [
        bytes(h)
        for h in Leaf.objects.filter(batch=leaf.batch).order_by("position").values_list("hash", flat=True)
    ]
    index = leaf.position - leaf.batch.first
    return {
        "position": leaf.position,
        "leaf": bytes(leaf.hash).hex(),
        "index": index,
        "size": leaf.batch.count,
        "path": [step.hex() for step in merkle.inclusion_proof(hashes, index)],
        "root": bytes(leaf.batch.root).hex(),
        "checkpoint": leaf.batch.number,
        "checkpoint_hash": bytes(leaf.batch.hash).hex(),
        "kid": leaf.batch.kid,
        "signature": bytes(leaf.batch.signature).hex(),
    }
