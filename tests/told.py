"""A notice that people are told in all 24 languages: drafted, read by a second person and published through the verbs."""

from governance.demo import notices as tellings
from governance.lib import clock
from governance.purposes import notices
from governance.purposes.models import Notice
from tests.cast import Cast


def in_every_language(cast: Cast) -> Notice:
    """Dev writes the texts of the demo, a translator reads each, Dara publishes. Every text may be shown to people."""
    on = clock.law_date()
    texts = tellings.texts(cast.software)
    said = {
        tag: {"title": text["title"].split(": ", 1)[-1], "elements": text["elements"]}  # the mark is left off
        for tag, text in texts.items()
    }
    notice = notices.draft(cast.purpose, said, by=cast.dev)
    for tag in said:
        notices.review_text(notice, tag, reviewer="Kavita Joshi, translator", on=on, today=on, by=cast.dara)
    return notices.publish(notice, by=cast.dara, on=on)
