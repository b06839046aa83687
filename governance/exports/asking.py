"""Ask for content, advise, agree, refuse, take: the words about an export. packing.py does what was agreed to."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from governance.audit import log
from governance.capture.models import Programme
from governance.exports import rules
from governance.exports.models import Download, Export, Recipient
from governance.lib import clock, numbers
from governance.lib.nudge import nudge
from governance.people import notify
from governance.people.models import Person, Role


@transaction.atomic
def ask(
    programme: Programme, recipient: Recipient, *, why: str, fields: Mapping[str, list[str]], since: date, until: date, by: Person
) -> Export:  # fmt: skip
    """The request stands and the data protection officers are told; nothing has left. Raises Refused."""
    recipient = Recipient.objects.get(pk=recipient.pk)
    declared = {signal.code: signal.fields for signal in programme.purpose.signals.all()}
    rules.check_ask(
        rules.AskFacts(
            by_may_ask=by.holds("exports.ask", programme.entity_id), why=why, since=since, until=until, today=clock.now().date(),
            fields=fields, declared=declared, recipient_is_usable=recipient.is_usable,
            recipient_is_theirs=recipient.entity_id == programme.entity_id, programme_state=programme.state,
        )
    )  # fmt: skip
    export = Export.objects.create(
        number=numbers.take("X", clock.law_date(programme.entity.timezone).year), entity=programme.entity, programme=programme,
        recipient=recipient, why=why.strip(), fields={code: list(names) for code, names in fields.items()}, since=since, until=until,
        asked_by=by,
    )  # fmt: skip
    log.record(
        "export.asked", by=by, about=export, programme=programme.pk, recipient=recipient.pk, since=since, until=until,
        fields=export.fields,
    )  # fmt: skip
    _tell(export, "dpo", "export_to_advise")
    return export


@transaction.atomic
def advise(export_id: UUID, advice: str, *, favourable: bool, by: Person) -> Export:
    """The data protection officer's written advice stands with the request; owner and legal are told."""
    export = _locked(export_id)
    rules.check_advice(_voice(export, by, by.holds("exports.advise", export.entity_id)), advice)
    Export.objects.filter(pk=export.pk).update(
        state="advised", advice=advice.strip(), favourable=favourable, advised_by=by, advised_at=Now()
    )
    log.record("export.advised", by=by, about=export, favourable=favourable)
    if export.programme.owner is not None:
        notify.tell(export.programme.owner, "export_to_agree", export=export.pk, number=export.number)
    _tell(export, "legal", "export_to_agree")
    return _read(export)


@transaction.atomic
def agree(export_id: UUID, *, by: Person, reasons: str = "") -> Export:
    """The programme's owner, or the second person, agrees. With both the exporter may pack it, for a day. Raises Refused.

    Which of the two somebody is follows from what they are: the owner of this programme, or legal.
    """
    export = _locked(export_id)
    if is_owner(export, by):
        rules.check_owner(_voice(export, by, True), bool(export.favourable), reasons)
        as_whom: dict[str, Any] = {"owner_by": by, "owner_at": Now(), "against_advice": reasons.strip()}
    else:
        rules.check_second(_voice(export, by, by.holds("exports.second", export.entity_id)))
        as_whom = {"second_by": by, "second_at": Now()}
    # Who came second where the same role was first: the first one's word stands.
    taken = {
        key.removesuffix("_by") for key in as_whom if key.endswith("_by") and getattr(export, f"{key}_id")
    }
    if taken:
        raise rules.Refused(rules._("Somebody has agreed in this place already."), code="place_taken")
    other = export.second_by_id if "owner_by" in as_whom else export.owner_by_id
    if other is not None:
        as_whom |= {"state": "waiting", "pack_before": Now() + rules.TIME_BOX}
        nudge("exports.pack")
    Export.objects.filter(pk=export.pk).update(**as_whom)
    log.record("export.agreed", by=by, about=export, place="owner" if "owner_by" in as_whom else "second")
    return _read(export)


@transaction.atomic
def refuse(export_id: UUID, *, by: Person) -> Export:
    """It will not be packed; what was under way is thrown away. Advisers, owners, seconds and the asker may say so."""
    export = _locked(export_id)
    if not may_refuse(export, by):
        raise rules.Refused(rules._("This is decided by somebody else."), code="not_theirs_to_say")
    rules.check_move(export.state, "refused")
    Export.objects.filter(pk=export.pk).update(
        state="refused", ended_by=by, ended_because="refused", fence=export.fence + 1, lease_until=None
    )
    log.record("export.refused", by=by, about=export)
    if by.pk != export.asked_by_id:
        notify.tell(export.asked_by, "export_refused", export=export.pk, number=export.number)
    return _read(export)


@transaction.atomic
def take(export_id: UUID, *, by: Person) -> Export:
    """The package may be sent to this person now; that they took it stands there before the first byte goes."""
    export = _locked(export_id)
    rules.check_take(export.asked_by_id == by.pk, export.state, over(export))
    note_download(export, "package", by=by)
    return export


def note_download(export: Export, what: str, *, by: Person) -> None:
    Download.objects.create(export=export, what=what, by=by)
    log.record("export.downloaded", by=by, about=export, what=what)


def sealed(export: Export) -> Iterator[bytes]:
    """The package as it lies there: sealed to its recipient, one part in memory at a time."""
    for position in range(export.parts.count()):
        yield bytes(export.parts.values_list("content", flat=True).get(position=position))


def over(export: Export) -> bool:
    return export.expires_at is not None and export.expires_at <= clock.now()


def is_owner(export: Export, person: Person) -> bool:
    """The owner of this very programme, while they hold that role."""
    return export.programme.owner_id == person.pk and person.holds("exports.agree", export.entity_id)


def may_refuse(export: Export, person: Person) -> bool:
    return (
        person.pk == export.asked_by_id
        or is_owner(export, person)
        or any(person.holds(code, export.entity_id) for code in ("exports.advise", "exports.second"))
    )


def voice(export: Export, person: Person) -> rules.VoiceFacts:
    """What a page hands to the rules, to grey a button with their own sentence."""
    if export.state == "asked":
        return _voice(export, person, person.holds("exports.advise", export.entity_id))
    may = is_owner(export, person) or person.holds("exports.second", export.entity_id)
    return _voice(export, person, may)


def _voice(export: Export, by: Person, may: bool) -> rules.VoiceFacts:
    spoken = {export.asked_by_id, export.advised_by_id, export.owner_by_id, export.second_by_id} - {None}
    return rules.VoiceFacts(export.state, by.pk, may, frozenset(pk for pk in spoken if pk))


def _locked(export_id: UUID) -> Export:
    rows = Export.objects.select_for_update(of=("self",)).select_related("programme__owner", "asked_by")
    return rows.get(pk=export_id)


def _read(export: Export) -> Export:
    return Export.objects.to_open().get(pk=export.pk)


def _tell(export: Export, role: str, code: str) -> None:
    held = Role.objects.in_force().filter(Q(unit=None), name=role, entity=export.entity_id)
    for row in held.exclude(person=export.asked_by_id).select_related("person"):
        notify.tell(row.person, code, export=export.pk, number=export.number)
