"""Who may ask for which report, and when a report that is being made gives up. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

ATTEMPTS = 3
BEING_MADE = ("waiting", "facts", "pages", "sealing", "signing")
# Kinds that show what one person decided: nobody gets them but that person, whatever their role.
PERSONAL = frozenset({"receipt", "statement", "evidence_bundle"})
# A certificate tells its cause, which may be a choice, only to the person: theirs is asked for with this in its scope.
FOR_ITS_PERSON = ("certificate", "for", "person")
# Of these the person may have a certificate for a court; it is theirs alone, as the document is.
CERTIFIED_BY_THEIR_PERSON = PERSONAL
# Kinds that hold what not every role with reports may see: to ask for, find or open one, this is needed beside it.
NEEDS = {
    "optouts": "consents.decide_objections", "retention": "retention.view_orders", "deletion_run": "retention.view_orders",
    "programme": "capture.view_programmes", "evaluation": "purposes.view", "requests": "rights.view", "audit_extract": "audit.view",
    "works_pack": "capture.view_programmes", "training": "exports.view", "steering": "retention.view_orders",
}  # fmt: skip
# Short, and somebody waits for it: made before registers and packs, and by a process of its own (see tasks.py).
FIRST = PERSONAL | {"notice", "fiche", "certificate", "door_sign"}
# Asked for where the thing itself stands, not from the list of kinds.
ASKED_ELSEWHERE = frozenset({"notice", "fiche", "door_sign"})

# Kinds that a permission of their own gives to who has no other reports: kind → that permission, at the entity.
FOR_A_ROLE = {"works_pack": "reports.request_works_pack", "door_sign": "capture.view_programmes"}
TELLS = frozenset({"notice", *FOR_A_ROLE})  # about nobody, and given to those whom they concern

# Kinds that are made again and again: after how many days another one is due. Our own measure, of no law.
REGULAR = {"register": 30, "retention": 92, "requests": 92, "steering": 92}

# state → the states that may follow
STATES = {
    "waiting": {"facts", "pages", "failed", "cancelled"},
    "facts": {"pages", "waiting", "failed", "cancelled"},
    "pages": {"sealing", "waiting", "failed", "cancelled"},
    "sealing": {"signing", "ready", "waiting", "failed", "cancelled"},
    "signing": {"ready", "cancelled"},  # no other attempt: what was drawn waits for its seal as long as it takes
    "ready": {"expired"},  # its time was over: rules_keeping.py
    "expired": set(),
    "failed": set(),
    "cancelled": set(),
}  # fmt: skip


def is_for_its_person(kind: str, scope: Mapping[str, str]) -> bool:
    """Nobody gets this document but the one whom it is about. "own": a certificate for a court over such a document."""
    kind_of, key, value = FOR_ITS_PERSON
    return kind in PERSONAL or "own" in scope or (kind == kind_of and scope.get(key) == value)


@dataclass(frozen=True)
class AskFacts:
    kind_is_known: bool
    personal: bool
    language_is_known: bool
    scope_is_whole: bool  # every id that the kind needs is there, and of this entity
    may_request: bool  # by role, at this entity
    about_themselves: bool  # or one of those whom it tells
    may_see_what_is_in_it: bool = True  # see NEEDS


def check_ask(facts: AskFacts) -> None:
    if not facts.kind_is_known:
        raise Refused(_("There is no such report."), code="no_such_kind")
    if not facts.language_is_known:
        raise Refused(_("Reports are not made in this language yet."), code="no_such_language")
    if not facts.scope_is_whole:
        raise Refused(
            _("Choose what the report is about; it must belong to this entity."), code="scope_missing"
        )
    if facts.about_themselves:
        return  # what is about a person is theirs
    if facts.personal:
        raise Refused(_("Only the person concerned gets this document."), code="personal")
    if not facts.may_request:
        raise Refused(
            _("Reports of this entity are asked for by its legal or data protection team."),
            code="may_not_request",
        )
    if not facts.may_see_what_is_in_it:
        raise Refused(
            _("This report holds what your role does not see. Ask the data protection officer for it."),
            code="not_for_this_role",
        )


@dataclass(frozen=True)
class CancelFacts:
    being_made: bool
    asked_themselves: bool
    may_request: bool  # by role, at this entity, and it is not somebody's own


def check_cancel(facts: CancelFacts) -> None:
    if not facts.being_made:
        raise Refused(_("Only a report that is still being made can be cancelled."), code="not_being_made")
    if not (facts.asked_themselves or facts.may_request):
        raise Refused(
            _(
                "This report is cancelled by whoever asked for it, or by those who ask for reports of its entity."
            ),
            code="may_not_cancel",
        )


def gives_up(attempts: int) -> bool:
    return attempts >= ATTEMPTS
