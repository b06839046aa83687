"""What the register refuses: signals the law blocks, notices that leave something out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.purposes import catalogue, lists

ASKING_LANGUAGES = (
    "en",
    "hi",
)  # the languages every published notice of the demo company must have; more by setting later


@dataclass(frozen=True)
class NoticeFacts:
    jurisdictions: list[str]
    elements_by_language: dict[str, frozenset[str]]
    reviewed: frozenset[str]  # languages whose text a human has reviewed
    people_languages: frozenset[str]  # languages of the people concerned
    published: bool


def check_declared(code: str) -> None:
    """A signal that the rules block cannot be declared; the gate then refuses it for everybody."""
    kind = catalogue.signals().get(code)
    if kind is None:
        raise Refused(
            _("There is no signal “%(signal)s” in the catalogue."), code="no_such_signal", signal=code
        )
    if kind.never:
        raise Refused(
            _("This signal is never recorded: %(why)s"), code="signal_blocked", why=kind.why_never("en")
        )


def check_edit(state: str) -> None:
    """Only a draft is edited; what waits for review is sent back first, what was approved stays."""
    if state == "in_review":
        raise Refused(_("This draft is in review. Have it sent back before you change it."), code="in_review")
    if state != "draft":
        raise Refused(_("This version stays as it is. Begin a new one."), code="approved")


def check_approve(by: UUID, wrote: Collection[UUID | None]) -> None:
    """Four eyes: who wrote or handed in a version does not approve it."""
    if by in wrote:
        raise Refused(
            _("You cannot approve what you wrote yourself. Ask another member of the DPO’s office."),
            code="own_work",
        )


def check_because(because: str) -> None:
    if not because.strip():
        raise Refused(_("Write a reason: people will read it later."), code="no_reason")


def check_review(review_on: date, today: date) -> None:
    if review_on <= today:
        raise Refused(
            _("%(day)s is past. Choose a later day for the review."), code="review_in_the_past", day=review_on
        )


PROCESSOR = ("country", "contract_from", "contract_until", "clauses", "tool")


def check_processor(said: Mapping[str, Any]) -> None:
    """`said`: the fields of PROCESSOR, as far as they are said."""
    for name, code in [("clause", code) for code in said.get("clauses", ())] + [
        ("tool", said.get("tool", ""))
    ]:
        if code and code not in lists.codes(name):
            raise Refused(_("“%(word)s” is not in the list."), code="unknown_code", word=code)
    begins, ends = said.get("contract_from"), said.get("contract_until")
    if begins and ends and ends <= begins:
        raise Refused(_("The contract would end before it begins."), code="ends_before_it_begins")


def check_write(published: bool) -> None:
    if published:
        raise Refused(
            _("This version is published and stays as it is. Write a new version."), code="published"
        )


def check_activate(state: str, asks_consent: bool, has_notice: bool) -> None:
    """Only what is told can be asked; what runs need not be started."""
    if state in ("active", "retired"):
        raise Refused(_("This purpose is active already, or was retired for good."), code="wrong_transition")
    if asks_consent and not has_notice:
        raise Refused(_("Publish a notice first: nobody can be asked without one."), code="no_notice")


def check_publish(facts: NoticeFacts, on: date) -> None:
    """A notice is published whole or not at all: every element in every language, each text reviewed by a human."""
    if facts.published:
        raise Refused(
            _("This version is published and stays as it is. Write a new version."), code="published"
        )
    missing = [
        lang for lang in ("en", *sorted(facts.people_languages)) if lang not in facts.elements_by_language
    ]
    if missing:
        raise Refused(
            _("The notice has no text in: %(languages)s."),
            code="language_missing",
            languages=", ".join(dict.fromkeys(missing)),
        )
    required = catalogue.required_elements(facts.jurisdictions, on)
    for language, elements in sorted(facts.elements_by_language.items()):
        gaps = [
            f"{catalogue.heading(code, 'en')} ({cite})"
            for code, cite in required.items()
            if code not in elements
        ]
        if gaps:
            raise Refused(
                _("The text in “%(language)s” lacks: %(gaps)s."),
                code="element_missing",
                language=language,
                gaps="; ".join(gaps),
            )
        if language not in facts.reviewed:
            raise Refused(
                _("The text in “%(language)s” was not reviewed by a person yet."),
                code="not_reviewed",
                language=language,
            )
