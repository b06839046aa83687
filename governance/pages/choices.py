"""My choices (consents:choices): what is recorded about me, and every switch. It reads consents, orders and arrivals, so
it lives on the roof; the verbs behind its buttons are in governance/consents/views.py."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.capture import recorded
from governance.capture.models import Programme
from governance.consents import decide, offers, rules
from governance.consents.models import ConsentRecord, OptOut
from governance.consents.views import TICKED
from governance.lib import clock
from governance.lib.access import requires
from governance.lib.refusals import reason
from governance.people.models import Person
from governance.people.zones import in_their_zone, zone_of
from governance.purposes import catalogue, words
from governance.purposes.models import Purpose, Signal
from governance.retention.models import ErasureOrder


@dataclass
class Row:
    """One signal of one purpose for one person. state: off, starting, on, opted_out."""

    signal: Signal
    explanation: str
    why: str
    why_language: str
    sample: list[dict[str, Any]]
    state: str
    record: ConsentRecord | None = None
    last: str = ""  # refused, withdrawn, expired, … where the last word was a no
    last_at: datetime | None = None
    events: int = 0
    ticked: bool = False


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
    opted_out: OptOut | None = None
    off_by_company: bool = False
    kept: recorded.Recorded = field(default_factory=recorded.Recorded)
    last: dict[str, Any] | None = None
    columns: list[dict[str, Any]] = field(default_factory=list)
    table: list[list[Any]] = field(default_factory=list)

    @property
    def on(self) -> list[Row]:
        return [row for row in self.rows if row.state in ("on", "starting")]

    @property
    def off(self) -> list[Row]:
        return [row for row in self.rows if row.state == "off"]

    @property
    def top(self) -> int:
        return max((bar["value"] for bar in self.columns), default=0)


@requires("consents.view")
@never_cache
@in_their_zone
@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    now, today = clock.now(), clock.law_date(zone_of(person))
    language = request.GET.get("lang") or get_language() or "en"
    ticked = request.session.pop(TICKED, None) or {}
    purposes = offers.concerning(person)
    outs = list(OptOut.objects.filter(person=person, lifted_at__isnull=True).select_related("purpose"))
    everything = next((out for out in outs if not (out.purpose_id or out.signal or out.application)), None)
    shown = [_choice(purpose, person, language, now, today, outs, ticked) for purpose in purposes]
    orders = ErasureOrder.objects.filter(person=person).select_related("purpose")
    return render(
        request, "consents/choices.html",
        {
            "answer": recorded.answer(person, now), "choices": shown, "everything": everything, "today": today,
            "stale": ticked.get("purpose") if ticked.get("code") == "stale_notice" else "",
            "never": [
                {"kind": kind, "title": kind.title(language), "why": kind.why_never(language)} for kind in catalogue.never_recorded()
            ],
            "orders": [_order(order) for order in orders.exclude(state="done")],
            "done": list(orders.filter(state="done")[:3]),
        },
    )  # fmt: skip


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
    records = ConsentRecord.objects.filter(person=person, purpose=purpose).order_by("number")
    newest = {record.signal: record for record in records}
    declared = [signal.code for signal in purpose.signals.all()]
    with connection.cursor() as cursor:  # what the gate would say, so that the page never says anything else
        standing = decide.read(cursor, purpose.pk, declared, [person.pk], now)
    mine = ticked.get("signals", []) if ticked.get("purpose") == str(purpose.pk) else []
    kept = recorded.of(person, purpose)
    rows = [
        _row(signal, newest.get(signal.code), person, language, now, standing, shown, kept)
        for signal in purpose.signals.all()
    ]
    for row in rows:
        row.ticked = row.signal.code in mine
    days = recorded.per_day(person, purpose, timezone.localtime(now).date())
    programme = Programme.objects.filter(purpose=purpose).exclude(state="draft").order_by("state").last()
    choice = Choice(
        purpose=purpose, shown=shown, grounds=words.grounds(purpose, today), rows=rows,
        why_not=_why_not(purpose, person, shown, declared), programme_state=programme.state if programme else "",
        lapses_on=rules.expires(today), kept=kept, last=recorded.last_batch(person, purpose),
        opted_out=next((out for out in outs if out.purpose_id == purpose.pk and not out.signal), None),
    )  # fmt: skip
    own = any(out.purpose_id in (None, purpose.pk) for out in outs)
    choice.off_by_company = not own and any(row.state == "opted_out" for row in rows)
    if shown:
        choice.languages = [
            (text.language, words.language(text.language)) for text in shown.notice.texts.all()
        ]
    if kept.events:
        choice.columns = [
            {"label": date_format(day, "j M"), "value": sum(counts.values())} for day, counts in days
        ]
        titles = {row.signal.code: row.signal.title for row in rows}
        choice.table = [
            [titles.get(code, code), {"text": str(n)}]
            for code, n in sorted(kept.by_signal.items(), key=lambda pair: -pair[1])
        ]
    return choice


def _row(
    signal: Signal, record: ConsentRecord | None, person: Person, language: str, now: datetime, standing: decide.Standing,
    shown: offers.Words | None, kept: recorded.Recorded,
) -> Row:  # fmt: skip
    verdict = decide.decide(standing, person.pk, signal.code, "", now, now)
    state = {"": "on", "not_open": "starting", "opted_out": "opted_out"}.get(verdict.code, "off")
    why = shown.text.elements.get(f"why_{signal.code}", "") if shown else ""
    row = Row(
        signal=signal, explanation=signal.entry.explanation(get_language() or "en"), sample=words.sample_row(signal), state=state,
        why=why or signal.why, why_language=shown.text.language if shown and why else "en", events=kept.by_signal.get(signal.code, 0),
    )  # fmt: skip
    if record is not None and state in ("on", "starting"):
        row.record = record
    elif record is not None and not record.is_on:
        row.last, row.last_at = record.status, record.ended_at
    return row


def _why_not(purpose: Purpose, person: Person, shown: offers.Words | None, declared: list[str]) -> str:
    """The sentence with which the verb would refuse any choice on this purpose now."""
    job = person.employment
    facts = rules.AskFacts(
        purpose_active=purpose.state == "active",
        rests_on_consent=purpose.asks_consent,
        employed_there=bool(job and job.entity_id == purpose.entity_id),
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


def _order(order: ErasureOrder) -> dict[str, Any]:
    """An order in words, with its reasons as they were recorded."""
    reasons = [str(entry) for entry in order.reasons if isinstance(entry, str)]
    decided = [entry.get("reason", "") for entry in order.reasons if isinstance(entry, dict)]
    kind = "hold" if order.state in ("held", "restricted_hold", "retention_conflict") else "note"
    if order.state in ("partly", "needs_attention"):
        kind = "warn"
    return {
        "order": order,
        "says": str(ORDER_SAYS[order.state]),
        "reasons": reasons,
        "decided": [d for d in decided if d],
        "kind": kind,
    }
