"""Write what people are told: drafts, texts in every language, reviews by a second person, and publishing, whole or not at all."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import languages
from governance.lib.canonical import digest
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import gaps, in_force, lint, notice_facts, rules_notice, verdicts
from governance.purposes.models import Notice, NoticeText, Purpose

notice_facts_for_rules = notice_facts.notice_facts_for_rules  # what the rules engine asks of this room


class SomebodyElseWrote(Refused):
    """Somebody kept this text meanwhile. `theirs` is what stands there now; nothing of either is lost."""

    def __init__(self, theirs: NoticeText) -> None:
        super().__init__(
            _("Somebody else changed this text while you were writing. Look at both and keep it again."),
            code="edited_meanwhile",
        )
        self.theirs = theirs


@transaction.atomic
def draft(purpose: Purpose, texts: dict[str, dict[str, Any]], *, by: Person) -> Notice:
    """A new version, unpublished and unread. `texts`: language → {"title", "elements", "is_demo"}."""
    version = (purpose.notices.aggregate(Max("version"))["version__max"] or 0) + 1
    notice = Notice.objects.create(purpose=purpose, version=version, author=by)
    made: list[NoticeText] = []
    for language in sorted(texts, key=lambda tag: tag != "en"):
        said = texts[language]
        tag = _tag(language)
        rules_notice.check_words(lint.Text.of(tag, said["title"], said["elements"]))
        text = NoticeText(
            notice=notice, language=tag, title=said["title"], elements=said["elements"],
            is_demo=said.get("is_demo", False), author=by,
        )  # fmt: skip
        text.seal(made[0] if made and made[0].language == "en" else None)
        made.append(text)
    NoticeText.objects.bulk_create(made)
    log.record("notice.drafted", by=by, about=notice, version=version, languages=sorted(texts))
    return notice


def _tag(language: str) -> str:
    rules_notice.check_language(language)
    return languages.canonical(language)


@transaction.atomic
def write_text(
    notice: Notice,
    language: str,
    *,
    title: str,
    elements: dict[str, str],
    by: Person,
    seen: str | None = None,
) -> NoticeText:
    """The draft has this text in this language, made from the present English and not yet read by a second person.

    `seen` is the sha256 of the text that the writer had before them ("" for none): SomebodyElseWrote when another one
    stands there now. Raises Refused when the version is published, or for words that are not kept.
    """
    tag = _tag(language)
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    rules_notice.check_write(notice.published_at is not None)
    rules_notice.check_words(lint.Text.of(tag, title, elements))
    text = NoticeText.objects.filter(notice=notice, language=tag).first()
    sha256 = digest({"language": tag, "title": title, "elements": elements})
    if seen is not None and text is not None and text.sha256 not in (seen, sha256):
        raise SomebodyElseWrote(text)
    english = notice.english
    made_from = english.sha256 if english and tag != "en" else ""
    if text is not None and text.sha256 == sha256 and made_from in ("", text.english_sha256):
        return text  # nothing was changed: who wrote and who read it stays
    if text is None or text.sha256 != sha256:
        text = text or NoticeText(notice=notice, language=tag)
        text.title, text.elements, text.author, text.is_demo = title, elements, by, False
    text.reviewed_by, text.reviewed_on, text.english_sha256 = "", None, made_from
    text.save()
    log.record("notice.text_written", by=by, about=notice, language=tag, sha256=text.sha256)
    return text


@transaction.atomic
def review_text(
    notice: Notice,
    language: str,
    *,
    reviewer: str,
    on: date,
    today: date,
    seen: str | None = None,
    by: Person,
) -> NoticeText:
    """Somebody else than its author has read these words and answers for them. `reviewer` may be a translator without
    a login; then `by` enters the name and is not the author either. `seen`: the sha256 of what was read."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    text = notice.texts.select_related("author").get(language=_tag(language))
    if seen is not None and text.sha256 != seen:
        raise SomebodyElseWrote(text)
    rules_notice.check_read(review_facts(notice, text, by=by, reviewer=reviewer, on=on, today=today))
    text.reviewed_by, text.reviewed_on = reviewer.strip(), on
    text.save(update_fields=["reviewed_by", "reviewed_on"])
    log.record("notice.text_reviewed", by=by, about=notice, language=text.language, sha256=text.sha256)
    return text


def review_facts(
    notice: Notice, text: NoticeText, *, by: Person, reviewer: str, on: date, today: date
) -> rules_notice.ReviewFacts:
    return rules_notice.ReviewFacts(
        published=notice.published_at is not None, by=by.pk, wrote=text.author_id,
        author_name=(text.author.name or "") if text.author else "", reviewer=reviewer, reviewed_on=on, today=today,
        is_demo=text.is_demo, is_stale=text.is_stale(notice.english),
    )  # fmt: skip


@transaction.atomic
def new_version(purpose: Purpose, *, by: Person) -> Notice:
    """A draft that begins with the words of the newest version; an open draft is given back as it is.

    The English text is to be read anew, because it tells of a new state of the register. A translation keeps what it was
    made from and who read it: it counts until the English moves on.
    """
    Purpose.objects.select_for_update().get(pk=purpose.pk)
    newest = purpose.notices.order_by("-version").first()
    if newest is not None and newest.published_at is None:
        return newest
    notice = draft(purpose, {}, by=by)
    for text in newest.texts.all() if newest else ():
        kept = text.language != "en"
        NoticeText.objects.create(
            notice=notice, language=text.language, title=text.title, elements=text.elements, is_demo=text.is_demo,
            author=text.author if kept else by, english_sha256=text.english_sha256,
            reviewed_by=text.reviewed_by if kept else "", reviewed_on=text.reviewed_on if kept else None,
        )  # fmt: skip
    return notice


@transaction.atomic
def publish(notice: Notice, *, by: Person, on: date) -> Notice:
    """People are shown this version from now on; its words do not change any more. What waits for it in the register
    holds from the same moment. Raises Refused and changes nothing."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    rules_notice.check_publish(notice_facts.read(notice, on), by.pk)
    version = notice_facts.waiting(notice.purpose)
    told = version.number if version else notice.purpose.version
    Notice.objects.filter(pk=notice.pk).update(published_at=Now(), published_by=by, purpose_version=told)
    notice.refresh_from_db()
    log.record(
        "notice.published", by=by, about=notice, version=notice.version, told=told,
        hashes={text.language: text.sha256 for text in notice.texts.all()},
    )  # fmt: skip
    if version is not None:
        in_force.begin(version, by=by, notice=notice, on=on)
    else:
        verdicts.settle(notice.purpose, because="notice", on=on, by=by)
    gaps.refresh(notice.purpose, on)
    return notice
