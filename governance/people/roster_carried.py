"""The staff list's way through the page of its preview.

The file travels there and back in one compressed field signed for this administrator: nothing of it touches a disk, a
session or a URL, one click confirms, and what is written is what was shown, byte for byte. (Asking for the file again was
turned down: it invites another file.)
"""

from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.people import sheet
from governance.people.models import Person
from governance.people.roster import Preview

PACKED_AT_MOST = 7 * 1024 * 1024  # Django refuses forms above 8 MB
GOOD_FOR = timedelta(hours=1)


def pack(preview: Preview, *, by: Person) -> str:
    """The looked-at file for the way through the page: compressed, signed for this person, good for an hour. Raises Refused."""
    packed = _signer(by).sign_object(
        {"text": sheet.text_of(preview.raw), "digest": preview.digest}, compress=True
    )
    if len(packed) > PACKED_AT_MOST:
        raise Refused(
            _("The file is too large to be confirmed in one go. Split it by entity."), code="too_large"
        )
    return packed


def unpack(packed: str, *, by: Person) -> tuple[bytes, str]:
    """The file that was looked at, and the digest of what it would have changed then. Raises Refused."""
    try:
        content = _signer(by).unsign_object(packed, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise Refused(
            _("The preview is older than an hour. Choose the file again."), code="preview_old"
        ) from None
    except signing.BadSignature:
        raise Refused(
            _("This is not the file that you looked at. Choose the file again."), code="preview_changed"
        ) from None
    return content["text"].encode(), content["digest"]


def _signer(by: Person) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"people.roster.{by.pk}")
