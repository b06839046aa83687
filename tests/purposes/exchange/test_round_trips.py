"""Out, in and out again gives the same bytes; and in between nothing was said otherwise."""

import io
import zipfile
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.purposes import lists
from governance.purposes.activity import FIELDS, Activity
from governance.purposes.exchange import cells, columns, ico, reading, sheets
from governance.purposes.exchange.cells import Entry
from tests.purposes.exchange.activities import activities, texts

SLOW = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
registers = st.lists(activities(), min_size=1, max_size=3)


@SLOW
@given(registers)
def test_the_ico_s_table_comes_back_as_it_went(register: list[Activity]) -> None:
    first = ico.write(register)
    found = reading.read(first)
    assert found.kind == "ico" and found.notes == []
    assert [entry.activity for entry in found.entries] == [ico.kept(activity) for activity in register]
    assert ico.write([entry.activity for entry in found.entries]) == first


@SLOW
@given(registers)
def test_the_workbook_comes_back_whole(register: list[Activity]) -> None:
    went = [
        Entry(
            n + 2,
            activity,
            number=f"P-{n + 1:04d}",
            entity="NSP",
            unit="Pune staff",
            owner="N-1010",
            review_on=date(2030, 1, 2),
        )
        for n, activity in enumerate(register)
    ]
    first = sheets.write(went)
    found = reading.read(first)
    assert found.kind == "workbook"
    assert found.entries == [
        Entry(
            e.at,
            cells.settled(e.activity),
            **{k: getattr(e, k) for k in ("number", "entity", "unit", "owner", "review_on")},
        )
        for e in went
    ]
    assert sheets.write(found.entries) == first


@given(texts)
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    guarded = cells.guarded(text)
    assert not guarded or guarded[0] not in cells.FORMULA
    assert cells.unguarded(guarded) == text


def test_every_field_of_an_activity_has_its_place_in_the_workbook() -> None:
    fields = [c.field for c in columns.ACTIVITY] + [field for field, _part, _shape in columns.PARTS.values()]
    assert sorted(fields) == sorted(FIELDS)
    for field, part, shape in columns.PARTS.values():
        assert sorted(c.field for c in shape) == sorted(part.__struct_fields__), field


def test_there_are_the_ico_s_thirty_headings_in_order() -> None:
    starts = (
        "Business function|Purpose of processing|Name and contact details of joint controller (if applicable)|Categories of individuals|"
        "Categories of personal data|Categories of recipients|Link to contract with processor|Names of third countries or international organisations|"
        "Safeguards for exceptional transfers|Retention schedule (if possible)|General description of technical and organisational security measures (if possible)|"
        "Article 6 lawful basis|Article 9 condition|Legitimate interests|Link to record of legitimate interests assessment|Rights available to individuals|"
        "Existence of automated decision-making, including profiling|The source of the personal data|Link to record of consent|Location of personal data|"
        "DPIA required?|DPIA progress|Link to DPIA|Has a personal data breach occurred?|Link to record of personal data breach|DPA 2018 Schedule 1 Condition|"
        "GDPR Article 6 lawful basis|Link to retention and erasure policy document|Is personal data retained and erased in accordance with the policy document?|"
        "Reasons for not adhering"
    ).split("|")
    assert len(ico.HEADINGS) == 30
    assert all(heading.startswith(start) for heading, start in zip(ico.HEADINGS, starts, strict=True))
    first = ico.write([]).decode("utf-8-sig").splitlines()[0]
    assert first.count('"') == 2 and len(first.split(",")) == 31  # one heading has a comma in it


def test_the_same_register_gives_the_same_workbook_on_every_day() -> None:
    entries = [Entry(2, Activity(name="Pay salaries"), number="P-0001", entity="NSP")]
    first = sheets.write(entries)
    assert sheets.write(entries) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-01-01T00:00:00Z" in packed.read("docProps/core.xml")


def test_every_label_and_every_code_of_every_list_reads_back() -> None:
    for name in lists.packs.load("lists").content["list"]:
        codes = lists.codes(name)
        assert cells.codes_of(name, cells.of_codes(name, codes)) == (codes, ()), name
        assert cells.codes_of(name, "; ".join(codes)) == (codes, ()), name
        assert cells.codes_of(name, ", ".join(codes)) == (codes, ()), name
