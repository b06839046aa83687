"""A broken file gets a sentence that says what and where; nothing is written, nothing of it is logged."""

import json
import logging
import time
from typing import Any

import pytest

from governance.audit.models import Entry as LogEntry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes.exchange import incoming, reading
from governance.purposes.models import Mandate, Processor, Purpose, PurposeVersion
from tests.cast import Cast
from tests.purposes.exchange.broken import CELLS, WHOLE, book, cell, million_rows, table
from tests.visits import visit, words

TODAY = clock.law_date()


@pytest.mark.parametrize("what", WHOLE)
def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(what: str) -> None:
    make, said = WHOLE[what]
    with pytest.raises(Refused) as refused:
        reading.read(make())
    assert said in refused.value.sentence and refused.value.sentence.endswith((".", "?"))


@pytest.fixture(scope="module")
def company(module_world: Any) -> Any:
    """One company for all of them: nothing is ever written into it."""
    module_world.sign_in("web")
    return module_world.company()


@pytest.mark.parametrize("what", CELLS)
def test_a_fault_says_sheet_row_and_column(company: Any, what: str) -> None:
    make, sheet, row, column, said = CELLS[what]
    before = counts()
    preview = incoming.judge(reading.read(make()), by=company.dev, on=TODAY, entity=company.software)
    if what == "two items of one code":  # somebody else's file: they become two
        assert not preview.faults and len({i.code for i in preview.placed[0].entry.activity.items}) == 2
        return
    if what == "an error of the spreadsheet":
        assert len(preview.faults) == 1
    assert preview.faults and not preview.placed
    found = [
        fault for fault in preview.faults if (fault.sheet, fault.row, fault.column) == (sheet, row, column)
    ]
    assert found, preview.faults
    assert any(said in str(fault.sentence) for fault in found), found
    assert all(str(fault.sentence).endswith((".", "?")) for fault in preview.faults)
    assert counts() == before


def counts() -> list[int]:
    return [model.objects.count() for model in (Purpose, PurposeVersion, Processor, Mandate, LogEntry)]


def test_all_faults_of_a_file_are_named_at_once(company: Any) -> None:
    def change(made: Any) -> None:
        sheet = made["Activities"]
        for n in range(3, 43):
            sheet.cell(n, 1, f"n{n}")
            sheet.cell(n, 2, "NSP")
            sheet.cell(n, 7, "Human resource")

    faults = incoming.judge(reading.read(book(change)), by=company.dev, on=TODAY).faults
    assert len(faults) == 80 and {f.row for f in faults} == set(range(3, 43))


def test_a_million_rows_are_given_up_soon() -> None:
    raw = million_rows()
    began = time.process_time()
    with pytest.raises(Refused):
        reading.read(raw)
    assert time.process_time() - began < 60  # hundreds of seconds if every row were read


REFUSED_TEXT = "Zanzibar-7731"


@pytest.mark.parametrize("raw", [table({"location": f"={REFUSED_TEXT}"}), cell("Activities", "People concerned", REFUSED_TEXT), f"%PDF {REFUSED_TEXT}".encode()])  # fmt: skip
def test_what_was_refused_is_in_no_log(cast: Cast, raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    before = counts()
    with caplog.at_level(logging.DEBUG), visit(cast.dev) as browser:
        page = browser.post(
            "/register/import/",
            {"file": SimpleUploadedFile(f"{REFUSED_TEXT}.xlsx", raw), "entity": cast.software.pk},
        )
    assert page.status_code in (200, 400) and "Import" in words(page)
    own = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert REFUSED_TEXT not in json.dumps([record.getMessage() for record in own], default=str)
    assert counts() == before
    assert REFUSED_TEXT not in str(list(LogEntry.objects.values_list("facts", flat=True)))
