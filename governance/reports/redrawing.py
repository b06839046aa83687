"""Draws one report from a program that was kept: `python -I redrawing.py`, a JSON order on standard input, the PDF on
standard output.

It runs in a folder into which an earlier program was unpacked (see reports.editions), of which this file is a part. It
is told no secret and has no database: what is drawn follows from the facts that it was told.
"""

import json
import logging
import os
import resource
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
NO_PANGO = 3  # exit code, as of drawing.py
MEMORY = 4 << 30  # bytes of address space; the drawing itself has its own, lower limit


def settle(seconds: int) -> None:
    """This program, here, with a database that nobody answers at."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = f"postgres://nobody@/nothing?host={HERE}/no-server"
    own = HERE / "own-packs"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "governance.settings", "SAMMATI_PROCESS": "worker", "WORKER_DATABASE_URL": nowhere,
        "SAMMATI_VAR": str(HERE / "var"), "SAMMATI_BUILD": str(HERE / "build"), "SAMMATI_PLAIN_STATIC": "1",
        "SAMMATI_PACKS": str(own) if own.is_dir() else "",
    }  # fmt: skip
    sys.path.insert(0, str(HERE))


def draw(order: dict[str, Any]) -> bytes:
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from governance.reports import paper, press
    from governance.reports.models import Report

    facts = order["facts"]
    told = facts["report"]
    report = Report(
        number=told["number"],
        kind=told["kind"],
        language=told["language"],
        facts_sha256=order["facts_sha256"],
    )
    try:
        return press.draw(report, facts, use_shelf=False)
    except paper.NoPango:
        sys.exit(NO_PANGO)


def main() -> int:
    order = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr  # whatever is said on the way is no part of the PDF
    settle(order["seconds"])
    out.buffer.write(draw(order))
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
