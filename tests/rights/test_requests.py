"""A right is asked for with its law and its day, seen by the person, answered by the DPO's office."""

from datetime import date

import pytest
from django.urls import reverse

from governance.audit.models import Entry
from governance.consents import objections
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes.models import Purpose
from governance.rights import requests, rules
from governance.rights.models import Request
from tests.cast import Cast
from tests.visits import visit, words

EU, IN, BOTH = frozenset({"EU"}), frozenset({"IN"}), frozenset({"EU", "IN"})


@pytest.mark.parametrize(
    ("right", "laws", "received", "due", "law"),
    [
        ("access", EU, date(2027, 1, 31), date(2027, 3, 1), "GDPR Art. 15"),
        ("access", EU, date(2027, 3, 31), date(2027, 4, 30), "GDPR Art. 15"),
        ("erasure", EU, date(2028, 1, 31), date(2028, 2, 29), "GDPR Art. 17"),
        ("grievance", IN, date(2027, 6, 1), date(2027, 8, 30), "DPDP Act s.13"),
        ("access", IN, date(2027, 6, 1), date(2027, 7, 1), "DPDP Act s.11"),
        ("objection", IN, date(2027, 6, 1), date(2027, 7, 1), ""),
        ("grievance", BOTH, date(2027, 6, 1), date(2027, 7, 1), "GDPR Art. 38(4); DPDP Act s.13"),
        (
            "access",
            IN,
            date(2026, 11, 23),
            date(2026, 12, 23),
            "DPDP Act s.11 (applied voluntarily, in force from 13 May 2027)",
        ),
        ("access", frozenset(), date(2027, 6, 1), date(2027, 7, 1), ""),
    ],
)
def test_each_right_has_its_law_and_its_day(
    right: str, laws: frozenset[str], received: date, due: date, law: str
) -> None:
    clock = rules.clock(right, laws, country="DE", received_on=received)
    assert (clock.due_on, clock.law) == (due, law)


def test_every_right_and_law_fits_where_it_is_kept() -> None:
    for right in requests.KNOWN:
        for on in (date(2026, 11, 23), date(2027, 6, 1)):
            assert len(rules.clock(right, BOTH, country="DE", received_on=on).law) <= 120


def test_asha_asks_and_reads_the_answer(cast: Cast) -> None:
    Person.objects.filter(pk=cast.asha.pk).update(language="en")
    with visit(cast.asha) as client:
        done = client.post(
            "/me/requests/new/", {"right": "correction", "words": "My site is Nashik."}, follow=True
        )
        assert "is received. You get an answer by" in words(done) and "Correct my data" in words(done)
    asked = Request.objects.get()
    assert Message.objects.filter(person=cast.dev, code="request_raised").exists()
    with visit(cast.dev) as client:
        assert "My site is Nashik." in words(client.get(reverse("rights:answer", args=[asked.pk])))
        client.post(
            reverse("rights:answer", args=[asked.pk]),
            {"words": "Corrected in the staff list.", "outcome": "granted"},
        )
        assert "answered" in words(client.get("/requests/"))
    with visit(cast.asha) as client:
        assert "Corrected in the staff list." in words(client.get("/me/requests/"))
    codes = list(Entry.objects.filter(about_id=asked.pk).order_by("id").values_list("code", flat=True))
    assert codes == ["request.raised", "request.answered"]
    assert "Nashik" not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_a_complaint_needs_words_and_the_page_says_so_at_the_field(cast: Cast) -> None:
    with visit(cast.bela) as client:
        page = client.post("/me/requests/new/", {"right": "grievance", "words": " "})
        assert page.status_code == 400 and "Write in a few words what is wrong" in words(page)
        assert client.post("/me/requests/new/", {"right": "everything"}).status_code == 400
    assert not Request.objects.exists()


def test_a_request_is_answered_once_by_the_dpo_of_that_entity_and_never_to_oneself(cast: Cast) -> None:
    asked, own = requests.raise_request("access", by=cast.bela), requests.raise_request("access", by=cast.dev)
    for by, row, text, code in [
        (cast.lata, asked, "x", "not_the_dpo"), (cast.dev, own, "x", "own_request"), (cast.dev, asked, "  ", "answer_missing"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as refused:
            requests.answer(row.pk, text, by=by)
        assert refused.value.code == code
    requests.answer(asked.pk, "Here it is.", by=cast.dev)
    with pytest.raises(Refused) as refused:
        requests.answer(asked.pk, "Here it is again.", by=cast.dev)
    assert refused.value.code == "answered"
    with visit(cast.dev) as client:
        assert "You cannot answer your own request" in words(
            client.get(reverse("rights:answer", args=[own.pk]))
        )


def test_a_request_is_seen_by_its_person_and_the_dpo_alone(cast: Cast) -> None:
    asked = requests.raise_request("grievance", "My manager asked me why I said no.", by=cast.asha)
    for other in (cast.bela, cast.meera, cast.lata, cast.arun, cast.ira, cast.rupa, cast.omar):
        with visit(other) as client:
            assert client.get(reverse("rights:answer", args=[asked.pk])).status_code == 404
            assert client.get("/requests/").status_code == 403
            assert "why I said no" not in words(client.get("/me/requests/"))


def test_emil_in_munich_has_a_month_and_nisha_the_shorter_of_both(cast: Cast) -> None:
    emil, nisha = (
        requests.raise_request("access", by=cast.emil),
        requests.raise_request("grievance", "x", by=cast.nisha),
    )
    assert emil.law == "GDPR Art. 15" and "GDPR" in nisha.law and "DPDP" in nisha.law
    assert nisha.due_on == emil.due_on


def test_an_objection_stands_among_what_was_asked_for_with_its_clock_and_the_answer(cast: Cast) -> None:
    leaks = Purpose.objects.get(name__startswith="Detect leaks", entity=cast.software)
    row = objections.object_to(leaks, "I carry no secrets.", by=cast.bela)
    with visit(cast.bela) as client:
        page = words(client.get("/me/requests/"))
        assert "Detect leaks" in page and "The data protection officer decides by" in page
        assert "You have not asked for anything yet" not in page
    objections.decide(row.pk, upheld=False, answer="An attack runs.", by=cast.dev)
    with visit(cast.bela) as client:
        assert "not upheld An attack runs." in words(client.get("/me/requests/"))
    with visit(cast.asha) as client:
        assert "Detect leaks" not in words(client.get("/me/requests/"))
