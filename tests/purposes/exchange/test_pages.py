"""The import, export and fiche as a person sees them, with the database rights of the web process."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.audit.models import Entry as LogEntry
from governance.people.models import Person
from governance.purposes import versions
from governance.purposes.activity import Activity
from governance.purposes.exchange import files, ico, reading, sheets
from governance.purposes.exchange.cells import Entry
from governance.purposes.models import Purpose
from tests.cast import Cast
from tests.purposes.exchange.broken import table
from tests.visits import visit, words


def upload(browser: Any, raw: bytes, cast: Cast, name: str = "register.xlsx", **more: Any) -> Any:
    return browser.post(
        "/register/import/", {"file": SimpleUploadedFile(name, raw), "entity": str(cast.software.pk)} | more
    )


def book(*names: str) -> bytes:
    return sheets.write(
        [Entry(0, Activity(name=name), number=str(n), entity="NSP") for n, name in enumerate(names)]
    )


def packed(page: Any) -> str:
    return str(page.context["confirm"]["packed"].value())


def test_a_file_is_chosen_looked_at_and_taken_over(cast: Cast) -> None:
    before = Purpose.objects.count()
    with visit(cast.dev) as browser:
        assert "An empty workbook" in words(browser.get("/register/import/"))
        page = upload(browser, book("Pay bonuses", "Pay pensions"), cast)
        text = words(page)
        assert (
            "2 new" in text
            and "Pay bonuses" in text
            and "Import 2 activities" in text
            and "Nothing is written yet" in text
        )
        assert Purpose.objects.count() == before
        done = browser.post("/register/import/confirm/", {"packed": packed(page)}, follow=True)
        text = words(done)
        assert (
            done.redirect_chain[0][0].startswith("/register/import/done/")
            and "2 new" in text
            and "Pay pensions" in text
        )
        assert Purpose.objects.count() == before + 2
        again = browser.post("/register/import/confirm/", {"packed": packed(page)})
        assert again.status_code == 409 and "Something changed since you looked" in words(again)
        assert Purpose.objects.count() == before + 2


def test_faults_are_listed_with_a_link_to_each(cast: Cast) -> None:
    raw = table(
        {"location": "=1+1", "purpose": ""}, {"recipients": "Samruddhi (processor, IN, code samrudhi)"}
    )
    with visit(cast.dev) as browser:
        page = upload(browser, raw, cast, "register.csv")
    text, html = words(page), page.content.decode()
    assert (
        "3 points have to be put right" in text
        and "Location of personal data There is a formula in this cell" in text
    )
    assert (
        "Row 3 Pay salaries" in text
        and "Do you mean: samruddhi?" in text
        and "points have to be put right" in text
    )
    assert (
        'href="#row-1"' in html
        and 'id="row-1"' in html
        and 'href="#row-2"' in html
        and page.context["confirm"] is None
    )


def test_a_file_that_nobody_can_read_comes_back_with_its_sentence(cast: Cast) -> None:
    with visit(cast.dev) as browser:
        page = upload(browser, b"%PDF-1.7", cast)
        assert page.status_code == 400 and "The file is a PDF, not a table." in words(page)
        large = upload(browser, b"x" * (files.MAX_BYTES + 1), cast)
        assert large.status_code == 400 and "larger than 10 MB" in words(large)
        huge = upload(browser, b"x" * (12 * 1024 * 1024), cast)
        assert huge.status_code == 400 and "larger than 10 MB" in words(huge)
        assert browser.post("/register/import/", {"entity": str(cast.software.pk)}).status_code == 400
        assert browser.post("/register/import/confirm/", {}).status_code == 302


def test_what_is_the_same_is_nothing_to_import(cast: Cast) -> None:
    with visit(cast.dev) as browser:
        workbook = browser.post("/register/export/", {"form": "xlsx"})
        page = upload(browser, workbook.content, cast)
    assert "There is nothing to import" in words(page) and page.context["confirm"] is None


def test_a_change_names_its_fields_and_what_it_would_cost(cast: Cast) -> None:
    said = cast.purpose.shown_version().activity
    raw = sheets.write(
        [Entry(0, said.but(description="Something else", location="Pune"), number=cast.purpose.number)]
    )
    with visit(cast.dev) as browser:
        text = words(upload(browser, raw, cast))
    assert (
        "What is done" in text
        and "needs a new notice and new consents: What is done" in text
        and "Import 1 activity" in text
    )


def test_the_empty_files_can_be_filled_in(cast: Cast) -> None:
    with visit(cast.dev) as browser:
        for form, kind in (("xlsx", "workbook"), ("ico", "ico")):
            found = reading.read(browser.get(f"/register/import/empty/{form}/").content)
            assert found.kind == kind and len(found.entries) == 1 and found.faults == []
        page = upload(browser, browser.get("/register/import/empty/xlsx/").content, cast)
        assert "Import 1 activity" in words(page)
        assert browser.get("/register/import/empty/pdf/").status_code == 404


def test_the_export_holds_what_the_filters_show_and_the_log_says_who_took_it(cast: Cast) -> None:
    with visit(cast.lata) as browser:
        page = browser.get("/register/export/?entity=NG")
        n = Purpose.objects.filter(entity=cast.gmbh).count()
        assert f"Only what your filters of the register show: {n} of the {Purpose.objects.count()}" in words(
            page
        )
        answer = browser.post("/register/export/?entity=NG", {"form": "ico"})
        assert answer["Content-Disposition"].endswith('.csv"') and "no-store" in answer["Cache-Control"]
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert tuple(rows[0]) == ico.HEADINGS and len(rows) == n + 1
        linked = json.loads(browser.post("/register/export/", {"form": "dpv"}).content)
        assert (
            len([node for node in linked["@graph"] if node["@type"] == "dpv:Process"])
            == Purpose.objects.count()
        )
    taken = LogEntry.objects.filter(code="register.exported", by_id=cast.lata.pk)
    assert [entry.facts["rows"] for entry in taken.order_by("id")] == [n, Purpose.objects.count()]


def test_state_and_version_stand_in_the_workbook_when_asked_for(cast: Cast) -> None:
    with visit(cast.dev) as browser:
        plain, with_it = (
            browser.post("/register/export/", {"form": "xlsx"} | more).content
            for more in ({}, {"standing": "on"})
        )
    assert plain != with_it and reading.read(plain).entries == reading.read(with_it).entries


def test_no_file_names_a_person(cast: Cast) -> None:
    names = [
        p.name for p in Person.objects.exclude(pk=cast.dev.pk) if p.name
    ]  # the DPO is the entity's named contact
    with visit(cast.dev) as browser:
        for form in ("ico", "dpv"):
            text = browser.post("/register/export/", {"form": form}).content.decode()
            assert not [name for name in names if name in text]
        found = reading.read(browser.post("/register/export/", {"form": "xlsx"}).content)
    assert not [name for name in names if name in str(found)] and "N-1010" in str(found)


@pytest.mark.parametrize(("who", "may_import", "may_export"), [("dev", True, True), ("lata", False, True), ("arun", False, True), ("omar", False, True), ("rupa", False, False), ("asha", False, False), ("ira", False, False), ("meera", False, False)])  # fmt: skip
def test_who_may(cast: Cast, who: str, may_import: bool, may_export: bool) -> None:
    with visit(getattr(cast, who)) as browser:
        assert browser.get("/register/import/").status_code == (200 if may_import else 403)
        assert browser.get("/register/import/empty/ico/").status_code == (200 if may_import else 403)
        assert browser.get("/register/export/").status_code == (200 if may_export else 403)
        assert browser.post("/register/export/", {"form": "ico"}).status_code == (200 if may_export else 403)
        if (answer := browser.get("/register/")).status_code == 200:
            assert ("/register/import/" in answer.content.decode()) is may_import
            assert ("/register/export/" in answer.content.decode()) is may_export


def test_somebody_else_s_import_is_not_found(cast: Cast) -> None:
    with visit(cast.dev) as browser:
        done = browser.post(
            "/register/import/confirm/", {"packed": packed(upload(browser, book("Pay bonuses"), cast))}
        )
        assert browser.get(done["Location"]).status_code == 200
    with visit(cast.dara) as browser:
        assert browser.get(done["Location"]).status_code == 404
        other = LogEntry.objects.filter(by_id=cast.dara.pk).first()
        assert other is None or browser.get(f"/register/import/done/{other.pk}/").status_code == 404


# --- The fiche ----------------------------------------------------------------------------------------------------


def test_the_fiche_answers_every_line_of_the_closed_lists(cast: Cast) -> None:
    with visit(cast.arun) as browser:
        page = browser.get(f"/register/{cast.purpose.pk}/fiche/")
        text = words(page)
        assert (
            browser.get(f"/register/{cast.purpose.pk}/")
            .content.decode()
            .count(f"/register/{cast.purpose.pk}/fiche/")
            == 1
        )
    for said in (
        "Civil status, identity, pictures no", "Personal life no", "Professional life yes", "Economic and financial data no", "Connection data", "Location no",
        "Internet no", "Other kinds of data", "Access control yes", "Backups and continuity", "Nirmaan Software Pvt Ltd", "Programme owner, person N-1010",
        "Main purpose", "Sensitive data no", "not recorded", "SHA-256 of this version", "Clicks and form steps",
    ):  # fmt: skip
        assert said in text, said
    assert "Omar" not in text.replace("Dev Kulkarni", "")


def test_a_fiche_of_a_bare_draft_says_what_is_not_recorded(cast: Cast) -> None:
    bare = versions.enter(cast.software, Activity(name="Bare"), by=cast.dev)
    with visit(cast.dev) as browser:
        page = browser.get(f"/register/{bare.pk}/fiche/")
    assert words(page).count("not recorded") > 12 and "<td></td>" not in page.content.decode()


def test_who_does_not_see_the_entry_does_not_see_its_fiche(cast: Cast) -> None:
    for who in (cast.asha, cast.ira):
        with visit(who) as browser:
            assert browser.get(f"/register/{cast.purpose.pk}/fiche/").status_code == 404
            assert browser.post(f"/reports/fiche/{cast.purpose.pk}").status_code == 404
