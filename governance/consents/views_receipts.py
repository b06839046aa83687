"""The signed receipt as a file, and the keys by which anybody can check one."""

import json

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from governance.audit import log
from governance.consents import checking, signing, verifying
from governance.consents.models import Receipt
from governance.lib.access import public, requires

CHECKER_NAME = "sammati-receipts-checking.py"


@requires("consents.view", of=Receipt)
@never_cache
@require_safe
def receipt_signed(request: HttpRequest, row: Receipt) -> HttpResponse:
    """The signed receipt, alone: one line that every program for JWS reads."""
    if not row.jws:
        messages.info(request, _("This receipt is being signed. Its file is here within a minute."))
        return redirect("consents:receipt", row.pk)
    answer = HttpResponse(row.jws + "\n", content_type="application/jose")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.jws"'
    return answer


@requires("consents.view", of=Receipt)
@never_cache
@require_safe
def receipt_data(request: HttpRequest, row: Receipt) -> JsonResponse:
    """The same receipt for machines, with its proof and signature as soon as there are any."""
    answer = JsonResponse(
        {
            "receipt": row.body, "sha256": row.sha256, "proof": log.inclusion(row.entry_id),
            "jws": row.jws, "kid": row.kid, "receipt_27560": _signed(row.jws) if row.jws else None,
        }
    )  # fmt: skip
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
    return answer


def _signed(jws: str) -> object:
    """What was signed, to be read; a checker compares it with the signature's own words."""
    return json.loads(checking.unpacked(jws.split(".")[1]))


@public
@cache_control(public=True, max_age=60)
@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """Every key that ever signed a receipt, as a JWK set; any page may read it."""
    answer = JsonResponse(signing.everything(settings.RECEIPT_KEYS, settings.CHECKPOINTS))
    answer["Content-Type"] = "application/jwk-set+json"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@public
@require_safe
def checker(request: HttpRequest) -> HttpResponse:
    """The small offline command for receipts: one file that needs Python and `cryptography`, and nothing of ours."""
    answer = HttpResponse(verifying.offline_command(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{CHECKER_NAME}"'
    return answer
