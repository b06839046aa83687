"""Which half of the GovStack Consent Building Block works here: every door of its document, what opens it or why it is shut."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

IN_THE_REGISTER, SIGNED = "written_in_portal", "signed_here"
SHUT = {
    IN_THE_REGISTER: _("A policy is the notice that people are shown: it is written, reviewed and published by people, and comes from them only."),
    SIGNED: _("Individuals sign nothing with a key of their own here: record the consent, and its receipt is signed by this portal."),
}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """`scopes`: any one of them opens it; none where `shut` says by which code it answers 400."""

    method: str
    path: str
    scopes: tuple[str, ...] = ()
    shut: str = ""


def _open(scopes: str, *doors: str) -> Iterator[Door]:
    for door in doors:
        method, path = door.split(" ", 1)
        yield Door(method, path, tuple(scopes.split(" or ")))


def _shut(code: str, *doors: str) -> Iterator[Door]:
    for door in doors:
        method, path = door.split(" ", 1)
        yield Door(method, path, shut=code)


AGREED = "/service/individual/record/data-agreement/{dataAgreementId}/"
RECORD = "/service/individual/record/consent-record/"
DOORS: tuple[Door, ...] = (
    *_open(
        "register",
        "GET /config/policies/", "GET /config/policy/{policyId}/", "GET /config/policy/{policyId}/revisions/",
        "GET /config/data-agreements/", "GET /config/data-agreement/{dataAgreementId}/", "GET /service/policy/{policyId}/",
        "GET /service/verification/data-agreements/", "GET /audit/data-agreements/", "GET /audit/data-agreement/{dataAgreementId}/",
    ),
    *_open("register or consents.write", "GET /service/data-agreement/{dataAgreementId}/"),
    *_open(
        "drafts.write",
        "POST /config/data-agreement/", "PUT /config/data-agreement/{dataAgreementId}/", "DELETE /config/data-agreement/{dataAgreementId}/",
    ),
    *_shut(IN_THE_REGISTER, "POST /config/policy/", "PUT /config/policy/{policyId}/", "DELETE /config/policy/{policyId}/"),
    *_open(
        "individuals",
        "GET /config/individuals/", "GET /config/individual/{individualId}/", "GET /service/individuals/",
        "GET /service/individual/{individualId}/", "POST /config/individual/", "POST /service/individual/",
        "PUT /service/individual/{individualId}/",
    ),
    *_open("consents.write", f"POST {AGREED}"),
    *_open("consents.write or records", f"GET {AGREED}", f"GET {AGREED}all/", f"GET {RECORD}", f"POST {RECORD}draft/"),
    *_open("withdrawals.write or consents.write", f"PUT {RECORD}{{consentRecordId}}/"),
    *_open("withdrawals.write", "DELETE /service/individual/record/"),
    *_shut(
        SIGNED,
        f"POST {RECORD}", f"POST {RECORD}{{consentRecordId}}/signature/", f"PUT {RECORD}{{consentRecordId}}/signature/",
    ),
    *_open(
        "records",
        "GET /service/verification/consent-records/", "GET /service/verification/consent-record/{consentRecordId}/",
        "GET /audit/consent-records/", "GET /audit/consent-record/{consentRecordId}/",
    ),
    *_open(
        "webhooks",
        "POST /config/webhook/", "GET /config/webhooks/", "GET /config/webhook/{webhookId}/", "PUT /config/webhook/{webhookId}/",
        "DELETE /config/webhook/{webhookId}/",
    ),
)  # fmt: skip


def why_shut(code: str) -> Any:
    return SHUT[code]
