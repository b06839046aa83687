"""A sign that no font of ours has stands as a mark, and the box of the seal names it: nothing vanishes silently."""

from typing import Any

import pytest

from governance.purposes import versions
from governance.purposes.activity import Activity
from governance.reports import press, signs
from governance.reports.models import ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said


@pytest.mark.parametrize(
    "text",
    [
        "Lohn & Gehalt – 50 € „ß“",
        "वेतन और अवकाश",
        "ঙ্ক্ত",
        "تنخواہ",
        "ᱥᱟᱱᱛᱟᱲᱤ",
        "ꯃꯤꯇꯩ",
        "₹ 1 000",
        "a\u200db\u200c\u202e\ufe0f\n",
    ],
)
def test_what_our_fonts_have_stays(text: str) -> None:
    assert signs.marked(text) == text and signs.lacking({"x": [text]}) == []


def test_what_they_lack_is_marked_and_named() -> None:
    assert signs.marked("給 and 💩") == "\N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}"
    assert signs.named(signs.lacking({"a": [{"b": "給💩給"}]})) == "U+7D66, U+1F4A9"
    assert signs.is_drawn(signs.MARK), "the mark itself has a shape"


def test_the_box_of_the_seal_warns_and_the_twin_has_the_text(cast: Cast, undrawn: None) -> None:
    versions.enter(cast.software, Activity(name="Salaries 給与", description="💩"), by=cast.dev)
    report = orders.made("register", cast)
    shown = said(report)
    assert "給" not in shown and "Salaries \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in shown
    assert "Some signs are not shown." in shown and "U+4E0E, U+7D66, U+1F4A9" in shown
    twin = bytes(ReportFile.objects.get(report=report, kind="json").content).decode()
    assert "給与" in twin


def test_without_such_signs_there_is_no_warning(cast: Cast, undrawn: None) -> None:
    assert "Some signs are not shown." not in said(orders.made("register", cast))


def test_a_browser_has_fonts_of_its_own(cast: Cast, undrawn: None, client: Any) -> None:
    versions.enter(cast.software, Activity(name="Salaries 給与"), by=cast.dev)
    report = orders.made("register", cast)
    client.force_login(cast.lata, backend="governance.people.signin.PersonBackend")
    assert "Salaries 給与" in client.get(f"/reports/{report.pk}/read").content.decode()
    assert press.html_of(report, report.facts).count("給与") == 0
