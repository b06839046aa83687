"""Write the register: purposes, what they declare, and the notices people are shown."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import locks
from governance.people.models import Employment, Entity, Person
from governance.purposes import rules
from governance.purposes.models import DataSystem, Notice, NoticeText, Purpose, RetentionRule, Signal


def next_number() -> str:
    """P-0001, P-0002, …: unique across the group. Call inside a transaction."""
    locks.exclusively(locks.key("number", "purpose"))
    last = Purpose.objects.aggregate(Max("number"))["number__max"] or "P-0000"
    return f"P-{int(last[2:]) + 1:04d}"


@transaction.atomic
def enter(entity: Entity, *, by: Person, systems: list[DataSystem] | None = None, **fields: Any) -> Purpose:
    """A new activity stands in the register as a draft."""
    purpose = Purpose.objects.create(entity=entity, number=next_number(), **fields)
    purpose.systems.set(systems or [])
    log.record("purpose.entered", by=by, about=purpose, number=purpose.number)
    return purpose


@transaction.atomic
def declare(
    purpose: Purpose, code: str, *, fields: list[str], why: str, by: Person, position: int = 0
) -> Signal:
    """The purpose may now ask for this signal, cut down to these fields. Raises Refused for blocked signals."""
    rules.check_declared(code)
    kind = rules.catalogue.signals()[code]
    surplus = set(fields) - set(kind.fields)
    if surplus:
        raise rules.Refused(
            rules._("Fields beyond the minimised form: %(fields)s."),
            code="fields_too_wide",
            fields=", ".join(sorted(surplus)),
        )
    signal = Signal.objects.create(purpose=purpose, code=code, fields=fields, why=why, position=position)
    log.record("purpose.signal_declared", by=by, about=purpose, signal=code, fields=fields)
    return signal


@transaction.atomic
def keep_for(purpose: Purpose, *, by: Person, **fields: Any) -> RetentionRule:
    rule = RetentionRule.objects.create(purpose=purpose, **fields)
    log.record(
        "retention.rule_set",
        by=by,
        about=rule,
        purpose=purpose.pk,
        maximum=rule.maximum,
        minimum=rule.minimum,
    )
    return rule


@transaction.atomic
def draft_notice(purpose: Purpose, texts: dict[str, dict[str, Any]], *, by: Person) -> Notice:
    """A new version, unpublished. `texts`: language → {"title", "elements", "reviewed_by", "reviewed_on"}."""
    version = (purpose.notices.aggregate(Max("version"))["version__max"] or 0) + 1
    notice = Notice.objects.create(purpose=purpose, version=version, author=by)
    for language, text in texts.items():
        NoticeText.objects.create(notice=notice, language=language, **text)
    log.record("notice.drafted", by=by, about=notice, version=version, languages=sorted(texts))
    return notice


@transaction.atomic
def write_text(
    notice: Notice,
    language: str,
    *,
    title: str,
    elements: dict[str, str],
    reviewed_by: str = "",
    reviewed_on: date | None = None,
    by: Person,
) -> NoticeText:
    """The draft has this text in this language. Raises Refused when the version is published: its words stay."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    rules.check_write(notice.published_at is not None)
    text = NoticeText.objects.filter(notice=notice, language=language).first() or NoticeText(
        notice=notice, language=language
    )
    text.title, text.elements, text.reviewed_by, text.reviewed_on = title, elements, reviewed_by, reviewed_on
    text.save()
    log.record(
        "notice.text_written",
        by=by,
        about=notice,
        language=language,
        sha256=text.sha256,
        reviewed=bool(reviewed_by and reviewed_on),
    )
    return text


@transaction.atomic
def new_version(purpose: Purpose, *, by: Person) -> Notice:
    """A draft that begins with the words of the newest version, not yet reviewed; an open draft is given back as it is."""
    newest = purpose.notices.order_by("-version").first()
    if newest is not None and newest.published_at is None:
        return newest
    texts = {
        text.language: {"title": text.title, "elements": text.elements}
        for text in (newest.texts.all() if newest else ())
    }
    return draft_notice(purpose, texts, by=by)


def notice_facts(notice: Notice) -> rules.NoticeFacts:
    texts = list(notice.texts.all())
    spoken = (
        Employment.objects.current()
        .filter(entity=notice.purpose.entity)
        .values_list("person__language", flat=True)
    )
    return rules.NoticeFacts(
        jurisdictions=notice.purpose.jurisdictions,
        elements_by_language={
            t.language: frozenset(code for code, text in t.elements.items() if text) for t in texts
        },
        reviewed=frozenset(t.language for t in texts if t.reviewed_by and t.reviewed_on),
        people_languages=frozenset(spoken.distinct()) if notice.purpose.asks_consent else frozenset(),
        published=notice.published_at is not None,
    )


@transaction.atomic
def publish(notice: Notice, *, by: Person, on: date) -> Notice:
    """People are shown this version from now on; its words do not change any more. Raises Refused."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    rules.check_publish(notice_facts(notice), on)
    Notice.objects.filter(pk=notice.pk).update(published_at=Now(), published_by=by)
    notice.refresh_from_db()
    log.record(
        "notice.published", by=by, about=notice, hashes={t.language: t.sha256 for t in notice.texts.all()}
    )
    return notice


@transaction.atomic
def activate(purpose: Purpose, *, by: Person) -> Purpose:
    """The purpose runs. One on consent needs a published notice first."""
    purpose = Purpose.objects.select_for_update().get(pk=purpose.pk)
    rules.check_activate(purpose.state, purpose.asks_consent, purpose.published_notice() is not None)
    Purpose.objects.filter(pk=purpose.pk).update(state="active", changed_at=Now())
    purpose.refresh_from_db()
    log.record("purpose.activated", by=by, about=purpose)
    return purpose
