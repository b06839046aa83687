"""The papers of the demo company's register: what was signed, and why each recorded item is needed."""

from datetime import date

from governance.lib.deadlines import add_months
from governance.people.models import Person
from governance.purposes import assessments, evidence, verdicts
from governance.purposes.models import Purpose

# kind → (reference, signer, signed on, what the paper says)
_GATE = {
    "dpia": ("DPIA-2026-04", "Dev Kulkarni, data protection officer", date(2026, 10, 6), [
        "Data protection impact assessment: training of the reimbursement agent",
        "Risks: inference of speed or presence; use for performance; content of third parties.",
        "Measures: minimised events, no text, own store, sealed per person, opt-in per signal.",
        "Remaining risk: low. Approved.",
    ]),
    "equal_alternative": ("HR-2026-31", "Omar Sheikh, programme owner", date(2026, 10, 7), [
        "Whoever does not take part works with the same tools, at the same pay, on the same tasks.",
        "Training material without recordings is offered to everybody.",
    ]),
    "no_detriment_clause": ("HR-2026-32", "The management", date(2026, 10, 7), [
        "A no, or a yes taken back, has no consequence for pay, tasks, appraisal or promotion.",
        "Managers learn of no individual choice.",
    ]),
    "works_agreement": ("Works agreement 2026/3", "Works council, Munich, and the management", date(2026, 10, 9), [
        "Works agreement under BetrVG s. 87(1) no. 6 on the capture client of the reimbursement agent.",
        "Purposes, fields, periods and the ban on appraisal are listed in annex 1.",
    ]),
    "worker_consultation": ("Minutes of 8 October 2026", "Rupa Kadam, worker representative", date(2026, 10, 8), [
        "The representatives were heard on the capture client. Their two points were taken over:",
        "mouse path off by default; pause button always visible.",
    ]),
}  # fmt: skip
PAPERS: dict[str, dict[str, tuple[str, str, date, list[str]]]] = {
    "training:NSP": _GATE,
    "training:NG": _GATE,
    "sammati:NSP": {
        "necessity_note": ("N-2026-01", "Dev Kulkarni, data protection officer", date(2026, 9, 14), [
            "Consents, opt-outs and proofs of erasure are kept to answer for them: the burden of proof is the company's.",
            "Less would not do: a count proves nothing to one person.",
        ]),
    },
    "salaries:NSP": {
        "written_consent": ("Form HR-11", "Human resources", date(2025, 4, 1), [
            "Every employee has agreed in writing that the bank account is used to pay wages (SPDI Rules r.5(1)).",
        ]),
    },
    "leaks:NSP": {
        "dpia": ("DPIA-2026-02", "Dev Kulkarni, data protection officer", date(2026, 3, 3), [
            "Data protection impact assessment: security logs of file transfers. Remaining risk: low. Approved.",
        ]),
        "necessity_note": ("N-2026-02", "Omar Sheikh, programme owner", date(2026, 3, 3), [
            "Two leaks of drawings in 2025 were found by customers, not by us.",
            "Hashes of names and destinations are the least that shows a leak; contents are not looked at.",
        ]),
    },
}  # fmt: skip
WHAT_LESS = {
    "ui_event": "Counting clicks would not show the order of steps. Pictures would show more than that, so they are not taken.",
    "app_usage": "Once an hour is too coarse to see where a task changes the application; single moments are more than is needed.",
    "worn_clip": "Photographs of the tool were tried and do not show how hands move; written steps leave out where people hold it. Longer films show more people than that, so a clip ends after five minutes.",
    "mouse_path": "Click positions alone miss menus that open on hovering. The grid of 100 pixels is the coarsest that shows them.",
}
MONTHS = 18


def put_on_file(register: dict[str, Purpose], *, dpo: Person, owner: Person, on: date) -> None:
    """Every paper of PAPERS is filed, every recorded item assessed; then the whole register is judged."""
    for key, papers in PAPERS.items():
        filed = [
            evidence.Paper(
                kind, pdf(reference, lines), f"{reference.replace('/', '-')}.pdf", signer, min(signed_on, on),
                expires_on=add_months(on, 36) if kind == "dpia" else None, reference=reference,
            )
            for kind, (reference, signer, signed_on, lines) in papers.items()
        ]  # fmt: skip
        evidence.file_all(register[key], filed, on=on, by=dpo)
    for key in ("training:NSP", "training:NG"):
        assess_items(register[key], on=on, by=owner)
    verdicts.judge_many([purpose.pk for purpose in register.values() if not purpose.version], on)


def assess_items(purpose: Purpose, *, on: date, by: Person) -> None:
    """Each recorded item has a living assessment."""
    values = [
        assessments.Value(
            item.code, item.why or "The purpose cannot be reached without it.",
            WHAT_LESS.get(item.code, "Fewer fields were tried; the agent could not learn from them."), True, add_months(on, MONTHS),
        )
        for item in assessments.items(purpose).values()
        if item.captured
    ]  # fmt: skip
    assessments.assess_all(purpose, values, on=on, by=by)


def pdf(title: str, lines: list[str]) -> bytes:
    """A page of plain words as a PDF, by hand: enough for a paper in a demonstration."""
    said = ["BT /F1 13 Tf 60 780 Td 18 TL", f"({_escaped(title)}) Tj T* /F1 10 Tf"]
    said += [f"({_escaped(line)}) Tj T*" for line in lines] + ["ET"]
    stream = "\n".join(said).encode("latin-1", "replace")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table + end


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
