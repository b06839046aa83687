"""Which rules and lists are in use: every pack with its version and hash, ours or the organisation's own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.lib import clock, packs
from governance.lib.access import requires
from governance.lib.dates import date_format
from governance.people.models import Person
from governance.people.zones import zone_of
from governance.purposes.policy import packs as policy

HOLDS = {
    "accounts": gettext_lazy("How long a changed address waits"),
    "asking": gettext_lazy("How often people are asked"), "capture": gettext_lazy("What a programme needs before it runs"),
    "clocks": gettext_lazy("Terms of requests and incidents"), "dpv": gettext_lazy("Terms of the vocabulary DPV"),
    "fiche": gettext_lazy("The fiche of an activity"), "headings": gettext_lazy("Headings of the register"),
    "languages": gettext_lazy("Languages, scripts and directions"), "laws": gettext_lazy("Laws and the days from which they bind"),
    "lint": gettext_lazy("Wordings that a notice may not have"), "lists": gettext_lazy("Lists of the register"),
    "retention": gettext_lazy("Periods of retention"), "signals": gettext_lazy("Signals, and what a notice has to tell"),
    "reports": gettext_lazy("How long reports are kept"),
    "tripwire": gettext_lazy("What the tripwire looks for"),
    "worn": gettext_lazy("Worn cameras: what bars a zone or shift, limits of a clip, the sign for bystanders"),
}  # fmt: skip


@requires("purposes.view_packs")
@never_cache
@require_safe
def packs_page(request: HttpRequest) -> HttpResponse:
    """Every verdict keeps the hash of the rules it was made by: here stand the ones that are used today."""
    person: Person = request.user  # type: ignore[assignment]
    rules = policy.default()
    on = clock.law_date(zone_of(person))
    ahead = [day for day in rules.turns if day > on]
    first = [
        {"text": _("Rules of the laws"), "note": rules.name}, rules.version, {"digest": rules.sha256}, _from("policy"),
        _("%(n)s rules; the next day on which one turns: %(day)s") % {"n": len(rules.rules), "day": date_format(ahead[0], "j F Y") if ahead else _("none")},
    ]  # fmt: skip
    return render(
        request, "purposes/packs.html",
        {
            "columns": [{"label": label} for label in (_("What"), _("Version"), _("SHA-256"), _("From"), _("Note"))],
            "rows": [first, *(_row(name) for name in packs.names())],
        },
    )  # fmt: skip


def _row(name: str) -> list[Any]:
    pack = packs.load(name)
    what = {"text": str(HOLDS.get(name, name)), "note": f"{name}.toml"}
    return [what, pack.version, {"digest": pack.sha256}, _from(f"{name}.toml"), ""]


def _from(name: str) -> str:
    return _("as shipped") if packs.place(name).parent == packs.HOME else _("the organisation’s own")
