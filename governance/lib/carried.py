"""What somebody looked at, on its way through the page that showed it: nothing of it touches a disk, a session or a URL.

It travels in one compressed field signed for this person, so that one click confirms and what is written is what was shown.
(Asking for the file again was turned down: it invites another file.)
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

AT_MOST = 7 * 1024 * 1024  # Django refuses forms above 8 MB
GOOD_FOR = timedelta(hours=1)


def pack(what: str, content: Any, *, by: UUID, too_large: "str | Promise") -> str:
    """`content` (plain values) for this person and this place. Raises Refused, with the sentence `too_large`."""
    packed = _signer(what, by).sign_object(content, compress=True)
    if len(packed) > AT_MOST:
        raise Refused(too_large, code="too_large")
    return packed


def unpack(what: str, packed: str, *, by: UUID) -> Any:
    """The content that was packed. Raises Refused: too old, changed, of another place or of somebody else."""
    try:
        return _signer(what, by).unsign_object(packed, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise Refused(
            _("The preview is older than an hour. Choose the file again."), code="preview_old"
        ) from None
    except signing.BadSignature:
        raise Refused(
            _("This is not the file that you looked at. Choose the file again."), code="preview_changed"
        ) from None


def _signer(what: str, by: UUID) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"{what}.{by}")
