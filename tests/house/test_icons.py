"""A button with a picture has one: what a page names is fetched at set-up."""

import re

from governance.pages.context import OWN, WORK
from governance.setup.places import CHECKOUT

NAMED = re.compile(r'(?:\bicon|components/icon\.html" with name)="([a-z0-9-]+)"')


def test_every_icon_that_a_page_names_is_there() -> None:
    lines = (CHECKOUT / "governance" / "setup" / "icons.txt").read_text().splitlines()
    there = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    named = {
        (name, str(page.relative_to(CHECKOUT)))
        for page in (CHECKOUT / "templates").rglob("*.html")
        for name in NAMED.findall(page.read_text())
    } | {(item.icon, "the menu") for item in [*OWN, *WORK]}
    assert len(named) > 50
    assert sorted((name, page) for name, page in named if name not in there) == []
