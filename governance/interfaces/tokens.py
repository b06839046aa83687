"""OAuth 2.0 client credentials (RFC 6749 s.4.4), for programs that know nothing else: a key becomes a token of ten minutes.

A token is signed and stored nowhere. It holds the client, a part of its key's hash and the scopes that were asked for: a
new key, the end of the client or one scope less on its row is felt at the next request.
"""

import base64
import binascii
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance.interfaces import callers
from governance.interfaces.callers import Caller, Problem, hashed
from governance.lib.access import machine

LASTS = 600  # seconds
SALT = "interfaces.token"


def issue(caller: Caller, key: str, scopes: frozenset[str]) -> str:
    said = {"c": caller.id.hex, "k": hashed(key)[: callers.MARK], "s": sorted(scopes)}
    return callers.TOKEN + signing.dumps(said, salt=SALT)


def known(token: str) -> Caller | None:
    """Whose token this is, with no more than the scopes it was given; None: nobody's, or over."""
    try:
        said = signing.loads(token.removeprefix(callers.TOKEN), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    caller = callers.by_mark(UUID(said["c"]), said["k"])
    return replace(caller, scopes=caller.scopes & frozenset(said["s"])) if caller else None


def _no(code: str, why: str, status: int = 400) -> HttpResponse:
    """In the words of RFC 6749 s.5.2, which machines read."""
    answer = JsonResponse({"error": code, "error_description": why}, status=status)
    answer["Cache-Control"] = "no-store"
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="Sammati"'
    return answer


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """(client id, key), from the header or the body; empty where there are none."""
    kind, _space, packed = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _colon, key = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return client_id, key
    return request.POST.get("client_id", ""), request.POST.get("client_secret", "")


@machine
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> Any:
    """A form as RFC 6749 has it: grant_type=client_credentials, and scope where the token shall do less than the key."""
    client_id, key = _credentials(request)
    caller = callers.known(key) if key.startswith(callers.PREFIX) else None
    if caller is None or client_id not in (str(caller.id), caller.id.hex):
        return _no("invalid_client", "No program has this client_id and key.", 401)
    try:
        callers.take_turn(caller)
    except Problem as problem:
        answer = _no("temporarily_unavailable", problem.sentence, problem.status)
        answer["Retry-After"] = str(problem.wait)
        return answer
    if request.POST.get("grant_type") != "client_credentials":
        return _no("unsupported_grant_type", "Only client_credentials is known here.")
    wanted = frozenset(request.POST.get("scope", "").split()) or caller.scopes
    if not wanted <= caller.scopes:
        return _no("invalid_scope", "The key does not have all of these scopes.")
    answer = JsonResponse(
        {"access_token": issue(caller, key, wanted), "token_type": "Bearer", "expires_in": LASTS, "scope": " ".join(sorted(wanted))}
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer
