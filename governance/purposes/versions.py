"""Write the register: a purpose enters as a draft, is reviewed by a second person, and every version is kept whole."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person, Unit
from governance.purposes import in_force, judging, rules, rules_change, states, verdicts
from governance.purposes.activity import Activity, digest, plain, problems
from governance.purposes.models import DataSystem, Processor, Purpose, PurposeVersion

AfterApproval = Callable[[PurposeVersion], None]


class SomebodyElse(Refused):
    """Somebody saved this draft meanwhile. `theirs` is what they wrote; nothing of either is lost."""

    def __init__(self, theirs: PurposeVersion) -> None:
        super().__init__(
            _("Somebody else changed this draft while you were writing. Look at both and save again."),
            code="edited_meanwhile",
        )
        self.theirs = theirs


def next_number(many: int = 1) -> list[str]:
    """P-0001, P-0002, …: unique across the group. Call inside a transaction."""
    locks.exclusively(locks.key("number", "purpose"))
    last = Purpose.objects.aggregate(last=Max("ordinal"))["last"] or 0
    return [f"P-{last + n:04d}" for n in range(1, many + 1)]


def _take(version_id: UUID) -> PurposeVersion:
    """The version, fresh and locked. Everywhere in this order, so that no two wait in a circle: the purpose's advisory
    lock where something comes into force or ends, its row, then rows of versions."""
    purpose_id = PurposeVersion.objects.values_list("purpose_id", flat=True).get(pk=version_id)
    purpose = Purpose.objects.select_for_update().get(pk=purpose_id)
    version = PurposeVersion.objects.select_for_update().get(pk=version_id)
    version.purpose = purpose
    return version


def roles_at(person: Person, entity: Entity, unit: Unit | None = None) -> set[str]:
    """The roles that this person has there, read fresh."""
    there = person.roles.in_force().filter(entity=entity)
    return {role.name for role in there if role.unit_id in (None, unit.pk if unit else None)}


def check(activity: Activity) -> None:
    """Refused with every place that is wrong, and with codes that the group does not have."""
    found = [f"{problem.path}: {problem.sentence}" for problem in problems(activity)]
    for kind, there, wanted in (
        ("systems", DataSystem.objects.living(), {part.code for part in activity.systems}),
        ("recipients", Processor.objects, {r.processor for r in activity.recipients if r.processor}),
    ):
        known = set(there.filter(code__in=wanted).values_list("code", flat=True)) if wanted else set()
        found += [
            f"{kind}: " + gettext("“%(code)s” is not known.") % {"code": code}
            for code in sorted(wanted - known)
        ]
    if found:
        raise Refused(_("This cannot be saved yet. %(what)s"), code="not_an_activity", what=" ".join(found))


@transaction.atomic
def enter(
    entity: Entity, activity: Activity, *, by: Person, owner: Person | None = None, unit: Unit | None = None,
    review_on: date | None = None,
) -> Purpose:  # fmt: skip
    """A new activity stands in the register as the draft of its first version."""
    check(activity)
    if owner is not None:
        rules.check_owner(roles_at(owner, entity, unit))
    purpose = Purpose.objects.create(
        entity=entity,
        unit=unit,
        number=next_number()[0],
        owner=owner,
        review_on=review_on,
        name=activity.name,
    )
    _write(PurposeVersion(purpose=purpose, number=1, author=by), activity, by)
    in_force.show(purpose, activity)
    log.record("purpose.entered", by=by, about=purpose, number=purpose.number)
    return purpose


@transaction.atomic
def draft(purpose: Purpose, *, by: Person) -> PurposeVersion:
    """A draft that begins with the words of the version in force; an open draft is given back as it is."""
    purpose = Purpose.objects.select_for_update().get(pk=purpose.pk)
    rules.check_edit("draft", purpose.state)
    newest = purpose.versions.order_by("-number")
    if (open_one := newest.filter(state__in=("draft", "in_review", "approved")).first()) is not None:
        return open_one
    last = newest.filter(state="in_force").first() or newest.first()
    assert last is not None  # every purpose enters with a version
    number = newest.values_list("number", flat=True).first() + 1
    version = _write(PurposeVersion(purpose=purpose, number=number, author=by), last.activity, by)
    log.record("purpose.version_drafted", by=by, about=purpose, version=number)
    return version


def _write(version: PurposeVersion, activity: Activity, by: Person) -> PurposeVersion:
    version.content, version.sha256 = plain(activity), digest(activity)
    if by.pk not in version.editors:
        version.editors = [*version.editors, by.pk]
    with override("en"):  # pages say the rule anew in the reader's language
        version.material = [
            {"field": change.field, "why": str(change.why), "cite": change.cite}
            for change in changes(version, activity)
            if change.material
        ]
    version.save()
    return version


def changes(version: PurposeVersion, activity: Activity | None = None) -> list[rules_change.FieldChange]:
    """What this draft (with `activity` in place of its content) would change of the version in force; material first."""
    before = PurposeVersion.objects.filter(purpose=version.purpose_id, state="in_force").first()
    if before is None or before.pk == version.pk:
        return []
    return rules_change.field_changes(before.content, plain(activity) if activity else version.content)


@transaction.atomic
def save(version_id: UUID, activity: Activity, *, revision: int, by: Person) -> PurposeVersion:
    """The draft says this now. SomebodyElse when it was saved since `revision` was read: nothing is overwritten."""
    version = _take(version_id)
    rules.check_edit(version.state, version.purpose.state)
    check(activity)
    if version.revision != revision:
        raise SomebodyElse(version)
    if digest(activity) == version.sha256:
        return version
    version.revision += 1
    version.changed_at = Now()
    _write(version, activity, by)
    if version.purpose.version == 0:
        in_force.show(version.purpose, activity)
        verdicts.judge_many([version.purpose_id], clock.law_date(version.purpose.entity.timezone))
    log.record(
        "purpose.draft_saved", by=by, about=version.purpose, version=version.number, revision=version.revision
    )
    version.refresh_from_db()
    return version


def _step(version_id: UUID, verb: str, **changed: Any) -> PurposeVersion:
    """One step of the version's life, and of the purpose's where it is the first."""
    version = _take(version_id)
    if version.purpose.state == "retired" and verb != "discard":
        raise Refused(_("This purpose was retired for good. Enter a new one."), code="wrong_transition")
    state = states.follow(states.VERSION, version.state, verb)
    PurposeVersion.objects.filter(pk=version.pk).update(state=state, changed_at=Now(), **changed)
    purpose = version.purpose
    if purpose.version == 0 and (purpose.state, verb) in states.PURPOSE:
        after = states.PURPOSE[purpose.state, verb]
        Purpose.objects.filter(pk=purpose.pk).update(state=after, changed_at=Now())
    version.refresh_from_db()
    version.purpose.refresh_from_db()
    return version


@transaction.atomic
def submit(version_id: UUID, *, by: Person) -> PurposeVersion:
    """The draft waits for a second person and cannot be edited meanwhile."""
    draft = _take(version_id)
    before = PurposeVersion.objects.filter(purpose=draft.purpose_id, state="in_force").first()
    rules.check_submit(before is None or before.sha256 != draft.sha256)
    version = _step(version_id, "submit", submitted_by=by, submitted_at=Now(), sent_back_because="")
    if version.purpose.version == 0:
        verdicts.judge_many([version.purpose_id], clock.law_date(version.purpose.entity.timezone))
    log.record("purpose.submitted", by=by, about=version.purpose, version=version.number)
    return version


@transaction.atomic
def send_back(version_id: UUID, *, because: str, by: Person) -> PurposeVersion:
    """The draft can be edited again; its author reads why."""
    if not because.strip():
        raise Refused(_("Write what should be changed."), code="no_reason")
    version = _step(version_id, "send_back", sent_back_because=because.strip())
    log.record("purpose.sent_back", by=by, about=version.purpose, version=version.number)
    return version


@transaction.atomic
def discard(version_id: UUID, *, by: Person) -> PurposeVersion:
    """This draft is given up; the version in force stays as it is."""
    version = _take(version_id)
    rules.check_discard(version.purpose.version)
    version = _step(version_id, "discard", ended_at=Now())
    log.record("purpose.version_discarded", by=by, about=version.purpose, version=version.number)
    return version


@transaction.atomic
def approve(
    version_id: UUID, *, by: Person, note: str = "", seen: str = "", on: date | None = None
) -> PurposeVersion:
    """The version is approved and kept as it is for ever. It holds at once, unless people must be told of it first.

    `seen`: SHA-256 of the words that the approver read; refused when others stand there by now. Refused as well for what
    the rules refuse on the day `on` (today), and for what would stop a purpose that runs.
    """
    purpose_id = PurposeVersion.objects.values_list("purpose_id", flat=True).get(pk=version_id)
    locks.exclusively(locks.purpose(purpose_id))
    version = _take(version_id)
    rules.check_approve(by.pk, {version.author_id, version.submitted_by_id, *version.editors})
    rules.check_seen(seen or version.sha256, version.sha256)
    on = on or clock.law_date(version.purpose.entity.timezone)
    judging.check_approve(version, on, begins=not waits_for_notice(version))
    version = _step(version_id, "approve", approved_by=by, approved_at=Now(), approval_note=note.strip())
    log.record(
        "purpose.approved", by=by, about=version.purpose, version=version.number, sha256=version.sha256
    )
    if not waits_for_notice(version):
        in_force.begin(version, by=by, on=on)
        version.refresh_from_db()
        version.purpose.refresh_from_db()
    return version


def waits_for_notice(version: PurposeVersion) -> bool:
    """A material change of what people were told of holds only once a notice of it is published."""
    return bool(version.material) and version.purpose.notices.filter(published_at__isnull=False).exists()
