"""My choices (consents:choices): what is recorded about me, and every switch. It reads consents, orders and arrivals, so
it lives on the roof; the verbs behind its buttons are in governance/consents/views.py."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.capture import recorded
from governance.capture.models import Programme
from governance.consents import changes, counting, decide, explaining, jobs, offers, populations, rules, said
from governance.consents.models import ConsentRecord, OptOut, Pause
from governance.consents.views import TICKED
from governance.lib import clock, spoken
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import reason
from governance.pages import others, parts
from governance.people.models import Person
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import catalogue, words
from governance.purposes.models import Purpose, Signal
from governance.retention.models import ErasureOrder


@dataclass
class Row:
    """One signal of one purpose for one person. state: off, starting, on, paused, opted_out; and for a yes that counts no
    more: stale (the notice changed), moved (another job), dropped (no longer in the register), held (the rules forbid it).
    """

    signal: Signal
    explanation: str
    why: str
    why_language: str
    sample: list[dict[str, Any]]
    state: str
    record: ConsentRecord | None = None
    last: str = ""  # refused, withdrawn, expired, … where the last word was a no
    last_at: datetime | None = None
    because: str = ""  # a code of consents.rules.BECAUSE, where the person did not say so
    erase_on: date | None = None  # what a newer notice ended is erased then, unless they agree again
    events: int = 0
    ticked: bool = False
    noes: list[str] = field(default_factory=list)  # the applications, sites and hours that they said no to
    says: str = (
        ""  # why it is off, in the words of consents/explaining.py, where nothing else on the page says so
    )
    rule: str = ""


@dataclass
class Choice:
    """One purpose as it stands on the page."""

    purpose: Purpose
    shown: offers.Words | None
    grounds: list[words.Ground]
    rows: list[Row]
    why_not: str  # why nothing can be switched on here now; "" when it can
    programme_state: str
    lapses_on: date
    languages: list[tuple[str, str]] = field(default_factory=list)
    changed: list[changes.Changed] = field(default_factory=list)  # since they agreed
    quiet_until: date | None = None  # nobody asks them before
    opted_out: OptOut | None = None
    off_by_company: bool = False
    put_off: bool = False  # they were asked and may answer that they decide later
    barred: list[str] = field(default_factory=list)  # who said no for all where they work, and since when
    kept: recorded.Recorded = field(default_factory=recorded.Recorded)
    batches: list[dict[str, Any]] = field(default_factory=list)  # the newest first
    detail: list[list[Any]] = field(default_factory=list)  # per day and signal
    columns: list[dict[str, Any]] = field(default_factory=list)
    table: list[list[Any]] = field(default_factory=list)

    @property
    def on(self) -> list[Row]:
        """What is switched on, whether or not it is recorded now: all of it can be withdrawn."""
        return [row for row in self.rows if row.record is not None]

    @property
    def off(self) -> list[Row]:
        return [row for row in self.rows if row.state in ("off", "stale")]

    @property
    def top(self) -> int:
        return max((bar["value"] for bar in self.columns), default=0)

    @property
    def detail_columns(self) -> list[dict[str, Any]]:
        labels = [
            (_("Day"), False),
            (_("Signal"), False),
            (_("Events"), True),
            (_("Sealed"), True),
            (_("Applications"), False),
        ]
        return [{"label": label, "num": num} for label, num in labels]

    @property
    def batch_columns(self) -> list[dict[str, Any]]:
        return [
            {"label": _("Batch")},
            {"label": _("Events"), "num": True},
            {"label": _("Sealed"), "num": True},
        ]

    @property
    def batch_rows(self) -> list[list[str]]:
        return [
            [
                date_format(timezone.localtime(one["at"]), "j F Y, H:i"),
                number_format(one["events"]),
                filesizeformat(one["bytes"]),
            ]
            for one in self.batches
        ]

    @property
    def last(self) -> dict[str, Any] | None:
        return self.batches[0] if self.batches else None


@requires("consents.view")
@never_cache
@in_their_zone
@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    now, today = clock.now(), clock.law_date(zone_of(person))
    language = request.GET.get("lang") or spoken.wanted(request)
    ticked = request.session.pop(TICKED, None) or {}
    outs = list(OptOut.objects.filter(person=person, lifted_at__isnull=True).select_related("purpose"))
    everything = next((out for out in outs if out.purpose_id is None and out.is_whole), None)
    shown = of(person, language, now, today, outs=outs, ticked=ticked)
    orders = ErasureOrder.objects.filter(person=person).select_related("purpose")
    return render(
        request, "consents/choices.html",
        {
            "answer": recorded.answer(person, now), "choices": shown, "everything": everything, "today": today,
            "pause": Pause.objects.running(now).filter(person=person, purpose__isnull=True).first(),
            "can_pause": any(row.state in ("on", "starting", "paused") for choice in shown for row in choice.rows),
            "stale": ticked.get("purpose") if ticked.get("code") == "stale_notice" else "",
            "never": [
                {"kind": kind, "title": kind.title(language), "why": kind.why_never(language)} for kind in catalogue.never_recorded()
            ],
            "orders": [_order(order, language) for order in orders.exclude(state__in=ErasureOrder.ENDED)],
            "done": list(orders.filter(state="done")[:3]), "others": others.running(person, today, language),
            "parts": [parts.told(out) for out in outs if not out.is_whole],
        },
    )  # fmt: skip


def of(
    person: Person, language: str, now: datetime, today: date, *, outs: list[OptOut] | None = None,
    ticked: dict[str, Any] | None = None,
) -> list[Choice]:  # fmt: skip
    """Every purpose that asks this person, or that they have ever answered."""
    if outs is None:
        outs = list(OptOut.objects.in_force().filter(person=person).select_related("purpose"))
    purposes = offers.concerning(person)
    return [_choice(purpose, person, language, now, today, outs, ticked or {}) for purpose in purposes]


def _choice(
    purpose: Purpose,
    person: Person,
    language: str,
    now: datetime,
    today: date,
    outs: list[OptOut],
    ticked: dict[str, Any],
) -> Choice:
    shown = offers.words(purpose, language)
    records = (
        ConsentRecord.objects.filter(person=person, purpose=purpose)
        .select_related("notice")
        .order_by("number")
    )
    newest = {record.signal: record for record in records}
    declared = [signal.code for signal in purpose.signals.all()]
    with connection.cursor() as cursor:  # what the gate would say, so that the page never says anything else
        standing = decide.read(cursor, jobs.about(purpose, now), declared, [person.pk], now)
    mine = ticked.get("signals", []) if ticked.get("purpose") == str(purpose.pk) else []
    kept = recorded.of(person, purpose)
    rows = [
        _row(signal, newest.get(signal.code), person, language, now, standing, shown, kept)
        for signal in purpose.signals.all()
    ]
    rows += [
        _gone(purpose, record) for code, record in newest.items() if record.is_on and code not in declared
    ]
    for row in rows:
        row.ticked = row.signal.code in mine
        row.noes = [
            said.part(out)
            for out in outs
            if out.is_narrow and out.purpose_id in (None, purpose.pk) and out.signal in ("", row.signal.code)
        ]
        if row.state == "opted_out" and (no := _own_no(purpose, row.signal.code, outs)):
            day = date_format(timezone.localtime(no.at), "j F Y, H:i")
            row.says = _("You said no to this on %(day)s. That beats every yes.") % {"day": day}
            row.rule = ""
    days = recorded.per_day(person, purpose, timezone.localtime(now).date())
    programme = Programme.objects.filter(purpose=purpose).exclude(state="draft").order_by("state").last()
    choice = Choice(
        purpose=purpose, shown=shown, grounds=words.grounds(purpose, today), rows=rows,
        why_not=_why_not(purpose, person, shown, declared), programme_state=programme.state if programme else "",
        lapses_on=rules.expires(today), kept=kept, batches=recorded.last_batches(person, purpose),
        opted_out=next((out for out in outs if out.purpose_id == purpose.pk and out.is_whole), None),
        changed=_changed(purpose, newest), quiet_until=_quiet_until(purpose, newest, today),
    )  # fmt: skip
    own = any(out.purpose_id in (None, purpose.pk) for out in outs)
    choice.off_by_company = not own and any(row.state == "opted_out" for row in rows)
    choice.put_off = any(record.status == "requested" and not record.ended_at for record in newest.values())
    choice.barred = [populations.sentence(no) for no in populations.covering(person, purpose)]
    if shown:
        choice.languages = [
            (text.language, words.language(text.language)) for text in offers.offered(shown.notice)
        ]
    if kept.events:
        choice.columns = [
            {"label": date_format(day, "j M"), "value": sum(counts.values())} for day, counts in days
        ]
        titles = {row.signal.code: row.signal.title for row in rows}
        choice.detail = [
            [
                date_format(one["day"], "j M"), titles.get(one["signal"], one["signal"]), number_format(one["events"], force_grouping=True),
                filesizeformat(one["bytes"]), ", ".join(one["applications"]),
            ]
            for one in recorded.in_detail(person, purpose, timezone.localtime(now).date())
        ]  # fmt: skip
        choice.table = [
            [titles.get(code, code), {"text": str(n)}]
            for code, n in sorted(kept.by_signal.items(), key=lambda pair: -pair[1])
        ]
    return choice


def _own_no(purpose: Purpose, signal: str, outs: list[OptOut]) -> OptOut | None:
    """Their own no to this one signal; that to a whole purpose, or to everything, stands above the switches."""
    own = (out for out in outs if out.signal == signal and not out.is_narrow)
    return next((out for out in own if out.purpose_id in (None, purpose.pk)), None)


# What the gate says → how the row stands; everything else is off.
STATES = {
    "": "on", "not_open": "starting", "opted_out": "opted_out", "paused": "paused", "stale_consent": "stale", "job_changed": "moved",
}  # fmt: skip


def _row(
    signal: Signal, record: ConsentRecord | None, person: Person, language: str, now: datetime, standing: decide.Standing,
    shown: offers.Words | None, kept: recorded.Recorded,
) -> Row:  # fmt: skip
    verdict = decide.decide(standing, person.pk, signal.code, "", now, now)
    state = STATES.get(verdict.code, "off")
    why = shown.text.elements.get(f"why_{signal.code}", "") if shown else ""
    row = Row(
        signal=signal, explanation=signal.entry.explanation(get_language() or "en"), sample=words.sample_row(signal), state=state,
        why=why or signal.why, why_language=shown.text.language if shown and why else "en", events=kept.by_signal.get(signal.code, 0),
    )  # fmt: skip
    if record is not None and state in ("on", "starting", "paused", "moved"):
        row.record = record
    elif record is not None and not record.is_on:
        row.last, row.last_at, row.because, row.erase_on = (
            record.status, record.ended_at, record.ended_because, record.erase_on,
        )  # fmt: skip
    elif record is not None and state == "stale":
        row.last_at = record.given_at
    if state in ("off", "opted_out") and not row.last:
        told = explaining.of(verdict.code)
        row.says, row.rule = str(told.sentence), told.cited
    return row


def _gone(purpose: Purpose, record: ConsentRecord) -> Row:
    """A yes to a signal that is not offered now: the register dropped it, or the rules hold it."""
    signal = Signal(purpose=purpose, code=record.signal, fields=[], why="")
    dropped = counting.why_over(record) in ("signal_dropped", "purpose_retired")
    return Row(
        signal=signal, explanation=signal.entry.explanation(get_language() or "en"), why="", why_language="en", sample=[],
        state="dropped" if dropped else "held", record=record,
    )  # fmt: skip


def _changed(purpose: Purpose, newest: dict[str, ConsentRecord]) -> list[changes.Changed]:
    """What changed since the oldest yes that a newer notice has ended, while it was not given anew."""
    old = [
        record.notice.version
        for record in newest.values()
        if record.notice
        and (record.is_on or record.ended_because == "notice_superseded")
        and record.notice.version < purpose.asks_from_notice
    ]
    return changes.since(purpose, min(old)) if old else []


def _quiet_until(purpose: Purpose, newest: dict[str, ConsentRecord], today: date) -> date | None:
    """After a no or a withdrawal of everything: the last day on which nobody may ask again."""
    said = [
        record.ended_at or record.events.latest("at").at
        for record in newest.values()
        if record.status in ("refused", "withdrawn")
    ]
    if not said or any(record.is_on for record in newest.values()):
        return None
    until = rules.silent_until(jobs.day_at(purpose.entity.timezone, max(said)))
    return until if until >= today else None


def _why_not(purpose: Purpose, person: Person, shown: offers.Words | None, declared: list[str]) -> str:
    """The sentence with which the verb would refuse any choice on this purpose now."""
    if purpose.state == "retired":
        return _("This purpose has ended for good. Nothing is recorded for it any more.")
    if (
        shown is not None and not shown.in_their_language
    ):  # DPDP Act s.5(3), 6(3): nobody is asked in words not approved
        return _(
            "There is no approved text of this notice in %(language)s, so you are not asked in it. To decide, choose above in which language you want to read it."
        ) % {"language": words.language(shown.wanted)}
    facts = rules.AskFacts(
        purpose_active=purpose.state == "active",
        rests_on_consent=purpose.asks_consent,
        employed_there=jobs.current(person, purpose) is not None,
        under_18=person.is_under_18,
        has_notice=shown is not None,
        language_shown=shown.text.language if shown else "",
        languages_published=frozenset({shown.text.language} if shown else ()),
        signals_wanted=frozenset(declared),
        signals_declared=frozenset(declared),
    )
    return reason(rules.check_give, facts)


ORDER_SAYS = {
    "waiting": gettext_lazy("An order to erase what was recorded is waiting for its turn."),
    "erasing": gettext_lazy("What was recorded is being erased now."),
    "partly": gettext_lazy("Erased in part. What is left is tried again."),
    "needs_attention": gettext_lazy(
        "Something could not be erased by itself. The data protection officer is at it."
    ),
    "held": gettext_lazy("Not erased yet: a legal matter needs it kept. Nobody works with it meanwhile."),
    "restricted_hold": gettext_lazy(
        "Not erased yet: the law wants it kept for a while. It is locked away, and nobody may use it."
    ),
    "retention_conflict": gettext_lazy(
        "Not erased yet: two laws disagree about it. It is locked away until somebody accountable has decided."
    ),
}


def _order(order: ErasureOrder, language: str) -> dict[str, Any]:
    """An order in words, with its reasons as they were recorded."""
    reasons = [str(entry) for entry in order.reasons if isinstance(entry, str)]
    decided = [entry.get("reason", "") for entry in order.reasons if isinstance(entry, dict)]
    shown = order.shown_state()
    if shown != order.state:  # a direction that nothing be told
        reasons, decided = [], []
    kind = "hold" if shown in ("held", "restricted_hold", "retention_conflict") else "note"
    if order.state in ("partly", "needs_attention"):
        kind = "warn"
    return {
        "order": order,
        "what": order.purpose.told_name(language) if order.purpose else None,
        "says": str(ORDER_SAYS[shown]),
        "reasons": reasons,
        "decided": [d for d in decided if d],
        "kind": kind,
    }
