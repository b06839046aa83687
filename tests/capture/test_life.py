"""A programme is decided by different people, for exact terms, and the gate takes nothing beyond them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.models import Entry
from governance.capture import deciding, gate, limits, programmes, rules_life, states
from governance.capture import terms as documents
from governance.capture.models import Programme
from governance.capture.terms import Application, Hours, Population, Terms
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import evidence
from tests import make
from tests.cast import Cast
from tests.visits import reading, visit, words

WORDS = "Looked at the terms line by line and found nothing against them."


def planned(cast: Cast, *, de: bool = False, **more: Any) -> Programme:
    purpose = cast.purpose_de if de else cast.purpose
    terms = Terms(applications=(Application("Chrome"),), ends_on=clock.law_date() + timedelta(days=90))
    return programmes.plan(
        purpose,
        "Second",
        applications=[],
        by=cast.omar,
        owner=cast.omar,
        terms=msgspec.structs.replace(terms, **more),
    )


def decided(cast: Cast, programme: Programme) -> Programme:
    deciding.assess(programme, by=cast.omar)
    deciding.sign(programme, "advice", WORDS, by=cast.dev)
    deciding.sign(programme, "security", WORDS, by=cast.leon)
    return deciding.approve(programme, by=cast.omar)


def set_terms(programme: Programme, **more: Any) -> None:
    """The terms of a running programme, without its life: what the gate does with them."""
    terms = msgspec.structs.replace(deciding.terms_of(programme), **more)
    Programme.objects.filter(pk=programme.pk).update(**deciding.projected(terms))


def code(refused: Any) -> str:
    return str(refused.value.code)


class TestDeciding:
    def test_it_is_handed_in_signed_approved_and_runs(self, cast: Cast) -> None:
        programme = decided(cast, planned(cast))
        assert programmes.start(programme, by=cast.omar).state == "running"
        told = set(Entry.objects.filter(about_id=programme.pk).values_list("code", flat=True))
        assert {
            "programme.planned",
            "programme.assessed",
            "programme.signed",
            "programme.approved",
            "programme.running",
        } <= told

    @pytest.mark.parametrize(("left_out", "expected"), [("advice", "no_advice"), ("security", "no_security")])
    def test_a_part_that_is_missing_stops_the_approval(
        self, cast: Cast, left_out: str, expected: str
    ) -> None:
        programme = deciding.assess(planned(cast), by=cast.omar)
        for part, who in (("advice", cast.dev), ("security", cast.leon)):
            if part != left_out:
                deciding.sign(programme, part, WORDS, by=who)
        with pytest.raises(Refused) as refused:
            deciding.approve(programme, by=cast.omar)
        assert code(refused) == expected

    def test_nobody_is_two_of_them(self, cast: Cast) -> None:
        programme = deciding.assess(planned(cast), by=cast.omar)
        deciding.sign(programme, "advice", WORDS, by=cast.dev)
        for who, expected in ((cast.dev, "two_parts"), (cast.omar, "owner_signs")):
            with pytest.raises(Refused) as refused:
                deciding.sign(programme, "security", WORDS, by=who)
            assert code(refused) == expected

    def test_a_click_is_no_advice(self, cast: Cast) -> None:
        programme = deciding.assess(planned(cast), by=cast.omar)
        with pytest.raises(Refused) as refused:
            deciding.sign(programme, "advice", "ok", by=cast.dev)
        assert code(refused) == "words_missing"

    def test_security_that_says_no_is_heard(self, cast: Cast) -> None:
        programme = deciding.assess(planned(cast), by=cast.omar)
        deciding.sign(programme, "advice", WORDS, by=cast.dev)
        deciding.sign(programme, "security", WORDS, by=cast.leon, in_favour=False)
        with pytest.raises(Refused) as refused:
            deciding.approve(programme, by=cast.omar)
        assert code(refused) == "security_said_no"

    def test_changed_terms_are_signed_anew(self, cast: Cast) -> None:
        programme = decided(cast, planned(cast))
        wider = msgspec.structs.replace(
            deciding.terms_of(programme), applications=(Application("Chrome"), Application("Excel"))
        )
        assert deciding.set_terms(programme, wider, by=cast.omar).state == "draft"
        deciding.assess(programme, by=cast.omar)
        with pytest.raises(Refused) as refused:
            deciding.approve(programme, by=cast.omar)
        assert code(refused) == "no_advice"

    def test_a_programme_without_an_end_is_not_handed_in(self, cast: Cast) -> None:
        with pytest.raises(Refused) as refused:
            deciding.assess(planned(cast, ends_on=None), by=cast.omar)
        assert code(refused) == "no_end"


class TestTheActOfTheRepresentation:
    def handed_in(self, cast: Cast, **more: Any) -> Programme:
        programme = deciding.assess(planned(cast, de=True, **more), by=cast.omar)
        deciding.sign(programme, "advice", WORDS, by=cast.dev)
        deciding.sign(programme, "security", WORDS, by=cast.leon)
        return programme

    def file(self, cast: Cast, programme: Programme, **more: Any) -> Any:
        paper = cast.purpose_de.evidence.get(kind="works_agreement")
        said = {
            "number": "2026/4",
            "resolution": "Resolved on 1 November 2026, 7 to 0",
            "by": cast.lata,
        } | more
        return deciding.file_act(programme, paper, **said)

    def test_without_it_nothing_is_approved_in_germany(self, cast: Cast) -> None:
        programme = self.handed_in(cast)
        with pytest.raises(Refused) as refused:
            deciding.approve(programme, by=cast.omar)
        assert code(refused) == "no_act"
        self.file(cast, programme)
        assert deciding.approve(programme, by=cast.omar).state == "approved"

    def test_it_has_a_number_and_a_resolution_and_is_filed_by_somebody_else(self, cast: Cast) -> None:
        programme = self.handed_in(cast)
        for more, expected in (
            ({"number": " "}, "act_incomplete"), ({"resolution": ""}, "act_incomplete"),
            ({"by": cast.omar}, "two_parts"), ({"by": cast.dev}, "two_parts"), ({"by": cast.leon}, "two_parts"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                self.file(cast, programme, **more)
            assert code(refused) == expected
        assert not programme.acts.exists()

    def test_a_paper_that_the_owner_signed_is_no_act(self, cast: Cast) -> None:
        programme = self.handed_in(cast)
        paper = evidence.file(
            cast.purpose_de, evidence.Paper("works_agreement", b"Agreed.", "a.txt", "Omar Sheikh", date(2026, 1, 2)),
            on=clock.law_date(), by=cast.dev,
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            deciding.file_act(programme, paper, number="1", resolution="by himself", by=cast.lata)
        assert code(refused) == "two_parts"

    def test_a_new_application_needs_a_new_act(self, cast: Cast) -> None:
        programme = self.handed_in(cast)
        self.file(cast, programme)
        deciding.approve(programme, by=cast.omar)
        more = (Application("Chrome"), Application("SAP"))
        deciding.set_terms(
            programme, msgspec.structs.replace(deciding.terms_of(programme), applications=more), by=cast.omar
        )
        deciding.assess(programme, by=cast.omar)
        deciding.sign(programme, "advice", WORDS, by=cast.dev)
        deciding.sign(programme, "security", WORDS, by=cast.leon)
        with pytest.raises(Refused) as refused:
            deciding.approve(programme, by=cast.omar)
        assert code(refused) == "no_act"
        with visit(cast.lata) as client:
            page = words(client.get(f"/programmes/{programme.pk}/"))
        assert "does not cover these terms" in page and "new application: SAP" in page

    def test_a_withdrawn_agreement_stops_the_next_start(self, cast: Cast) -> None:
        programme = self.handed_in(cast)
        act = self.file(cast, programme)
        deciding.approve(programme, by=cast.omar)
        type(act.evidence).objects.filter(pk=act.evidence_id).update(withdrawn_at=clock.now())
        with pytest.raises(Refused) as refused:
            programmes.start(programme, by=cast.omar)
        assert code(refused) == "no_act"


class TestTheGate:
    def given(self, cast: Cast) -> None:
        make.consent(cast.asha, cast.purpose, "ui_event")

    def away(self, cast: Cast, *events: dict[str, Any]) -> Any:
        return make.post(cast, *events)["turned_away"]

    def test_the_deny_list_wins_over_the_allow_list(self, cast: Cast) -> None:
        self.given(cast)
        set_terms(cast.programme, applications=(Application("Chrome"), Application("Bitwarden")))
        assert self.away(cast, make.event("N-1001", application="Bitwarden")) == {"denied": 1}
        assert self.away(cast, make.event("N-1001", url="https://mail.google.com/a")) == {"denied": 1}
        assert self.away(cast, make.event("N-1001", url="https://intranet.example/a")) == {}

    def test_what_bounds_the_programme_tells_nothing_about_a_choice(self, cast: Cast) -> None:
        """Asked only of those who agreed, a denied site would tell who did."""
        self.given(cast)
        for hours in ((), (Hours((1,), "00:00", "00:01"),)):
            set_terms(cast.programme, hours=hours)
            for more in ({"url": "https://web.de/"}, {"application": "Bitwarden"}, *([{}] if hours else [])):
                assert self.away(cast, make.event("N-1001", **more)) == self.away(
                    cast, make.event("N-1002", **more)
                )

    def test_a_clients_system_is_held_until_their_permission_is_on_file(self, cast: Cast) -> None:
        self.given(cast)
        set_terms(cast.programme, applications=(Application("Chrome", client="Acme"),))
        assert self.away(cast, make.event("N-1001")) == {"application_held": 1}
        paper = evidence.file(
            cast.purpose, evidence.Paper("client_permission", b"You may.", "p.txt", "Acme", date(2026, 1, 2), reference="A-1"),
            on=clock.law_date(), by=cast.dev,
        )  # fmt: skip
        set_terms(
            cast.programme, applications=(Application("Chrome", client="Acme", permission=str(paper.pk)),)
        )
        assert self.away(cast, make.event("N-1001")) == {}
        evidence.withdraw(paper.pk, because="They took it back in writing.", on=clock.law_date(), by=cast.dev)
        assert self.away(cast, make.event("N-1001")) == {"application_held": 1}

    def test_who_is_outside_of_the_population_hears_the_one_code(self, cast: Cast) -> None:
        self.given(cast)
        set_terms(cast.programme, population=Population(kinds=("agency",)))
        assert self.away(cast, make.event("N-1001")) == {"not_permitted": 1}
        set_terms(
            cast.programme, population=Population(countries=("IN",), sites=(cast.asha.employment.site_id,))
        )
        assert self.away(cast, make.event("N-1001")) == {}

    def test_a_field_beyond_what_was_decided_is_not_kept(self, cast: Cast) -> None:
        declared = {"ui_event": ["site", "role"], "app_usage": ["quarter"]}
        assert limits.agreed(declared, {"ui_event": ["role"]}) == {"ui_event": ("role",)}
        assert "app_usage" in deciding.terms_of(cast.programme).signals

    def test_after_its_last_day_it_takes_nothing_and_the_timetable_ends_it(self, cast: Cast) -> None:
        self.given(cast)
        set_terms(cast.programme, ends_on=clock.law_date("Asia/Kolkata") - timedelta(days=1))
        with pytest.raises(gate.BatchRefused) as refused:
            make.post(cast, make.event("N-1001"))
        assert code(refused) == "programme_not_running"
        assert programmes.end_due() == 1
        assert Programme.objects.get(pk=cast.programme.pk).state == "ended"


class TestPages:
    def test_each_signs_on_their_own_page_and_the_owner_approves(self, cast: Cast) -> None:
        programme = planned(cast)
        home = f"/programmes/{programme.pk}/"
        said = {"words": WORDS, "in_favour": "yes"}
        with visit(cast.omar) as client:
            assert "Handed in." in words(client.post(home + "assess/", follow=True))
            assert "Missing: Written advice" in words(client.get(home))
            assert client.post(home + "advise/", said).status_code == 404
        with visit(cast.dev) as client:
            assert "Your advice is signed." in words(client.post(home + "advise/", said, follow=True))
            assert client.post(home + "approve/").status_code == 404
        with visit(cast.leon) as client:
            assert "Signed." in words(client.post(home + "security/", said, follow=True))
        with visit(cast.omar) as client:
            assert "Approved. It can be started." in words(client.post(home + "approve/", follow=True))
            assert "It runs." in words(client.post(home + "start/", follow=True))
            assert WORDS in words(client.get(home))

    def test_the_owner_writes_the_terms(self, cast: Cast) -> None:
        programme = planned(cast)
        with visit(cast.omar) as client:
            page = client.post(
                f"/programmes/{programme.pk}/terms/",
                {"own": "Chrome\nExcel", "of_clients": "AcmeDesk; Acme; X-9", "days": ["1", "2"], "begins": "09:00", "ends": "18:00", "sampling": 50, "ends_on": "2030-01-31"},
                follow=True,
            )  # fmt: skip
            assert "held until their written permission is on file" in words(page)
            bad = client.post(
                f"/programmes/{programme.pk}/terms/",
                {"own": "", "days": ["1"], "sampling": 0, "ends_on": "x"},
            )
        assert bad.status_code == 400
        terms = deciding.terms_of(Programme.objects.get(pk=programme.pk))
        assert terms.hours == (Hours((1, 2), "09:00", "18:00"),) and terms.sampling == 50


class TestRules:
    def test_the_drawing_is_the_table(self) -> None:
        assert Path(states.__file__).with_name("states.md").read_text() == states.drawn()

    @given(st.sampled_from(states.ORDER), st.sampled_from(sorted(states.VERBS)))
    def test_what_is_not_in_the_table_cannot_happen(self, state: str, verb: str) -> None:
        if (state, verb) in states.PROGRAMME:
            assert states.follow(state, verb) in states.ORDER
        else:
            with pytest.raises(Refused):
                states.follow(state, verb)

    @given(st.integers(1, 99), st.uuids())
    def test_a_day_of_a_person_is_in_the_sample_or_not_whoever_asks(self, share: int, person: Any) -> None:
        at = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
        programme = uuid4()
        one, other = (limits.Limits(programme, sampling=share, zone="Asia/Kolkata") for _ in range(2))
        assert one.sampled(person, at) == other.sampled(person, at + timedelta(hours=3))

    def test_hours_are_read_in_the_zone_of_the_entity(self) -> None:
        window = limits.hours([{"days": [2], "begins": "09:00", "ends": "18:00"}])
        pune = limits.Limits(hours=window, zone="Asia/Kolkata")
        assert pune.open_at(datetime(2026, 11, 24, 3, 30, tzinfo=UTC))  # 09:00 on a Tuesday in Pune
        assert not pune.open_at(datetime(2026, 11, 24, 3, 29, tzinfo=UTC))
        assert not pune.open_at(datetime(2026, 11, 24, 12, 30, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("more", "kind"),
        [
            ({"applications": (Application("A"), Application("B"))}, "application"), ({"signals": {"ui_event": ("role", "x")}}, "field"),
            ({"signals": {"ui_event": (), "mouse_path": ()}}, "signal"), ({"population": Population(countries=("DE", "IN"))}, "countries"),
            ({"population": Population()}, "countries"), ({"hours": ()}, "hours"), ({"sampling": 60}, "sampling"),
            ({"ends_on": date(2027, 2, 1)}, "ends_on"), ({"trains_ai": True}, "trains_ai"),
        ],
    )  # fmt: skip
    def test_everything_looser_needs_a_new_act(self, more: dict[str, Any], kind: str) -> None:
        agreed = Terms(
            applications=(Application("A"),), population=Population(countries=("DE",)), hours=(Hours((1,), "09:00", "17:00"),),
            sampling=50, ends_on=date(2027, 1, 1), signals={"ui_event": ("role",)},
        )  # fmt: skip
        assert [k for k, _what in documents.wider(agreed, msgspec.structs.replace(agreed, **more))] == [kind]
        assert (
            documents.wider(agreed, msgspec.structs.replace(agreed, sampling=10, ends_on=date(2026, 12, 1)))
            == []
        )

    def test_the_three_are_three(self) -> None:
        one, two, three = uuid4(), uuid4(), uuid4()
        facts = rules_life.LifeFacts(
            one, one, date(2026, 1, 1), date(2026, 2, 1), signed={"advice": two, "security": three}
        )
        rules_life.check_approve(facts)
        for signed in ({"advice": two, "security": two}, {"advice": one, "security": three}):
            with pytest.raises(Refused) as refused:
                rules_life.check_approve(replace(facts, signed=signed))
            assert code(refused) == "two_parts"


def test_the_owner_ends_it_on_a_page_that_says_what_follows_and_nobody_starts_it_again(cast: Cast) -> None:
    reading(cast.omar, "en")
    here = f"/programmes/{cast.programme.pk}/"
    with visit(cast.omar) as browser:
        assert f'href="{here}end/"' in browser.get(here).content.decode()
        assert "it cannot be started again" in words(browser.get(f"{here}end/"))
        assert Programme.objects.get(pk=cast.programme.pk).state == "running", "looking at it ends nothing"
        assert browser.post(f"{here}end/").status_code == 302
        page = browser.get(here)
        assert "Ended" in words(page) and f'href="{here}end/"' not in page.content.decode()
        browser.post(f"{here}start/")
    assert Programme.objects.get(pk=cast.programme.pk).state == "ended"
    with visit(cast.meera) as browser:
        assert f'href="{here}end/"' not in browser.get(here).content.decode()
        assert browser.post(f"{here}end/").status_code in (403, 404)
