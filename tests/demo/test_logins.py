"""Whoever README sends somebody to sign in as has a login in the demo."""

import re
from pathlib import Path

from governance.demo import factory, leaving
from governance.demo.company import CAST
from governance.management.commands.seed import SHOWN

README = Path(__file__).parents[2] / "README.md"


def test_everybody_that_readme_names_can_be_signed_in_as() -> None:
    table = README.read_text().split("## What to click, as whom")[1].split("\n## ")[0]
    named = {
        name.lower()
        for row in re.findall(r"^\| (\*\*.+?) \|", table, re.M)
        for name in re.findall(r"\*\*(\w+)\*\*", row)
    }
    assert (
        len(named) > 12
        and named <= set(SHOWN) | set(factory.SHOWN) | set(leaving.SHOWN) | {"zoya"}  # one_who_reads_urdu
        and set(SHOWN) <= set(CAST)
    )
