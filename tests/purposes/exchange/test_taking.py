"""A file is looked at, then taken over: whole or not at all, as drafts, by those who keep that part of the register."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.audit.models import Entry as LogEntry
from governance.demo import company
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes import versions
from governance.purposes.activity import Activity, Item, Recipient, plain
from governance.purposes.exchange import cells, ico, incoming, outgoing, parties, reading, sheets, taking
from governance.purposes.exchange.cells import Entry
from governance.purposes.models import DataSystem, Mandate, Processor, Purpose, PurposeVersion
from tests import make
from tests.cast import Cast
from tests.visits import visit

TODAY = clock.law_date()
LATER = TODAY + timedelta(days=90)


def book(*entries: Entry, **more: Any) -> bytes:
    return sheets.write(entries, **more)


def row(number: str = "", **more: Any) -> Entry:
    beside = {name: more.pop(name) for name in ("entity", "unit", "owner", "review_on") if name in more}
    return Entry(
        0, Activity(**({"name": "Pay bonuses"} | more)), number=number, **({"entity": "NSP"} | beside)
    )


def look(raw: bytes, by: Person, on: date = TODAY, **more: Any) -> incoming.Preview:
    return incoming.judge(reading.read(raw), by=by, on=on, **more)


def take(raw: bytes, by: Person, on: date = TODAY, **more: Any) -> incoming.Preview:
    preview = look(raw, by, on, **more)
    assert preview.faults == ()
    return taking.take_over(incoming.unpack(incoming.pack(preview, by=by), by=by), by=by, on=on).preview


def export(by: Person, form: str = "xlsx", **more: Any) -> bytes:
    return outgoing.export(form, outgoing.may_take(by), by=by, on=TODAY, **more).content


@contextmanager
def another_company() -> Iterator[Cast]:
    """The demo company with its register; afterwards it was never there."""

    class Never(Exception):
        pass

    with suppress(Never), transaction.atomic():
        yield make.cast()
        raise Never


def bare_company() -> Person:
    """Its people, entities and departments are there, its register is empty. Its data protection officer."""
    software, gmbh = company.entities()
    people = company.people(software, gmbh, colleagues=2)
    assert not Purpose.objects.exists() and not Processor.objects.exists()
    return people["dev"]


def test_what_the_database_wrote_as_json_is_what_the_rows_say(cast: Cast) -> None:
    DataSystem.objects.create(
        entity=cast.software, code="hr-db", name="HR", country="IN", owner=cast.omar, parts=["a.b"]
    )
    DataSystem.objects.create(entity=cast.gmbh, code="files", name="Files", country="DE", categories=["a"])
    found = outgoing._registers(cast.dev)
    for name, model in (("processors", Processor), ("mandates", Mandate), ("systems", DataSystem)):
        rows = [parties.shown(row) for row in model._default_manager.all()]
        assert rows and sorted(found[name], key=repr) == sorted(rows, key=repr), name


def test_a_processor_of_an_entity_without_rows_is_named_in_the_vocabulary_too(cast: Cast) -> None:
    entry = Entry(
        2, Activity(name="x", recipients=(Recipient(name="L", processor="lohnwerk"),)), entity="NSP"
    )
    found = outgoing._parties([entry])
    assert set(found) == {"NSP", "lohnwerk"} and found["lohnwerk"]["kind"] == "processor"
    assert Processor.objects.get(code="lohnwerk").entity.code != "NSP"


@pytest.mark.parametrize("form", sorted(outgoing.FORMS))
def test_an_export_costs_the_same_few_queries_however_long_it_is(cast: Cast, form: str) -> None:
    def cost() -> int:
        with visit(cast.dev) as client:
            there = client.post("/register/?entity=NSP", {"words": "work"})["Location"]
            there = there.replace("/register/", "/register/export/")
            client.post(there, {"form": form})
            with CaptureQueriesContext(connection) as asked:
                assert client.post(there, {"form": form}).status_code == 200
        return sum("SAVEPOINT" not in query["sql"] for query in asked)

    few = cost()
    for n in range(3):
        versions.enter(cast.software, Activity(name=f"Work {n}"), by=cast.dev)
    assert few == cost() <= 6


# --- The same bytes -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_register_that_went_out_and_came_into_an_empty_one_goes_out_the_same() -> None:
    with another_company() as cast:
        workbook, table = (export(cast.dev, form) for form in ("xlsx", "ico"))
        n, parties = Purpose.objects.count(), Processor.objects.count() + Mandate.objects.count()
    dev = bare_company()
    assert {f.column for f in look(workbook, dev).faults} == {
        "Next review"
    }  # one is overdue: a new entry is not
    done = take(workbook, dev, on=TODAY - timedelta(days=365))
    assert (
        (done.new, done.changed, done.unchanged, done.parties_changed) == (n, 0, 0, parties)
        and n > 5
        and parties > 2
    )
    assert export(dev) == workbook
    assert export(dev, "ico") == table


@pytest.mark.django_db(databases=["default", "keys"])
def test_the_ico_s_table_comes_into_an_empty_register_and_goes_out_the_same() -> None:
    with another_company() as cast:
        table = export(cast.dev, "ico")
        n = Purpose.objects.count()
    dev = bare_company()
    assert {f.column for f in look(table, dev, entity=Entity.objects.get(code="NSP")).faults} == {
        "Recipients"
    }  # unknown processors
    company.name_processors({e.code: e for e in Entity.objects.all()}, by=dev)
    done = take(table, dev, entity=Entity.objects.get(code="NSP"))
    assert done.new == n == Purpose.objects.filter(state="draft").count()
    assert export(dev, "ico") == table


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    before = (PurposeVersion.objects.count(), LogEntry.objects.exclude(code="register.exported").count())
    raw = export(cast.dev, standing=True)
    done = take(raw, cast.dev)
    assert (done.new, done.changed) == (0, 0) and done.unchanged == Purpose.objects.count()
    assert PurposeVersion.objects.count() == before[0]
    assert (
        LogEntry.objects.exclude(code="register.exported").count() == before[1] + 1
    )  # that somebody imported
    assert export(cast.dev, standing=True) == raw


# --- What is written ----------------------------------------------------------------------------------------------


def test_a_look_writes_nothing(cast: Cast) -> None:
    before = (Purpose.objects.count(), PurposeVersion.objects.count(), LogEntry.objects.count())
    preview = look(book(row("1"), row("2", name="Pay pensions")), cast.dev)
    assert (preview.new, preview.faults) == (2, ())
    assert (Purpose.objects.count(), PurposeVersion.objects.count(), LogEntry.objects.count()) == before


def test_many_at_once_are_entered_as_one_is(cast: Cast) -> None:
    """The quick way of the import and the verb for one leave the same row."""
    activity = Activity(
        name="Pay bonuses", description="Once a year", kind="payroll", people=("employees",), countries=("IN", "DE"), basis_eu="b", ground_in="s7i",
        items=(Item(code="salary", name="Salary"),), recipients=(Recipient(name="Samruddhi", kind="processor", processor="samruddhi"), Recipient(name="Bank", kind="external", country="SG")),
    )  # fmt: skip
    one = versions.enter(cast.software, activity, by=cast.dev, owner=cast.omar, review_on=LATER)
    take(book(Entry(0, activity, number="x", entity="NSP", owner="N-1010", review_on=LATER)), cast.dev)
    many = Purpose.objects.order_by("-ordinal").first()
    assert many is not None and many.ordinal == one.ordinal + 1
    own = {"id", "number", "ordinal", "created_at", "changed_at", "search"}
    for field in Purpose._meta.concrete_fields:
        if field.name not in own:
            assert getattr(many, field.attname) == getattr(one, field.attname), field.name
    assert many.search.replace(many.number[1:], "") == one.search.replace(one.number[1:], "")
    logged = [
        LogEntry.objects.filter(about_id=row.pk).values("code", "by_id", "about_kind", "facts")
        for row in (one, many)
    ]
    assert len(logged[0]) == len(logged[1]) == 1
    assert logged[1][0] == logged[0][0] | {"facts": {"number": many.number}}
    first, second = one.versions.get(), many.versions.get()
    own = {"id", "purpose", "created_at", "changed_at"}
    for field in PurposeVersion._meta.concrete_fields:
        if field.name not in own:
            assert getattr(second, field.attname) == getattr(first, field.attname), field.name


def test_what_comes_in_waits_for_a_second_person(cast: Cast) -> None:
    take(book(row("1")), cast.dev)
    purpose = Purpose.objects.get(name="Pay bonuses")
    version = versions.submit(purpose.versions.get().pk, by=cast.dev)
    assert (purpose.state, purpose.version) == ("draft", 0)
    with pytest.raises(Refused):
        versions.approve(version.pk, by=cast.dev)
    versions.approve(version.pk, by=cast.dara)


def test_a_changed_row_is_a_new_draft_version_and_what_is_in_force_stays(cast: Cast) -> None:
    there = cast.purpose
    said = there.shown_version().activity
    items = (*said.items, Item(code="shoe-size", name="Shoe size"))
    preview = look(book(Entry(0, said.but(items=items), number=there.number, entity="NSP")), cast.dev)
    assert [(p.kind, p.fields, p.material) for p in preview.placed] == [("changed", ("items",), ("items",))]
    take(book(Entry(0, said.but(items=items), number=there.number, entity="NSP")), cast.dev)
    there.refresh_from_db()
    draft = there.versions.get(state="draft")
    assert draft.number == there.version + 1 and draft.activity.item("shoe-size") and draft.author == cast.dev
    assert there.shown_version().activity == said and there.owner == cast.omar


def test_an_empty_owner_or_review_leaves_what_stands_there(cast: Cast) -> None:
    there = cast.purpose
    was = (there.owner_id, there.review_on)
    said = there.shown_version().activity
    assert take(book(Entry(0, said, number=there.number)), cast.dev).unchanged == 1
    take(book(Entry(0, said, number=there.number, review_on=LATER)), cast.dev)
    there.refresh_from_db()
    assert (there.owner_id, there.review_on) == (was[0], LATER)
    assert there.versions.filter(state="draft").count() == 0


def test_columns_and_sheets_that_are_not_there_leave_what_stands_there(cast: Cast) -> None:
    import io

    import openpyxl

    there = cast.purpose
    said = there.shown_version().activity
    made = openpyxl.Workbook()
    made.active.title = "Activities"
    made.active.append(["Number", "Entity", "Name"])
    made.active.append([there.number, "NSP", "Train an agent, renamed"])
    file = io.BytesIO()
    made.save(file)
    preview = look(file.getvalue(), cast.dev)
    assert [p.fields for p in preview.placed] == [("name",)]
    take(file.getvalue(), cast.dev)
    assert there.versions.get(state="draft").activity == cells.settled(said).but(
        name="Train an agent, renamed"
    )


def test_a_number_that_is_free_is_kept_and_own_marks_get_the_next_ones(cast: Cast) -> None:
    take(book(row("P-0500"), row("new one", name="Pay pensions"), row("", name="Pay tax")), cast.dev)
    numbers = {p.name: p.number for p in Purpose.objects.filter(name__startswith="Pay ")}
    assert numbers["Pay bonuses"] == "P-0500" and {numbers["Pay pensions"], numbers["Pay tax"]} == {
        "P-0501",
        "P-0502",
    }


def test_numbers_beyond_ten_thousand_go_on(cast: Cast) -> None:
    take(book(row("P-9999")), cast.dev)
    take(book(row("a", name="Next"), row("b", name="After that")), cast.dev)
    assert {p.number for p in Purpose.objects.filter(name__in=["Next", "After that"])} == {
        "P-10000",
        "P-10001",
    }


def test_the_log_says_who_brought_how_many_and_not_what(cast: Cast) -> None:
    take(book(row("1", description="Secret words")), cast.dev)
    entry = LogEntry.objects.get(code="register.imported")
    assert entry.by_id == cast.dev.pk and entry.facts["new"] == 1
    assert "Secret" not in str(list(LogEntry.objects.values_list("facts", flat=True)))


# --- Who may, and what may not be overwritten ---------------------------------------------------------------------


def test_one_who_keeps_another_entity_s_register_imports_nothing_here(cast: Cast) -> None:
    from governance.people import roles

    ira = Person.objects.get(pk=cast.ira.pk)
    lena = Person.objects.register(number="N-2050", name="Lena Vogt", language="de")
    roles.grant(lena, "dpo", cast.gmbh, by=ira, second=cast.lata)
    lena = Person.objects.get(pk=lena.pk)
    preview = look(book(row("1")), lena)
    assert [(f.row, f.column) for f in preview.faults] == [(2, "Entity")]
    there = cast.purpose
    taken = look(book(row(there.number, entity="NG")), lena)
    assert [(f.column, f.sentence.split(".")[0]) for f in taken.faults] == [
        ("Number", "This number is taken")
    ]
    assert export(lena) != export(cast.dev)
    assert {e.entity for e in reading.read(export(lena)).entries} == {"NG"}


def test_one_department_s_keeper_imports_into_that_department_only(cast: Cast) -> None:
    from governance.people import roles
    from governance.people.models import Unit

    unit = Unit.objects.get(name="Pune staff")
    Unit.objects.create(entity=cast.software, name="Nashik staff")
    sara = Person.objects.register(number="N-1050", name="Sara Rao", language="en")
    roles.grant(
        sara, "dpo", cast.software, by=Person.objects.get(pk=cast.ira.pk), second=cast.lata, unit=unit
    )
    sara = Person.objects.get(pk=sara.pk)
    assert look(book(row("1", unit="Pune staff")), sara).faults == ()
    for beside in ({}, {"unit": "Nashik staff"}):
        assert [f.column for f in look(book(row("1", **beside)), sara).faults] == ["Department"]
    take(book(row("1", unit="Pune staff")), sara)
    assert [e.unit for e in reading.read(export(sara)).entries] == ["Pune staff"]


def test_an_owner_takes_away_their_own_and_a_representative_nothing(cast: Cast) -> None:
    versions.enter(cast.software, Activity(name="Nobody's"), by=cast.dev)
    assert set(outgoing.may_take(cast.omar).values_list("owner_id", flat=True)) == {cast.omar.pk}
    assert not outgoing.may_take(cast.rupa).exists() and Purpose.objects.visible_to(cast.rupa).exists()


def test_an_open_draft_is_not_overwritten(cast: Cast) -> None:
    there = cast.purpose
    draft = versions.draft(there, by=cast.dara)
    versions.save(draft.pk, draft.activity.but(location="Nashik"), revision=draft.revision, by=cast.dara)
    preview = look(book(Entry(0, draft.activity.but(location="Pune"), number=there.number)), cast.dev)
    assert [f.column for f in preview.faults] == ["Number"] and "open draft" in preview.faults[0].sentence
    # What somebody exported before that draft is no change.
    assert look(export(cast.dev), cast.dev).unchanged == Purpose.objects.count()


def test_what_moved_since_the_look_is_looked_at_again(cast: Cast) -> None:
    there = cast.purpose
    raw = book(Entry(0, there.shown_version().activity.but(location="Pune"), number=there.number))
    packed = incoming.pack(look(raw, cast.dev), by=cast.dev)
    versions.save(
        (d := versions.draft(there, by=cast.dara)).pk,
        d.activity.but(location="Nashik"),
        revision=1,
        by=cast.dara,
    )
    with pytest.raises(Refused) as refused:
        taking.take_over(incoming.unpack(packed, by=cast.dev), by=cast.dev, on=TODAY)
    assert refused.value.code == "preview_stale"


def test_confirming_twice_enters_nothing_twice(cast: Cast) -> None:
    packed = incoming.pack(look(book(row("")), cast.dev), by=cast.dev)
    taking.take_over(incoming.unpack(packed, by=cast.dev), by=cast.dev, on=TODAY)
    with pytest.raises(Refused) as refused:
        taking.take_over(incoming.unpack(packed, by=cast.dev), by=cast.dev, on=TODAY)
    assert refused.value.code == "preview_stale"
    assert Purpose.objects.filter(name="Pay bonuses").count() == 1
    assert len(look(book(row("")), cast.dev).twins) == 1


def test_nobody_confirms_what_somebody_else_looked_at(cast: Cast) -> None:
    packed = incoming.pack(look(book(row("1")), cast.dev), by=cast.dev)
    for raw, by in ((packed, cast.dara), (packed[:-4] + "aaaa", cast.dev)):
        with pytest.raises(Refused) as refused:
            incoming.unpack(raw, by=by)
        assert refused.value.code == "preview_changed"


def test_an_owner_must_hold_the_role(cast: Cast) -> None:
    assert [f.column for f in look(book(row("1", owner="N-1030")), cast.dev).faults] == [
        "Owner (staff number)"
    ]
    take(book(row("1", owner="N-1010")), cast.dev)
    assert Purpose.objects.get(name="Pay bonuses").owner == cast.omar


def test_processors_come_in_with_the_activities_that_name_them(cast: Cast) -> None:
    new = {"code": "cloudhost", "entity": "NSP", "name": "Cloudhost GmbH", "contact": "", "country": "DE", "contract": "C-9", "contract_from": date(2026, 1, 1), "contract_until": None, "clauses": ("audits",), "subprocessors": ("Racks SE | DE | 2026-01-02", "Somebody | – | –"), "tool": "scc", "assessed_on": None, "security_note": ""}  # fmt: skip
    raw = book(
        row("1", recipients=(Recipient(name="Cloudhost", kind="processor", processor="cloudhost"),)),
        processors=[new],
    )
    take(raw, cast.dev)
    processor = Processor.objects.get(code="cloudhost")
    assert processor.subprocessors == [
        {"name": "Racks SE", "country": "DE", "agreed_on": "2026-01-02"},
        {"name": "Somebody"},
    ]
    assert processor.clauses == ["audits"] and Purpose.objects.get(
        name="Pay bonuses"
    ).recipient_countries == ["DE"]
    assert take(book(row("1", name="Other"), processors=[new]), cast.dev).parties_changed == 0


# --- Somebody else's table ----------------------------------------------------------------------------------------


def test_an_ico_table_of_somebody_else_loses_no_word(cast: Cast) -> None:
    said = {
        "function": "Finance & Payroll", "purpose": "Paying salaries", "people": "Staff, casual workers", "items": "Contact details; bank details",
        "recipients": "HMRC\nPayroll bureau", "countries": "USA", "safeguards": "SCCs", "retention": "6 years after leaving", "security": "Encrypted storage",
        "basis": "Article 6(1)(b) - contract", "art9": "Employment", "source": "Employee and line manager", "dpia_required": "Maybe", "dpia": "50% done",
        "breach": "Yes - 2021, see log", "policy_followed": "Mostly", "basis_again": "Employment law",
    }  # fmt: skip
    head = ";".join(ico.COLUMNS.values())
    line = ";".join('"' + said.get(name, f"{name}!").replace('"', '""') + '"' for name in ico.COLUMNS)
    raw = f"Record of processing of Somebody Ltd\r\n\r\n{head}\r\n{line}\r\n".encode("utf-16")
    take(raw, cast.dev, entity=cast.software)
    preview = look(raw, cast.dev, entity=cast.software)
    a = preview.placed[0].entry.activity
    assert (
        a.basis_eu == "b"
        and [item.name for item in a.items] == ["Contact details", "bank details"]
        and len(a.recipients) == 2
    )
    everything = str(plain(a))
    for name, text in said.items():
        for word in text.replace("Article 6(1)(b) - contract", "").replace(";", "\n").split("\n"):
            assert word.strip() in everything, name
    assert all(f"{name}!" in everything for name in ico.COLUMNS if name not in said)
    assert len(preview.content.notes) == 9


def test_three_hundred_activities_travel_through_the_page_and_are_all_there(cast: Cast) -> None:
    base = cast.purpose.shown_version().activity
    rows = [Entry(0, base.but(name=f"Activity {i}"), number=f"n{i}", entity="NSP") for i in range(300)]
    packed = incoming.pack(look(book(*rows), cast.dev), by=cast.dev)
    done = taking.take_over(incoming.unpack(packed, by=cast.dev), by=cast.dev, on=TODAY)
    assert done.preview.new == 300 and Purpose.objects.filter(name__startswith="Activity ").count() == 300
    entry = LogEntry.objects.get(pk=done.entry_id)
    assert len(entry.facts["numbers"]) == taking.NAMED
    assert LogEntry.objects.filter(code="purpose.entered", by_id=cast.dev.pk).count() >= 300
