"""The GovStack Consent Building Block (1.1.0-rc1) under /govstack/v1: every path of its document, on the same rows.

What our rules leave to people stays theirs: a data agreement is written as a draft, which people complete and approve in
the register; a policy is the notice, which people write; individuals come from the staff list and are found by their
number; a consent is only ever the person's own. What is refused answers 400
with problem+json and a stable code, because the document knows 200 and 400; keys answer 401, 403 and 429. govstack_doors.py has all of it as one table, which a page shows and a test holds.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Query, Schema
from pydantic import Field

from governance.audit import log
from governance.interfaces import drafting, govstack
from governance.interfaces.callers import Caller, Problem
from governance.interfaces.doors import ByKey, answer_problems, caller_of
from governance.interfaces.shapes import Name, Text
from governance.lib import spoken
from governance.people.models import Employment, Person
from governance.purposes.models import Purpose
from governance.retention import reads

api = NinjaAPI(
    title="Consent BB API", version="1.1.0-rc1", auth=ByKey(), urls_namespace="govstack", docs_url=None, openapi_url=None
)  # fmt: skip
answer_problems(api, folded=True)
OFFSET, LIMIT = Query(0, ge=0, le=1_000_000_000), Query(100, ge=1, le=500)
WHO = "X-ConsentBB-IndividualId"  # whose records: the document has no place for it in some paths


def base_of(request: HttpRequest) -> str:
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def not_found() -> Problem:
    return Problem(404, "not_found", _("Your key knows nothing of this id."))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None


def purpose_of(caller: Caller, pk: str) -> Purpose:
    wanted = _uuid(pk)
    if wanted not in caller.purposes:
        raise not_found()
    return govstack.purposes([wanted])[0]


def _page(caller: Caller, offset: int, limit: int) -> list[Purpose]:
    return govstack.purposes(caller.purposes)[offset : offset + limit]


def _people(caller: Caller) -> Any:
    here = Employment.objects.filter(entity_id=caller.entity_id).values("person_id")
    return Person.objects.filter(pk__in=here, is_active=True).order_by("pk")


def person_of(request: HttpRequest, caller: Caller, pk: str = "") -> Person:
    wanted = pk or request.headers.get(WHO, "") or request.GET.get("individualId", "")
    if not wanted:
        raise Problem(400, "no_individual", _("Say whose record: send the header %(name)s."), name=WHO)
    row = _people(caller).filter(pk=_uuid(wanted)).first()
    if row is None:
        raise not_found()
    return row


def written_in_portal() -> Problem:
    return Problem(
        400, "written_in_portal",
        _("This is written, reviewed and approved by people in the register of this portal, and comes from there only."),
    )  # fmt: skip


def from_the_staff_list() -> Problem:
    return Problem(
        400, "from_the_staff_list",
        _("People come from the staff list of this portal only. Name one by the staff number: externalId."),
    )  # fmt: skip


# --- config ---------------------------------------------------------------------------------------------------------
@api.post("/config/policy/")
def config_policy_create(request: HttpRequest) -> Any:
    raise written_in_portal()


def _policy(request: HttpRequest, policy_id: str, revision_id: str) -> Any:
    caller = caller_of(request)
    caller.needs("register")
    purpose = purpose_of(caller, policy_id)
    words = govstack.words_of(revision_id)
    version = (
        words.version
        if words
        else int(revision_id)
        if revision_id.isdecimal() and len(revision_id) < 7
        else None
    )
    if revision_id and version is None:
        raise not_found()
    found = govstack.latest(purpose, words.language if words else spoken.wanted(request), "Policy", version)
    notice = next((n for n in govstack.published(purpose) if version in (None, n.version)), None)
    if found is None or notice is None:
        raise not_found()
    return {"policy": govstack.policy(purpose, notice, base_of(request)), "revision": found}


@api.get("/config/policy/{str:policy_id}/")
def config_policy_read(
    request: HttpRequest, policy_id: str, revision_id: str = Query("", alias="revisionId")
) -> Any:
    return _policy(request, policy_id, revision_id)


@api.put("/config/policy/{str:policy_id}/")
def config_policy_update(request: HttpRequest, policy_id: str) -> Any:
    raise written_in_portal()


@api.delete("/config/policy/{str:policy_id}/")
def config_policy_delete(request: HttpRequest, policy_id: str) -> Any:
    raise written_in_portal()


@api.get("/config/policy/{str:policy_id}/revisions/")
def config_policy_revisions(
    request: HttpRequest, policy_id: str, offset: int = OFFSET, limit: int = LIMIT
) -> Any:
    """The document names the latest policy only; the revisions stand beside it."""
    caller = caller_of(request)
    caller.needs("register")
    purpose = purpose_of(caller, policy_id)
    notices = govstack.published(purpose)
    if not notices:
        raise not_found()
    language = spoken.wanted(request)
    found = [
        govstack.latest(purpose, language, "Policy", notice.version)
        for notice in notices[offset : offset + limit]
    ]
    return {
        "policy": govstack.policy(purpose, notices[0], base_of(request)), "revisions": [row for row in found if row is not None]
    }  # fmt: skip


@api.get("/config/policies/")
def config_policies(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    caller = caller_of(request)
    caller.needs("register")
    told = [(row, govstack.published(row)) for row in _page(caller, offset, limit)]
    return {
        "policies": [govstack.policy(row, notices[0], base_of(request)) for row, notices in told if notices]
    }


def _agreement(request: HttpRequest, pk: str, *scopes: str) -> Any:
    caller = caller_of(request)
    if not any(caller.may(scope) for scope in scopes):
        caller.needs(scopes[0])
    purpose = purpose_of(caller, pk)
    answer = {"dataAgreement": govstack.agreements([purpose], base_of(request))[0]}
    found = govstack.latest(purpose, spoken.wanted(request), "DataAgreement")
    return answer | ({"revision": found} if found else {})


def _agreements(request: HttpRequest, scope: str, offset: int, limit: int) -> list[govstack.Plain]:
    caller = caller_of(request)
    caller.needs(scope)
    return govstack.agreements(_page(caller, offset, limit), base_of(request))


@api.get("/config/data-agreement/{str:agreement_id}/")
def config_agreement_read(request: HttpRequest, agreement_id: str) -> Any:
    return _agreement(request, agreement_id, "register")


class PolicyIn(Schema):
    url: Text = ""


class Agreement(Schema):
    purpose: Text
    lawful_basis: Name = Field(alias="lawfulBasis")
    dpia: Text = ""
    policy: PolicyIn | None = None


class AgreementIn(Schema):
    agreement: Agreement = Field(alias="dataAgreement")

    def said(self) -> dict[str, str]:
        one = self.agreement
        return drafting.said(one.purpose, one.lawful_basis, one.dpia, one.policy.url if one.policy else "")


def _proposed(request: HttpRequest, purpose: Purpose) -> govstack.Plain:
    return {"dataAgreement": govstack.agreements(govstack.purposes([purpose.pk]), base_of(request))[0]}


@api.post("/config/data-agreement/")
def config_agreement_create(request: HttpRequest, body: AgreementIn) -> Any:
    """A draft in the register, which people complete, approve and activate: lifecycle Draft, active false."""
    caller = caller_of(request)
    caller.needs(drafting.SCOPE)
    return _proposed(request, drafting.propose(caller, body.said()))


@api.put("/config/data-agreement/{str:agreement_id}/")
def config_agreement_update(request: HttpRequest, agreement_id: str, body: AgreementIn) -> Any:
    caller = caller_of(request)
    caller.needs(drafting.SCOPE)
    return _proposed(request, drafting.rewrite(caller, purpose_of(caller, agreement_id), body.said()))


@api.delete("/config/data-agreement/{str:agreement_id}/")
def config_agreement_delete(request: HttpRequest, agreement_id: str) -> Any:
    caller = caller_of(request)
    caller.needs(drafting.SCOPE)
    drafting.take_back(caller, purpose_of(caller, agreement_id))
    return {}


@api.get("/config/data-agreements/")
def config_agreements(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return {"dataAgreement": _agreements(request, "register", offset, limit)}


def _individual(request: HttpRequest, pk: str) -> Any:
    caller = caller_of(request)
    caller.needs("individuals")
    return {"individual": govstack.individual(person_of(request, caller, pk), with_number=True)}


def _individuals(request: HttpRequest, offset: int, limit: int) -> Any:
    caller = caller_of(request)
    caller.needs("individuals")
    rows = _people(caller)[offset : offset + limit]
    return {"individuals": [govstack.individual(row, with_number=True) for row in rows]}


class Individual(Schema):
    external_id: Name = Field("", alias="externalId")


class IndividualIn(Schema):
    individual: Individual


def _same_individual(request: HttpRequest, body: IndividualIn, pk: str = "") -> Any:
    """Somebody of the staff list, by their staff number: who is there already is what was asked for. Nobody is entered here."""
    caller = caller_of(request)
    caller.needs("individuals")
    number = body.individual.external_id.strip()
    row = _people(caller).filter(number=number).first() if number else None
    if row is None or (pk and row.pk != _uuid(pk)):
        raise from_the_staff_list()
    return {"individual": govstack.individual(row, with_number=True)}


@api.post("/config/individual/")
def config_individual_create(request: HttpRequest, body: IndividualIn) -> Any:
    return _same_individual(request, body)


@api.get("/config/individual/{str:individual_id}/")
def config_individual_read(request: HttpRequest, individual_id: str) -> Any:
    return _individual(request, individual_id)


@api.get("/config/individuals/")
def config_individuals(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return _individuals(request, offset, limit)


# --- service: individuals, agreements, verification --------------------------------------------------------------------
@api.post("/service/individual/")
def service_individual_create(request: HttpRequest, body: IndividualIn) -> Any:
    return _same_individual(request, body)


@api.get("/service/individual/{str:individual_id}/")
def service_individual_read(request: HttpRequest, individual_id: str) -> Any:
    return _individual(request, individual_id)


@api.put("/service/individual/{str:individual_id}/")
def service_individual_update(request: HttpRequest, individual_id: str, body: IndividualIn) -> Any:
    return _same_individual(request, body, individual_id)


@api.get("/service/individuals/")
def service_individuals(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return _individuals(request, offset, limit)


@api.get("/service/data-agreement/{str:agreement_id}/")
def service_agreement_read(request: HttpRequest, agreement_id: str) -> Any:
    return _agreement(request, agreement_id, "register", "consents.write")


@api.get("/service/policy/{str:policy_id}/")
def service_policy_read(
    request: HttpRequest, policy_id: str, revision_id: str = Query("", alias="revisionId")
) -> Any:
    return _policy(request, policy_id, revision_id)


@api.get("/service/verification/data-agreements/")
def verification_agreements(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return {"dataAgreements": _agreements(request, "register", offset, limit)}


def _records(request: HttpRequest, offset: int, limit: int) -> Any:
    """Who is on: a refusal or a withdrawal of somebody is never on a list."""
    caller = caller_of(request)
    caller.needs("records")
    found = list(govstack.places(caller.purposes, only_on=True)[offset : offset + limit])
    log.record("consent.records_read", about=caller.id, client=caller.id, count=len(found))
    reads.note_program(
        {place["person_id"] for place in found}, client=caller.id, entity=caller.entity_id, how="records"
    )
    return {
        "consentRecords": govstack.records(found, base_of(request), with_number=caller.may("individuals"))
    }


def _record(request: HttpRequest, record_id: str) -> govstack.Plain:
    caller = caller_of(request)
    caller.needs("records")
    place = govstack.place_of(record_id)
    if place is None or place.purpose not in caller.purposes:
        raise not_found()
    found = list(govstack.places([place.purpose], person=place.person))
    if not found:
        raise not_found()
    log.record("consent.records_read", about=caller.id, client=caller.id, count=1)
    reads.note_program([place.person], client=caller.id, entity=caller.entity_id, how="records")
    return govstack.records(found, base_of(request), with_number=caller.may("individuals"))[0]


@api.get("/service/verification/consent-records/")
def verification_records(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return _records(request, offset, limit)


@api.get("/service/verification/consent-record/{str:record_id}/")
def verification_record(request: HttpRequest, record_id: str) -> Any:
    found = _record(request, record_id)
    words = found.get("dataAgreementRevision")
    return {"consentRecord": found} | ({"revision": words} if words else {})


# --- audit --------------------------------------------------------------------------------------------------------------
@api.get("/audit/consent-records/")
def audit_records(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return _records(request, offset, limit)


@api.get("/audit/consent-record/{str:record_id}/")
def audit_record(request: HttpRequest, record_id: str) -> Any:
    return {"consentRecord": _record(request, record_id)}


@api.get("/audit/data-agreements/")
def audit_agreements(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return {"dataAgreements": _agreements(request, "register", offset, limit)}


@api.get("/audit/data-agreement/{str:agreement_id}/")
def audit_agreement(request: HttpRequest, agreement_id: str) -> Any:
    return {"dataAgreement": _agreement(request, agreement_id, "register")["dataAgreement"]}
