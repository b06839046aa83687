"""What can be done with an entry now: one first step for its state, the others beside it, each greyed with its reason."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.lib.access import may
from governance.lib.refusals import reason
from governance.purposes import catalogue, rules, states
from governance.purposes.models import Purpose, PurposeVersion


@dataclass(frozen=True)
class Step:
    """A button: `post`, or a link. Greyed with `why_not`."""

    label: str
    url: str
    post: bool = False
    kind: str = "secondary"
    icon: str = ""
    why_not: str = ""
    id: str = ""


@dataclass(frozen=True)
class Next:
    """`says`: where the entry stands; `first`: what to do; `more`: what else one may; `rest`: folded away."""

    says: str
    first: Step | None = None
    more: tuple[Step, ...] = ()
    because: str = ""
    rest: tuple[Step, ...] = ()


def _url(name: str, *args: Any) -> str:
    return reverse(f"purposes:{name}", args=args)


def submit(row: Purpose, version: PurposeVersion, in_force_sha256: str) -> Step:
    why_not = reason(rules.check_submit, in_force_sha256 != version.sha256)
    return Step(_("Hand in for review"), _url("submit", row.pk), True, "primary", "check", why_not, "submit")


def approve(request: HttpRequest, row: Purpose, version: PurposeVersion) -> Step:
    wrote = {version.author_id, version.submitted_by_id, *version.editors}
    why_not = reason(rules.check_approve, request.user.pk, wrote)
    return Step(
        _("Read and approve"),
        _url("version", row.pk, version.number),
        False,
        "primary",
        "eye",
        why_not,
        "approve",
    )


def of_version(
    request: HttpRequest, row: Purpose, version: PurposeVersion, in_force_sha256: str = ""
) -> Next:
    """What to do with an open version; for one that is not open, nothing."""
    number = {"number": version.number}
    may_edit = may(request.user, "purposes.edit", row)
    go_on = Step(_("Go on writing"), _url("draft", row.pk), icon="writing", id="write")
    give_up = Step(
        _("Give this version up"),
        _url("discard", row.pk),
        icon="trash",
        kind="quiet",
        why_not=reason(rules.check_discard, row.version),
        id="discard",
    )
    if version.state == "draft":
        says = _("Version %(number)s is being written. Nothing of it holds yet.") % number
        if version.sent_back_because:
            says = _("Version %(number)s was sent back and can be changed.") % number
        return Next(
            says, submit(row, version, in_force_sha256) if may_edit else None, (go_on, give_up) if may_edit and row.version else (go_on,) if may_edit else (),
            because=version.sent_back_because,
        )  # fmt: skip
    if version.state == "in_review":
        says = _("Version %(number)s waits for a second member of the DPO’s office.") % number
        first = approve(request, row, version) if may(request.user, "purposes.approve", row) else None
        return Next(says, first, (give_up,) if may_edit and row.version else ())
    if version.state == "approved":
        says = _("Version %(number)s is approved. It holds when a notice of it is published.") % number
        write = Step(
            _("Write the notice"), _url("new_notice", row.pk), True, "primary", "writing", id="new-notice"
        )
        return Next(says, write if may_edit else None, (give_up,) if may_edit else ())
    return Next("")


def of_purpose(
    request: HttpRequest, row: Purpose, open_version: PurposeVersion | None, *, has_notice: bool, why_not_run: str, in_force_sha256: str = ""
) -> Next:  # fmt: skip
    """The page's header: an open version comes first, then what the purpose's own state asks for."""
    rest = _life(request, row)
    may_activate, may_edit = (may(request.user, code, row) for code in ("purposes.activate", "purposes.edit"))
    ask = _ask(request, row, has_notice)
    if open_version is not None:
        found = of_version(request, row, open_version, in_force_sha256)
        return Next(found.says, found.first, found.more, found.because, (*ask, *rest))
    change = (
        (Step(_("Change the entry"), _url("draft", row.pk), icon="writing"),)
        if may_edit and row.state != "retired"
        else ()
    )
    if row.state == "approved":
        write = Step(
            _("Write the notice"), _url("new_notice", row.pk), True, "secondary", "writing", id="new-notice"
        )
        also = (write,) if may_edit and row.asks_consent and not has_notice else ()
        first = Step(
            _("Activate"), _url("activate", row.pk), True, "primary", "player-play", why_not_run, "activate"
        )
        says = _("This entry is approved and does not run yet.")
        return Next(says, first if may_activate else None, (*also, *change), rest=rest)
    if row.state == "paused":
        first = Step(
            _("Resume"), _url("resume", row.pk), True, "primary", "player-play", why_not_run, "resume"
        )
        return Next(
            _("This purpose is paused. Nothing is taken for it."),
            first if may_activate else None,
            change,
            row.paused_because,
            rest,
        )
    if row.state == "retired":
        return Next(_("This purpose has ended for good."), because=row.paused_because, rest=rest)
    return Next("", None, (*change, *ask), rest=rest)


def _ask(request: HttpRequest, row: Purpose, has_notice: bool) -> tuple[Step, ...]:
    """The way to the page on which people are asked, which lives a floor higher."""
    if row.state != "active" or not row.asks_consent or not has_notice:
        return ()
    if not may(request.user, "purposes.ask", row):
        return ()
    return (
        Step(_("Ask the people concerned"), reverse("consents:ask", args=[row.pk]), icon="mail", id="ask"),
    )


def _life(request: HttpRequest, row: Purpose) -> tuple[Step, ...]:
    """Pausing, ending, handing over, the next review: what the table of states allows, to whom."""
    found = []
    verbs = states.verbs_from(states.PURPOSE, row.state)
    if may(request.user, "purposes.pause", row) and "pause" in verbs:
        found.append(Step(_("Pause"), _url("pause", row.pk), icon="player-pause"))
    if may(request.user, "purposes.activate", row) and "retire" in verbs:
        found.append(Step(_("End for good"), _url("retire", row.pk), icon="archive"))
    if row.state != "retired":
        if may(request.user, "purposes.assign", row):
            found.append(Step(_("Hand over"), _url("hand_over", row.pk), icon="user-check"))
        if may(request.user, "purposes.edit", row):
            found.append(Step(_("Next review"), _url("review", row.pk), icon="calendar"))
    if may(request.user, "purposes.assign", row):
        found.append(Step(_("Who may open it"), _url("people", row.pk), icon="users"))
    return tuple(found)


@dataclass(frozen=True)
class Stage:
    """One state on the line that is drawn of states.py."""

    state: str
    word: Any
    now: bool
    verbs: tuple[str, ...]  # what can be done from here, in words; only of the present one


def line(row: Purpose) -> list[Stage]:
    words = dict(Purpose.STATES)
    names = dict.fromkeys([before for before, _verb in states.PURPOSE] + list(states.PURPOSE.values()))
    return [
        Stage(
            name, words[name], name == row.state,
            tuple(str(states.VERBS[verb]) for verb in states.verbs_from(states.PURPOSE, name)) if name == row.state else (),
        )
        for name in names
    ]  # fmt: skip


def signals_left(there: set[str]) -> list[tuple[str, str]]:
    """(code, title) of the signals of the catalogue that may be declared and are not declared yet."""
    language = get_language() or "en"
    return [
        (code, kind.title(language))
        for code, kind in catalogue.signals().items()
        if not kind.never and code not in there
    ]
