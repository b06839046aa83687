"""Put a purpose before the people concerned: what will happen, one button, and what was done before, as bands."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.consents import asking, jobs, rules
from governance.consents.models import Asking
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.lib.refusals import Refused, reason
from governance.people.zones import in_their_zone
from governance.purposes import words
from governance.purposes.models import Purpose


def why_not(purpose: Purpose) -> str:
    """The sentence with which the verb would refuse now; "" when people may be asked."""
    return reason(rules.check_ask, asking.facts_of(purpose), jobs.day_at(purpose.entity.timezone))


@requires("purposes.ask", of=Purpose)
@in_their_zone
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    if request.method == "POST":
        try:
            asking.ask(purpose, by=request.user)
        except Refused as refused:
            messages.warning(request, refused.sentence)
        else:
            messages.success(
                request, _("People are being asked. Each finds a message and the switches, all off.")
            )
        return redirect("consents:ask", purpose.pk)
    facts = asking.facts_of(purpose)
    today = jobs.day_at(purpose.entity.timezone)
    askings = list(Asking.objects.filter(purpose=purpose).select_related("notice", "by"))
    return render(
        request, "consents/ask.html",
        {
            "purpose": purpose, "notice": purpose.published_notice(), "why_not": reason(rules.check_ask, facts, today),
            "in_languages": sorted(words.language(tag) for tag in facts.languages_usable),
            "not_in": sorted(words.language(tag) for tag in facts.languages - facts.languages_usable),
            "quiet": words.period(rules.span("silence", today)),
            "columns": [{"label": _("When")}, {"label": _("By")}, {"label": _("Notice")}, {"label": _("Asked")}],
            "rows": [_row(row) for row in askings],
        },
    )  # fmt: skip


def _row(row: Asking) -> list[Any]:
    """The rule of ten holds for the DPO too: a figure only with ten behind it and ten not."""
    if row.done_at is None:
        figure: Any = {"state": "running", "word": _("being asked")}
    elif row.band:
        figure = {"text": row.band, "note": _("people")}
    else:
        figure = {"text": "–", "note": _("no figure: fewer than ten were asked, or fewer than ten were not")}
    return [
        date_format(timezone.localtime(row.at), "j F Y, H:i"), str(row.by),
        _("version %(version)s") % {"version": row.notice.version}, figure,
    ]  # fmt: skip
