"""The worker representation asks for a stop: a row, a day by which it is answered, an answer in writing."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.audit import log
from governance.capture import programmes, stops
from governance.capture.models import Programme, StopRequest
from governance.capture.overflow import told
from governance.lib import clock, packs
from governance.lib.dates import date_format
from governance.lib.deadlines import days_after, next_working_day
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person

MIN_WORDS = 20  # signs: a reason that can be answered


def due_on(today: date, country: str) -> date:
    """The last day for the answer: days of packs/capture.toml, moved to a working day."""
    return next_working_day(
        days_after(today, int(packs.load("capture").content["stop_request"]["days"])), country
    )


def due_if_asked(programme: Programme) -> date:
    """By when a request of today is answered."""
    return due_on(clock.law_date(programme.entity.timezone), programme.entity.country)


def check_words(words: str) -> None:
    if len(words.strip()) < MIN_WORDS:
        raise Refused(gettext_lazy("Write in a sentence why."), code="words_missing")


@transaction.atomic
def ask(programme: Programme, words: str, *, by: Person) -> StopRequest:
    """The request stands, its clock runs, and the owner and the data protection officers are told. Raises Refused.

    One at a time: while one waits for its answer, asking again changes nothing.
    """
    check_words(words)
    if programme.state == "ended":
        raise Refused(gettext_lazy("The programme has ended. There is nothing to stop."), code="ended")
    Programme.objects.select_for_update().get(pk=programme.pk)  # two who ask meet here
    waiting = StopRequest.objects.filter(programme=programme, answered_at__isnull=True).first()
    if waiting is not None:
        return waiting
    day = due_if_asked(programme)
    row = StopRequest.objects.create(programme=programme, asked_by=by, words=words.strip(), due_on=day)
    log.record("programme.stop_asked", by=by, about=programme, request=row.pk, due_on=day)
    for person in told(programme):
        notify.tell(person, "stop_asked", number=programme.number, programme=programme.pk, due=day)
    return row


@transaction.atomic
def answer(request_id: UUID, answer: str, *, stop: bool, by: Person) -> StopRequest:
    """The answer stands and who asked was told; with `stop` nothing is admitted any more. Raises Refused."""
    check_words(answer)
    programme = StopRequest.objects.select_related("programme").get(pk=request_id).programme
    if stop and programme.state == "running":  # the programme's lock first, as everywhere
        programmes.pause(programme, by=by, because=stops.REPRESENTATION)
    row = StopRequest.objects.select_for_update().get(pk=request_id)
    if row.answered_at is not None:
        raise Refused(gettext_lazy("This request is answered already."), code="answered")
    if row.asked_by_id == by.pk:
        raise Refused(gettext_lazy("You asked for this yourself. Somebody else answers."), code="own_request")
    StopRequest.objects.filter(pk=row.pk).update(
        answer=answer.strip(), stopped=stop, answered_by=by, answered_at=Now()
    )
    log.record("programme.stop_answered", by=by, about=programme, request=row.pk, stopped=stop)
    notify.tell(row.asked_by, "stop_answered", number=programme.number, programme=programme.pk)
    row.refresh_from_db()
    return row


def left(day: date, today: date) -> str:
    """How many days there are, in words."""
    days = (day - today).days
    if days < 0:
        return _("overdue")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days} if days else _("today")


def shown(programme: Programme) -> dict[str, Any]:
    """What components/table.html prints; `open` is the one that waits for its answer."""
    today = clock.law_date(programme.entity.timezone)
    rows = list(programme.stop_requests.select_related("asked_by", "answered_by"))
    return {
        "open": next((row for row in rows if row.answered_at is None), None),
        "columns": [{"label": label} for label in (_("Asked"), _("Why"), _("Answer by"), _("Answer"))],
        "rows": [
            [
                {"text": date_format(timezone.localtime(row.asked_at), "j M Y, H:i"), "note": str(row.asked_by)}, row.words,
                date_format(row.due_on, "j M Y") if row.answered_at else {"text": date_format(row.due_on, "j M Y"), "note": left(row.due_on, today)},
                _answer(row),
            ]
            for row in rows
        ],
    }  # fmt: skip


def _answer(row: StopRequest) -> Any:
    if row.answered_at is None:
        return {"state": "waiting", "word": _("not answered yet")}
    when = date_format(timezone.localtime(row.answered_at), "j M Y, H:i")
    word = _("stopped") if row.stopped else _("goes on")
    return {
        "state": "done" if row.stopped else "closed",
        "word": word,
        "note": f"{row.answer} ({row.answered_by}, {when})",
    }
