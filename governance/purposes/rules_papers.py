"""What is refused of papers: files that are none, dates that cannot be, assessments without words, advice out of turn."""

import re
import unicodedata
import zipfile
from collections.abc import Collection
from datetime import date
from io import BytesIO
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from governance.lib.deadlines import add_months
from governance.lib.refusals import Refused
from governance.purposes import catalogue
from governance.purposes.policy.packs import PolicyPack

MOST_BYTES = 10 * 1024 * 1024
LONGEST_MONTHS = 24
LONGEST_NAME = 120
# What the rules ask for and no file answers: it stands elsewhere in the register.
ELSEWHERE = frozenset(
    {
        "item_assessment", "notice_text", "notice_element", "processor_contract", "transfer_tool", "legal_basis", "art9_condition",
        "data_category", "client_law",
    }
)  # fmt: skip
TYPES = {
    "application/pdf": (".pdf", _("PDF")),
    "image/png": (".png", _("PNG picture")),
    "image/jpeg": (".jpg", _("JPEG picture")),
    "text/plain": (".txt", _("plain text")),
    "application/vnd.oasis.opendocument.text": (".odt", _("OpenDocument text")),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", _("Word document")),
}
ODT, DOCX = list(TYPES)[4:]
# A name shows nothing else than it is: no path, no control or direction marks, nothing that a shell or a header reads.
UNSAFE = re.compile(r"[^\w .,()\[\]+=@#&-]")


def fileable(pack: PolicyPack) -> list[str]:
    """Kinds of evidence that are papers, in the order of the pack."""
    return [kind for kind in pack.shared["evidence"] if kind not in ELSEWHERE]


def check_kind(kind: str, pack: PolicyPack) -> None:
    if kind in ELSEWHERE:
        raise Refused(
            _("This is not proved by a file: it is written in the register itself."), code="not_a_paper"
        )
    if kind not in pack.shared["evidence"]:
        raise Refused(_("There is no such kind of paper."), code="no_such_kind")


def check_signed(signed_on: date, expires_on: date | None, today: date) -> None:
    if signed_on > today:
        raise Refused(
            _("A paper that is signed tomorrow proves nothing today. Give the day on which it was signed."),
            code="signed_ahead",
        )
    if signed_on.year < 2000:
        raise Refused(_("Look at the year of the signature again."), code="signed_long_ago")
    if expires_on is not None and expires_on <= max(signed_on, today):
        raise Refused(_("This paper has run out already. File the one that counts now."), code="run_out")


def kind_of_file(content: bytes) -> str:
    """The media type as the bytes themselves say, whatever the name claims. Refused for anything else."""
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 10 MB. File a smaller copy."), code="too_large")
    if not content.strip():
        raise Refused(_("The file is empty."), code="empty_file")
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04") and (found := _office(content)):
        return found
    if _is_text(content):
        return "text/plain"
    raise Refused(
        _("This is none of the files that can be filed: PDF, PNG, JPEG, plain text, ODT or DOCX. Save it as one of them."),
        code="wrong_type",
    )  # fmt: skip


def _office(content: bytes) -> str:
    """ODT or DOCX by the zip's own list of files; nothing is unpacked, and macros make it neither."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    if names[:1] == ["mimetype"] and content[30:38] == b"mimetype" and content[38:].startswith(ODT.encode()):
        return ODT
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return DOCX
    return ""


def _is_text(content: bytes) -> bool:
    """UTF-8 that a person can read, and no page that a browser would run."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(unicodedata.category(sign) == "Cc" and sign not in "\t\n\r\f" for sign in set(text)):
        return False
    return not re.match(r"\s*<(!doctype|html|script|svg|\?xml)", text, re.IGNORECASE)


def file_name(said: str, media_type: str) -> str:
    """The name under which it is kept: the last part of what was said, without anything unsafe, ending as its type does."""
    ending = TYPES[media_type][0]
    last = PurePosixPath(said.replace("\\", "/")).name
    stem = unicodedata.normalize("NFC", last)
    stem = "".join(sign for sign in stem if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    stem = UNSAFE.sub("_", stem)
    known = (ending, ".jpeg") if ending == ".jpg" else (ending,)
    for end in known:
        if stem.lower().endswith(end):
            stem = stem[: -len(end)]
    return (stem.strip(" ._")[:LONGEST_NAME].strip(" ._") or "paper") + ending


def check_because(because: str) -> None:
    if not because.strip():
        raise Refused(_("Write a reason: people will read it later."), code="no_reason")


def check_until(until: date, on: date) -> None:
    if until <= on:
        raise Refused(_("This day is past. Choose a later one."), code="until_past")
    if until > add_months(on, LONGEST_MONTHS):
        raise Refused(
            _("Nothing of this kind counts for more than two years without a new look."),
            code="until_too_late",
        )


STRONG_WORDS = 120  # signs, for signals of sensitivity S3 and up


def check_assess(
    item: str, items: Collection[str], why_needed: str, what_less: str, until: date, on: date
) -> None:
    """`items`: codes of the data items that the register names for the purpose, in force or in its draft."""
    if item not in items:
        raise Refused(_("This purpose has no data item “%(item)s”."), code="no_such_item", item=item)
    if not why_needed.strip():
        raise Refused(_("Write why this is needed."), code="no_why")
    if not what_less.strip():
        raise Refused(_("Write what less would do, and why it does or does not."), code="no_less")
    kind = catalogue.signals().get(item)
    if (
        kind is not None
        and kind.sensitivity >= "S3"
        and min(len(why_needed.strip()), len(what_less.strip())) < STRONG_WORDS
    ):
        raise Refused(
            _("What can tell this much about a person needs a stronger reason: write at least %(n)s signs, both why it is needed and why less does not do."),
            code="reason_too_weak", n=STRONG_WORDS,
        )  # fmt: skip
    check_until(until, on)


def check_advise(
    *, is_dpo: bool, is_owner: bool, is_representative: bool, decided: bool, ended: bool, advice: str
) -> None:
    """Art. 38(6): who advises answers for no purpose and represents nobody."""
    _check_open(decided, ended)
    if is_owner:
        raise Refused(
            _("You answer for this purpose. Somebody of the data protection office advises, not you."),
            code="one_person",
        )
    if not is_dpo:
        raise Refused(_("Only the data protection officer of this entity advises."), code="not_the_dpo")
    if is_representative:
        raise Refused(_("Who represents the workers cannot advise as DPO."), code="conflict_of_interest")
    if not advice.strip():
        raise Refused(_("Write the advice: it stands beside the decision for good."), code="no_advice")


def check_decide(
    *,
    is_owner: bool,
    is_adviser: bool,
    is_representative: bool,
    advised: bool,
    decided: bool,
    ended: bool,
    reason: str,
) -> None:
    _check_open(decided, ended)
    if not is_owner:
        raise Refused(_("Only the owner who answers for this purpose decides."), code="not_the_owner")
    if is_representative:
        raise Refused(
            _("Who represents the workers does not decide for the company."), code="conflict_of_interest"
        )
    if not advised:
        raise Refused(_("The DPO’s written advice comes first."), code="no_advice")
    if is_adviser:
        raise Refused(
            _("Owner and DPO must be two persons: a DPO does not decide purposes."), code="one_person"
        )
    if not reason.strip():
        raise Refused(_("Write a reason: people will read it later."), code="no_reason")


def _check_open(decided: bool, ended: bool) -> None:
    if ended:
        raise Refused(_("This has ended. Ask anew."), code="ended")
    if decided:
        raise Refused(_("This is decided. End it first and ask anew."), code="decided")
