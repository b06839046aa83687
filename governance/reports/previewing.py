"""What a report would say now, before it is asked for: the same facts and words, read and shown, and nothing kept."""

import json
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
from governance.reports import kinds, press, reports, words
from governance.reports.models import Report

PATIENCE = timedelta(seconds=20)
NUMBER = "G-0000-000000"  # a report that was never made has none


@dataclass(frozen=True)
class Preview:
    """`head`, `body`: as on the report's own page."""

    head: dict[str, Any]
    body: str
    language: str


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
        return Preview(context["report"], render_to_string(f"reports/{kind}_body.html", context), language)


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
