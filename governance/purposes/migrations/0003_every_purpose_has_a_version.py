"""What the first form of the register said in columns becomes version 1 of each purpose, nothing of it lost."""

import hashlib
import json
import re
from typing import Any

from django.db import migrations

KNOWN_GROUNDS = [
    (r"s\.7\(([a-i])\)", "ground_in", "s7{}"), (r"DPDP s\.6(?!\()", "ground_in", "s6"), (r"6\(1\)\(([a-f])\)", "basis_eu", "{}"),
]  # fmt: skip


def carry_over(apps: Any, schema_editor: Any) -> None:
    Version = apps.get_model("purposes", "PurposeVersion")
    for purpose in apps.get_model("purposes", "Purpose").objects.all():
        content = _content(purpose)
        if purpose.versions.exists():
            continue
        digest = hashlib.sha256(
            json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        ).hexdigest()
        # Nobody approved it by name in the first form: it stays a draft until somebody does.
        Version.objects.create(purpose=purpose, number=1, content=content, sha256=digest, state="draft")
        purpose.version = 0
        purpose.basis_eu, purpose.ground_in = content["basis_eu"], content["ground_in"]
        purpose.item_count = len(content["items"])
        purpose.save(update_fields=["version", "basis_eu", "ground_in", "item_count"])


def _content(purpose: Any) -> dict[str, Any]:
    grounds: dict[str, str] = {"basis_eu": "", "ground_in": ""}
    for text in purpose.grounds.values():
        for pattern, field, code in KNOWN_GROUNDS:
            if found := re.search(pattern, str(text)):
                grounds[field] = code.format(*found.groups())
    items = [
        {"code": s.code, "name": s.code.replace("_", " "), "captured": True, "fields": list(s.fields), "why": s.why, "source": "capture_client"}
        for s in purpose.signals.all()
    ]  # fmt: skip
    items += [
        {"code": f"item-{n}", "name": str(name)[:200]} for n, name in enumerate(purpose.data_items, start=1)
    ]
    return {
        "name": purpose.name, "kind": "agent_training" if purpose.trains_ai else "other", "description": purpose.description,
        "uses": purpose.uses, "people_note": purpose.people_concerned, "laws": [c for c in ("IN", "EU") if c in purpose.jurisdictions],
        "items": items, "transfers_note": purpose.transfers, "security_note": purpose.security, "automated": purpose.automated_decisions,
        "dpia_link": purpose.assessment, "works_note": purpose.works_council, "training_allowed": purpose.trains_ai,
        "ground_note": "; ".join(f"{law}: {text}" for law, text in sorted(purpose.grounds.items())), **grounds,
        "recipients": [
            {"name": str(r.get("name", "")), "kind": r.get("kind", "external"), "country": r.get("country", ""), "note": r.get("contract", "")}
            for r in purpose.recipients
        ],
        "keeps": [
            {
                "category": r.category, "law": r.jurisdiction, "start_event": r.start_event, "minimum": r.minimum, "maximum": r.maximum,
                "action": r.action, "source": r.source, "applies_from": r.applies_from.isoformat() if r.applies_from else None,
            }
            for r in purpose.retention_rules.all()
        ],
    }  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("purposes", "0002_versions_papers_and_parties")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
