"""Notices that lag behind: the controller has changed, a translation's English moved on, or a language is not there."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from governance.lib import languages
from governance.pages.tracker import FROM_ONE, Due, Source, cut
from governance.pages.tracker_due import Desk, activity, owner, step
from governance.people.models import Entity
from governance.purposes import notice_facts
from governance.purposes.models import Notice, NoticeText

LOOKED_AT = 50  # candidates whose languages are compared with the people one by one


@dataclass(frozen=True)
class Lag:
    notice: Notice
    stale: list[str]  # languages
    missing: list[str]
    controller: bool = False  # what it says of the controller was changed since


def _newest(desk: Desk) -> QuerySet[Notice]:
    """What people are shown of purposes that ask them, with the languages that may be used and those that lag behind."""
    later = Notice.objects.filter(
        purpose=OuterRef("purpose"), published_at__isnull=False, version__gt=OuterRef("version")
    )
    texts = NoticeText.objects.filter(notice=OuterRef("pk")).order_by("language")
    english = NoticeText.objects.filter(
        notice=OuterRef("notice"), language="en", sha256=OuterRef("english_sha256")
    )
    reviewed = texts.filter(is_demo=False, reviewed_on__isnull=False).exclude(reviewed_by="")
    return Notice.objects.filter(
        desk.mine(), ~Exists(later), published_at__isnull=False, purpose__asks_consent=True,
        purpose__state__in=("approved", "active", "paused"),
    ).annotate(
        usable=ArraySubquery(reviewed.filter(Q(language="en") | Exists(english)).values("language")),
        stale=ArraySubquery(texts.filter(is_demo=False).exclude(language="en").filter(~Exists(english)).values("language")),
    )  # fmt: skip


def lagging(desk: Desk) -> list[Lag]:
    """At most FROM_ONE + 1. Two queries, and one for every candidate that speaks other languages than its people."""
    spoken = notice_facts.speakers()
    wanted: dict[Any, set[str]] = {}
    for entity, _unit, _country, language in spoken:
        wanted.setdefault(entity, {"en"}).add(languages.canonical(language) or language)
    for home, tags in Entity.objects.exclude(languages=[]).values_list("pk", "languages"):
        wanted.setdefault(home, {"en"}).update(tags)
    behind = ~Q(stale=[]) | Q(published_at__lt=F("purpose__entity__told_changed_at"))
    for entity, spoken_there in wanted.items():
        behind |= Q(purpose__entity_id=entity) & ~Q(usable__contains=sorted(spoken_there))
    rows = (
        _newest(desk)
        .filter(behind)
        .select_related("purpose__owner", "purpose__entity")
        .order_by("purpose__ordinal")
    )
    found: list[Lag] = []
    for notice in rows[:LOOKED_AT]:
        version = (
            notice.purpose.shown_version()
            if not set(wanted.get(notice.purpose.entity_id, ())) <= set(notice.usable)
            else None
        )
        people = notice_facts.people(notice.purpose, version.activity, spoken) if version else {}
        missing = sorted(tag for tag in {"en", *people} if version and not languages.best(tag, notice.usable))
        changed_at = notice.purpose.entity.told_changed_at
        changed = (
            changed_at is not None and notice.published_at is not None and notice.published_at < changed_at
        )
        if notice.stale or missing or changed:
            found.append(Lag(notice, list(notice.stale), missing, changed))
        if len(found) > FROM_ONE:
            break
    return found


def notices(desk: Desk, found: list[Lag] | None = None) -> Source:
    shown, more = cut(lagging(desk) if found is None else found)
    return Source([_due(desk, lag) for lag in shown], int(more), _("notices"))


def _due(desk: Desk, lag: Lag) -> Due:
    purpose = lag.notice.purpose
    if lag.missing:
        what = _("Notice lacks a text in: %(languages)s") % {"languages": _named(lag.missing)}
        law = desk.laws(purpose.jurisdictions, EU=("gdpr.12", "(1)"), IN=("dpdp.s6-3", ""))
    elif lag.controller:
        what = _("Notice says what the controller was before a change")
        law = desk.laws(purpose.jurisdictions, EU=("gdpr.13", "(1)(a), (b)"), IN=("dpdp.s5", ""))
    else:
        what = _("Translation lags behind the English: %(languages)s") % {"languages": _named(lag.stale)}
        law = desk.laws(purpose.jurisdictions, EU=("gdpr.12", "(1)"), IN=("dpdp.s5", ""))
    to = step(_("Open the notice"), "purposes:notice", lag.notice.pk)
    return Due(what, activity(purpose), None, lag.notice.published_at, law, owner(purpose), to)


def _named(tags: list[str]) -> str:
    return ", ".join(languages.native(tag) for tag in tags)
