"""The staff list: what a file would change, said before it is written; whole or not at all."""

import os
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.audit.models import Entry
from governance.consents import acting
from governance.lib import carried, clock
from governance.lib.refusals import Refused
from governance.people import addresses, outside, roster, sheet
from governance.people.models import AddressChange, Employment, Message, Person
from governance.retention.models import ErasureOrder
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words

HEAD = ",".join(sheet.COLUMNS)
TODAY = date(2026, 11, 23)


def csv(*rows: dict[str, str]) -> bytes:
    lines = [HEAD] + [",".join(row.get(column, "") for column in sheet.COLUMNS) for row in rows]
    return "\r\n".join(lines).encode()


def row(number: str, **more: str) -> dict[str, str]:
    return {
        "number": number, "name": f"Person {number}", "entity": "NSP", "site": "Pune", "country": "IN", "language": "en",
        "unit": "Pune staff", "starts_on": "2026-04-01",
    } | more  # fmt: skip


def as_they_are(person: Person) -> dict[str, str]:
    """The row of somebody who is there, as an export of the staff list would have it."""
    job = person.employments.latest("starts_on")
    return {
        "number": person.number or "", "name": person.name or "", "email": person.email or "", "entity": job.entity.code,
        "site": str(job.site), "country": job.country, "language": person.language, "manager": (job.manager.number or "") if job.manager else "",
        "unit": str(job.unit), "starts_on": job.starts_on.isoformat(), "ends_on": job.ends_on.isoformat() if job.ends_on else "",
    }  # fmt: skip


def import_it(cast: Cast, raw: bytes, on: date = TODAY, **more: Any) -> roster.Preview:
    seen = roster.read(raw, by=cast.ira, on=on)
    return roster.take_over(raw, by=cast.ira, on=on, seen=seen.digest, **more)


def problems(cast: Cast, raw: bytes) -> list[tuple[int, str]]:
    return [(p.row, p.column) for p in roster.read(raw, by=cast.ira, on=TODAY).problems]


def test_a_look_writes_nothing(cast: Cast) -> None:
    before = Person.objects.count()
    seen = roster.read(csv(row("N-5001"), row("N-5002", manager="N-5001")), by=cast.ira, on=TODAY)
    assert (seen.new, seen.changed, seen.unchanged) == (2, 0, 0) and len(seen.left) > 5
    assert Person.objects.count() == before and not Entry.objects.filter(code="roster.imported").exists()


def test_new_people_are_there_with_their_employment_and_nobody_can_sign_in_for_them(cast: Cast) -> None:
    import_it(
        cast,
        csv(
            row("N-5001", email="New.Person@nirmaan.example", under_18="yes"),
            row("N-5002", manager="N-5001", site="Nashik"),
        ),
    )
    first, second = Person.objects.get(number="N-5001"), Person.objects.get(number="N-5002")
    assert (
        first.email == "new.person@nirmaan.example" and first.is_under_18 and not first.has_usable_password()
    )
    job = second.employments.get()
    assert (
        job.manager == first
        and job.site is not None
        and job.site.name == "Nashik"
        and job.entity == cast.software
    )
    entry = Entry.objects.get(code="roster.imported")
    assert entry.by_id == cast.ira.pk and entry.facts["new"] == 2 and "Person" not in str(entry.facts)


def test_the_same_file_twice_changes_nothing_the_second_time(cast: Cast) -> None:
    raw = csv(row("N-5001"), as_they_are(cast.asha))
    import_it(cast, raw)
    again = roster.read(raw, by=cast.ira, on=TODAY)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_new_manager_ends_the_old_employment_and_begins_a_new_one(cast: Cast) -> None:
    raw = csv(as_they_are(cast.asha) | {"manager": "N-1010"})
    import_it(cast, raw)
    old, new = cast.asha.employments.order_by("starts_on")
    assert old.ends_on == TODAY - timedelta(days=1) and old.manager == cast.meera
    assert new.starts_on == TODAY and new.manager == cast.omar and new.ends_on is None
    assert roster.read(raw, by=cast.ira, on=TODAY).unchanged == 1  # the file still names the day of hiring


def test_a_move_with_its_own_day_takes_that_day(cast: Cast) -> None:
    import_it(cast, csv(as_they_are(cast.asha) | {"site": "Nashik", "starts_on": "2026-11-01"}))
    old, new = cast.asha.employments.order_by("starts_on")
    assert old.ends_on == date(2026, 10, 31) and new.starts_on == date(2026, 11, 1)


def test_what_began_today_is_corrected_and_not_ended_before_it_began(cast: Cast) -> None:
    import_it(cast, csv(row("N-5001", starts_on=TODAY.isoformat())))
    import_it(cast, csv(row("N-5001", starts_on=TODAY.isoformat(), site="Nashik")))
    assert Employment.objects.get(person__number="N-5001").site.name == "Nashik"  # type: ignore[union-attr]


def test_a_leaver_leaves_and_may_come_back(cast: Cast) -> None:
    gone = as_they_are(cast.bela) | {"ends_on": "2026-11-30"}
    import_it(cast, csv(gone))
    assert cast.bela.employments.get().ends_on == date(2026, 11, 30)
    later = date(2027, 2, 1)
    assert [
        p.column
        for p in roster.read(csv(as_they_are(cast.bela) | {"ends_on": ""}), by=cast.ira, on=later).problems
    ] == ["starts_on"]
    import_it(cast, csv(as_they_are(cast.bela) | {"ends_on": "", "starts_on": "2027-02-01"}), on=later)
    assert cast.bela.employments.count() == 2


def test_who_is_not_in_the_file_stays_unless_the_admin_says_so(cast: Cast) -> None:
    raw = csv(as_they_are(cast.asha))
    import_it(cast, raw)
    assert cast.bela.employments.get().ends_on is None
    import_it(cast, raw, end_missing=True)
    assert cast.bela.employments.get().ends_on == TODAY
    assert cast.emil.employments.get().ends_on is None  # another entity: the file does not speak of it


def test_two_people_may_swap_addresses_and_are_told(cast: Cast) -> None:
    import_it(
        cast,
        csv(
            as_they_are(cast.asha) | {"email": cast.bela.email},
            as_they_are(cast.bela) | {"email": cast.asha.email},
        ),
    )
    assert Message.objects.filter(code="address_to_change").count() == 2
    assert Person.objects.get(pk=cast.asha.pk).email == cast.asha.email
    AddressChange.objects.update(due_at=clock.now())
    assert addresses.come_into_force() == 2
    assert Person.objects.get(pk=cast.asha.pk).email == cast.bela.email
    assert Message.objects.filter(code="address_changed").count() == 2


BAD: dict[str, tuple[dict[str, str], str]] = {
    "no number": ({"number": ""}, "number"),
    "no name": ({"name": ""}, "name"),
    "a formula": ({"name": "=HYPERLINK(1)"}, "name"),
    "a formula that looks like a number": ({"employer": "+91"}, "employer"),
    "invisible characters": ({"name": "A\u202eB"}, "name"),
    "a line in a name": ({"name": '"A\nB"'}, "name"),
    "no address": ({"email": "asha(at)nirmaan"}, "email"),
    "somebody else's address": ({"email": "bela@nirmaan.example"}, "email"),
    "no such entity": ({"entity": "ACME"}, "entity"),
    "a country in words": ({"country": "India"}, "country"),
    "a language in words": ({"language": "Hindi!"}, "language"),
    "a day that is none": ({"starts_on": "2026-02-30"}, "starts_on"),
    "a day that could be two": ({"starts_on": "03/04/2026"}, "starts_on"),
    "an end before the start": ({"ends_on": "2020-01-01"}, "ends_on"),
    "neither yes nor no": ({"under_18": "perhaps"}, "under_18"),
    "an unknown manager": ({"manager": "N-9999"}, "manager"),
    "their own manager": ({"manager": "N-5001"}, "manager"),
    "too long": ({"name": "x" * 201}, "name"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BAD))
def test_a_problem_says_row_and_column_and_nothing_is_written(cast: Cast, what: str) -> None:
    change, column = BAD[what]
    raw = csv(row("N-5000"), row("N-5001") | change)
    assert (3, column) in problems(cast, raw)
    sentence = str(
        next(p for p in roster.read(raw, by=cast.ira, on=TODAY).problems if p.column == column).sentence
    )
    assert sentence.endswith(".") and (not change[column] or change[column] not in sentence)
    with pytest.raises(Refused):
        roster.take_over(raw, by=cast.ira, on=TODAY, seen=roster.read(raw, by=cast.ira, on=TODAY).digest)
    assert not Person.objects.filter(number="N-5000").exists()


def test_doubles_and_circles_are_found(cast: Cast) -> None:
    assert problems(cast, csv(row("N-5001"), row("N-5001"))) == [(3, "number")]
    assert problems(cast, csv(row("N-5001", email="a@b.example"), row("N-5002", email="A@b.example"))) == [
        (3, "email")
    ]
    circle = csv(
        row("N-5001", manager="N-5002"),
        row("N-5002", manager="N-5003"),
        row("N-5003", manager="N-5001"),
        row("N-5004", manager="N-5001"),
    )
    assert problems(cast, circle) == [(2, "manager"), (3, "manager"), (4, "manager")]
    # Meera manages Asha already; the file alone has no circle, the company would.
    assert problems(cast, csv(as_they_are(cast.meera) | {"manager": "N-1001"})) == [(2, "manager")]


def test_a_row_with_a_cell_too_many_is_found(cast: Cast) -> None:
    assert problems(cast, csv(row("N-5001", name="Patil, Anil"))) == [(2, "")]


WHOLE: dict[str, tuple[bytes, str]] = {
    "utf-16": ("number,name".encode("utf-16"), "utf16"),
    "latin-1": (HEAD.encode() + b"\r\nN-1,M\xfcller", "not_utf8"),
    "a workbook": (b"PK\x03\x04xxxx", "workbook"),
    "zero bytes": (HEAD.encode() + b"\r\nN-1\x00", "not_text"),
    "nothing": (b"", "columns_missing"),
    "a heading alone": (HEAD.encode(), "empty"),
    "a column less": (HEAD.replace(",email", "").encode(), "columns_missing"),
    "a column too many": (f"{HEAD},salary".encode(), "columns_surplus"),
    "a quotation mark that is not closed": (f'{HEAD}\r\n"N-1,'.encode(), "not_csv"),
    "more than 10 MB": (b"x" * (sheet.MAX_BYTES + 1), "too_large"),
}


@pytest.mark.parametrize("what", sorted(WHOLE))
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(cast: Cast, what: str) -> None:
    raw, code = WHOLE[what]
    with pytest.raises(Refused) as refused:
        roster.read(raw, by=cast.ira, on=TODAY)
    assert refused.value.code == code and refused.value.sentence.endswith(".")


def test_a_byte_order_mark_semicolons_and_indic_names_are_fine(cast: Cast) -> None:
    raw = b"\xef\xbb\xbf" + csv(row("N-5001", name="आशा देशमुख", language="mr")).replace(b",", b";")
    import_it(cast, raw)
    assert Person.objects.get(number="N-5001").name == "आशा देशमुख"


def test_an_admin_imports_only_where_they_administer(cast: Cast) -> None:
    role = cast.ira.roles.get(entity=cast.gmbh)
    type(role).objects.filter(pk=role.pk).update(ended_at=clock.now())
    ira = Person.objects.get(pk=cast.ira.pk)
    seen = roster.read(
        csv(row("N-5001", entity="NG"), as_they_are(cast.emil) | {"entity": "NSP"}), by=ira, on=TODAY
    )
    assert [(p.row, p.column) for p in seen.problems] == [(2, "entity"), (3, "number")]


def test_an_admin_cannot_take_an_officers_account_by_changing_the_address(cast: Cast) -> None:
    raw = csv(as_they_are(cast.dev) | {"email": "ira.too@nirmaan.example"})
    assert problems(cast, raw) == [(2, "email")]


def test_the_way_through_the_page_is_signed_and_holds_for_this_admin_alone(cast: Cast) -> None:
    seen = roster.read(csv(row("N-5001")), by=cast.ira, on=TODAY)
    packed = roster.pack(seen, by=cast.ira)
    assert roster.unpack(packed, by=cast.ira) == (csv(row("N-5001")), seen.digest)
    for wrong in (packed[:-2] + "xx", "x", ""):
        with pytest.raises(Refused) as refused:
            roster.unpack(wrong, by=cast.ira)
        assert refused.value.code == "preview_changed"
    with pytest.raises(Refused):
        roster.unpack(packed, by=cast.dev)


def test_what_changed_since_the_look_is_looked_at_again(cast: Cast) -> None:
    raw = csv(as_they_are(cast.asha) | {"manager": "N-1010"})
    seen = roster.read(raw, by=cast.ira, on=TODAY)
    Employment.objects.filter(person=cast.asha).update(manager=cast.omar)  # somebody else was faster
    with pytest.raises(Refused) as refused:
        roster.take_over(raw, by=cast.ira, on=TODAY, seen=seen.digest)
    assert refused.value.code == "preview_stale"


def upload(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("staff.csv", raw, "text/csv")


def test_ira_looks_and_confirms_on_the_page(cast: Cast) -> None:
    with visit(cast.ira) as client:
        page = client.post("/people/import/", {"file": upload(csv(row("N-5001"), as_they_are(cast.asha)))})
        assert "1 new" in words(page) and "no-store" in page["Cache-Control"]
        packed = page.context["confirm"]["packed"].value()
        assert not Person.objects.filter(number="N-5001").exists()
        done = client.post("/people/import/confirm/", {"packed": packed}, follow=True)
        assert "1 new, 0 changed, 1 as before" in words(done)
    assert Person.objects.filter(number="N-5001").exists()


def test_the_page_shows_every_point_and_a_file_beyond_the_limit_gets_a_sentence(cast: Cast) -> None:
    with visit(cast.ira) as client:
        page = words(client.post("/people/import/", {"file": upload(csv(row("N-5001", country="India")))}))
        assert "1 point has to be put right" in page and "two capital letters" in page
        page = client.post("/people/import/", {"file": upload(b"x" * (12 * 1024 * 1024))})
        assert page.status_code == 400 and "larger than 10 MB" in words(page)
        assert "choose a file" not in words(
            client.post("/people/import/confirm/", {"packed": "x"}, follow=True)
        )


@pytest.mark.slow
def test_a_large_company_fits_into_one_file(cast: Cast) -> None:
    size = 100_000 if os.environ.get("SAMMATI_NIGHT") else 10_000
    raw = csv(
        *[row(f"L-{i:06d}", name=f"Large {i}", manager=f"L-{i // 10:06d}" if i else "") for i in range(size)]
    )
    assert len(raw) <= sheet.MAX_BYTES
    seen = roster.read(raw, by=cast.ira, on=TODAY)
    assert seen.new == size
    assert len(roster.pack(seen, by=cast.ira)) < carried.AT_MOST
    roster.take_over(raw, by=cast.ira, on=TODAY, seen=seen.digest)
    assert Employment.objects.filter(person__number__startswith="L-").count() == size


class TestFromOutside:
    """Who speaks for a colleague and works nowhere here is hired later, or is about to go."""

    def om(self, cast: Cast) -> Person:
        return outside.enter("Om Rao", "om@home.example", entity=cast.software.pk, language="en", by=cast.dev)

    def test_who_is_hired_stays_the_same_person(self, cast: Cast) -> None:
        om = self.om(cast)
        Person.objects.filter(pk=om.pk).update(password="theirs")
        raw = csv(row("N-5000"), row("N-5001", name="Om K Rao", email="OM@home.example", language="hi"))
        seen = roster.read(raw, by=cast.ira, on=TODAY)
        assert [(c.row.number, c.kind, c.outsider) for c in roster.shown(seen.changes, 1)] == [("N-5001", "new", om.pk)]  # fmt: skip
        with visit(cast.ira) as client:
            page = client.post("/people/import/", {"file": SimpleUploadedFile("a.csv", raw)})
        assert "Known from outside by this address: the same person, employed from now on." in words(page)
        import_it(cast, raw)
        now = Person.objects.get(pk=om.pk)
        assert (now.number, now.name, now.language, now.outside_of) == ("N-5001", "Om K Rao", "hi", None)
        assert (now.email, now.password) == ("om@home.example", "theirs") and now.employments.count() == 1
        assert Person.objects.filter(email__iexact="om@home.example").count() == 1
        assert Entry.objects.get(code="person.now_employed").about_id == om.pk
        assert roster.read(raw, by=cast.ira, on=TODAY).unchanged == 2

    def test_a_row_of_somebody_else_is_told_what_to_do(self, cast: Cast) -> None:
        om = self.om(cast)
        address = {"email": "om@home.example"}
        assert (2, "email") in problems(cast, csv(as_they_are(cast.omar) | address)), (
            "known under another number"
        )
        EmailAddress.objects.filter(user=om).update(verified=False)
        found = roster.read(csv(row("N-5001", **address)), by=cast.ira, on=TODAY).problems
        assert "has this address" in str(found[0].sentence) and "Om" not in str(found[0].sentence)
        assert not Employment.objects.filter(person=om).exists()

    def test_who_is_about_to_go_is_not_taken_over_and_who_was_taken_over_does_not_go(
        self, cast: Cast
    ) -> None:
        om, raw = self.om(cast), csv(row("N-5001", email="om@home.example"))
        seen = roster.read(raw, by=cast.ira, on=TODAY)
        with as_login("worker"):
            assert acting.forget_outsiders() == 1
        assert "being forgotten" in str(roster.read(raw, by=cast.ira, on=TODAY).problems[0].sentence)
        with pytest.raises(Refused):
            roster.take_over(raw, by=cast.ira, on=TODAY, seen=seen.digest)
        with pytest.raises(Refused):
            self.om(cast)
        assert (
            not Person.objects.get(pk=om.pk).is_active and not Employment.objects.filter(person=om).exists()
        )
        ErasureOrder.objects.all().delete()
        Person.objects.filter(pk=om.pk).update(is_active=True)
        import_it(cast, raw)
        assert not outside.let_go(om.pk) and acting.forget_outsiders() == 0
        assert Person.objects.get(pk=om.pk).is_active
