"""What a report would say now, before it is asked for: the same facts and words, read and shown, and nothing kept."""

import base64
import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.lib import clock
from governance.lib.canonical import canonical, digest
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.reports import bound, kinds, paper, press, reports, words
from governance.reports.models import Report

PATIENCE = timedelta(seconds=20)
NUMBER = "G-0000-000000"  # a report that was never made has none
# A process draws one picture at a time: who looks at previews takes nobody else's pages away.
_drawing = threading.Semaphore(1)


@dataclass(frozen=True)
class Preview:
    """`head`, `body`: as on the report's own page. `picture`: its first page as a data: address, "" with the reason why not.

    In the page itself, not behind an address of its own: what nobody can ask for again, no cache holds.
    """

    head: dict[str, Any]
    body: str
    language: str
    picture: str = ""
    no_picture: str = ""


def of(kind: str, entity: Entity, scope: dict[str, Any], *, by: Person, language: str) -> Preview:
    """Raises Refused as asking would. Whatever a kind writes on its way is undone; a reader never waits longer than a moment."""
    scope = {key: str(value) for key, value in scope.items()}
    subject = reports.check(kind, entity, scope, by, language)
    report = Report(
        number=NUMBER, kind=kind, entity=entity, scope=scope, about=subject.about, language=language,
        law_on=clock.law_date(entity.timezone), asked_by=by,
    )  # fmt: skip
    try:
        facts = _facts(report)
    except LookupError:
        raise Refused(_("There is nothing to show of it yet."), code="nothing_to_show") from None
    except OperationalError:  # it took longer than a reader waits; the press has the time
        raise Refused(
            _("This report is too large for a preview. Ask for it; the press takes its time."),
            code="too_large",
        ) from None
    with translation.override(language):
        version = press.version_of(kind, language)
        context = words.paper(facts, kinds.KINDS[kind], digest(facts), version)
        picture, no_picture = _first_page(kind, facts, context | {"preview": True})
        body = render_to_string(f"reports/{kind}_body.html", context)
        return Preview(context["report"], body, language, picture, no_picture)


def _first_page(kind: str, facts: dict[str, Any], context: dict[str, Any]) -> tuple[str, str]:
    """(data: address of a PNG, "") or ("", why there is none). Of a long document only what stands before its parts is drawn."""
    page = f"pdf/bound/{kind}_front.html" if bound.is_long(kind, facts) else f"pdf/{kind}.html"
    if not _drawing.acquire(blocking=False):
        return "", str(_("Another preview is being drawn. Ask again in a moment to see the first page."))
    try:
        drawn = paper.picture(render_to_string(page, context))
    except paper.NoPango:
        return "", ""  # the page says it above
    except paper.CannotDraw:
        return "", str(_("The first page takes too long to draw for a preview. The press takes its time."))
    finally:
        _drawing.release()
    return f"data:image/png;base64,{base64.b64encode(drawn).decode()}", ""


def _facts(report: Report) -> dict[str, Any]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true)",
                [str(int(PATIENCE.total_seconds() * 1000))],
            )
        content = kinds.KINDS[report.kind].facts(report)
        facts: dict[str, Any] = json.loads(
            canonical({"report": press.envelope(report, clock.now()), "content": content})
        )
        transaction.set_rollback(True)
    return facts
