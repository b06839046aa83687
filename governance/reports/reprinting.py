"""Draw a report again from the facts that are kept with it: the same bytes, up to where the seal begins."""

from dataclasses import dataclass

from governance.lib.canonical import digest
from governance.reports import press
from governance.reports.models import Report, ReportFile


@dataclass(frozen=True)
class Reprint:
    drawn: bytes
    same: bool
    says: str


def compare(report: Report) -> Reprint:
    """Raises paper.CannotDraw. What was drawn carries no seal and is no document by itself."""
    if report.facts is None or digest(report.facts) != report.facts_sha256:
        return Reprint(
            b"", False, "The stored facts were changed: they do not have the digest that the log names."
        )
    drawn = press.draw(report, report.facts, use_shelf=False)
    kept = ReportFile.objects.filter(report=report, kind="pdf").first()
    if kept is None:
        return Reprint(drawn, False, "No PDF is kept of this report.")
    if bytes(kept.content).startswith(drawn):
        rest = len(bytes(kept.content)) - len(drawn)
        return Reprint(drawn, True, f"The same {len(drawn)} bytes; the seal is the {rest} bytes that follow.")
    version = press.version_of(report.kind, report.language)
    if version != report.template_version:
        return Reprint(
            drawn,
            False,
            f"Not the same bytes: made with templates {report.template_version}, now they are {version}.",
        )
    return Reprint(drawn, False, "Not the same bytes, although facts and templates are the same.")
