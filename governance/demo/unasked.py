"""Notices of what runs without asking: salaries, security logs, this portal itself; in the languages of the people concerned."""

import tomllib
from datetime import date
from pathlib import Path

from governance.demo import notices as tellings
from governance.demo.company import Company
from governance.lib import clock
from governance.purposes import notices
from governance.purposes.models import Purpose

WRITTEN = Path(__file__).with_name("unasked.toml")
GENERAL = ("controller", "rights", "complaint", "contact")  # said of every purpose in the same words
NAMES = {
    "sammati": "Keep consents",
    "salaries": "Pay salaries",
    "leaks": "Detect leaks",
    "lohn": "Pay salaries (Lohn",
}


def tell(company: Company, on: date | None = None) -> list[Purpose]:
    """Each has a published notice: Dev writes it, its translators are named, Dara publishes."""
    told = []
    for key, said in tomllib.loads(WRITTEN.read_text()).items():
        name, _colon, code = key.partition(":")
        entity = company.software if code == "NSP" else company.gmbh
        purpose = Purpose.objects.select_related("entity").get(
            entity=entity, asks_consent=False, name__startswith=NAMES[name]
        )
        _tell(purpose, said, company, on or clock.law_date(entity.timezone))
        told.append(purpose)
    return told


def _tell(purpose: Purpose, said: dict[str, dict[str, str]], company: Company, on: date) -> None:
    texts = tellings.texts(purpose.entity, only_reviewed=True)
    texts = {tag: texts[tag] for tag in said}
    for tag, text in texts.items():
        own = {code: words.format(name=purpose.entity.name) for code, words in said[tag].items()}
        general = {code: text["elements"][code] for code in GENERAL}
        text |= {"title": own.pop("title"), "elements": general | own}
    notice = notices.draft(purpose, texts, by=company.dev)
    for tag, text in texts.items():
        read_on = min(text["reviewed_on"], on)
        notices.review_text(notice, tag, reviewer=text["reviewed_by"], on=read_on, today=on, by=company.dara)
    notices.publish(notice, by=company.dara, on=on)
