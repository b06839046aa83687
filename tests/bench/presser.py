"""One drawing in a process of its own, so that its time and its memory are its own: a JSON job in, {"wall", "cpu", "rss", "pages"} out."""

import io
import json
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

import pikepdf  # noqa: E402

from governance.lib.canonical import digest  # noqa: E402
from governance.reports import paper, press  # noqa: E402
from governance.reports.models import Report  # noqa: E402

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TWIN = paper.Twin("facts.json", "the same facts", "{}")


def report_of(facts: dict[str, Any]) -> Report:
    about = facts["report"]
    return Report(
        number=about["number"], kind=about["kind"], language=about["language"], law_on=date.fromisoformat(about["law_on"]),
        facts_sha256=digest(facts),
    )  # fmt: skip


def plain(html: str) -> bytes:
    return paper.draw(html, twin=TWIN, made_at=AT, seconds=36_000, memory=16 << 30)


def extract(facts: dict[str, Any], rows: int) -> dict[str, Any]:
    """The facts of an extract of so many entries, for the envelope of other facts."""
    entries = [
        {
            "id": n, "at": (AT + timedelta(seconds=n)).isoformat(), "code": "consent.withdrawn", "by": f"{n:08x}", "about_kind": "consentevent",
            "about": f"{n * 7:08x}", "position": n, "checkpoint": n // 1_000, "leaf": "0" * 64, "leaf_is_right": True,
        }
        for n in range(rows)
    ]  # fmt: skip
    content = {
        "period": {"code": "2026-11", "first": "2026-11-01", "last": "2026-11-30"}, "figures": [], "left_out": 0, "entries": entries, "checkpoints": [],
        "kept_since": AT.isoformat(),
    }  # fmt: skip
    return {"report": facts["report"] | {"kind": "audit_extract"}, "content": content}


def table(rows: int) -> str:
    cells = "".join(
        f"<tr><th>{n}</th><td>{n} Nov 2026, 10:00:00</td><td>consent.withdrawn</td><td>consentevent {n * 7:08x}</td><td>{n:08x}</td><td>right</td></tr>"
        for n in range(rows)
    )
    return (
        '<html lang="en"><head><title>x</title><link rel="stylesheet" href="asset:///pdf/report.css"></head><body>'
        f'<table class="data"><thead><tr>{"<th>Head</th>" * 6}</tr></thead><tbody>{cells}</tbody></table></body></html>'
    )


def blank(pages: int) -> str:
    return f'<html lang="en"><head><title>x</title></head><body>{"<p style=break-after:page>.</p>" * pages}</body></html>'


def main() -> None:
    job = json.load(sys.stdin)
    facts = json.loads(Path(job["facts"]).read_text()) if "facts" in job else {}
    what = job["what"]
    if what in ("lines", "whole"):
        from governance.reports.kinds import audit_extract

        facts = extract(facts, job["rows"])
        if job.get("bound"):
            audit_extract.TABLE = audit_extract.WHOLE = 0
    report = report_of(facts) if facts else None
    began, before = time.perf_counter(), spent()
    if what in ("plain", "whole"):
        pdf = plain(press.html_of(report, facts))  # type: ignore[arg-type]
    elif what in ("register", "lines"):
        pdf = press.draw(report, facts)  # type: ignore[arg-type]
    else:
        pdf = plain(table(job["rows"]) if what == "table" else blank(job["rows"]))
    wall, cpu = time.perf_counter() - began, spent() - before
    ours, children = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    print(json.dumps({"wall": wall, "cpu": cpu, "rss": children, "press": ours, "pages": pages}))


def spent() -> float:
    """Seconds of processor time, with that of children."""
    rows = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(row.ru_utime + row.ru_stime for row in rows)


main()
