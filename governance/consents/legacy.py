"""Consents given before or outside: a spreadsheet, looked at row by row, written all or not at all.

Columns, in any order: person (number), purpose (P-0001), signal, said_on, document, text_sha256.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.consents import jobs, ledger, populations, receipts, rules, rules_legacy, streams
from governance.consents.models import ConsentRecord, OptOut
from governance.lib import locks
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import NoticeText, Purpose

COLUMNS = ("person", "purpose", "signal", "said_on", "document", "text_sha256")
MAX_BYTES, MAX_ROWS = 1024 * 1024, 5000
PERMISSION = "consents.import_legacy"


@dataclass(frozen=True)
class Problem:
    """Row 1 is the heading; column "" is the whole row. The sentence does not repeat what stands there."""

    row: int
    column: str
    sentence: Any


@dataclass(frozen=True)
class Row:
    at: int
    person: Person
    purpose: Purpose
    signal: str
    said_on: date
    document: str
    text: NoticeText | None
    becomes: str  # given or unknown


@dataclass
class Preview:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def count(self, becomes: str) -> int:
        return sum(row.becomes == becomes for row in self.rows)


def read(data: bytes, *, by: Person) -> Preview:
    """What the file would write, and what is wrong with it; writes nothing. Raises Refused for what is no such file."""
    if len(data) > MAX_BYTES:
        raise Refused(_("The file is larger than 1 MB. Split it."), code="too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("The file is not in UTF-8. Save it as CSV in UTF-8."), code="not_utf8") from None
    heading = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=heading.count))
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if sorted(names) != sorted(COLUMNS):
        raise Refused(
            _("The first row has to name these columns, each once: %(columns)s."), code="columns", columns=", ".join(COLUMNS)
        )  # fmt: skip
    reader.fieldnames = names
    found, seen = Preview(), set()
    try:
        for at, cells in enumerate(reader, 2):
            if at > MAX_ROWS + 1:
                raise Refused(_("The file has more than 5,000 rows. Split it."), code="too_many")
            plain = {name: (cells.get(name) or "").strip() for name in COLUMNS}
            if None in cells or not all(isinstance(cells.get(name), str) for name in COLUMNS):
                found.problems.append(Problem(at, "", _("The row has more or fewer cells than the heading.")))
                continue
            key = (plain["person"], plain["purpose"], plain["signal"])
            if key in seen:
                found.problems.append(
                    Problem(at, "", _("This person, purpose and signal stand in the file already."))
                )
                continue
            made = list(_row(at, plain, by))
            found.problems += [one for one in made if isinstance(one, Problem)]
            found.rows += [one for one in made if isinstance(one, Row)]
            if made and isinstance(made[0], Row):
                seen.add(key)
    except csv.Error:
        raise Refused(_("The file cannot be read as CSV. Save it again."), code="not_csv") from None
    if not found.rows and not found.problems:
        raise Refused(_("The file has no rows."), code="empty")
    return found


def _row(at: int, plain: dict[str, str], by: Person) -> Iterator[Row | Problem]:
    purpose = Purpose.objects.select_related("entity").filter(number=plain["purpose"]).first()
    if purpose is None or not by.holds(PERMISSION, purpose.entity_id):
        yield Problem(at, "purpose", _("There is no such purpose where you answer for it."))
        return
    person = Person.objects.filter(number=plain["person"], is_active=True, forgotten_at__isnull=True).first()
    if person is None or jobs.current(person, purpose) is None:
        yield Problem(at, "person", _("Nobody with this number works at the purpose’s entity now."))
        return
    try:
        said_on = date.fromisoformat(plain["said_on"])
    except ValueError:
        yield Problem(at, "said_on", _("Write the day as 2026-03-31."))
        return
    text = None
    if plain["text_sha256"]:
        texts = NoticeText.objects.filter(notice__purpose=purpose, sha256=plain["text_sha256"].lower())
        text = texts.filter(notice__published_at__isnull=False).select_related("notice").first()
        if text is None:
            yield Problem(
                at, "text_sha256", _("No published text of this purpose’s notices has this SHA-256.")
            )
            return
    if len(plain["document"]) > 150:
        yield Problem(at, "document", _("Shorten this to 150 characters."))
        return
    try:
        becomes = rules_legacy.outcome(
            _facts(person, purpose, plain, said_on, text), jobs.day_at(purpose.entity.timezone)
        )
    except Refused as refused:
        yield Problem(at, "said_on" if refused.code == "in_future" else "", refused.sentence)
        return
    yield Row(at, person, purpose, plain["signal"], said_on, plain["document"], text, becomes)


def _facts(
    person: Person, purpose: Purpose, plain: dict[str, str], said_on: date, text: NoticeText | None
) -> rules_legacy.Facts:
    signal = plain["signal"]
    counts = text is not None and text.notice.version >= purpose.asks_from_notice
    noes = OptOut.objects.in_force().filter(person=person, signal__in=("", signal), purpose__in=(purpose,))
    noes |= OptOut.objects.in_force().filter(person=person, signal__in=("", signal), purpose=None)
    ask = rules.AskFacts(
        purpose_active=purpose.state == "active", rests_on_consent=purpose.asks_consent,
        employed_there=jobs.current(person, purpose) is not None, under_18=person.is_under_18, has_notice=counts,
        language_shown=text.language if text else "", languages_published=frozenset({text.language} if text else ()),
        signals_wanted=frozenset({signal}), signals_declared=frozenset(purpose.signals.values_list("code", flat=True)),
        barred=any(no.signal in ("", signal) for no in populations.covering(person, purpose)),
    )  # fmt: skip
    return rules_legacy.Facts(
        said_on=said_on, evidence=bool(counts and plain["document"]), half=bool(plain["document"]) != bool(plain["text_sha256"]),
        known=ConsentRecord.objects.filter(person=person, purpose=purpose, signal=signal).exists(), ask=ask,
        opted_out=noes.exists(),
    )  # fmt: skip


def take_over(data: bytes, *, by: Person) -> Preview:
    """Every row stands in the ledger, with its provenance, or none does. Raises Refused; each person was told."""
    with transaction.atomic():
        preview = read(data, by=by)
        for purpose in sorted({row.purpose.pk for row in preview.rows}):
            locks.exclusively(locks.purpose(purpose))
        for person in sorted({row.person.pk for row in preview.rows}):
            locks.exclusively(locks.person(person))
        preview = read(data, by=by)  # again, beneath the locks: somebody may have answered meanwhile
        if preview.problems:
            raise Refused(
                _("Nothing was written: %(n)s rows need to be put right first."),
                code="problems",
                n=len(preview.problems),
            )
        together: dict[tuple[UUID, UUID], list[Row]] = {}
        for row in preview.rows:
            together.setdefault((row.person.pk, row.purpose.pk), []).append(row)
        for _key, rows in sorted(together.items()):
            _write(rows, by)
        log.record("consent.legacy_imported", by=by, rows=len(preview.rows))
        nudge("capture.open_streams")
        return preview


def _write(rows: list[Row], by: Person) -> None:
    person, purpose = rows[0].person, rows[0].purpose
    given = []
    for row in rows:
        kind = "person" if row.becomes == "given" else "system"
        rules.check_move("", row.becomes, kind)
        record = ledger.new_record(person, purpose, row.signal)
        event = ledger.append(
            record, row.becomes, by=person if kind == "person" else None, by_kind=kind, method="taken over",
            notice=row.text.notice if row.text and kind == "person" else None, text=row.text if kind == "person" else None,
            evidence=f"paper:{row.document}" if row.document else f"import:{by.pk}", provenance=rules_legacy.PROVENANCE,
            said_on=row.said_on,
        )  # fmt: skip
        more: dict[str, Any] = {}
        if row.becomes == "given" and row.text:
            ends = datetime.combine(rules.expires(row.said_on), time(), UTC)
            more = {
                "notice": row.text.notice, "given_at": event.at, "expires_at": ends, "job": jobs.current(person, purpose),
                "purpose_version": event.purpose_version,
            }  # fmt: skip
            streams.order(event, purpose)
            given.append((event, row.text))
        ConsentRecord.objects.filter(pk=record.pk).update(status=row.becomes, **more)
    if given:
        entry = log.record("consent.given", by=by, about=purpose, signals=sorted(e.signal for e, _t in given), events=[e.pk for e, _t in given])  # fmt: skip
        receipts.issue(
            "given",
            [event for event, _text in given],
            text=given[0][1],
            entry=entry,
            person=person,
            purpose=purpose,
        )
    notify.tell(
        person,
        "consent_taken_over" if given else "consent_unknown",
        purpose=purpose.pk,
        number=purpose.number,
    )
