"""Objecting to what does not rest on consent: it restricts at once, somebody else decides, the reasons come back."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.consents import decide, jobs, objections
from governance.consents import rules_objections as rules
from governance.consents.models import Objection
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes.models import Purpose
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.visits import visit, words


@pytest.fixture
def leaks(cast: Cast) -> Purpose:
    """Runs under s.7(i) in India: Asha and Bela were never asked."""
    return Purpose.objects.select_related("entity").get(name__startswith="Detect leaks", entity=cast.software)


@pytest.fixture
def interests(cast: Cast) -> Purpose:
    """Of Emil, on legitimate interests: the register says so, and it runs."""
    Purpose.objects.filter(entity=cast.gmbh, name__startswith="Pay salaries").update(basis_eu="f")
    return Purpose.objects.select_related("entity").get(entity=cast.gmbh, name__startswith="Pay salaries")


def answer_of_the_gate(person: Person, purpose: Purpose, signal: str = "ui_event") -> str:
    now = timezone.now()
    with connection.cursor() as cursor:
        standing = decide.read(cursor, jobs.about(purpose, now), [signal], [person.pk], now)
    return decide.decide(standing, person.pk, signal, "Chrome", now, now).code


def test_an_objection_restricts_from_the_commit_on(cast: Cast, leaks: Purpose) -> None:
    assert answer_of_the_gate(cast.bela, leaks) == "never_asked"
    objections.object_to(leaks, by=cast.bela)
    assert answer_of_the_gate(cast.bela, leaks) == "objected"
    assert answer_of_the_gate(cast.asha, leaks) == "never_asked"  # hers alone


def test_it_beats_a_yes_at_the_gate(cast: Cast) -> None:
    """Somebody who agreed, where the ground was changed to another one afterwards."""
    make.consent(cast.bela, cast.purpose, "ui_event")
    assert make.post(cast, make.event("N-1002"))["admitted"] == 1
    Objection.objects.create(person=cast.bela, purpose=cast.purpose, due_on=date(2026, 12, 24))
    assert make.post(cast, make.event("N-1002"))["turned_away"] == {"not_permitted": 1}


def test_a_month_under_the_gdpr_and_thirty_days_of_our_own_elsewhere(
    cast: Cast, leaks: Purpose, interests: Purpose
) -> None:
    today = timezone.now().date()
    assert timedelta(28) <= objections.object_to(interests, by=cast.emil).due_on - today <= timedelta(36)
    assert timedelta(29) <= objections.object_to(leaks, by=cast.bela).due_on - today <= timedelta(31)


def test_the_office_is_told_and_the_person_too_and_nobody_else(cast: Cast, leaks: Purpose) -> None:
    objections.object_to(leaks, "I carry no secrets.", by=cast.bela)
    told = dict(Message.objects.filter(code__startswith="objection_").values_list("person__number", "code"))
    assert told == {
        "N-1002": "objection_received",
        "N-1030": "objection_raised",
        "N-1034": "objection_raised",
    }
    assert "secrets" not in str(list(Message.objects.values_list("facts", flat=True)))
    assert "secrets" not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_two_tabs_are_one_objection(cast: Cast, leaks: Purpose) -> None:
    assert (
        objections.object_to(leaks, by=cast.bela).pk == objections.object_to(leaks, "again", by=cast.bela).pk
    )


@pytest.mark.parametrize("who", ["consent", "law", "wages", "elsewhere"])
def test_where_there_is_no_objection_the_sentence_says_what_there_is(cast: Cast, who: str) -> None:
    lohn = Purpose.objects.get(entity=cast.gmbh, name__startswith="Pay salaries")
    person, purpose, code = {
        "consent": (cast.bela, cast.purpose, "on_consent"),
        "law": (cast.emil, lohn, "no_objection"),
        "wages": (cast.bela, Purpose.objects.get(entity=cast.software, name="Pay salaries"), "no_objection"),
        "elsewhere": (cast.bela, lohn, "not_concerned"),
    }[who]
    with pytest.raises(Refused) as refused:
        objections.object_to(purpose, by=person)
    assert refused.value.code == code and not Objection.objects.exists()


class TestTheDecision:
    def test_upheld_it_stays_stopped_and_what_is_there_is_erased(self, cast: Cast, leaks: Purpose) -> None:
        row = objections.decide(objections.object_to(leaks, by=cast.bela).pk, upheld=True, by=cast.dev)
        assert answer_of_the_gate(cast.bela, leaks) == "objected"
        order = ErasureOrder.objects.get(because="objection.upheld")
        assert (order.person_id, order.purpose_id, order.before) == (cast.bela.pk, leaks.pk, row.decided_at)
        assert Message.objects.filter(person=cast.bela, code="objection_upheld").exists()
        with pytest.raises(Refused, match="stopped"):
            objections.object_to(leaks, "Once more", by=cast.bela)

    def test_rejected_it_goes_on_and_the_person_has_the_reasons(self, cast: Cast, leaks: Purpose) -> None:
        row = objections.object_to(leaks, by=cast.bela)
        objections.decide(row.pk, upheld=False, answer="An attack runs at this moment.", by=cast.dev)
        assert answer_of_the_gate(cast.bela, leaks) == "never_asked"
        assert not ErasureOrder.objects.exists()
        with visit(cast.bela) as client:
            page = words(client.get("/me/"))
        assert (
            "An attack runs at this moment." in page
            and "You can ask the data protection officer to look at it again" in page
        )

    def test_after_a_no_it_takes_reasons_to_object_again(self, cast: Cast, leaks: Purpose) -> None:
        objections.decide(
            objections.object_to(leaks, by=cast.bela).pk, upheld=False, answer="No.", by=cast.dev
        )
        with pytest.raises(Refused, match="what has changed"):
            objections.object_to(leaks, by=cast.bela)
        assert objections.object_to(leaks, "I have another job now.", by=cast.bela).decided_at is None

    @pytest.mark.parametrize(
        ("who", "upheld", "answer", "code"),
        [("dev", False, " ", "answer_missing"), ("omar", True, "x", "not_the_dpo"), ("rupa", True, "x", "not_the_dpo"), ("ira", True, "x", "not_the_dpo")],
    )  # fmt: skip
    def test_who_may_not_and_what_is_missing(
        self, cast: Cast, leaks: Purpose, who: str, upheld: bool, answer: str, code: str
    ) -> None:
        row = objections.object_to(leaks, by=cast.bela)
        with pytest.raises(Refused) as refused:
            objections.decide(row.pk, upheld=upheld, answer=answer, by=getattr(cast, who))
        assert refused.value.code == code

    def test_nobody_decides_about_their_own_and_nothing_is_decided_twice(
        self, cast: Cast, leaks: Purpose
    ) -> None:
        row = objections.object_to(leaks, by=cast.dev)
        with pytest.raises(Refused, match="your own objection"):
            objections.decide(row.pk, upheld=True, by=cast.dev)
        objections.decide(row.pk, upheld=True, by=cast.dara)
        with pytest.raises(Refused, match="decided already"):
            objections.decide(row.pk, upheld=False, answer="No.", by=cast.dara)


class TestThePages:
    def test_the_person_reads_what_runs_and_objects_with_one_press(self, cast: Cast, leaks: Purpose) -> None:
        with visit(cast.bela) as client:
            page = words(client.get("/me/"))
            for told in (
                "What runs without your consent",
                "Detect leaks",
                "DPDP s.7(i)",
                "Security team",
                "13 months",
            ):
                assert told in page
            page = words(client.post(f"/me/purposes/{leaks.pk}/object/", follow=True))
            assert "Your objection is received." in page and "You objected on" in page
            assert client.post(f"/me/purposes/{cast.purpose_de.pk}/object/").status_code == 404
        assert Objection.objects.get().reasons == ""

    def test_the_restriction_is_told_where_the_gdpr_gives_it(self, cast: Cast, interests: Purpose) -> None:
        objections.object_to(interests, by=cast.emil)
        with visit(cast.emil) as client:
            client.cookies["sammati_language"] = "en"
            page = client.get("/me/", headers={"accept-language": "en"})
        assert page.status_code == 200 and f"other-{interests.pk}" in page.content.decode()

    def test_the_office_decides_on_a_page(self, cast: Cast, leaks: Purpose) -> None:
        row = objections.object_to(leaks, "I carry no secrets.", by=cast.bela)
        with visit(cast.dev) as client:
            assert "N-1002" in words(client.get("/objections/"))
            assert "I carry no secrets." in words(client.get(f"/objections/{row.pk}/"))
            page = client.post(f"/objections/{row.pk}/", {"outcome": "rejected", "answer": ""})
            assert page.status_code == 400 and "Write the compelling grounds" in words(page)
            page = client.post(f"/objections/{row.pk}/", {"outcome": "upheld", "answer": ""}, follow=True)
        assert "upheld" in words(page) and Objection.objects.get().upheld

    def test_nobody_but_the_office_sees_who_objected(self, cast: Cast, leaks: Purpose) -> None:
        row = objections.object_to(leaks, by=cast.bela)
        for who in ("asha", "meera", "omar", "rupa", "lata", "arun", "ira"):
            with visit(getattr(cast, who)) as client:
                assert client.get("/objections/").status_code == 403
                assert client.get(f"/objections/{row.pk}/").status_code == 404
                assert client.post(f"/objections/{row.pk}/", {"outcome": "upheld"}).status_code == 404


@given(
    st.sets(st.sampled_from(["IN", "EU"])), st.sampled_from(["", *"abcdef"]),
    st.sampled_from(["", "s6", *(f"s7{c}" for c in "abcdefghi")]),
)  # fmt: skip
def test_a_legal_duty_or_a_contract_never_lets_anybody_object(
    laws: set[str], basis: str, ground: str
) -> None:
    kind = rules.kind(laws, basis, ground)
    if basis not in "ef":
        assert kind != "right"
    if "EU" not in laws:
        assert rules.kind(laws, basis, ground, "payroll") == ""
    if "EU" not in laws and ground in ("s7d", "s7e", "s6", ""):
        assert kind == ""
    if "EU" in laws and basis == "f":
        assert kind == "right"
