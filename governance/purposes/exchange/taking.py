"""Take over what was looked at: whole or not at all, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import completeness, gaps, in_force, processors, systems, versions
from governance.purposes.activity import Activity, digest, plain
from governance.purposes.exchange import incoming, parties, placing
from governance.purposes.exchange.incoming import Preview
from governance.purposes.exchange.placing import Placed
from governance.purposes.models import DataSystem, Mandate, Processor, Purpose, PurposeVersion

BATCH = 500
# One statement for many: built row by row by the ORM, this expression took longer than everything else.
SEARCHED = """
UPDATE purposes_purpose SET search = to_tsvector('simple', said.words)
FROM unnest(%s::uuid[], %s::text[]) AS said (id, words) WHERE purposes_purpose.id = said.id
"""
NAMED = 200  # numbers that the log's entry names; the entries of the purposes name the rest


@dataclass(frozen=True)
class Done:
    """What was written, and the log's entry that says so."""

    preview: Preview
    entry_id: int


@transaction.atomic
def take_over(looked_at: incoming.Unpacked, *, by: Person, on: date) -> "Done":
    """The register says what this content says. New activities are drafts, changed ones get a draft version; nothing is
    approved, nothing runs. Refused when anything moved since the look."""
    locks.exclusively(locks.key("register", "import"))
    preview = incoming.judge(looked_at.content, by=by, on=on, entity=looked_at.entity, unit=looked_at.unit)
    if preview.faults or preview.digest != looked_at.digest:
        raise Refused(
            _("Something changed since you looked. Look at the new preview, then confirm again."),
            code="preview_stale",
        )
    for change in preview.parties:
        _take_party(change, by=by)
    numbers = _enter([one for one in preview.placed if one.kind == "new"], by=by)
    for one in preview.placed:
        if one.kind == "changed":
            _change(one, by=by)
            numbers.append(one.entry.number)
    entry = log.record(
        "register.imported", by=by, kind=looked_at.content.kind, new=preview.new, changed=preview.changed, unchanged=preview.unchanged,
        parties=preview.parties_changed, content_sha256=looked_at.digest, numbers=numbers[:NAMED],
    )  # fmt: skip
    return Done(preview, entry)


def _take_party(change: parties.Change, *, by: Person) -> None:
    fields = parties.fields_of(change)
    if change.what == "processor" and change.kind == "new":
        processors.enter(change.entity, by=by, **fields)
    elif change.what == "processor" and change.kind == "changed":
        processors.change(Processor.objects.get(code=change.key), by=by, **fields)
    elif change.what == "system" and change.kind == "new":
        systems.enter(change.entity, by=by, **fields)
    elif change.what == "system" and change.kind == "changed":
        systems.change(DataSystem.objects.get(code=change.key), by=by, **fields)
    elif change.kind == "changed":
        processors.change_mandate(Mandate.objects.get(number=change.key), by=by, **fields)
    elif change.what == "mandate" and change.kind == "new" and change.key:
        # An exported row keeps its number where that is free.
        mandate = Mandate.objects.create(entity=change.entity, number=change.key, **fields)
        log.record("mandate.entered", by=by, about=mandate, number=mandate.number)
    elif change.what == "mandate" and change.kind == "new":
        processors.take_mandate(change.entity, by=by, **fields)


def _enter(new: Sequence[Placed], *, by: Person) -> list[str]:
    """What versions.enter does for one, for many: a test holds the two together. Their numbers."""
    kept = [one for one in new if placing.NUMBER.fullmatch(one.entry.number)]
    _insert(numbered := [(one, one.entry.number) for one in kept], by=by)
    rest = [one for one in new if not placing.NUMBER.fullmatch(one.entry.number)]
    if rest:
        more = list(zip(rest, versions.next_number(len(rest)), strict=True))
        _insert(more, by=by)
        numbered += more
    return [number for _one, number in numbered]


def _insert(numbered: Sequence[tuple[Placed, str]], *, by: Person) -> None:
    named = {r.processor for one, _number in numbered for r in one.entry.activity.recipients if r.processor}
    known = {p.code: p for p in Processor.objects.filter(code__in=named).order_by("name")}
    days = {one.entity.pk: clock.law_date(one.entity.timezone) for one, _number in numbered}
    for start in range(0, len(numbered), BATCH):
        purposes, first, words = [], [], []
        for one, number in numbered[start : start + BATCH]:
            activity = one.entry.activity
            wanted = {r.processor for r in activity.recipients}
            there = [processor for code, processor in known.items() if code in wanted]
            purposes.append(
                Purpose(number=number, entity=one.entity, **_columns(one, there, days[one.entity.pk]))
            )
            first.append(
                PurposeVersion(
                    purpose=purposes[-1],
                    number=1,
                    author=by,
                    editors=[by.pk],
                    content=plain(activity),
                    sha256=digest(activity),
                )
            )
            words.append(_words(number, activity, there))
        Purpose.objects.bulk_create(purposes)
        PurposeVersion.objects.bulk_create(first)
        with connection.cursor() as cursor:
            cursor.execute(SEARCHED, [[purpose.pk for purpose in purposes], words])
        log.record_many(
            "purpose.entered", [(purpose, {"number": purpose.number}) for purpose in purposes], by=by
        )


def _columns(one: Placed, processors: list[Processor], on: date) -> dict[str, Any]:
    """What in_force.show would find."""
    found = in_force.columns(one.entry.activity)
    found["recipient_countries"] = sorted({*found["recipient_countries"], *(p.country for p in processors)})  # type: ignore[misc]
    beside = gaps.beside_new(
        one.entity,
        on,
        owner=one.owner_id is not None,
        review=one.review_on is not None,
        processors=processors,
    )
    found |= gaps.columns(completeness.missing(one.entry.activity, beside, on=on))
    return found | {"unit": one.unit, "owner_id": one.owner_id, "review_on": one.review_on}


def _words(number: str, activity: Activity, processors: list[Processor]) -> str:
    """What the search of the list finds the entry by."""
    words = [
        number,
        activity.name,
        activity.description,
        activity.uses,
        *(item.name for item in activity.items),
    ]
    words += [recipient.name for recipient in activity.recipients] + [p.name for p in processors]
    return " ".join(words)


def _change(one: Placed, *, by: Person) -> None:
    purpose = one.purpose
    assert purpose is not None
    if one.activity_changes:
        draft = versions.draft(purpose, by=by)
        versions.save(draft.pk, one.entry.activity, revision=draft.revision, by=by)
    beside = {"unit": one.unit, "owner_id": one.owner_id, "review_on": one.review_on}
    changed = {name: value for name, value in beside.items() if name.removesuffix("_id") in one.fields}
    if changed:
        Purpose.objects.filter(pk=purpose.pk).update(**changed, changed_at=Now())
        log.record(
            "purpose.placed",
            by=by,
            about=purpose,
            changed=sorted(changed),
            owner=one.owner_id,
            review_on=one.review_on,
        )
