"""The demo company's notice in all 24 languages: English, Hindi, German and Urdu reviewed, the others marked as demo text."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from governance.lib import languages
from governance.people.models import Entity

HERE = Path(__file__).parent / "notices"
NOT_ELEMENTS = {"title", "reviewed", "reviewed_by", "reviewed_on"}


@cache
def _written() -> dict[str, dict[str, Any]]:
    """tag → the file of that language, in the order of the list of languages."""
    return {
        row.tag: tomllib.loads((HERE / f"{row.tag}.toml").read_text())
        for row in languages.choices()
        if (HERE / f"{row.tag}.toml").exists()
    }


def texts(entity: Entity, *, only_reviewed: bool = False) -> dict[str, dict[str, Any]]:
    """tag → {"title", "elements", "reviewed_by", "reviewed_on", "is_demo"}: the fields of a NoticeText for this entity.

    A text that nobody has reviewed is a demo text: its title says so, and nobody is asked in it.
    """
    return {
        tag: {
            "title": row["title"],
            "elements": _elements(row, entity),
            "reviewed_by": row.get("reviewed_by", ""),
            "reviewed_on": row.get("reviewed_on"),
            "is_demo": not row["reviewed"],
        }
        for tag, row in _written().items()
        if row["reviewed"] or not only_reviewed
    }


def _elements(row: dict[str, Any], entity: Entity) -> dict[str, str]:
    about = {
        "name": entity.name, "address": entity.address, "contact_email": entity.contact_email,
        "dpo": f"{entity.dpo_name}, {entity.dpo_email}", "representative": entity.eu_representative,
    }  # fmt: skip
    said = {code: words.format(**about) for code, words in row.items() if code not in NOT_ELEMENTS}
    complaints = {code: said.pop(code) for code in list(said) if code.startswith("complaint_")}
    if not entity.eu_representative:
        del said["representative"]
    return said | {"complaint": complaints[f"complaint_{entity.country}"]}
