"""The register of systems: who may write it, what it refuses, how a system leaves it, and that it travels in the workbook."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.purposes import lifecycle, parties, rules_systems, systems, versions
from governance.purposes.activity import Activity, SystemPart, plain
from governance.purposes.exchange import incoming, outgoing, reading, sheets, taking
from governance.purposes.exchange.cells import Entry as Row
from governance.purposes.models import DataSystem, Purpose
from governance.retention import systems as connected
from tests.cast import Cast
from tests.visits import visit, words

ON = date(2026, 11, 23)
FIELDS: dict[str, Any] = {
    "code": "payroll-db", "name": "Payroll database", "kind": "database", "holds": "Salaries and payslips", "country": "IN",
    "categories": ["PAY", "ID"], "parts": ["hr.salary", "hr.payslip.iban"],
}  # fmt: skip


def entered(cast: Cast, **more: Any) -> DataSystem:
    return systems.enter(cast.software, by=cast.dev, **(FIELDS | more))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"code": "Payroll DB"}, "bad_code"), ({"country": "India"}, "unknown_country"), ({"kind": "magic"}, "unknown_code"),
        ({"categories": ["PAY", "XX"]}, "unknown_code"),
    ],
)  # fmt: skip
def test_a_system_that_cannot_be_is_refused(cast: Cast, said: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        entered(cast, **said)
    assert refused.value.code == code and not DataSystem.objects.filter(name="Payroll database").exists()


def test_a_retirement_says_where_the_data_went_and_names_who_still_needs_it() -> None:
    with pytest.raises(Refused) as refused:
        rules_systems.check_retire(["P-0002", "P-0001"], "gone")
    assert refused.value.code == "still_named" and "P-0001, P-0002" in str(refused.value.sentence)
    with pytest.raises(Refused) as refused:
        rules_systems.check_retire([], "  ")
    assert refused.value.code == "no_reason"


def test_the_log_says_what_was_entered_changed_and_where_it_stands_now(cast: Cast) -> None:
    row = entered(cast)
    moved = systems.change(row, by=cast.dev, country="DE", name=row.name, owner=cast.omar)
    assert moved.country == "DE" and moved.owner == cast.omar
    last = Entry.objects.filter(code="system.changed", about_id=row.pk).get()
    assert last.facts == {"changed": ["country", "owner"], "country": "DE"} and last.by_id == cast.dev.pk
    with pytest.raises(Refused) as refused:  # the second of two writers
        systems.change(row, by=cast.dara, seen=row.changed_at, name="Other")
    assert refused.value.code == "edited_meanwhile"


def test_a_system_that_is_named_stays_and_one_that_left_is_named_no_more(cast: Cast) -> None:
    row = entered(cast)
    activity = Activity(name="Pay bonuses", systems=(SystemPart(code="payroll-db", parts=("hr.salary",)),))
    purpose = versions.enter(cast.software, activity, by=cast.dev)
    with pytest.raises(Refused) as refused:
        systems.retire(row, because="Moved", by=cast.dev)
    assert refused.value.code == "still_named"
    lifecycle.retire(purpose, because="Never began", by=cast.dev)
    row = systems.retire(row, because="Disks destroyed, certificate 4711", by=cast.dev)
    assert row.retired_at and systems.retire(row, because="again", by=cast.dev).retired_at == row.retired_at
    assert Entry.objects.filter(code="system.retired", about_id=row.pk).count() == 1
    with pytest.raises(Refused) as refused:
        versions.enter(cast.software, activity, by=cast.dev)
    assert "payroll-db" in str(refused.value.sentence)
    with pytest.raises(Refused) as refused:
        systems.change(row, by=cast.dev, country="DE")
    assert refused.value.code == "retired"


def test_an_erasure_looks_into_a_retired_system_as_long_as_it_is_connected(cast: Cast) -> None:
    row = entered(cast, code="attic", name="Attic")
    assert row in connected.registered(None, cast.asha.pk)
    row = systems.retire(row, because="Burnt", by=cast.dev)
    assert row not in connected.registered(None, cast.asha.pk)
    connected.connect(row, "files", {"folder": "attic"}, by=cast.dev)
    assert row in connected.registered(None, cast.asha.pk)


# --- The pages ----------------------------------------------------------------------------------------------------

FORM = {
    "code": "payroll-db", "name": "Payroll database", "kind": "database", "holds": "Salaries", "country": "in", "owner": "N-1010",
    "categories": ["PAY"], "parts": "hr.salary\r\nhr.payslip.iban",
}  # fmt: skip


def test_the_entry_names_what_an_erasure_searches_though_its_text_does_not(cast: Cast) -> None:
    """It once said "not recorded" of a purpose whose orders went through five systems."""
    said = "not named here, but searched by every erasure"
    with visit(cast.dev) as dev:
        assert said not in words(dev.get(f"/register/{cast.purpose.pk}/"))
        cast.purpose.systems.add(entered(cast))
        assert f"Payroll database {said} Salaries and payslips" in words(
            dev.get(f"/register/{cast.purpose.pk}/")
        )


def test_the_office_enters_changes_and_retires_a_system(cast: Cast) -> None:
    sent = FORM | {"entity": str(cast.software.pk)}
    with visit(cast.dev) as client:
        wrong = client.post("/register/systems/new/", sent | {"owner": "N-0", "country": "India"})
        assert wrong.status_code == 400 and "No person has this staff number." in words(wrong)
        answer = client.post("/register/systems/new/", sent)
        row = DataSystem.objects.get(code="payroll-db")
        assert answer["Location"] == f"/register/systems/{row.pk}/"
        assert (row.country, row.owner, row.parts) == ("IN", cast.omar, ["hr.salary", "hr.payslip.iban"])
        page = words(client.get(answer["Location"]))
        assert "hr.payslip.iban" in page and "No activity names it." in page and cast.omar.name in page
        listed = words(client.get("/register/systems/"))
        assert "Payroll database" in listed and "Sammati vault" not in listed  # the demo's are made later
        change = {key: value for key, value in sent.items() if key not in ("entity", "code")}
        stale = client.post(
            f"/register/systems/{row.pk}/change/", change | {"seen": "2020-01-01T00:00:00+00:00"}
        )
        assert stale.status_code == 400 and "Somebody else changed this entry" in words(stale)
        form = client.get(f"/register/systems/{row.pk}/change/").context["form"]
        assert (
            client.post(
                f"/register/systems/{row.pk}/change/", change | {"seen": form.initial["seen"], "owner": ""}
            ).status_code
            == 302
        )
        row.refresh_from_db()
        assert row.owner is None
        empty = client.post(f"/register/systems/{row.pk}/retire/", {"because": ""})
        assert empty.status_code == 400
        assert client.post(f"/register/systems/{row.pk}/retire/", {"because": "Moved"}).status_code == 302
        assert "left the register" in words(client.get("/register/systems/"))


def test_others_read_or_see_nothing(cast: Cast) -> None:
    row = entered(cast)
    for reader in (cast.lata, cast.arun):
        with visit(reader) as client:
            page = words(client.get(f"/register/systems/{row.pk}/"))
            assert "hr.salary" in page and "Take it out of the register" not in page
            assert client.get("/register/systems/new/").status_code == 403
            assert client.post(f"/register/systems/{row.pk}/change/", FORM).status_code == 404
            assert client.post(f"/register/systems/{row.pk}/retire/", {"because": "x"}).status_code == 404
    for stranger in (cast.asha, cast.ira, cast.meera):
        with visit(stranger) as client:
            assert client.get("/register/systems/").status_code == 403
            assert client.get(f"/register/systems/{row.pk}/").status_code == 404


def test_the_editor_offers_what_stands_in_the_register(cast: Cast) -> None:
    entered(cast)
    gone = systems.retire(entered(cast, code="attic", name="The attic"), because="Burnt", by=cast.dev)
    with visit(cast.dev) as client:
        page = client.get(f"/register/{cast.purpose.pk}/edit/systems/").content.decode()
        assert "payroll-db" in page and gone.code not in page


# --- In and out ---------------------------------------------------------------------------------------------------


def look(raw: bytes, by: Any) -> incoming.Preview:
    return incoming.judge(reading.read(raw), by=by, on=ON)


def take(raw: bytes, by: Any) -> incoming.Preview:
    looked = incoming.unpack(incoming.pack(look(raw, by), by=by), by=by)
    return taking.take_over(looked, by=by, on=ON).preview


def sheet(**more: Any) -> dict[str, Any]:
    usual = {
        "entity": "NSP",
        "owner": "N-1010",
        "categories": ("PAY", "ID"),
        "parts": ("hr.salary", "hr.payslip.iban"),
    }
    return FIELDS | usual | more


def book(*rows: dict[str, Any]) -> bytes:
    activity = Activity(name="Pay bonuses", systems=(SystemPart(code="payroll-db", parts=("hr.salary",)),))
    return sheets.write([Row(2, activity, number="1", entity="NSP")], systems=rows)


def test_a_workbook_brings_the_systems_that_its_activities_name(cast: Cast) -> None:
    (fault,) = look(book(), cast.dev).faults
    assert fault.sentence.startswith("“payroll-db” is not in the list.")
    done = take(book(sheet()), cast.dev)
    assert (done.new, done.parties_changed) == (1, 1)
    row = DataSystem.objects.get(code="payroll-db")
    assert (row.owner, row.categories, row.kind) == (cast.omar, ["PAY", "ID"], "database")
    assert Entry.objects.filter(code="system.entered", about_id=row.pk, by_id=cast.dev.pk).exists()
    purpose = Purpose.objects.get(name="Pay bonuses")
    assert plain(purpose.versions.get().activity)["systems"][0]["code"] == "payroll-db"


def test_out_in_and_out_again_gives_the_same_bytes(cast: Cast) -> None:
    entered(cast, owner=cast.omar)
    systems.retire(entered(cast, code="attic", name="The attic"), because="Burnt", by=cast.dev)
    raw = outgoing.export("xlsx", outgoing.may_take(cast.dev), by=cast.dev, on=ON).content
    found = reading.read(raw)
    assert [values["code"] for _at, values in found.systems] == ["attic", "payroll-db"]
    preview = look(raw, cast.dev)
    assert preview.faults == () and preview.parties_changed == 0
    assert outgoing.export("xlsx", outgoing.may_take(cast.dev), by=cast.dev, on=ON).content == raw
    DataSystem.objects.filter(code__in=("attic", "payroll-db")).delete()
    assert take(raw, cast.dev).parties_changed == 2
    assert outgoing.export("xlsx", outgoing.may_take(cast.dev), by=cast.dev, on=ON).content == raw


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({"code": "Pay roll"}, "Code", "small letters"), ({"holds": ""}, "What lies there", "may not be empty"),
        ({"owner": "N-0"}, "Owner (staff number)", "No person"), ({"entity": "XX"}, "Entity", "not in the list"),
        ({"parts": ("x" * 301,)}, "Tables, columns or paths", "longer than 300"),
        ({"entity": "NSD"}, "Entity", "do not keep the register of systems"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_the_sheet_is_said_with_its_place(
    cast: Cast, changed: dict[str, Any], column: str, said: str
) -> None:
    by = cast.dev
    if changed.get("entity") == "NSD":
        changed = {"entity": cast.gmbh.code}
        by.roles.filter(entity=cast.gmbh).update(ended_at=Now())
        by = type(by).objects.get(pk=by.pk)
    faults = [f for f in look(book(sheet(**changed)), by).faults if f.sheet == "Data systems"]
    assert [(f.row, f.column) for f in faults] == [(2, column)] and said in str(faults[0].sentence)
    assert not DataSystem.objects.filter(name="Payroll database").exists()


def test_a_system_that_left_is_not_changed_by_a_file(cast: Cast) -> None:
    systems.retire(entered(cast, owner=cast.omar), because="Burnt", by=cast.dev)
    faults = look(book(sheet(country="DE")), cast.dev).faults
    assert {"has left the register" in str(f.sentence) for f in faults} == {True} and len(faults) == 2


def test_a_changed_row_of_a_party_is_seen_as_changed(cast: Cast) -> None:
    entered(cast, owner=cast.omar)
    (change,) = look(book(sheet(country="DE")), cast.dev).parties
    assert (change.kind, change.fields) == ("changed", ("country",))
    with pytest.raises(Refused):
        parties.check_seen(date(2020, 1, 1), date(2021, 1, 1))


def test_the_migrations_say_what_the_models_say(cast: Cast) -> None:
    said = StringIO()
    call_command("makemigrations", "people", "purposes", "--check", "--dry-run", stdout=said)
    assert "No changes" in said.getvalue()
