"""Rows of the tracker for what waits for somebody's word: stops, programmes, exports, names, papers. Beside tracker_due.py.

Each asks for what this person may say, and leaves out what they have said already or may not say, because they asked for it.
Nobody whom a row is about is named.
"""

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from governance.capture import deciding
from governance.capture import terms as documents
from governance.capture.models import Programme, StopRequest
from governance.consents.models import PressureReport, Representation
from governance.exports.models import Dataset, Export
from governance.incidents import relaunching
from governance.incidents.models import Relaunch
from governance.pages.tracker import Due, Source, until
from governance.pages.tracker_due import Desk, source, step
from governance.people.models import AddressChange, Employment
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder, Hold, ManualTask, NameOpening


def programme_cell(row: Programme) -> dict[str, str]:
    return {"text": f"{row.number} {row.name}", "url": reverse("capture:programme", args=[row.pk])}


def _erase(desk: Desk, purpose: Purpose | None) -> str:
    return (
        desk.laws(purpose.jurisdictions, EU=("gdpr.17", ""), IN=("dpdp.s8-7", ""))
        if purpose
        else desk.cite("gdpr.17")
    )


def _owner(row: Programme) -> str:
    return str(row.owner) if row.owner else ""


def stops(desk: Desk) -> Source:
    """The worker representation asked for a stop and waits for its answer."""
    rows = StopRequest.objects.filter(answered_at__isnull=True).select_related("programme__owner")
    may = Q(programme__entity_id__in=desk.person.entities_where("capture.answer_stop"))
    return source(
        rows.filter(Q(programme__owner=desk.person) if desk.as_owner else may).order_by("due_on"),
        lambda row: Due(
            _("Answer the representation, which asks for a stop"), programme_cell(row.programme), row.due_on, row.asked_at, "",
            _owner(row.programme), step(_("Answer"), "capture:programme", row.programme_id),
        ),
        _("requests to stop"), reverse("capture:programmes"),
    )  # fmt: skip


def programmes(desk: Desk) -> Source:
    """Handed in, and without advice, or the signature of security, on the terms as they are."""
    parts = {"advice": "capture.advise", "security": "capture.sign_security"}
    where = {part: set(desk.person.entities_where(code)) for part, code in parts.items()}
    rows = Programme.objects.filter(state="assessed", entity_id__in=set().union(*where.values()))
    words = {
        "advice": _("Advise on a capture programme"),
        "security": _("Sign a capture programme for security"),
    }
    made = []
    for row in rows.select_related("owner").prefetch_related("signatures").order_by("number"):
        terms = documents.digest(deciding.terms_of(row))
        here = [one for one in row.signatures.all() if one.terms_sha256 == terms]
        if row.owner_id == desk.person.pk or any(one.person_id == desk.person.pk for one in here):
            continue
        open_ = [
            part for part in parts if row.entity_id in where[part] and part not in {one.part for one in here}
        ]
        made += [
            Due(
                words[part], programme_cell(row), law=desk.cite("gdpr.39-1", "(a)") if part == "advice" else "", owner=_owner(row),
                step=step(_("Look at it"), "capture:programme", row.pk),
            )
            for part in open_[:1]
        ]  # fmt: skip
    return Source(made, 0, _("programmes"), reverse("capture:programmes"))


def relaunches(desk: Desk) -> Source:
    """A programme that an incident stopped waits for this person's signature."""
    rows = Relaunch.objects.filter(done_at__isnull=True).exclude(signatures__person=desk.person)
    made = []
    for row in rows.select_related("programme__owner").prefetch_related("signatures").order_by("opened_at"):
        mine = relaunching.parts_of(desk.person, row.programme) - {one.part for one in row.signatures.all()}
        if mine & {"owner"} if desk.as_owner else mine - {"owner"}:
            made.append(
                Due(
                    _("Sign for the way back after an incident"),
                    programme_cell(row.programme),
                    None,
                    row.opened_at,
                    "",
                    _owner(row.programme),
                    step(_("Look at it"), "incidents:relaunch", row.programme_id),
                )
            )
    return Source(made, 0, _("ways back"), reverse("capture:programmes"))


def exports(desk: Desk) -> Source:
    """Content is to leave, and goes on only with this person's word; or it is ready and its asker has not taken it."""
    who = desk.person
    mine = Q(state="asked", entity_id__in=who.entities_where("exports.advise"))
    mine |= Q(state="advised", second_by__isnull=True, entity_id__in=who.entities_where("exports.second"))
    if desk.as_owner:
        mine = Q(state="advised", owner_by__isnull=True, programme__owner=who)
    spoken = Q(asked_by=who) | Q(advised_by=who) | Q(owner_by=who) | Q(second_by=who)
    taken = Q(state="ready", asked_by=who, downloads__isnull=True)
    rows = Export.objects.filter(mine & ~spoken if desk.as_owner else mine & ~spoken | taken)
    words = {
        "asked": _("Advise on an export"),
        "advised": _("Agree to an export, or refuse it"),
        "ready": _("Take the package before it is deleted"),
    }
    return source(
        rows.select_related("programme__owner").order_by("asked_at"),
        lambda row: Due(
            words[row.state], {"text": row.number, "url": reverse("exports:export", args=[row.pk])}, row.expires_at,
            row.packed_at or row.asked_at, "", _owner(row.programme), step(_("Look at it"), "exports:export", row.pk),
        ),
        _("exports"), reverse("exports:exports"),
    )  # fmt: skip


def exclusions(desk: Desk) -> Source:
    """What has to come out of a dataset: to its holder when it is raised, to the office when it is overdue, each with a count."""
    open_ = Q(exclusions__answered_at__isnull=True)
    late = Q(entity_id__in=desk.person.entities_where("exports.advise"), exclusions__due_on__lt=desk.today)
    rows = Dataset.objects.filter(open_ & (Q(holder=desk.person) | late)).select_related(
        "holder", "export__programme__purpose"
    )
    counted = rows.annotate(open=Count("exclusions"), first=Min("exclusions__due_on")).order_by("first")
    return source(
        counted,
        lambda row: Due(
            _("Take out of the dataset what has to come out: %(n)s") % {"n": row.open},
            {"text": f"{row.number} {row.name}", "url": reverse("exports:dataset", args=[row.pk])}, row.first, None,
            _erase(desk, row.export.programme.purpose), str(row.holder), step(_("Look at it"), "exports:dataset", row.pk),
        ),
        _("datasets"), reverse("exports:held"),
    )  # fmt: skip


def by_hand(desk: Desk) -> Source:
    """Erased by hand and not looked at by a second person, or due and not done. Whom it is about is not said here."""
    rows = ManualTask.objects.filter(
        Q(filed_at__isnull=False) & ~Q(filed_by=desk.person) | Q(due_on__lte=until(desk.today)),
        accepted_at__isnull=True, system__entity_id__in=desk.person.entities_where("retention.check_task"),
    )  # fmt: skip
    return source(
        rows.select_related("system", "owner", "purpose").order_by("due_on"),
        lambda row: Due(
            _("Look at the proof of an erasure by hand") if row.filed_at else _("Erase by hand"), row.system.name, row.due_on, row.made_at,
            _erase(desk, row.purpose), str(row.owner), step(_("Look at it"), "retention:task", row.pk),
        ),
        _("tasks by hand"), reverse("retention:tasks"),
    )  # fmt: skip


def pressed(desk: Desk) -> Source:
    rows = PressureReport.objects.filter(
        answered_at__isnull=True, entity_id__in=desk.person.entities_where("consents.answer_pressure")
    )
    return source(
        rows.select_related("purpose").order_by("at"),
        lambda row: Due(
            _("Somebody felt pressed"), row.purpose.name if row.purpose else "", None, row.at, desk.laws(row.purpose.jurisdictions if row.purpose else ["EU"], EU=("gdpr.7-4", ""), IN=("dpdp.s6", "(1)")), "",
            step(_("Answer"), "consents:pressed", row.pk),
        ),
        _("reports of pressure"), reverse("consents:pressures"),
    )  # fmt: skip


def representations(desk: Desk) -> Source:
    """A guardian's or nominee's paper that a second person has to see."""
    rows = Representation.objects.filter(
        verified_at__isnull=True, ended_at__isnull=True, entity_id__in=desk.person.entities_where("consents.record_acting")
    ).exclude(recorded_by=desk.person)  # fmt: skip
    return source(
        rows.select_related("entity").order_by("recorded_at"),
        lambda row: Due(
            _("See the paper of who speaks for somebody"), row.entity.name, None, row.recorded_at, "", "",
            step(_("Look at it"), "consents:representations"),
        ),
        _("papers"), reverse("consents:representations"),
    )  # fmt: skip


def names(desk: Desk) -> Source:
    rows = NameOpening.objects.filter(
        agreed_at__isnull=True, matter__closed_at__isnull=True,
        matter__entity_id__in=desk.person.entities_where("retention.open_names"),
    ).exclude(asked_by=desk.person).exclude(person=desk.person)  # fmt: skip
    return source(
        rows.select_related("matter").order_by("asked_at"),
        lambda row: Due(
            _("A name is to be opened"), {"text": row.matter.number}, None, row.asked_at, "", "",
            step(pgettext("verb", "Decide"), "retention:name", row.pk),
        ),
        _("names"), reverse("retention:names"),
    )  # fmt: skip


def holds(desk: Desk) -> Source:
    """A hold that lapses without a second lawyer, or one that a first lawyer wants to end."""
    asked = Q(agreed_by__isnull=True) & ~Q(placed_by=desk.person)
    ending = Q(released_by__isnull=False) & ~Q(released_by=desk.person)
    rows = Hold.objects.in_force().filter(
        asked | ending, matter__entity_id__in=desk.person.entities_where("retention.hold")
    )
    return source(
        rows.select_related("matter").order_by(F("lapses_at").asc(nulls_last=True), "placed_at"),
        lambda row: Due(
            _("Agree to end a hold") if row.released_by_id else _("Agree to a hold before it lapses"), {"text": row.matter.number},
            None if row.released_by_id else row.lapses_at, row.placed_at, "", "", step(_("Look at it"), "retention:holds"),
        ),
        _("holds"), reverse("retention:holds"),
    )  # fmt: skip


def approvals(desk: Desk) -> Source:
    """Much is to be erased that nobody concerned asked for: two people agree first."""
    rows = ErasureOrder.objects.filter(
        approval_wanted_at__isnull=False, second_by__isnull=True, entity_id__in=desk.person.entities_where("retention.approve")
    ).exclude(state__in=ErasureOrder.ENDED).exclude(approved_by=desk.person)  # fmt: skip
    return source(
        rows.select_related("purpose__owner").order_by(F("approval_wanted_at")),
        lambda row: Due(
            _("Agree to a large erasure"), {"text": row.number, "url": reverse("retention:order", args=[row.pk])}, None,
            row.approval_wanted_at, "", str(row.purpose.owner) if row.purpose and row.purpose.owner else "",
            step(_("Look at it"), "retention:order", row.pk),
        ),
        _("erasures"), reverse("retention:orders"),
    )  # fmt: skip


def addresses(desk: Desk) -> Source:
    """New addresses that a second person has to confirm; those that come into force by themselves are not waited for."""
    there = Employment.objects.current().filter(
        entity_id__in=desk.person.entities_where("people.confirm_address")
    )
    rows = AddressChange.objects.open().filter(due_at__isnull=True, person__in=there.values("person"))
    return source(
        rows.exclude(asked_by=desk.person).exclude(person=desk.person).select_related("person").order_by("asked_at"),
        lambda row: Due(
            _("Confirm a changed address"), row.person.number or "", None, row.asked_at, "", "",
            step(_("Look at it"), "people:addresses"),
        ),
        _("addresses"), reverse("people:addresses"),
    )  # fmt: skip
