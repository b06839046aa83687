"""When content may leave the vault, who speaks about it, and what a later withdrawal asks of those who have it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

STATES = [
    ("asked", _("Waits for advice")),
    ("advised", _("Waits for agreement")),
    ("waiting", _("Agreed, waits to be packed")),
    ("packing", _("Being packed")),
    ("ready", _("Ready")),
    ("expired", _("Expired")),
    ("refused", _("Refused")),
    ("failed", _("Nothing was packed")),
]
MOVES = {
    "asked": {"advised", "refused"},
    "advised": {"waiting", "refused"},
    "waiting": {"packing", "refused", "expired"},
    "packing": {"ready", "failed", "refused", "expired"},
    "ready": {"expired"},
    "expired": set(), "refused": set(), "failed": set(),
}  # fmt: skip
ENDED = {
    "refused": _("somebody did not agree"),
    "too_late": _("it was not packed within the time that was agreed to"),
    "nothing_allowed": _("nothing in that period may be handed out now"),
    "stopped": _("its purpose or programme does not run"),
    "no_recipient": _("its recipient's key is not in force any more"),
    "link_expired": _("the time for taking it is over"),
}
# Why an export waits that could be packed: it is tried again until its agreement is too old.
PUT_OFF = {
    "away": _("the key service or the object store does not answer"),
    "does_not_open": _("something of it cannot be opened; ask your administrator"),
}
MODELS_DONE = [
    ("none", _("No model was trained with it")),
    ("retrained", _("The models were trained again without it")),
    ("retired", _("The models are not used any more")),
    ("not_possible", _("It cannot be taken out of the models")),
]
WHY_NOT = [
    ("trained", _("it only formed weights, and cannot be found in them")),
    ("anonymous", _("the dataset no longer shows whose it was")),
    ("by_law", _("a law wants it kept")),
]
TIME_BOX = timedelta(hours=24)  # from the last agreement to the packing
LINK = timedelta(hours=72)  # from the packing to the deletion of the package
LONGEST = 366  # days of one export
OUT_BY = 30  # days from a withdrawal to its leaving a dataset


@dataclass(frozen=True)
class AskFacts:
    by_may_ask: bool
    why: str
    since: date
    until: date
    today: date
    fields: Mapping[str, Collection[str]]
    declared: Mapping[str, Collection[str]]
    recipient_is_usable: bool
    recipient_is_theirs: bool
    programme_state: str


def check_ask(facts: AskFacts) -> None:
    if not facts.by_may_ask:
        raise Refused(_("Only an exporter of this entity asks for content."), code="not_an_exporter")
    if not facts.why.strip():
        raise Refused(_("Write what it is needed for, and why nothing less would do."), code="why_missing")
    if facts.until < facts.since or facts.until > facts.today or (facts.until - facts.since).days >= LONGEST:
        raise Refused(
            _("Choose a period that has begun, of at most %(days)s days."), code="bad_period", days=LONGEST
        )
    if not facts.fields:
        raise Refused(_("Choose at least one signal."), code="nothing_chosen")
    for signal, fields in facts.fields.items():
        if signal not in facts.declared or set(fields) - set(facts.declared[signal]):
            raise Refused(_("Only what the register declares can be handed out."), code="not_declared")
    if not facts.recipient_is_theirs or not facts.recipient_is_usable:
        raise Refused(
            _("A second person has not confirmed this recipient's key, or it has ended. Choose another."),
            code="recipient_not_confirmed",
        )
    if facts.programme_state not in ("running", "paused", "ended"):
        raise Refused(_("This programme has never run: there is nothing to hand out."), code="never_ran")


@dataclass(frozen=True)
class VoiceFacts:
    """One more voice about an export: whose, and who has spoken already (the asker too)."""

    state: str
    by: UUID
    may: bool
    spoken: frozenset[UUID]


def check_move(old: str, new: str) -> None:
    if new not in MOVES[old]:
        raise Refused(_("This request is past that."), code="wrong_transition", old=old, new=new)


def check_voice(facts: VoiceFacts, state: str) -> None:
    if not facts.may:
        raise Refused(_("This is decided by somebody else."), code="not_theirs_to_say")
    if facts.state != state:
        raise Refused(_("This request is past that."), code="wrong_transition")
    if facts.by in facts.spoken:
        raise Refused(
            _("You have spoken about this request already. Nobody speaks twice: ask somebody else."),
            code="spoken_already",
        )


def check_advice(facts: VoiceFacts, advice: str) -> None:
    check_voice(facts, "asked")
    if not advice.strip():
        raise Refused(_("Write the advice."), code="advice_missing")


def check_owner(facts: VoiceFacts, favourable: bool, reasons: str) -> None:
    """Against the advice the owner may go, with reasons that stay with the request."""
    check_voice(facts, "advised")
    if not favourable and not reasons.strip():
        raise Refused(
            _("The advice is against it. Write why you agree all the same."), code="reasons_missing"
        )


def check_second(facts: VoiceFacts) -> None:
    check_voice(facts, "advised")


def check_take(is_asker: bool, state: str, is_over: bool) -> None:
    if not is_asker:
        raise Refused(_("Only who asked for it takes the package."), code="not_the_asker")
    if state != "ready" or is_over:
        raise Refused(_("There is no package to take: not yet, or not any more."), code="no_package")


def check_recipient(public_key: bytes, name: str, by_may: bool) -> None:
    if not by_may:
        raise Refused(_("Only an exporter of this entity registers recipients."), code="not_an_exporter")
    if not name.strip():
        raise Refused(_("Write who the recipient is."), code="name_missing")
    if len(public_key) != 32 or not any(public_key):
        raise Refused(_("This is no public key of 32 bytes."), code="bad_key")


def check_confirm(by_may: bool, by_registered: bool, is_open: bool) -> None:
    if not by_may:
        raise Refused(_("Only the data protection officer confirms keys."), code="not_the_dpo")
    if by_registered:
        raise Refused(_("You have registered this key. Ask a colleague to compare it."), code="own_key")
    if not is_open:
        raise Refused(_("This key is confirmed already, or has ended."), code="confirmed")


def check_answer(
    is_holder: bool, is_answered: bool, removed: bool, done: str, why_not: str, runs: int
) -> None:
    """The holder's answer must fit: what was not taken out needs its reason; a model that was trained needs its fate."""
    if not is_holder:
        raise Refused(_("Who holds the dataset answers this."), code="not_the_holder")
    if is_answered:
        raise Refused(_("You have answered this already."), code="answered")
    if done not in dict(MODELS_DONE) or (runs and done == "none"):
        raise Refused(_("Say what became of the models that were trained with it."), code="models_missing")
    if (not removed or done == "not_possible") and why_not not in dict(WHY_NOT):
        raise Refused(_("Say why it cannot be taken out."), code="why_not_missing")


def due_on(ended: date) -> date:
    return ended + timedelta(days=OUT_BY)
