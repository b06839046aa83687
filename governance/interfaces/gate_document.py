"""The gate's doors in the API document: shapes from the decoders themselves, answers from the written list of codes."""

from typing import Any

import msgspec

from governance.capture import codes, rules, rules_clips
from governance.capture.bindings import Badge
from governance.capture.clips import Clip
from governance.capture.shapes import ENCODINGS, FORMS, MAX_BYTES, MAX_EVENTS, Batch
from governance.capture.wiped import Receipt

JSON = "application/json"
KEY = "ClientKey"
LIMITS = (
    f"At most {MAX_EVENTS:,} events and {MAX_BYTES:,} bytes, packed and unpacked; packed as {', '.join(sorted(ENCODINGS))}; time stamps at"
    f" most {int(rules.AHEAD.total_seconds() // 60)} minutes ahead and {rules.BEHIND.days} days old. The same batch_id gets the same answer."
    " 503 says in Retry-After when the same batch may come again. An event that is turned away is counted under one of: "
    + ", ".join(sorted(codes.TURNED_AWAY))
    + "."
)
COUNT = {"type": "integer", "minimum": 0}
REFUSED = {
    "type": "object", "required": ["code", "detail"],
    "properties": {"code": {"type": "string", "enum": sorted(codes.BATCH)}, "detail": {"type": "string"}},
}  # fmt: skip
POLICY: dict[str, Any] = {
    "type": "object",
    "required": ["programme", "records", "signals", "applications", "sites", "hours", "zone", "sampling", "ends_on", "never", "limits"],
    "properties": {
        "programme": {"type": "string"}, "records": {"type": "boolean"}, "zone": {"type": "string"},
        "signals": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "applications": {"type": "array", "items": {"type": "string"}}, "sites": {"type": "array", "items": {"type": "string"}},
        "hours": {"type": "array", "items": {"type": "object"}}, "sampling": {"type": "integer", "minimum": 1, "maximum": 100},
        "ends_on": {"type": ["string", "null"], "format": "date"}, "clips": {"type": "array", "items": {"type": "string"}},
        "zones": {"type": "array", "items": {"type": "string"}}, "shifts": {"type": "array", "items": {"type": "object"}},
        "clip_limits": {"type": "object"}, "never": {"type": "object"}, "limits": {"type": "object"},
    },
}  # fmt: skip
TAKEN: dict[str, Any] = {
    "type": "object", "required": ["batch_id", "admitted", "turned_away", "bytes_kept", "segments", "policy"],
    "properties": {
        "batch_id": {"type": "string", "format": "uuid"}, "admitted": COUNT, "bytes_kept": COUNT, "segments": COUNT,
        "turned_away": {"type": "object", "propertyNames": {"enum": sorted(codes.TURNED_AWAY)}, "additionalProperties": COUNT},
        "policy": {"type": "object", "required": ["etag"], "properties": {"etag": {"type": "string"}}},
    },
}  # fmt: skip
BOUNDS = rules_clips.bounds()
CLIP_LIMITS = (
    f"A clip lasts at most {BOUNDS.seconds} seconds and has at most {BOUNDS.bytes:,} bytes, in chunks of {BOUNDS.chunk_bytes:,} bytes; only"
    f" the last is smaller. Its permit lasts {BOUNDS.permit_minutes} minutes; what is not whole by then is removed within five minutes more."
    " The same clip_id with the same body gets the same answer. The camera must be handed out, and stay so until the last chunk came."
)
BEGUN: dict[str, Any] = {
    "type": "object", "required": ["clip_id", "permitted", "turned_away"],
    "properties": {
        "clip_id": {"type": "string", "format": "uuid"}, "permitted": {"type": "boolean"}, "admitted": COUNT, "bytes_kept": COUNT,
        "segments": COUNT, "turned_away": TAKEN["properties"]["turned_away"], "permit": {"type": "string"},
        "permit_until": {"type": "string", "format": "date-time"}, "chunks": COUNT, "chunk_bytes": COUNT,
    },
}  # fmt: skip
CHUNK: dict[str, Any] = {
    "type": "object", "required": ["clip_id", "number", "admitted", "turned_away", "bytes_kept", "segments", "whole"],
    "properties": {
        "clip_id": {"type": "string", "format": "uuid"}, "number": COUNT, "admitted": COUNT, "bytes_kept": COUNT, "segments": COUNT,
        "turned_away": {"type": "object"}, "whole": {"type": "boolean"},
    },
}  # fmt: skip
PERMIT = [
    {"name": "clip", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
    {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 9999}},
    {"name": "Clip-Permit", "in": "header", "required": True, "schema": {"type": "string"}},
]  # fmt: skip
ETAG = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of the policy that you have.",
}


def paths() -> dict[str, Any]:
    """Path → what can be done there."""
    batch = {
        form: {"schema": {"$ref": "#/components/schemas/Batch"}} for form in sorted(FORMS) if form == JSON
    }
    return {
        "/api/v1/batches": {
            "post": _door("Hand in a batch", LIMITS, {"202": _answer("What was taken", TAKEN)}, batch, parameters=[ETAG]),
        },
        "/api/v1/clips": {
            "post": _door(
                "Say what a clip is, before any of it is sent", CLIP_LIMITS, {"202": _answer("Let in, or turned away", BEGUN)},
                {JSON: {"schema": {"$ref": "#/components/schemas/Clip"}}},
            ),
        },
        "/api/v1/clips/{clip}/chunks/{number}": {
            "post": _door(
                "Send one chunk of a clip", "Decided anew for each chunk. " + CLIP_LIMITS, {"202": _answer("Sealed and kept", CHUNK)},
                {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}, parameters=PERMIT,
            ),
        },
        "/api/v1/policy": {
            "get": _door(
                "What may be recorded now",
                "Of the programme alone: nothing of any person. A client that cannot reach the portal may go on by it for limits.offline_hours.",
                {"200": _answer("The policy", POLICY), "304": {"description": "It is the one that you have."}}, None, parameters=[ETAG],
            ),
        },
        "/api/v1/badge": {
            "post": _door(
                "Somebody signs in or out at a device", "Who badges in is alone at the device from then on.",
                {"200": _answer("Who is there", {"type": "object", "required": ["bound"], "properties": {"bound": {"type": "boolean"}}})},
                {JSON: {"schema": {"$ref": "#/components/schemas/Badge"}}},
            ),
        },
        "/api/v1/wiped": {
            "post": _door(
                "A receipt: what was held back of a person is destroyed", "It stands on the person’s certificate of erasure.",
                {"200": _answer("Kept", {"type": "object", "required": ["kept"], "properties": {"kept": {"type": "boolean"}}})},
                {JSON: {"schema": {"$ref": "#/components/schemas/Receipt"}}},
            ),
        },
    }  # fmt: skip


def _answer(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {JSON: {"schema": schema}}}


def _door(summary: str, words: str, good: dict[str, Any], body: Any, **more: Any) -> dict[str, Any]:
    refused: dict[str, list[str]] = {}
    for code, (status, _sentence) in codes.BATCH.items():
        refused.setdefault(str(status), []).append(code)
    answers = {
        status: _answer(", ".join(sorted(found)), REFUSED) for status, found in sorted(refused.items())
    }
    told = {
        "summary": summary,
        "description": words,
        "security": [{KEY: []}],
        "responses": good | answers,
        **more,
    }
    return told | ({"requestBody": {"required": True, "content": body}} if body else {})


def components() -> dict[str, Any]:
    """Schemas of what is sent, made of the decoders, so that the document cannot say anything else."""
    _out, found = msgspec.json.schema_components(
        [Batch, Badge, Receipt, Clip], ref_template="#/components/schemas/{name}"
    )
    return {
        "schemas": dict(found),
        "securitySchemes": {
            KEY: {
                "type": "http",
                "scheme": "bearer",
                "description": "Given once for a client of a programme.",
            }
        },
    }
