"""The start page of the data protection officer, in place of a spreadsheet on Mondays, and the owner's share of it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.lib import clock
from governance.pages import tracker, tracker_beside, tracker_due, tracker_notices, tracker_word
from governance.pages.section import Section, columns
from governance.pages.tracker_due import Desk
from governance.people.models import Person
from governance.people.zones import zone_of

DUE = (
    tracker_due.breaches, tracker_due.requests, tracker_due.objections, tracker_due.orders, tracker_due.disagreements, tracker_due.versions,
    tracker_due.overrides, tracker_due.reviews, tracker_due.assessments, tracker_due.papers, tracker_due.contracts,
    tracker_word.stops, tracker_word.programmes, tracker_word.relaunches, tracker_word.exports, tracker_word.exclusions, tracker_word.by_hand,
    tracker_word.pressed, tracker_word.representations, tracker_word.names, tracker_word.approvals, tracker_word.addresses,
)  # fmt: skip
YOURS = (
    tracker_due.overrides,
    tracker_due.sent_back,
    tracker_due.reviews,
    tracker_due.assessments,
    tracker_due.papers,
    tracker_word.stops,
    tracker_word.relaunches,
    tracker_word.exports,
)
# Of everybody else whose word something may wait for; the owner's and the office's stand in their own tables.
WORDS = (
    tracker_word.programmes, tracker_word.relaunches, tracker_word.exports, tracker_word.exclusions, tracker_word.names, tracker_word.approvals,
    tracker_word.holds,
)  # fmt: skip


def parts(person: Person, now: datetime) -> list[Section]:
    """The data protection officer's: everything due in fourteen days or overdue, in one table, and what moved."""
    desk = Desk(person, clock.law_date(zone_of(person)), now)
    lagging = tracker_notices.lagging(desk)
    sources = [*(part(desk) for part in DUE), tracker_notices.notices(desk, lagging)]
    return [_tracked(desk, sources, _("Due in 14 days, or overdue")), _beside(desk, len(lagging))]


def yours(person: Person, now: datetime) -> Section:
    """The same of what the person answers for."""
    desk = Desk(person, clock.law_date(zone_of(person)), now, as_owner=True)
    return _tracked(desk, [part(desk) for part in YOURS], _("Yours: due in 14 days, or overdue"))


def words(person: Person, now: datetime) -> Section | None:
    """What goes on only with this person's word or hand; None where nothing does."""
    desk = Desk(person, clock.law_date(zone_of(person)), now)
    sources = [part(desk) for part in WORDS]
    return _tracked(desk, sources, _("Waits for you")) if any(one.rows for one in sources) else None


def _tracked(desk: Desk, sources: list[tracker.Source], heading: str) -> Section:
    rows = tracker.merged(sources, desk.today)
    return Section(
        heading=heading, caption=_("What, by when, by which law, whose, and what to do next"), wide=True, columns=tracker.columns(),
        rows=[tracker.cells(row, desk.now) for row in rows], none=_("Nothing is due in the next 14 days, and nothing is overdue."),
        more=[{"text": _("%(n)s more: %(what)s") % {"n": s.more, "what": s.words}, "url": s.url} for s in sources if s.more],
    )  # fmt: skip


def _beside(desk: Desk, lagging: int) -> Section:
    """What moved, what stands still, what arrives that should not, and who looked at whose choice."""
    kinds, excess = tracker_beside.too_much(desk)
    read, readers = tracker_beside.read_by(desk)
    tables = [
        {
            "caption": _("Verdicts that changed since last week"), "columns": columns(_("Activity"), _("Was"), _("Is"), _("Since")),
            "rows": tracker_beside.moved(desk), "none": _("No verdict has changed."),
        },
        {
            "caption": _("Over-collection: sent, though not declared"), "columns": columns(_("Programme"), _("Signal"), _("What"), _("Events")),
            "rows": excess, "none": _("Nothing arrived beyond what is declared."),
        },
        {
            "caption": _("Who read one person’s choice"), "columns": columns(_("Who"), _("Choices"), _("Times")),
            "rows": readers, "none": _("Nobody did in the last 7 days: 0 reads."),
        },
    ]  # fmt: skip
    tiles = tracker_beside.tiles(desk, lagging=lagging, excess=kinds, read=read)
    changes = reverse("reports:new") + "?kind=changes"
    return Section(
        heading=_("What moved"),
        tiles=tiles,
        tables=tables,
        url=changes,
        link=_("What changed since a day, as one document"),
    )
