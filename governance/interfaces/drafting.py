"""A program may propose: what it writes as a data agreement is a draft in the register, which people complete and approve.

The register knows people as authors. A draft by a program counts as written by the member of the data protection office
who let the program in with this scope: so somebody else approves it, as with every draft of theirs.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.interfaces.callers import Caller, Problem
from governance.interfaces.models import ApiClient
from governance.lib.access import may
from governance.people.models import Entity, Person
from governance.purposes import lifecycle, versions
from governance.purposes.activity import Activity
from governance.purposes.models import Purpose

SCOPE = "drafts.write"
MOST = 20  # open drafts of one program: people read each of them
BASES = {
    "consent": {"basis_eu": "a", "ground_in": "s6"}, "contract": {"basis_eu": "b"}, "legal_obligation": {"basis_eu": "c"},
    "vital_interest": {"basis_eu": "d"}, "public_task": {"basis_eu": "e"}, "legitimate_interest": {"basis_eu": "f"},
}  # fmt: skip


def said(purpose: str, lawful_basis: str, dpia: str, policy_url: str) -> dict[str, str]:
    """The fields of an Activity that a data agreement speaks of. Raises Problem."""
    if lawful_basis not in BASES:
        raise Problem(400, "no_such_basis", _("lawfulBasis is one of %(bases)s."), bases=", ".join(BASES))
    return {
        "name": " ".join(purpose.split()),
        "dpia_link": dpia.strip(),
        "policy_link": policy_url.strip(),
    } | BASES[lawful_basis]


def _author(caller: Caller, permission: str, purpose: Purpose | None = None) -> Person:
    """Who let the program in, as long as they may do it themselves."""
    caller.needs(SCOPE)
    client = ApiClient.objects.select_related("made_by", "entity").get(pk=caller.id)
    by = client.made_by
    if not by.is_active or not may(by, permission, purpose or client.entity):
        raise Problem(
            400, "nobody_answers_for_it",
            _("Whoever let this program in may not write in the register any more. Ask the data protection office to let it in anew."),
        )  # fmt: skip
    return by


@transaction.atomic
def propose(caller: Caller, fields: dict[str, str]) -> Purpose:
    """The draft stands in the register, nothing runs on it, and the program may read it. The same again is the same draft."""
    by = _author(caller, "purposes.edit")
    client = ApiClient.objects.select_for_update().get(pk=caller.id)
    mine = client.purposes.filter(state__in=("draft", "in_review"), version=0)
    again = mine.filter(name=fields["name"]).first()
    if again is not None:
        return again
    if mine.count() >= MOST:
        raise Problem(
            400, "too_many_drafts", _("%(most)s drafts of this program wait for people already."), most=MOST
        )
    purpose = versions.enter(Entity.objects.get(pk=caller.entity_id), Activity(**fields), by=by)
    client.purposes.add(purpose)
    log.record("purpose.proposed", by=by, about=purpose, client=client.pk)
    return purpose


@transaction.atomic
def rewrite(caller: Caller, purpose: Purpose, fields: dict[str, str]) -> Purpose:
    """The first draft says this now. What people have handed in, approved or put in force is theirs to change."""
    by = _author(caller, "purposes.edit", purpose)
    _check_first_draft(purpose)
    draft = purpose.versions.get(number=1)
    versions.save(draft.pk, draft.activity.but(**fields), revision=draft.revision, by=by)
    log.record("purpose.proposed", by=by, about=purpose, client=caller.id)
    purpose.refresh_from_db()
    return purpose


@transaction.atomic
def take_back(caller: Caller, purpose: Purpose) -> None:
    """The draft is given up; the register keeps that it was there."""
    by = _author(caller, "purposes.edit", purpose)
    _check_first_draft(purpose)
    lifecycle.retire(purpose, because="proposed by a program, and taken back by it", by=by)


def _check_first_draft(purpose: Purpose) -> None:
    if purpose.state != "draft" or purpose.version:
        raise Problem(
            400, "written_in_portal",
            _("This is written, reviewed and approved by people in the register of this portal, and comes from there only."),
        )  # fmt: skip
