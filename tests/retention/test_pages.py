"""Who sees which order, and what is offered to whom."""

import re
from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from governance.audit.models import Entry
from governance.demo import systems as demo
from governance.lib.refusals import Refused
from governance.people import roles
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import holds, orders, shown
from governance.retention.models import ErasureOrder, Hold, Matter, Proof
from tests import make
from tests.cast import Cast
from tests.visits import reading

NAME = re.compile(r"Asha|Deshmukh|asha@")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="governance.people.signin.PersonBackend")
    return client


def withdrawn(cast: Cast, name: str = "asha") -> ErasureOrder:
    from governance.consents import ledger

    person, purpose = cast.people[name], cast.purpose_de if name in ("emil", "nisha") else cast.purpose
    make.consent(person, purpose, open_streams=False)
    ledger.withdraw_purpose(purpose, by=person)
    return ErasureOrder.objects.filter(person=person).latest("created_at")


@pytest.mark.parametrize(
    ("name", "list_", "detail"),
    [("dev", 200, 200), ("lata", 200, 200), ("arun", 200, 200), ("ira", 403, 404), ("omar", 403, 404), ("meera", 403, 404),
     ("rupa", 403, 404), ("asha", 403, 404), ("bela", 403, 404)],
)  # fmt: skip
def test_who_sees_orders(cast: Cast, name: str, list_: int, detail: int) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    client = signed_in(cast.people[name])
    assert client.get("/erasures/").status_code == list_
    assert client.get(f"/erasures/{order.pk}").status_code == detail


def test_the_lists_show_numbers_and_never_names(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    client = signed_in(cast.dev)
    for address in ("/erasures/", f"/erasures/{order.pk}", "/erasures/?state=waiting"):
        page = client.get(address).content.decode()
        assert "N-1001" in page and not NAME.search(page.split("<main", 1)[1].split("</main>")[0])


def test_a_person_sees_their_own_order_and_nobody_elses(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    page = signed_in(cast.asha).get(f"/me/erasures/{order.pk}")
    assert page.status_code == 200 and order.number in page.content.decode()
    for other in ("bela", "meera", "dev"):
        assert signed_in(cast.people[other]).get(f"/me/erasures/{order.pk}").status_code == 404


def test_the_living_part_is_given_alone_to_htmx_and_stops_when_done(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    client = signed_in(cast.dev)
    part = client.get(f"/erasures/{order.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "every 2s" in part
    ErasureOrder.objects.filter(pk=order.pk).update(state="needs_attention")
    assert (
        "every 2s" not in client.get(f"/erasures/{order.pk}", headers={"HX-Request": "true"}).content.decode()
    )


def test_what_needs_attention_is_started_again_by_the_dpo_alone(cast: Cast) -> None:
    order = withdrawn(cast)
    ErasureOrder.objects.filter(pk=order.pk).update(state="needs_attention", attempts=8)
    assert signed_in(cast.lata).post(f"/erasures/{order.pk}/carry-on").status_code == 404
    assert signed_in(cast.dev).post(f"/erasures/{order.pk}/carry-on").status_code == 302
    order.refresh_from_db()
    assert (order.state, order.attempts) == ("waiting", 0)


def test_a_person_under_two_laws_is_an_open_conflict_that_the_owner_decides_after_advice(
    cast: Cast, settings: Any
) -> None:
    settings.TODAY = "2027-06-01"
    order = withdrawn(cast, "nisha")
    assert order.state == "retention_conflict" and order.kept_until == date(2028, 6, 1)
    owner, dpo = signed_in(cast.omar), signed_in(cast.dev)
    page = owner.get(f"/erasures/{order.pk}/decide").content.decode()
    assert "has not written any advice yet" in page and "GDPR Art. 17(1)(b)" in page
    with pytest.raises(Refused):
        orders.decide_conflict(order.pk, keep=True, reason="I think so", by=cast.omar)

    assert dpo.get(f"/erasures/{order.pk}/decide").status_code == 404
    assert (
        dpo.post(
            f"/erasures/{order.pk}/advise", {"advice": "A third country's floor is no exemption: erase."}
        ).status_code
        == 302
    )
    assert (
        owner.post(
            f"/erasures/{order.pk}/decide", {"keep": "erase", "reason": "I follow the advice."}
        ).status_code
        == 302
    )

    order.refresh_from_db()
    assert order.state == "waiting"
    assert list(Entry.objects.filter(about_id=order.pk).order_by("id").values_list("code", flat=True)) == [
        "order.raised", "order.advised", "order.conflict_decided", "order.waiting",
    ]  # fmt: skip
    assert "no open conflict" not in owner.get(f"/erasures/{order.pk}/decide").content.decode()


def test_a_conflict_decided_to_keep_is_kept_until_the_floor(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    order = withdrawn(cast, "nisha")
    orders.advise(order.pk, advice="Keep.", by=cast.dev)
    kept = orders.decide_conflict(order.pk, keep=True, reason="The Indian floor", by=cast.omar)
    assert (kept.state, kept.kept_until) == ("restricted_hold", date(2028, 6, 1))
    page = signed_in(cast.nisha).get(f"/me/erasures/{order.pk}").content.decode()
    assert "locked away" in page and "1 June 2028" in page


def test_an_eu_employee_is_erased_and_an_indian_one_kept_on_the_same_day(cast: Cast, settings: Any) -> None:
    settings.TODAY = "2027-06-01"
    assert [withdrawn(cast, name).state for name in ("emil", "asha", "nisha")] == [
        "waiting",
        "restricted_hold",
        "retention_conflict",
    ]


def test_legal_places_a_hold_and_two_lawyers_release_it(cast: Cast) -> None:
    order = withdrawn(cast)
    lata = signed_in(cast.lata)
    lata.post(
        "/erasures/holds", {"open": "1", "matter-entity": cast.software.pk, "matter-title": "A dispute"}
    )
    matter = Matter.objects.get()
    answer = lata.post(
        "/erasures/holds",
        {"place": "1", "hold-matter": matter.pk, "hold-number": "N-1001", "hold-purpose": ""},
    )
    assert answer.status_code == 302
    order.refresh_from_db()
    assert order.state == "held"
    hold = Hold.objects.get()
    assert "Close the matter first" in lata.get("/erasures/holds").content.decode()
    lata.post(f"/erasures/matters/{matter.pk}/close")
    lata.post(f"/erasures/holds/{hold.pk}/release")
    assert "Two lawyers release a hold" in lata.get("/erasures/holds").content.decode()
    with pytest.raises(Refused, match="Two lawyers"):
        holds.agree_release(Hold.objects.get(), by=cast.lata)

    roles.grant(cast.bela, "legal", cast.software, by=Person.objects.get(pk=cast.ira.pk), second=cast.dev)
    assert (
        signed_in(Person.objects.get(pk=cast.bela.pk)).post(f"/erasures/holds/{hold.pk}/release").status_code
        == 302
    )
    order.refresh_from_db()
    assert order.state == "waiting" and not Hold.objects.in_force().exists()


@pytest.mark.parametrize("number", ["", "N-9999", "N-2001"])
def test_a_hold_names_somebody_of_this_lawyers_entities(cast: Cast, number: str) -> None:
    from governance.people.models import Role

    Role.objects.filter(person=cast.lata, entity=cast.gmbh).update(ended_at="2026-01-01T00:00:00Z")
    lata = Person.objects.get(pk=cast.lata.pk)
    matter = holds.open_matter(cast.software, "A dispute", by=lata)
    answer = signed_in(lata).post(
        "/erasures/holds", {"place": "1", "hold-matter": matter.pk, "hold-number": number}
    )
    assert answer.status_code == 200 and not Hold.objects.exists()


def test_only_legal_sees_holds(cast: Cast) -> None:
    for name in ("dev", "arun", "ira", "omar", "asha", "meera"):
        assert signed_in(cast.people[name]).get("/erasures/holds").status_code == 403


def test_options_with_a_secret_in_them_are_refused(cast: Cast) -> None:
    from governance.retention import systems

    made = demo.register(cast)
    for options in ({"url": "postgresql://x:y@z/db"}, {"password": "x"}, {"url_env": "A", "api_token": "t"}):
        with pytest.raises(Refused) as refused:
            systems.connect(made["feature-store"], "sql", options, by=cast.dev)
        assert refused.value.code == "secret_in_options"


def test_what_is_not_erased_is_said_in_the_readers_language() -> None:
    kept = {
        "what": "register of consents, log and proofs",
        "where": "consents",
        "why": "",
        "count": 0,
        "until": "",
    }
    row = shown.Shown(
        DataSystem(name="Portal"), proof=Proof(not_erased=[kept, kept | {"what": "a word of somebody's own"}])
    )
    with translation.override("de"):
        first, second = shown.kept_rows([row])
    assert first[1] not in (kept["what"], "") and first[3] == "" and second[1] == "a word of somebody's own"


def test_what_has_nothing_to_say_is_a_dash_and_no_dictionary(cast: Cast) -> None:
    rows = [["vault", {"text": "", "note": ""}, {"text": "", "note": "it did not answer"}]]
    columns = [{"label": "System", "whole": True}, {"label": "How"}, {"label": "Why"}]
    shown_as = render_to_string(
        "components/table.html", {"caption": "Journal", "columns": columns, "rows": rows}
    )
    assert "{" not in shown_as and "–" in shown_as and "it did not answer" in shown_as


def test_the_way_from_an_order_to_its_certificate_is_a_button(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    for name, there in (("dev", True), ("lata", True), ("arun", False)):
        page = signed_in(cast.people[name]).get(f"/erasures/{order.pk}").content.decode()
        assert (f"kind=certificate&amp;order={order.pk}" in page) is there, name
    form = signed_in(cast.lata).get(f"/reports/new?kind=certificate&order={order.pk}").content.decode()
    assert f'<option value="{order.pk}" selected>' in form


def test_an_order_that_is_not_over_does_not_say_that_nothing_was_left(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast)
    page = signed_in(cast.dev).get(f"/erasures/{order.pk}").content.decode()
    assert "Nothing so far." in page and "was left there on purpose" not in page


def test_two_systems_of_one_name_are_told_apart_where_a_hold_is_placed(cast: Cast) -> None:
    demo.register(cast)
    page = signed_in(cast.lata).get("/erasures/holds").content.decode()
    assert "Feature store · Nirmaan GmbH" in page and "Feature store · Nirmaan Software Pvt Ltd" in page


def test_a_person_reads_what_is_erased_by_the_name_that_they_were_told(cast: Cast) -> None:
    demo.register(cast)
    order = withdrawn(cast, "emil")
    client = signed_in(reading(cast.emil, "de"))
    for address in (f"/me/erasures/{order.pk}", "/me/"):
        page = client.get(address).content.decode()
        assert '<span lang="de" dir="auto">Einen Software-Agenten' in page, address
        assert "Train an agent" not in page
