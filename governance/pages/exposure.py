"""The first line of a data protection officer: whether the exposure self-test reached anything, and the vault's keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from governance.audit.models import Entry
from governance.incidents.models import Probe
from governance.lib.dates import date_format
from governance.people.models import Person

WATCHERS = frozenset({"dpo", "auditor"})
STALE = timedelta(hours=24)  # the timetable probes every six hours
SHOWN = 5


@dataclass(frozen=True)
class Watch:
    """What stands above everything else on the page: `state` as components/statement.html knows it."""

    says: str
    more: str
    state: str
    tiles: list[dict[str, Any]]


def of(person: Person, now: datetime) -> Watch | None:
    """For those who watch over it; nobody else reads where the portal is open. Two queries."""
    if not WATCHERS & person.role_names():
        return None
    run = Probe.objects.order_by("-at").first()
    says, more, state = _said(run, now)
    return Watch(says, more, state, [*_covered(run), *keys()])


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def _said(run: Probe | None, now: datetime) -> tuple[str, str, str]:
    if run is None:
        return (
            _("The exposure self-test has not run yet."),
            _("It runs by itself; ask your administrator if this stays."),
            "hold",
        )
    at = _moment(run.at)
    if run.findings:
        places = "; ".join(_place(row) for row in run.findings[:SHOWN])
        return (
            _("The exposure self-test of %(at)s reached what it must not: %(places)s.") % {"at": at, "places": places},
            _("What ran there is stopped, and an incident is open. Close the way in, then let it run again."), "on",
        )  # fmt: skip
    tries = number_format(run.tried, force_grouping=True)
    more = _("%(n)s tries as an employee, as an administrator and on the vault itself, all refused.") % {
        "n": tries
    }
    if now - run.at > STALE:
        return _("The exposure self-test has not run since %(at)s.") % {"at": at}, more, "hold"
    return _("Nothing was reached by the exposure self-test of %(at)s.") % {"at": at}, more, "off"


def _place(row: dict[str, str]) -> str:
    return _("%(what)s as %(who)s") % {"what": row["what"], "who": row["as"]}


def _covered(run: Probe | None) -> list[dict[str, Any]]:
    if run is None or not run.addresses:
        return []
    grouped = number_format(run.covered, force_grouping=True)
    whole = number_format(run.addresses * run.roles, force_grouping=True)
    note = _("%(addresses)s addresses × %(roles)s roles") % {"addresses": run.addresses, "roles": run.roles}
    return [
        {
            "figure": _("%(n)s of %(all)s") % {"n": grouped, "all": whole},
            "words": _("pairs of address and role tried"),
            "note": note,
        }
    ]


def keys() -> list[dict[str, Any]]:
    """The last comparison of keys and streams; both figures are 0 when they tell the same story."""
    told = Entry.objects.filter(code="keys.reconciled").order_by("-id").first()
    if told is None:
        return [
            {
                "figure": "–",
                "words": _("keys and streams not compared yet"),
                "note": _("compared every night"),
            }
        ]
    note = _("compared on %(at)s") % {"at": _moment(told.at)}
    objects = Entry.objects.filter(code="vault.objects_reconciled").order_by("-id").first()
    also = [] if objects is None else [
        {"figure": objects.facts["blobs_without_row"], "words": _("objects without a row, deleted"), "note": _("compared on %(at)s") % {"at": _moment(objects.at)}},
        {"figure": objects.facts["rows_without_blob"], "words": _("rows that lost their object"), "note": _("compared on %(at)s") % {"at": _moment(objects.at)}},
    ]  # fmt: skip
    return [
        {"figure": told.facts["keys_without_stream"], "words": _("keys without a stream"), "note": note},
        {"figure": told.facts["streams_without_key"], "words": _("streams without a key"), "note": note},
        *also,
    ]  # fmt: skip
