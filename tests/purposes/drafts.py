"""Drafts of a notice in every state, made through the verbs."""

from datetime import date

import pytest

from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import (
    notices,
    versions,
)
from governance.purposes.activity import Recipient
from governance.purposes.models import Notice
from tests.cast import Cast


def today(cast: Cast) -> date:
    return clock.law_date(cast.purpose.entity.timezone)


def speaks(person: Person, language: str) -> None:
    Person.objects.filter(pk=person.pk).update(language=language)


def a_draft(cast: Cast, **changed: str) -> Notice:
    """Version 2, its English written by Dev with these parts put otherwise."""
    draft = notices.new_version(cast.purpose, by=cast.dev)
    text = draft.texts.get(language="en")
    notices.write_text(draft, "en", title=text.title, elements=text.elements | changed, by=cast.dev)
    return Notice.objects.get(pk=draft.pk)


def read_by(cast: Cast, draft: Notice, *tags: str) -> None:
    for tag in tags:
        notices.review_text(
            draft, tag, reviewer="Kavita Joshi, translator", on=today(cast), today=today(cast), by=cast.dara
        )


def translated(cast: Cast, draft: Notice, *tags: str) -> None:
    """Kept by Dev as made from the present English, and read."""
    for tag in tags:
        text = draft.texts.get(language=tag)
        notices.write_text(draft, tag, title=text.title, elements=text.elements, by=cast.dev)
    read_by(cast, draft, *tags)


def refusal(cast: Cast, draft: Notice, by: Person | None = None) -> Refused:
    with pytest.raises(Refused) as refused:
        notices.publish(draft, by=by or cast.dara, on=today(cast))
    draft.refresh_from_db()
    assert draft.published_at is None
    return refused.value


def read_by_other(cast: Cast, draft: Notice) -> None:
    """The English of a new version, read again by somebody who did not write it."""
    notices.review_text(draft, "en", reviewer="Lata Menon", on=today(cast), today=today(cast), by=cast.dara)


def a_material_change(cast: Cast) -> None:
    """Version 2 of the register, with another recipient: approved, and waiting for a notice of it."""
    version = versions.draft(cast.purpose, by=cast.dev)
    told = version.activity
    more = told.but(recipients=(*told.recipients, Recipient(name="Cloud Inc", kind="external", country="IN")))
    versions.save(version.pk, more, revision=version.revision, by=cast.dev)
    versions.submit(version.pk, by=cast.dev)
    versions.approve(version.pk, by=cast.dara)
