"""The demo's library of reports has something on its schedule, with those who get it."""

from typing import Any

from governance.demo import made_regularly
from governance.reports import tasks
from governance.reports.models import Report
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words


def test_a_monthly_register_and_a_quarterly_pack_stand_on_the_page_with_who_gets_them(cast: Cast) -> None:
    made_regularly.put(cast)  # type: ignore[arg-type]
    reading(cast.lata, "en")
    with visit(cast.lata) as browser:
        page = words(browser.get("/reports/schedule"))
    for said in (
        "Purpose register",
        "Steering pack",
        "every month",
        "every quarter",
        cast.arun.name,
        cast.dev.name,
        cast.lata.name,
    ):
        assert said.lower() in page.lower(), said
    assert "It stands still" not in page


def test_both_are_asked_for_when_their_periods_end(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2026-09-15"
    made_regularly.put(cast)  # type: ignore[arg-type]
    settings.TODAY = "2026-10-01"
    with as_login("worker"):
        tasks.ask_due()
    assert {report.kind for report in Report.objects.all()} == {"register", "steering"}
    assert {report.asked_by for report in Report.objects.all()} == {cast.lata}
