"""The register of processors: what a contract leaves out is named, who may write it, and two people lose nothing."""

from datetime import date, timedelta

import pytest

from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import lists, parties, processors
from governance.purposes.forms_processors import Subprocessors
from governance.purposes.models import Mandate, Processor, Purpose
from tests.cast import Cast
from tests.visits import visit, words

ON = date(2026, 11, 23)
ALL = tuple(lists.codes("clause"))
GOOD = {
    "contract": "AVV-1", "state": "running", "clauses": ALL, "contact": "x@y.example", "country": "DE", "tool": "",
    "subprocessors": [], "home_in_eea": True, "on": ON,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []), ({"contact": ""}, ["contact"]), ({"contract": ""}, ["contract"]), ({"state": "ended"}, ["contract"]),
        ({"clauses": ALL[1:]}, ["clauses"]), ({"country": "US"}, ["tool"]), ({"country": "US", "tool": "scc"}, []),
        ({"country": "US", "home_in_eea": False}, []),
        ({"subprocessors": [{"name": "H", "country": "US", "agreed_on": "2026-01-01"}]}, ["tool"]),
        ({"subprocessors": [{"name": "H", "country": "DE", "agreed_on": ""}]}, ["subprocessors"]),
    ],
)  # fmt: skip
def test_what_a_processor_lacks(changed: dict[str, object], fields: list[str]) -> None:
    assert [gap.field for gap in parties.lacking(**(GOOD | changed))] == fields  # type: ignore[arg-type]


def test_the_clauses_left_out_are_named_with_their_letter() -> None:
    (gap,) = parties.lacking(**(GOOD | {"clauses": [c for c in ALL if c != "audits"]}))  # type: ignore[arg-type]
    assert "Art. 28(3)(h)" in str(gap.sentence) and gap.cite == "GDPR Art. 28(3)"


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (None, None, ("none", 0)), (1, None, ("coming", 1)), (-10, None, ("running", 0)), (-10, 91, ("running", 91)),
        (-10, 90, ("ending", 90)), (-10, 1, ("ending", 1)), (-10, 0, ("ended", 0)), (-10, -3, ("ended", 3)),
    ],
)  # fmt: skip
def test_how_long_a_contract_holds(begins: int | None, ends: int | None, said: tuple[str, int]) -> None:
    days = [None if n is None else ON + timedelta(days=n) for n in (begins, ends)]
    assert parties.contract_state(*days, ON) == said


def test_every_letter_of_article_30_2_is_asked_for() -> None:
    empty = {
        "controller_contact": "", "controller_country": "US", "representative": "", "categories": "", "countries": ["IN"],
        "safeguards": "", "security": [], "security_note": "", "contract": "", "on": ON,
    }  # fmt: skip
    gaps = parties.lacking_mandate(**empty)  # type: ignore[arg-type]
    assert {gap.cite for gap in gaps} >= {f"GDPR Art. 30(2)({letter})" for letter in "abcd"}
    whole = empty | {
        "controller_contact": "a@b", "controller_country": "DE", "categories": "Hosting", "safeguards": "SCC", "security": ["backup"],
        "contract": "C-1",
    }  # fmt: skip
    assert parties.lacking_mandate(**whole) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"security": ["magic"]}, "unknown_code"), ({"countries": ["Germany"]}, "unknown_country"),
        ({"starts_on": ON, "ends_on": ON}, "ends_before_it_begins"),
    ],
)  # fmt: skip
def test_a_mandate_that_cannot_be_is_refused(cast: Cast, said: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        processors.take_mandate(
            cast.software,
            by=cast.dev,
            controller_name="X",
            controller_contact="x",
            controller_country="DE",
            categories="Y",
            **said,
        )
    assert refused.value.code == code and Mandate.objects.filter(controller_name="X").count() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hostline; Germany", "Line 1"), ("A; DE\nB; de; yesterday", "Line 2"), ("; DE", "Line 1"), ("A; DE; 2026-01-01; x", "Line 1"),
    ],
)  # fmt: skip
def test_a_line_of_subprocessors_that_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        Subprocessors().clean(text)


def test_lines_of_subprocessors_come_back_as_they_were() -> None:
    field = Subprocessors()
    rows = field.clean("Hostline GmbH; de; 2026-03-04\r\n\r\nCloud Inc; US")
    assert (
        rows[0] == {"name": "Hostline GmbH", "country": "DE", "agreed_on": "2026-03-04"}
        and rows[1]["agreed_on"] == ""
    )
    assert field.clean(field.prepare_value(rows)) == rows


def test_the_list_shows_contract_clauses_and_who_uses_it(cast: Cast) -> None:
    ends = clock.law_date(cast.software.timezone) + timedelta(days=40)
    processors.change(
        Processor.objects.get(code="samruddhi"), by=cast.dev, clauses=["security"], contract_until=ends
    )
    with visit(cast.lata) as client:
        page = words(client.get("/register/processors/"))
        assert (
            "Samruddhi Payroll Services LLP" in page and "ends in 40 days" in page and "7 are missing" in page
        )
        assert "Lohnwerk Rechenzentrum eG" in page and "AVV-2024-07" in page and "all 8" in page
        using = Purpose.objects.get(processor_codes__contains=["lohnwerk"])
        assert using.number in page
        row = Processor.objects.get(code="samruddhi")
        one = words(client.get(f"/register/processors/{row.pk}/"))
        assert "The contract does not say" in one and "GDPR Art. 28(3)" in one and "Enter" not in one
        assert client.get(f"/register/processors/{row.pk}/change/").status_code == 404
        assert client.get("/register/processors/new/").status_code == 403


def test_the_office_enters_and_changes_a_processor(cast: Cast) -> None:
    fields = {
        "entity": str(cast.gmbh.pk), "code": "hostline", "name": "Hostline GmbH", "country": "de", "contract": "AVV-9",
        "contract_from": "2026-01-01", "clauses": list(ALL), "subprocessors": "Cloud Inc; US; 2026-02-01", "tool": "scc",
    }  # fmt: skip
    with visit(cast.dev) as client:
        answer = client.post("/register/processors/new/", fields | {"code": "Host line!"})
        assert (
            answer.status_code == 400
            and "small letters" in words(answer)
            and "Hostline GmbH" in answer.content.decode()
        )
        answer = client.post("/register/processors/new/", fields)
        row = Processor.objects.get(code="hostline")
        assert answer.status_code == 302 and answer["Location"] == f"/register/processors/{row.pk}/"
        assert row.country == "DE" and row.subprocessors == [
            {"name": "Cloud Inc", "country": "US", "agreed_on": "2026-02-01"}
        ]
        again = client.post("/register/processors/new/", fields)
        assert again.status_code == 400 and "Another processor has this code" in words(again)
        before = client.post(
            f"/register/processors/{row.pk}/change/", fields | {"contract_until": "2025-12-31"}
        )
        assert before.status_code == 400 and "end before it begins" in words(before)
    assert Entry.objects.filter(code="processor.entered", about_id=row.pk, by_id=cast.dev.pk).count() == 1


def test_the_second_of_two_writers_is_shown_what_the_first_wrote_and_loses_nothing(cast: Cast) -> None:
    row = Processor.objects.get(code="lohnwerk")
    seen = row.changed_at.isoformat()
    processors.change(row, by=cast.dara, contact="new@lohnwerk.example", contract="AVV-2026-01")
    fields = {
        "seen": seen, "name": row.name, "country": "DE", "contact": "mine@lohnwerk.example", "contract": row.contract,
        "contract_from": "2024-07-01", "clauses": list(ALL),
    }  # fmt: skip
    with visit(cast.dev) as client:
        answer = client.post(f"/register/processors/{row.pk}/change/", fields)
        page = words(answer)
        assert answer.status_code == 400 and "Somebody else changed this entry" in page
        assert "new@lohnwerk.example" in page and "mine@lohnwerk.example" in page and "AVV-2026-01" in page
        row.refresh_from_db()
        assert row.contact == "new@lohnwerk.example"
        sent = dict(fields) | {"seen": row.changed_at.isoformat()}
        assert f'value="{row.changed_at.isoformat()}"' in answer.content.decode()
        assert client.post(f"/register/processors/{row.pk}/change/", sent).status_code == 302
    row.refresh_from_db()
    assert row.contact == "mine@lohnwerk.example"


def test_for_whom_we_process_is_listed_entered_and_changed(cast: Cast) -> None:
    with visit(cast.dev) as client:
        page = words(client.get("/register/mandates/"))
        assert (
            "M-0001" in page
            and "Hosting and support of the applicant portal" in page
            and "DPA-2026-01" in page
        )
        fields = {
            "entity": str(cast.software.pk), "controller_name": "Client Ltd", "controller_contact": "dpo@client.example",
            "controller_country": "GB", "categories": "Support", "countries": "IN, US", "security": ["backup"],
        }  # fmt: skip
        assert client.post("/register/mandates/new/", fields).status_code == 302
        row = Mandate.objects.get(number="M-0002")
        one = words(client.get(f"/register/mandates/{row.pk}/"))
        assert "Name the safeguards of the transfers." in one and "GDPR Art. 30(2)(c)" in one
        sent = fields | {"safeguards": "SCC", "contract": "C-7", "seen": row.changed_at.isoformat()}
        assert client.post(f"/register/mandates/{row.pk}/change/", sent).status_code == 302
        assert "safeguards of the transfers." not in words(client.get(f"/register/mandates/{row.pk}/"))


def test_what_is_no_business_of_theirs_is_not_shown(cast: Cast) -> None:
    row, mandate = Processor.objects.first(), Mandate.objects.first()
    assert row and mandate
    for person in (cast.asha, cast.meera, cast.omar, cast.rupa, cast.ira):
        with visit(person) as client:
            for page in ("processors", "mandates"):
                assert client.get(f"/register/{page}/").status_code == 403
            assert client.get(f"/register/processors/{row.pk}/").status_code == 404
            assert client.get(f"/register/mandates/{mandate.pk}/").status_code == 404
