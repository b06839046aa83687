"""From a message's code and facts to a sentence, made when it is read, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models.functions import Now
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from governance.lib.dates import date_format
from governance.people.models import Entity, EntityChange, Message, Person, Unit
from governance.people.rules import ROLES

Facts = dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """`more`: what follows from it. `to`: URL name, with the fact that it takes. `kind`: colour of the reason component."""

    text: Any
    more: Any = ""
    to: str = ""
    takes: str = ""
    link: Any = ""
    kind: str = "note"


def _order(text: Any, more: Any = "", kind: str = "note") -> Sentence:
    return Sentence(text, more, "retention:own_order", "order", _("Show the order"), kind)


SENTENCES: dict[str, Sentence] = {
    "consent_withdrawn": Sentence(
        _("Your withdrawal is recorded. Nothing more is taken of what you withdrew."), _("What was recorded before is erased, or you are told why not."),
        "retention:own_order", "order", _("Show the order"), "good",
    ),
    "consent_expired": Sentence(
        _("Your consent ran out after its time. Nothing more is taken unless you agree again."), "", "consents:choices", "", _("My choices")
    ),
    "consent_revoked": Sentence(
        _("The company ended what you had agreed to. Nothing more is taken."), _("What was recorded before is erased, or you are told why not."),
        "retention:own_order", "order", _("Show the order"),
    ),
    "consent_superseded": Sentence(
        _("What you agreed to in %(number)s has changed, so your yes does not count any more. Nothing is recorded until you decide again."),
        _("If you do not agree again by %(until)s, what was recorded before is erased."), "consents:choices", "", _("My choices"), "warn",
    ),
    "consent_not_renewed": Sentence(
        _("You did not agree again to what had changed, so what was recorded before is erased, or you are told why not."), "",
        "retention:own_order", "order", _("Show the order"),
    ),
    "consent_job_changed": Sentence(
        _("What you had agreed to in your earlier job has ended with it. Nothing more is taken."),
        _("What was recorded before is erased, or you are told why not."), "retention:own_order", "order", _("Show the order"),
    ),
    "consent_population_no": Sentence(
        _("A no was said to %(number)s for everybody where you work, so what you had agreed to has ended. Nothing more is taken."),
        _("What was recorded before is erased, or you are told why not."), "retention:own_order", "order", _("Show the order"),
    ),
    "population_no_placed": Sentence(
        _("A no was said for everybody where you work. It beats every yes; nothing of it is recorded while it stands."),
        _("Who said it, and on which act, stands on My choices."), "consents:choices", "", _("My choices"),
    ),
    "population_no_lifted": Sentence(
        _("A no that was said for everybody where you work was taken back. Nothing is on by that: it stays off unless you switch it on."),
        "", "consents:choices", "", _("My choices"),
    ),
    "consent_invalidated": Sentence(
        _("Your yes to %(number)s was found not valid. Nothing more is taken, and what was recorded before is erased."),
        _("Why, and on whose word, stands on your receipt."), "consents:receipt", "receipt", _("Show the receipt"),
    ),
    "consent_taken_over": Sentence(
        _("A yes to %(number)s that you gave before this portal, or outside it, was taken over with its paper. You can withdraw it with one press."),
        "", "consents:choices", "", _("My choices"), "warn",
    ),
    "consent_unknown": Sentence(
        _("Somebody says that you agreed to %(number)s before; no proof of it is on file. So it counts for nothing, and nothing is recorded."),
        "", "consents:choices", "", _("My choices"),
    ),
    "consent_notice_sent": Sentence(
        _("You agreed to %(number)s before the Indian data protection law came into force. This is the notice that the law owes you; your yes stays unless you withdraw it."),
        _("What is recorded, why, your rights and whom to complain to stand there."), "consents:notice", "purpose", _("Read the notice"), "warn",
    ),
    "representation_recorded": Sentence(
        _("Somebody was recorded as speaking for you. They can say no for you, never yes."),
        _("You can end it."), "consents:for_others", "", _("Show it"), "warn",
    ),
    "representation_verified": Sentence(
        _("You can say no for somebody now, as their guardian or nominee."), "", "consents:for_others", "", _("Show it"),
    ),
    "consent_asked": Sentence(
        _("You are asked for a yes or a no on %(number)s. Nothing is on unless you switch it on; if you do nothing, it stays off."),
        _("Nobody is told what you decide, and you are not reminded."), "consents:choices", "", _("My choices"),
    ),
    "opt_out_placed": Sentence(
        _("You opted out. That beats every yes, until you lift it yourself."), "", "consents:choices", "", _("My choices"), "good"
    ),
    "consent_ends_soon": Sentence(
        _("What you agreed to in %(number)s ends by itself on %(until)s. Nothing is recorded after that day."),
        _("If you do nothing, it ends. You are not reminded again."), "consents:choices", "", _("My choices"),
    ),
    "objection_received": Sentence(
        _("Your objection to %(number)s is received. Nothing more is taken while it is decided, by %(due)s at the latest."), "",
        "consents:choices", "", _("My choices"),
    ),
    "objection_raised": Sentence(
        _("Somebody objects to %(number)s. Restrict it for them now, and decide by %(due)s."), "",
        "consents:objection", "objection", _("Show the objection"), "warn",
    ),
    "objection_upheld": Sentence(
        _("Your objection to %(number)s is upheld: it has stopped for you."), _("What there is about you is erased, or you are told why not."),
        "retention:own_order", "order", _("Show the order"), "good",
    ),
    "objection_rejected": Sentence(
        _("Your objection to %(number)s was not upheld, so it goes on. The reasons are there for you to read."),
        _("You can complain about this decision; where, stands beside it."), "consents:choices", "", _("Read the reasons"), "warn",
    ),
    "pressure_reported": Sentence(
        _("Somebody felt pressed into a yes. Nobody has to say who they are."), "", "consents:pressed", "report", _("Read it"), "warn",
    ),
    "pressure_answered": Sentence(
        _("You said that you felt pressed. What was done about it is written down."), "", "consents:pressed", "report", _("Read it"), "good",
    ),
    "name_to_agree": Sentence(
        _("Somebody asks for the name behind a number, for matter %(number)s. You are asked to agree, or to leave it."), "",
        "retention:name", "opening", _("Read why"), "warn",
    ),
    "name_agreed": Sentence(_("The name that you asked for in matter %(number)s is open to you for a day."), "", "retention:name", "opening", _("Show")),
    "name_opened": Sentence(
        _("Your name behind your number was opened to two people for matter %(number)s, until %(until)s."),
        _("Who looked, and when, you can read at any time."), "consents:history", "", _("Who looked"), "warn",
    ),
    "pin_slip_issued": Sentence(
        _("A paper slip with a PIN for the kiosk was given out in your name."),
        _("If you did not ask for it, tell the person named at the foot of this page at once."), kind="warn",
    ),
    "order_waiting": _order(_("What was recorded about you is going to be erased.")),
    "order_held": _order(
        _("What was recorded about you is not erased yet: it has to be kept for a legal matter."),
        _("Nobody uses it for anything else. It is erased when the matter is closed."), "hold",
    ),
    "order_restricted_hold": _order(
        _("What was recorded about you is locked away until %(until)s, because the law wants it kept that long."),
        _("Then it is erased. Nobody uses it until then."), "hold",
    ),
    "order_retention_conflict": _order(
        _("Two laws disagree on whether what was recorded about you may be erased now. Somebody accountable decides it."),
        _("It is locked away until then, and you get the decision."), "hold",
    ),
    "order_done": _order(_("What was to be erased about you is erased, and every system was read back and found empty."), "", "good"),
    "order_partly": _order(
        _("Not everything of yours could be erased yet."), _("It is tried again; what is left and why stands on the order."), "warn"
    ),
    "order_needs_attention": _order(
        _("Something of yours could not be erased by itself."), _("The data protection officer has to look at it."), "warn"
    ),
    "order_notice": _order(
        _("What is kept about you is erased in %(hours)s hours, because you have not been here for so long."),
        _("Sign in or write to us before, and it stays."), "warn",
    ),
    "order_anonymised": _order(_("You were taken out of data that stay, and every system was searched for you afterwards."), "", "good"),
    "order_office_partly": Sentence(
        _("The erasure %(number)s is done in part only."), _("It is tried again by itself. Its page says what is left and why."),
        "retention:order", "erasure", _("Show the order"), "warn",
    ),
    "order_office_needs_attention": Sentence(
        _("The erasure %(number)s needs you: it cannot be completed by itself."), _("Its page says what is left and why."),
        "retention:order", "erasure", _("Show the order"), "bad",
    ),
    "task_to_do": Sentence(
        _("Something has to be erased by hand, by you, until %(until)s."),
        _("Do it there, then file a proof of it."), "retention:task", "task", _("Open the task"), "warn",
    ),
    "task_sent_back": Sentence(
        _("Your proof of an erasure by hand was sent back."),
        _("The task says what is missing."), "retention:task", "task", _("Open the task"), "warn",
    ),
    "role_granted": Sentence(_("You now have the role “%(role)s” at %(entity)s."), "", "pages:account", "", _("My account")),
    "role_ended": Sentence(_("Your role “%(role)s” at %(entity)s has ended."), "", "pages:account", "", _("My account")),
    "role_second_asked": Sentence(
        _("You are asked to agree that somebody gets the role “%(role)s” at %(entity)s."), "", "people:second", "message", _("Read and answer"), "warn"
    ),
    "entity_second_asked": Sentence(
        _("You are asked to agree to a change of what notices say of %(name)s."), "", "people:entity_second", "change", _("Read and answer"), "warn"
    ),
    "entity_second_agreed": Sentence(
        _("The second person agreed. The facts of %(name)s are as you wrote them."), _("Notices from before lag behind."), "people:entities", "", _("Entities")
    ),
    "entity_second_refused": Sentence(_("The second person did not agree to the change of an entity."), "", "people:entities", "", _("Entities")),
    "role_second_refused": Sentence(_("The second person did not agree to the role “%(role)s” at %(entity)s."), "", "people:person", "person", _("Show")),
    "purpose_assigned": Sentence(
        _("You may now open %(number)s in the register."), _("It was given to you by name, beyond what your roles open."),
        "purposes:purpose", "purpose", _("Show the entry"),
    ),
    "purpose_unassigned": Sentence(_("%(number)s in the register is not open to you by name any more.")),
    "purpose_held": Sentence(
        _("The rules do not let %(number)s run any more, so it is paused. Nothing more is recorded for it."),
        _("Its page says which rule it is and what would help."), "purposes:verdict", "purpose", _("Show the verdict"), "bad",
    ),
    "purpose_flagged": Sentence(
        _("The verdict on %(number)s has turned: something that the rules ask for is missing."),
        _("It goes on, because stopping it would harm people. Put right what its page names."), "purposes:verdict", "purpose",
        _("Show the verdict"), "warn",
    ),
    "purpose_narrowed": Sentence(
        _("Something of %(number)s may not be recorded any more and was taken out today."),
        _("The rest goes on. Its page says which rule it is and what would help."), "purposes:verdict", "purpose", _("Show the verdict"), "warn",
    ),
    "report_ready": Sentence(_("The report %(number)s is ready."), "", "reports:report", "report", _("Show the report"), "good"),
    "report_scheduled": Sentence(
        _("The report %(number)s, which you get by schedule, is ready."), "", "reports:report", "report", _("Show the report"), "good",
    ),
    "schedule_halted": Sentence(
        _("A report on the schedule could not be asked for."), _("Its line says why. It goes on by itself as soon as that is put right."),
        "reports:schedules", "", _("Show the schedule"), "warn",
    ),
    "report_failed": Sentence(_("The report %(number)s could not be made."), "", "reports:report", "report", _("Show the report"), "bad"),
    "request_received": Sentence(
        _("Your request %(number)s is received. You get an answer by %(due)s."), "", "rights:mine", "", _("My requests")
    ),
    "request_extended_complex": Sentence(
        _("The answer to your request %(number)s comes by %(due)s, because it is complex."), "", "rights:mine", "", _("My requests"), "warn"
    ),
    "request_extended_many": Sentence(
        _("The answer to your request %(number)s comes by %(due)s, because there are many requests."), "", "rights:mine", "", _("My requests"), "warn"
    ),
    "request_identity": Sentence(
        _("We are not sure that your request %(number)s comes from you. Please show the data protection officer who you are."),
        _("The time to answer stands still until then."), "rights:mine", "", _("My requests"), "warn",
    ),
    "request_answered": Sentence(_("Your request %(number)s is answered."), "", "rights:mine", "", _("Read the answer"), "good"),
    "request_for_other_answered": Sentence(
        _("Your request %(number)s for somebody else is answered."), "", "rights:for_other", "row", _("Read the answer"), "good"
    ),
    "request_raised": Sentence(_("A request came in: %(number)s, due on %(due)s."), "", "rights:answer", "request", _("Show"), "warn"),
    "export_to_advise": Sentence(
        _("Content is asked for: %(number)s. Your advice is needed before anybody can agree."), "", "exports:export", "export", _("Read and advise"), "warn"
    ),
    "export_to_agree": Sentence(_("%(number)s, a request for content, waits for your agreement."), "", "exports:export", "export", _("Read and decide"), "warn"),
    "export_refused": Sentence(_("Your request for content, %(number)s, was refused."), "", "exports:export", "export", _("Show")),
    "export_ready": Sentence(_("The package of %(number)s is ready. It can be taken for 72 hours."), "", "exports:export", "export", _("Show"), "good"),
    "export_ended": Sentence(_("Nothing was packed for %(number)s."), _("Its page says why."), "exports:export", "export", _("Show"), "warn"),
    "exported": Sentence(
        _("Something recorded about you was handed out (%(number)s), for a purpose that you agreed to."),
        _("What for and to whom, you can read."), "exports:where", "", _("Where it went"),
    ),
    "dataset_held": Sentence(_("You answer for the dataset %(number)s now."), _("Withdrawals that come later reach you."), "exports:dataset", "dataset", _("Show")),
    "exclusion_raised": Sentence(
        _("Something has to come out of the dataset %(number)s."), _("Its page says what, and by when."), "exports:dataset", "dataset", _("Show"), "warn"
    ),
    "exclusion_done": Sentence(_("What was handed out in %(number)s is taken out again."), "", "exports:where", "", _("Where it went"), "good"),
    "exclusion_not_whole": Sentence(
        _("Not all that was handed out in %(number)s could be taken out again."), _("What could not, and why, you can read."), "exports:where", "",
        _("Where it went"), "warn",
    ),
    "incident_opened": Sentence(_("An incident was opened: %(number)s."), "", "incidents:incident", "incident", _("Show"), "bad"),
    "programme_overflowed": Sentence(
        _("%(number)s is paused by itself: its clients sent too much beyond what is declared."),
        _("Its page says what. Have it switched off where the client is set up, then start it again."), "capture:programme", "programme", _("Show"), "bad",
    ),
    "stop_asked": Sentence(
        _("The worker representation asks that %(number)s stops. An answer is due by %(due)s."), _("Its page says why."), "capture:programme", "programme",
        _("Read and answer"), "warn",
    ),
    "stop_answered": Sentence(_("Your request that %(number)s stops is answered."), "", "capture:programme", "programme", _("Read the answer")),
    "keys_differ": Sentence(
        _("Keys and streams of the vault do not match: %(keys_without_stream)s keys without a stream, %(streams_without_key)s streams without a key."),
        _("Ask your administrator at once: nothing of this should ever happen."), "pages:home", "", _("Home"), "bad",
    ),
    "blobs_differ": Sentence(
        _("The vault and its object store do not match: %(blobs_without_row)s objects without a row were deleted, %(rows_without_blob)s rows have lost their object."),
        _("Ask your administrator at once: what lost its object cannot be opened any more."), "pages:home", "", _("Home"), "bad",
    ),
    "password_changed": Sentence(
        _("Your password was changed."), _("If this was not you, tell the person named at the foot of this page at once."), kind="warn"
    ),
    "address_to_change": Sentence(
        _("The staff list gives you another e-mail address. From %(until)s on you would sign in with that one."),
        _("If it is not yours, stop the change on your account’s page. Until then everything stays as it is."), "pages:account", "", _("Look, or stop it"),
        "warn",
    ),
    "address_needs_a_second": Sentence(
        _("The staff list gives you another e-mail address. It is used only when the data protection officer has confirmed with you that it is yours."),
        "", "pages:account", "", _("My account"), "warn",
    ),
    "address_stopped": Sentence(
        _("%(number)s stopped the change of their e-mail address."), _("A second person has to confirm it now. Ask the person which one is right."),
        "people:person", "person", _("Show"), "warn",
    ),
    "address_changed": Sentence(
        _("The e-mail address with which you sign in was changed by the staff list."),
        _("If this is not your address, tell the person named at the foot of this page at once."), "pages:account", "", _("My account"), "warn",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One message as the page prints it."""

    id: int
    at: datetime
    unread: bool
    text: str
    more: str
    url: str
    link: str
    kind: str


def sentence(message: Message, names: dict[str, str]) -> Shown:
    """`names`: of entities and departments by id. A code that this version does not know still shows that there is something."""
    known = SENTENCES.get(message.code)
    if known is None:
        known = Sentence(_("There is news for you (%(code)s)."))
    facts = _readable(message.facts, names) | {"code": message.code}
    return Shown(
        id=message.pk, at=message.created_at, unread=message.read_at is None, text=_fill(known.text, facts), more=_fill(known.more, facts),
        url=_address(known, message), link=str(known.link), kind=known.kind,
    )  # fmt: skip


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def _fill(text: Any, facts: Facts) -> str:
    return str(text) % _Gaps(facts) if text else ""


READERS: dict[str, Callable[[Any], str]] = {"role": lambda code: str(ROLES.get(code, code))}


def _readable(facts: Facts, names: dict[str, str]) -> Facts:
    """Dates as dates are written; roles, entities and departments by their names; an empty fact is left out.

    A role for one department is told as one at "Department, Entity".
    """
    told: Facts = {}
    for key, value in facts.items():
        if value in ("", None):
            continue
        if key in ("until", "due"):
            try:
                told[key] = date_format(date.fromisoformat(str(value)[:10]), "j F Y")
            except ValueError:
                told[key] = value
        elif key in ("entity", "unit"):
            told[key] = names.get(str(value), "–")
        else:
            told[key] = READERS[key](value) if key in READERS else value
    if "unit" in told and "entity" in told:
        told["entity"] = f"{told['unit']}, {told['entity']}"
    return told


def _address(known: Sentence, message: Message) -> str:
    if not known.to:
        return ""
    if not known.takes:
        return reverse(known.to)
    value = message.pk if known.takes == "message" else message.facts.get(known.takes)
    try:
        return reverse(known.to, args=[value]) if value else ""
    except NoReverseMatch:  # a message of an earlier version with another fact
        return ""


def shown(messages: list[Message]) -> list[Shown]:
    names: dict[str, str] = {}
    for fact, model in (("entity", Entity), ("unit", Unit)):
        ids = {str(m.facts[fact]) for m in messages if m.facts.get(fact)}
        if ids:
            names |= {
                str(pk): name for pk, name in model.objects.filter(pk__in=ids).values_list("pk", "name")
            }
    return [sentence(message, names) for message in messages]


def mark_read(person: Person, ids: list[int] | None = None) -> int:
    """These messages, or all of this person's, have been read. What waits for an answer stays unread."""
    rows = person.notes.filter(read_at__isnull=True).exclude(
        code="role_second_asked", facts__answered__isnull=True
    )
    open_ = EntityChange.objects.filter(second=person, answered_at__isnull=True).values_list("pk", flat=True)
    rows = rows.exclude(code="entity_second_asked", facts__change__in=[str(pk) for pk in open_])
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=Now())
