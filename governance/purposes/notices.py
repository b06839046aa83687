"""Write what people are told: drafts, texts in every language, and publishing, whole or not at all."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from governance.audit import log
from governance.people.models import Employment, Person
from governance.purposes import in_force, rules
from governance.purposes.models import Notice, NoticeText, Purpose


@transaction.atomic
def draft(purpose: Purpose, texts: dict[str, dict[str, Any]], *, by: Person) -> Notice:
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
    return draft(purpose, texts, by=by)


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
    waiting = notice.purpose.versions.filter(state="approved").first()
    told = waiting.number if waiting else notice.purpose.version
    Notice.objects.filter(pk=notice.pk).update(published_at=Now(), published_by=by, purpose_version=told)
    notice.refresh_from_db()
    log.record(
        "notice.published", by=by, about=notice, hashes={t.language: t.sha256 for t in notice.texts.all()}
    )
    if waiting is not None:
        in_force.begin(waiting, by=by, notice=notice)
    return notice
