"""What the frame of every page shows: the menu of one's roles, unread messages, appearance, entity, whom to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.lib import languages, spoken
from governance.lib.access import may
from governance.lib.dates import date_format
from governance.people.rules import ROLES

APPEARANCE_COOKIE = "sammati_appearance"
APPEARANCES = ("light", "dark", "auto")


@dataclass(frozen=True)
class Item:
    label: Any
    to: str  # URL name
    icon: str
    permission: str
    only_employed: bool = False
    only_outside: bool = False  # for who works nowhere here and speaks for somebody


OWN = [
    Item(_("Home"), "pages:home", "home", "pages.home"),
    Item(_("My choices"), "consents:choices", "toggle-right", "consents.view", True),
    Item(_("What I said"), "consents:history", "history", "consents.view", True),
    Item(_("Where it went"), "exports:where", "external-link", "exports.view_own", True),
    Item(_("My requests"), "rights:mine", "message-circle", "rights.view_own", True),
    Item(_("For others"), "consents:for_others", "users", "consents.act_for", only_outside=True),
    Item(_("Messages"), "people:messages", "bell", "people.own_messages"),
]
WORK = [
    Item(_("Register"), "purposes:register", "books", "purposes.view"),
    Item(_("Processors"), "purposes:processors", "briefcase", "purposes.view_processors"),
    Item(_("Systems"), "purposes:systems", "database", "purposes.view_systems"),
    Item(_("Rules and lists"), "purposes:packs", "scale", "purposes.view_packs"),
    Item(_("Programmes"), "capture:programmes", "player-play", "capture.view_programmes"),
    Item(_("Exports"), "exports:exports", "upload", "exports.view"),
    Item(_("Erasures"), "retention:orders", "eraser", "retention.view_orders"),
    Item(_("Holds"), "retention:holds", "lock", "retention.hold"),
    Item(_("Opened names"), "retention:names", "key", "retention.open_names"),
    Item(_("Requests"), "rights:requests", "clipboard-list", "rights.view"),
    Item(_("Objections"), "consents:objections", "hand-stop", "consents.decide_objections"),
    Item(_("No for others"), "consents:populations", "hand-stop", "consents.opt_out_population"),
    Item(_("Who speaks for whom"), "consents:representations", "users", "consents.record_acting"),
    Item(_("Earlier consents"), "consents:before", "history", "consents.import_legacy"),
    Item(_("Felt pressed"), "consents:pressures", "message-circle", "consents.view_pressure"),
    Item(_("Slips for the kiosk"), "kiosk:slips", "key", "consents.issue_pin"),
    Item(_("Incidents"), "incidents:incidents", "alert-triangle", "incidents.view"),
    Item(_("Reports"), "reports:library", "report", "reports.view"),
    Item(_("Log"), "audit:log", "list-check", "audit.view"),
    Item(_("Changed addresses"), "people:addresses", "key", "people.confirm_address"),
    Item(_("API clients"), "interfaces:clients", "key", "interfaces.view_clients"),
    Item(_("People"), "people:people", "users", "people.view"),
    Item(_("Entities"), "people:entities", "building", "people.view_entities"),
]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Everything is asked only when the template prints it: parts of pages and error pages cost nothing.

    A template calls what it can call; `cache` makes that one query each, however often it is printed.
    """
    user = getattr(request, "user", None)
    of_everybody = {
        "appearance": appearance(request),
        "law_notice": _law_notice(),
        "tongues": tongues,
        "untranslated": cache(lambda: untranslated(request)),
        "unreviewed": unreviewed,
    }
    if user is None or not user.is_authenticated:
        return of_everybody
    return of_everybody | {
        "menu": cache(lambda: menu(user, request.path)),
        "unread": cache(lambda: user.unread),
        "account": cache(
            lambda: {
                "name": str(user),
                "roles": [str(ROLES[name]) for name in ROLES if name in user.role_names()],
            }
        ),
        "entity": cache(lambda: _entity(user)),
        "contact": cache(lambda: contact_of(user)),
    }


def appearance(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(APPEARANCE_COOKIE, "auto")
    return chosen if chosen in APPEARANCES else "auto"


def tongues() -> list[dict[str, Any]]:
    """What the language switch lists: the languages of the pages, then those in which only notices may be."""
    rows = languages.choices()
    return [
        {"heading": "", "rows": [row for row in rows if row.has_own_pages]},
        {
            "heading": _("Only notices may be in these yet"),
            "rows": [row for row in rows if not row.has_own_pages],
        },
    ]


def untranslated(request: HttpRequest) -> languages.Language | None:
    """The language that was asked for, when the page is shown in another one: the frame says so."""
    wanted = languages.get(spoken.wanted(request))
    return wanted if wanted and not wanted.has_pages and wanted.tag != get_language() else None


def unreviewed() -> bool:
    """The words around notices are a translation that nobody has answered for (decision 0074)."""
    shown = languages.get(get_language() or "")
    return shown is not None and not shown.has_pages


def menu(user: Any, path: str) -> list[dict[str, Any]]:
    """What this person may open. The deepest entry that the path lies under is the active one."""
    own = [
        item
        for item in OWN
        if (not item.only_employed or user.employment) and (not item.only_outside or user.outside_of_id)
    ]
    work = [item for item in WORK if may(user, item.permission)]
    places = [(item, reverse(item.to)) for item in [*own, *work]]
    under: Callable[[str], bool] = lambda place: path == place or (place != "/" and path.startswith(place))  # noqa: E731
    active = max((place for _item, place in places if under(place)), key=len, default="")
    return [
        {
            "label": item.label,
            "url": place,
            "icon": item.icon,
            "active": place == active,
            "section": _("My work") if work and item is work[0] else "",
        }
        for item, place in places
    ]


def _entity(user: Any) -> Any:
    return user.employment.entity if user.employment else user.outside_of


def contact_of(user: Any) -> dict[str, str] | None:
    entity = _entity(user)
    if entity is None:
        return None
    if entity.dpo_name:
        return {"name": entity.dpo_name, "email": entity.dpo_email}
    return {"name": entity.contact_name, "email": entity.contact_email}


def _law_notice() -> str:
    if not settings.TODAY:
        return ""
    day = date_format(date.fromisoformat(settings.TODAY), "j F Y")
    return str(_("This portal was started for the law of %(day)s.") % {"day": day})
