"""GovStack: what one individual says, passed on by a client; and the client's own webhooks."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from governance.consents.models import Receipt
from governance.interfaces import govstack, passing_on, rules, webhooks
from governance.interfaces.callers import Caller, Problem
from governance.interfaces.doors import as_machines, caller_of
from governance.interfaces.govstack_api import LIMIT, OFFSET, api, base_of, not_found, person_of, purpose_of
from governance.interfaces.models import Webhook
from governance.interfaces.shapes import Name
from governance.lib import spoken
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import reads

HOOK = "/config/webhook/{str:webhook_id}/"


# --- what an individual says -------------------------------------------------------------------------------------------
class Words(Schema):
    id: Name = ""


class Record(Schema):
    data_agreement: Words | None = Field(None, alias="dataAgreement")
    revision: Words | None = Field(None, alias="dataAgreementRevision")
    opt_in: bool | None = Field(None, alias="optIn")


class RecordIn(Schema):
    record: Record = Field(alias="consentRecord")


def _give(caller: Caller, purpose: Purpose, person: Person, revision_id: str) -> Receipt:
    """Everything that the purpose declares: a data agreement is agreed to as a whole, to words that are named."""
    words = govstack.words_of(revision_id)
    if words is None:
        raise Problem(
            400, "words_not_named",
            _("Name what the person has read: revisionId is the id of the revision that came with the data agreement."),
        )  # fmt: skip
    signals = list(purpose.signals.values_list("code", flat=True))
    return passing_on.give(
        caller, purpose, person, signals, version=words.version, language=words.language, text_sha256=words.sha256
    )  # fmt: skip


def _now(request: HttpRequest, caller: Caller, purpose: Purpose, person: Person) -> govstack.Plain | None:
    found = list(govstack.places([purpose.pk], person=person.pk))
    rows = govstack.records(found, base_of(request), with_number=caller.may("individuals"))
    return rows[0] if rows else None


def _with_revision(record: govstack.Plain | None) -> govstack.Plain:
    if record is None:
        raise not_found()
    words = record.get("dataAgreementRevision")
    return {"consentRecord": record} | ({"revision": words} if words else {})


def _reader(request: HttpRequest) -> Caller:
    """Who acts for an individual reads what they said; an auditor's system reads it, too."""
    caller = caller_of(request)
    if not caller.may("consents.write"):
        caller.needs("records")
    return caller


def _told(caller: Caller, person: Person) -> Person:
    """The person, who finds on their own page that this program was told."""
    reads.note_program([person.pk], client=caller.id, entity=caller.entity_id, how="record")
    return person


@api.post("/service/individual/record/data-agreement/{str:agreement_id}/")
def record_create(
    request: HttpRequest, agreement_id: str, individual_id: str = Query(alias="individualId"), revision_id: str = Query("", alias="revisionId")
) -> Any:  # fmt: skip
    caller = caller_of(request)
    caller.needs("consents.write")
    purpose, person = purpose_of(caller, agreement_id), person_of(request, caller, individual_id)
    _give(caller, purpose, person, revision_id)
    return _with_revision(_now(request, caller, purpose, person))


@api.get("/service/individual/record/data-agreement/{str:agreement_id}/")
def record_read(request: HttpRequest, agreement_id: str) -> Any:
    caller = _reader(request)
    purpose, person = purpose_of(caller, agreement_id), _told(caller, person_of(request, caller))
    found = _now(request, caller, purpose, person)
    if found is None:
        raise not_found()
    return {"consentRecord": found}


@api.get("/service/individual/record/data-agreement/{str:agreement_id}/all/")
def records_of_agreement(
    request: HttpRequest, agreement_id: str, offset: int = OFFSET, limit: int = LIMIT
) -> Any:
    caller = _reader(request)
    purpose, person = purpose_of(caller, agreement_id), _told(caller, person_of(request, caller))
    found = _now(request, caller, purpose, person)
    return {"consentRecords": ([found] if found else [])[offset : offset + limit]}


@api.post("/service/individual/record/consent-record/draft/")
def record_draft(
    request: HttpRequest, individual_id: str = Query(alias="individualId"), agreement_id: str = Query(alias="dataAgreementId"),
    revision_id: str = Query("", alias="revisionId"),
) -> Any:  # fmt: skip
    """What a consent to these words would be, unsaved and without a signature: nothing is told of where the person stands."""
    caller = _reader(request)
    purpose, person = purpose_of(caller, agreement_id), person_of(request, caller, individual_id)
    words = govstack.words_of(revision_id)
    if revision_id and words is None:
        raise not_found()
    language = words.language if words else spoken.wanted(request)
    found = govstack.latest(purpose, language, "DataAgreement", words.version if words else None)
    if found is None or revision_id not in ("", found["id"]):
        raise not_found()
    return {
        "consentRecord": {
            "id": "", "dataAgreement": govstack.agreements([purpose], base_of(request))[0], "dataAgreementRevision": found,
            "dataAgreementRevisionHash": found["serializedHash"], "state": "unsigned",
            "individual": govstack.individual(person, with_number=caller.may("individuals")),
        }
    }  # fmt: skip


def _signed_here() -> Problem:
    return Problem(
        400, "signed_here",
        _("Individuals sign nothing with a key of their own here. Record the consent; its receipt is signed by this portal."),
    )  # fmt: skip


@api.post("/service/individual/record/consent-record/")
def record_with_signature(request: HttpRequest) -> Any:
    raise _signed_here()


@api.get("/service/individual/record/consent-record/")
def records_of_individual(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    caller = _reader(request)
    person = _told(caller, person_of(request, caller))
    found = list(govstack.places(caller.purposes, person=person.pk)[offset : offset + limit])
    return {
        "consentRecords": govstack.records(found, base_of(request), with_number=caller.may("individuals"))
    }


@api.put("/service/individual/record/consent-record/{str:record_id}/")
def record_update(request: HttpRequest, record_id: str, body: RecordIn) -> Any:
    """optIn false: withdrawn, and what came in is ordered to be erased. optIn true: given anew, to named words."""
    caller = caller_of(request)
    caller.needs("withdrawals.write" if body.record.opt_in is False else "consents.write")
    place = govstack.place_of(record_id)
    if place is None:
        raise not_found()
    purpose, person = purpose_of(caller, str(place.purpose)), person_of(request, caller, str(place.person))
    if body.record.opt_in is None:
        raise Problem(
            400, "no_word", _("Say optIn: true or false. Nothing else of a consent record is ever changed.")
        )
    if body.record.opt_in:
        _give(caller, purpose, person, body.record.revision.id if body.record.revision else "")
    else:
        passing_on.withdraw(caller, purpose, person)
    return _with_revision(_now(request, caller, purpose, person))


@api.post("/service/individual/record/consent-record/{str:record_id}/signature/")
def signature_create(request: HttpRequest, record_id: str) -> Any:
    raise _signed_here()


@api.put("/service/individual/record/consent-record/{str:record_id}/signature/")
def signature_update(request: HttpRequest, record_id: str) -> Any:
    raise _signed_here()


@api.delete("/service/individual/record/")
def record_delete_all(request: HttpRequest) -> Any:
    """Everything that this individual allowed for this client's purposes is withdrawn. No record is deleted: it is proof."""
    caller = caller_of(request)
    caller.needs("withdrawals.write")
    person = person_of(request, caller)
    on = {place["purpose_id"] for place in govstack.places(caller.purposes, person=person.pk, only_on=True)}
    for purpose in govstack.purposes(on):
        passing_on.withdraw(caller, purpose, person)
    return {}


# --- webhooks ----------------------------------------------------------------------------------------------------------
class Hook(Schema):
    url: str = Field(alias="payloadUrl", max_length=rules.LONGEST_URL)
    content_type: Name = Field("application/json", alias="contentType")
    disabled: bool = False


class HookIn(Schema):
    webhook: Hook


def _hook(webhook: Webhook, secret: str = "") -> govstack.Plain:
    """The secret is ours, and is told once; afterwards it reads empty."""
    return {
        "id": str(webhook.pk), "payloadUrl": webhook.url, "contentType": "application/json", "disabled": not webhook.is_on,
        "secretKey": secret,
    }  # fmt: skip


def _mine(request: HttpRequest) -> Any:
    caller = caller_of(request)
    caller.needs("webhooks")
    return Webhook.objects.filter(client_id=caller.id, ended_at__isnull=True).select_related("client")


def _one(request: HttpRequest, pk: str) -> Webhook:
    try:
        found = _mine(request).filter(pk=govstack.UUID(pk)).first()
    except ValueError:
        found = None
    if found is None:
        raise not_found()
    return found  # type: ignore[no-any-return]


def _check(hook: Hook) -> None:
    if hook.content_type != "application/json":
        raise Problem(400, "json_only", _("Webhooks are sent as application/json."))


@api.post("/config/webhook/")
def webhook_create(request: HttpRequest, body: HookIn) -> Any:
    caller = caller_of(request)
    caller.needs("webhooks")
    _check(body.webhook)
    client = webhooks.ApiClient.objects.get(pk=caller.id)
    webhook, secret = webhooks.set_up(client, body.webhook.url, types=rules.TYPES, by=None)
    if body.webhook.disabled:
        webhooks.stop(webhook, by=None)
        webhook.refresh_from_db()
    return {"webhook": _hook(webhook, secret)}


@api.get(HOOK)
def webhook_read(request: HttpRequest, webhook_id: str) -> Any:
    return {"webhook": _hook(_one(request, webhook_id))}


@api.put(HOOK)
def webhook_update(request: HttpRequest, webhook_id: str, body: HookIn) -> Any:
    webhook = _one(request, webhook_id)
    _check(body.webhook)
    if body.webhook.url != webhook.url:
        webhook = webhooks.change(webhook, body.webhook.url, by=None)
    (webhooks.stop if body.webhook.disabled else webhooks.start)(webhook, by=None)
    webhook.refresh_from_db()
    return {"webhook": _hook(webhook)}


@api.delete(HOOK)
def webhook_delete(request: HttpRequest, webhook_id: str) -> Any:
    webhooks.end(_one(request, webhook_id), by=None)
    return {}


@api.get("/config/webhooks/")
def webhook_list(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    return {"webhooks": [_hook(row) for row in _mine(request)[offset : offset + limit]]}


def doors() -> list[Any]:
    patterns, _app, _space = api.urls
    ours = as_machines([pattern for pattern in patterns if pattern.name != "api-root"])
    return sorted(
        ours, key=lambda pattern: str(pattern.pattern).count("<")
    )  # words before places: record/ is no id
