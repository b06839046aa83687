"""The register's pages: what each role sees of the list and of one entry."""

import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.purposes import versions
from governance.purposes.models import Purpose
from tests.cast import Cast
from tests.visits import visit, words


def test_the_register_lists_what_runs_at_my_entities(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get("/register/"))
        assert f"{Purpose.objects.count()} purposes" in page and "P-0001" in page
        assert "No purpose matches" in words(client.get("/register/?state=retired"))
    with visit(cast.rupa) as client:  # represents Pune only
        assert "P-0002" not in words(client.get("/register/"))
        assert client.get(f"/register/{cast.purpose_de.pk}/").status_code == 404
    for nobody in (cast.bela, cast.meera, cast.ira):
        with visit(nobody) as client:
            assert client.get("/register/").status_code == 403
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 404


def test_a_purpose_shows_everything_and_gaps_as_not_recorded(cast: Cast) -> None:
    with visit(cast.arun) as client:
        page = words(client.get(f"/register/{Purpose.objects.get(name='Pay salaries').pk}/"))
    assert "not recorded" in page and "Samruddhi Payroll Services LLP" in page and "7 years" in page
    assert "No notice yet" not in page  # this purpose does not ask


def test_both_laws_are_cited_as_they_stand_on_the_day(cast: Cast, settings: Any) -> None:
    with visit(cast.dev) as client:
        assert "DPDP Act s.6(4) (applied voluntarily, in force from 13 May 2027)" in words(
            client.get(f"/register/{cast.purpose.pk}/")
        )
        settings.TODAY = "2027-06-01"
        page = words(client.get(f"/register/{cast.purpose.pk}/"))
    assert "applied voluntarily" not in page and "DPDP Act s.6(4)" in page and "GDPR Art. 7(3)" in page


def test_every_entry_of_the_contents_leads_somewhere(cast: Cast) -> None:
    with visit(cast.dev) as client:
        html = client.get(f"/register/{cast.purpose.pk}/").content.decode()
    contents = html[html.index('class="contents"') :]
    anchors = re.findall(r'href="#([\w-]+)"', contents[: contents.index("</nav>")])
    assert len(anchors) >= 16
    for anchor in anchors:
        assert html.count(f'id="{anchor}"') == 1, anchor


def test_the_page_says_what_holds_and_not_what_is_only_drafted(cast: Cast) -> None:
    draft = versions.draft(cast.purpose, by=cast.dev)
    versions.save(
        draft.pk,
        draft.activity.but(name="Another name", location="The Moon"),
        revision=draft.revision,
        by=cast.dev,
    )
    with visit(cast.arun) as client:
        page = words(client.get(f"/register/{cast.purpose.pk}/"))
        assert (
            "The Moon" not in page
            and "This page shows version 1." in page
            and "Version 2 is being written." in page
        )
        assert "The Moon" in words(client.get(f"/register/{cast.purpose.pk}/versions/2/"))


def test_an_empty_field_says_who_asks_for_it_and_only_where_somebody_does(cast: Cast) -> None:
    doors = Purpose.objects.get(name="Doors and badges")  # says nothing of who gets the data
    with visit(cast.arun) as client:
        page = words(client.get(f"/register/{doors.pk}/"))
    assert "Who gets the data asked for by DPDP Act s.11" in page and "not recorded" in page
    assert "asked for by GDPR" not in page  # only Indian law applies to it
    assert "Not recorded, and not asked for here:" in page


def test_the_page_costs_the_same_however_many_versions_there_are(cast: Cast) -> None:
    def queries() -> int:
        with visit(cast.dev) as client, CaptureQueriesContext(connection) as asked:
            assert client.get(f"/register/{cast.purpose.pk}/").status_code == 200
        return len(asked)

    before = queries()
    assert before <= 6  # session, person, the entry, its processors, its notices, who reads what
    for n in range(3):
        draft = versions.draft(cast.purpose, by=cast.dev)
        versions.save(
            draft.pk, draft.activity.but(security_note=f"Doors {n}"), revision=draft.revision, by=cast.dev
        )
        versions.submit(draft.pk, by=cast.dev)
        versions.approve(draft.pk, by=cast.dara)
    assert queries() == before


def test_pages_of_every_entry_open_for_who_may_see_them(cast: Cast) -> None:
    with visit(cast.dev) as client:
        for purpose in Purpose.objects.all():
            for path in ("", "edit/", "compare/", "versions/1/"):
                assert client.get(f"/register/{purpose.pk}/{path}").status_code == 200, (purpose, path)
