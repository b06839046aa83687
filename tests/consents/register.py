"""The register changes as it does in earnest: written by one, approved by another, people told where they must be."""

from typing import Any

from django.utils import timezone

from governance.purposes import notices, versions
from governance.purposes.activity import Activity, Recipient
from governance.purposes.models import Notice, Purpose, PurposeVersion
from tests.cast import Cast


def approve(cast: Cast, purpose: Purpose, **said: Any) -> PurposeVersion:
    """The next version says this otherwise, and Dara has approved it."""
    draft = versions.draft(purpose, by=cast.dev)
    versions.save(draft.pk, draft.activity.but(**said), revision=draft.revision, by=cast.dev)
    versions.submit(draft.pk, by=cast.dev)
    return versions.approve(draft.pk, by=cast.dara)


def tell(cast: Cast, purpose: Purpose) -> Notice:
    """A new version of the notice is written, read by a second person in every language, and published."""
    notice = notices.new_version(purpose, by=cast.dev)
    today = timezone.now().date()
    english = notice.texts.get(language="en")
    words = english.elements | {"purpose": english.elements["purpose"] + " It is told anew."}
    notices.write_text(notice, "en", title=english.title, elements=words, by=cast.dev)
    for text in notice.texts.exclude(language="en"):
        if text.reviewed_by:
            said = text.elements | {"purpose": text.elements["purpose"] + " (2)"}
            notices.write_text(notice, text.language, title=text.title, elements=said, by=cast.dev)
    for text in notice.texts.filter(is_demo=False):
        notices.review_text(
            notice, text.language, reviewer="Kavita Joshi", on=today, today=today, by=cast.dara
        )
    return notices.publish(notice, by=cast.dara, on=today)


def change_materially(cast: Cast, purpose: Purpose) -> Notice:
    """Somebody new gets the data: nobody was told of that, so everybody is asked again."""
    activity: Activity = purpose.shown_version().activity  # type: ignore[union-attr]
    more = (*activity.recipients, Recipient(name="Innen Audit KG", kind="internal", country="IN"))
    approve(cast, purpose, recipients=more)
    return tell(cast, purpose)


def drop(cast: Cast, purpose: Purpose, signal: str) -> None:
    """The register names this signal no more: that takes something away, so nobody need be told first."""
    activity: Activity = purpose.shown_version().activity  # type: ignore[union-attr]
    approve(cast, purpose, items=tuple(item for item in activity.items if item.code != signal))
