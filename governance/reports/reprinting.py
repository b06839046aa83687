"""Draw a report again from the facts that are kept with it: the same bytes, up to where the seal begins."""

from dataclasses import dataclass

from governance.audit.models import Entry
from governance.lib.canonical import digest
from governance.reports import editions, press
from governance.reports.models import Report, ReportFile


@dataclass(frozen=True)
class Reprint:
    """`drawn`: without a seal, so no document by itself; empty where it could not be drawn as it was."""

    drawn: bytes
    same: bool
    says: str


def compare(report: Report) -> Reprint:
    """By the program that draws here now if its version is the same, else by the one that was kept. Raises paper.CannotDraw."""
    if report.facts is None or digest(report.facts) != report.facts_sha256:
        return Reprint(
            b"", False, "The stored facts were changed: they do not have the digest that the log names."
        )
    kept = ReportFile.objects.filter(report=report, kind="pdf").first()
    version, by = press.version_of(report.kind, report.language), ""
    if version == report.template_version:
        drawn = press.draw(report, report.facts, use_shelf=False)
    else:
        try:
            _check_log(report)
            drawn = editions.draw(report)
        except editions.NotKept as wanting:
            return Reprint(
                b"", False, f"It cannot be drawn as it was. {wanting} Now the templates are {version}."
            )
        by = f", drawn with the templates of then, {report.template_version}, which were kept"
    if kept is None:
        return Reprint(drawn, False, "No PDF is kept of this report.")
    if bytes(kept.content).startswith(drawn):
        rest = len(bytes(kept.content)) - len(drawn)
        return Reprint(
            drawn, True, f"The same {len(drawn)} bytes{by}; the seal is the {rest} bytes that follow."
        )
    return Reprint(
        drawn,
        False,
        f"Not the same bytes, although facts and templates are the same{by}. "
        "Pango, HarfBuzz or another library of the system may be of another release.",
    )


def _check_log(report: Report) -> None:
    """A program is run only if the log, which nobody can edit, names it as the one that drew this report."""
    entry = Entry.objects.filter(pk=report.entry_id, code="report.made").first()
    if report.drawn_by and (entry is None or entry.facts.get("program") != report.drawn_by["program"]):
        raise editions.NotKept("The log names another program than the report does.")
