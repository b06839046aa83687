"""Where and when worn cameras record, who hands them out, and what bystanders are told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction

from governance.audit.models import Entry
from governance.capture import bindings, codes, deciding, gate, handouts, programmes, rules_worn
from governance.capture import terms as documents
from governance.capture.gate import BatchRefused
from governance.capture.models import Binding, HandOut, Programme
from governance.capture.rules_worn import Span
from governance.capture.terms import Shift, Terms, Zone
from governance.demo.factory import Line
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.retention.models import Hold, Matter
from tests.capture import worn
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words

EARLY = Shift("early", (1, 2, 3, 4, 5), "06:00", "14:00", adults_only=True)
NIGHT = Shift("night", (5,), "22:00", "06:00", adults_only=True)
YOUNG = Shift("apprentices", (1, 2, 3, 4, 5), "08:00", "12:00")
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def at(hour: float, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


class TestShifts:
    @pytest.mark.parametrize(
        ("since", "to", "code"),
        [
            (at(6), at(6.1), ""), (at(13.9), at(14), ""), (at(13.9), at(14.01), "outside_hours"), (at(5.99), at(6.1), "outside_hours"),
            (at(22.5, 4), at(22.6, 4), ""), (at(23.99, 4), at(24.05, 4), ""), (at(5.9, 5), at(6, 5), ""),
            (at(6.1, 5), at(6.2, 5), "outside_hours"), (at(22.5, 5), at(22.6, 5), "outside_hours"),
        ],
    )  # fmt: skip
    def test_a_clip_lies_in_one_shift_from_its_first_to_its_last_moment(
        self, since: Any, to: Any, code: str
    ) -> None:
        assert rules_worn.shift_code((EARLY, NIGHT), since, to, "UTC") == code

    def test_hours_are_those_of_the_entity(self) -> None:
        assert rules_worn.shift_code((EARLY,), at(0.6), at(0.7), "Asia/Kolkata") == ""

    def test_an_hour_that_a_shift_with_young_people_shares_is_barred(self) -> None:
        assert rules_worn.shift_code((EARLY, YOUNG), at(9), at(9.1), "UTC") == codes.ZONE_BARRED
        assert rules_worn.shift_code((EARLY, YOUNG), at(13), at(13.1), "UTC") == ""

    def test_a_camera_is_handed_out_for_the_shift_that_runs_or_the_next_within_a_day(self) -> None:
        assert rules_worn.allotted(EARLY, at(7), "UTC") == Span(at(6), at(14))
        assert rules_worn.allotted(EARLY, at(14), "UTC") == Span(at(6, 1), at(14, 1))
        assert rules_worn.allotted(EARLY, at(15, 4), "UTC") is None

    def test_a_zone_nobody_looked_at_or_with_young_people_is_barred(self) -> None:
        zone = Zone("a", 1, adults_only=True)
        assert rules_worn.zone_code(zone, False) == ""
        assert (
            rules_worn.zone_code(zone, True) == rules_worn.zone_code(Zone("a", 1), False) == codes.ZONE_BARRED
        )
        assert rules_worn.zone_code(None, False) == codes.OUTSIDE_ZONE

    def test_the_citation_is_of_the_laws_that_hold_and_of_the_day(self) -> None:
        india = rules_worn.citation(["IN"], date(2027, 6, 1))
        assert india == "DPDP Act s.9(3)" and "applied voluntarily" in rules_worn.citation(
            ["IN"], date(2026, 12, 1)
        )
        assert rules_worn.citation(["EU"], date(2026, 12, 1)) == "GDPR Art. 5(1)(a), rec. 38"


class TestDeciding:
    def test_new_zones_and_shifts_need_a_new_act(self) -> None:
        one, two = Zone("a", 1, adults_only=True), Zone("b", 1, adults_only=True)
        agreed = Terms(zones=(one,), shifts=(EARLY,))
        assert documents.wider(agreed, Terms(zones=(one, two), shifts=(EARLY, NIGHT))) == [
            ("zone", "b"),
            ("shift", "night"),
        ]
        assert documents.wider(agreed, agreed) == [] and documents.wider(agreed, Terms()) == [("zone", "all")]

    def test_a_zone_with_young_people_is_refused_when_it_is_set_and_when_it_starts(self, cast: Cast) -> None:
        line = worn.line(cast)
        programmes.pause(line.programme, by=cast.dev, because="test")
        young = Person.objects.register(number="N-1990", is_under_18=True)
        Employment.objects.create(
            person=young, entity=cast.software, site=line.site, country="IN", starts_on=clock.law_date()
        )
        with pytest.raises(Refused) as refused:
            programmes.start(line.programme, by=cast.omar)
        assert refused.value.code == "zone_barred" and "DPDP Act s.9(3)" in refused.value.sentence
        with pytest.raises(Refused):
            deciding.set_terms(line.programme, deciding.terms_of(line.programme), by=cast.omar)

    def test_what_films_needs_zones_and_shifts(self, cast: Cast) -> None:
        line = worn.line(cast)
        row = Programme.objects.get(pk=line.programme.pk)
        terms = msgspec.structs.replace(deciding.terms_of(row), zones=(), shifts=())
        plan = programmes.plan(
            line.purpose, "Bare", applications=[], by=cast.omar, owner=cast.omar, terms=terms
        )
        with pytest.raises(Refused) as refused:
            deciding.assess(plan, by=cast.omar)
        assert refused.value.code == "no_zones"


class TestHandingOut:
    @pytest.fixture
    def line(self, cast: Cast) -> Line:
        return worn.line(cast)

    def test_the_hand_out_binds_and_the_return_ends_it(self, cast: Cast, line: Line) -> None:
        with as_login("web"):
            row = worn.hand(line, cast.asha)
        assert Binding.objects.get(device=line.cameras[0], to_at__isnull=True).person == cast.asha
        assert handouts.take_back(row, by=line.steward) and not handouts.take_back(row, by=line.steward)
        assert not Binding.objects.filter(device=line.cameras[0], to_at__isnull=True).exists()
        told = Entry.objects.filter(about_id=line.cameras[0].pk, code__startswith="camera.").values_list(
            "code", "by_id"
        )
        assert list(told.order_by("id")) == [
            ("camera.handed_out", line.steward.pk),
            ("camera.back", line.steward.pk),
        ]

    def test_the_end_of_the_shift_ends_it(self, cast: Cast, line: Line) -> None:
        row = worn.hand(line, cast.asha)
        with as_login("worker"):
            assert handouts.end_due(row.ends_at - timedelta(minutes=1)) == 0
            assert handouts.end_due(row.ends_at) == 1
        row.refresh_from_db()
        assert row.back_at and row.back_to is None
        assert not Binding.objects.filter(device=line.cameras[0], to_at__isnull=True).exists()

    def refused(self, line: Line, person: Person, by: Person, shift: str = "day") -> Refused:
        with pytest.raises(Refused) as refused, transaction.atomic():
            handouts.hand_out(line.cameras[0], person.number or "", shift, by=by)
        assert not HandOut.objects.exists() and not Binding.objects.filter(device=line.cameras[0]).exists()
        return refused.value

    def test_the_line_manager_hands_nothing_to_their_own_people(self, cast: Cast, line: Line) -> None:
        told = self.refused(line, cast.asha, cast.meera)
        assert told.code == "line_manager" and "line manager" in told.sentence
        assert self.refused(line, cast.meera, cast.omar).code == "line_manager"
        assert self.refused(line, line.steward, line.steward).code == "own_camera"

    def test_nobody_under_18_carries_one(self, cast: Cast, line: Line) -> None:
        Person.objects.filter(pk=cast.bela.pk).update(is_under_18=True)
        assert self.refused(line, cast.bela, line.steward).code == "under_18"

    def test_a_wrong_shift_a_stranger_and_a_camera_that_is_out_are_refused(
        self, cast: Cast, line: Line
    ) -> None:
        assert self.refused(line, cast.asha, line.steward, shift="none").code == "no_shift"
        assert self.refused(line, cast.emil, line.steward).code == "nobody"
        worn.hand(line, cast.asha)
        with pytest.raises(Refused) as refused:
            worn.hand(line, cast.bela)
        assert refused.value.code == "camera_out"

    def test_handing_out_asks_nobodys_choice(self, cast: Cast, line: Line) -> None:
        """Bela was never asked, Asha agreed: who hands out sees no difference."""
        worn.agree(line, cast.asha)
        assert worn.hand(line, cast.asha, 0) and worn.hand(line, cast.bela, 1)

    def test_a_badge_or_a_hand_binds_nobody_to_a_camera(self, cast: Cast, line: Line) -> None:
        badge = bindings.Badge(device="CAM-01", user="N-1001", action="in")
        with pytest.raises(BatchRefused) as refused:
            bindings.badge(badge, client=gate.sender(line.key))
        assert refused.value.code == "handed_out_only"
        with pytest.raises(Refused):
            bindings.bind_by_hand("N-1001", line.cameras[0], by=cast.omar)


class TestForgetting:
    def test_who_carried_a_camera_is_forgotten_after_its_days_and_a_hold_keeps_it(self, cast: Cast) -> None:
        line = worn.line(cast)
        for person in (cast.asha, cast.bela):
            handouts.take_back(worn.hand(line, person), by=line.steward)
        worn.hand(line, cast.asha)
        matter = Matter.objects.create(number="M-0001", entity=cast.software, title="Dispute")
        hold = Hold.objects.create(matter=matter, person=cast.bela, placed_by=cast.lata)
        days = handouts.keep_days()
        with as_login("eraser"):
            assert handouts.forget(clock.now() + timedelta(days=days - 1)) == 0
            assert handouts.forget(clock.now() + timedelta(days=days, minutes=1)) == 1
        assert {(row.person, row.back_at is None) for row in HandOut.objects.all()} == {
            (cast.asha, True), (cast.bela, False),
        }  # fmt: skip
        left = Binding.objects.filter(device__in=line.cameras)
        assert {(row.person, row.to_at is None) for row in left} == {(cast.asha, True), (cast.bela, False)}
        assert Entry.objects.get(code="camera.handouts_forgotten").facts == {"count": 1}
        hold.delete()
        with as_login("eraser"):
            assert handouts.forget(clock.now() + timedelta(days=days, minutes=1)) == 1


class TestPages:
    @pytest.fixture
    def line(self, cast: Cast) -> Line:
        return worn.line(cast)

    def test_the_steward_hands_out_and_takes_back(self, cast: Cast, line: Line) -> None:
        path = f"/programmes/{line.programme.pk}/cameras/"
        with visit(line.steward) as browser:
            assert "No camera is out" in words(browser.get(path))
            camera = line.cameras[0].pk
            page = browser.post(path, {"camera": camera, "number": " N-1001 ", "shift": "day"}, follow=True)
            assert "CAM-01 · N-1001" in words(page) and "Asha" not in words(page)
            row = HandOut.objects.get()
            page = browser.post(f"/programmes/cameras/{row.pk}/back/", follow=True)
            assert "It is back." in words(page) and "No camera is out" in words(page)
            wrong = browser.post(path, {"camera": camera, "number": "N-1060", "shift": "day"})
            assert wrong.status_code == 400 and "You cannot hand a camera to yourself" in words(wrong)

    @pytest.mark.parametrize("who", ["meera", "asha", "dev", "rupa", "ira"])
    def test_nobody_else_opens_it(self, cast: Cast, line: Line, who: str) -> None:
        row = worn.hand(line, cast.asha)
        with visit(getattr(cast, who)) as browser:
            assert browser.get(f"/programmes/{line.programme.pk}/cameras/").status_code == 404
            assert browser.post(f"/programmes/cameras/{row.pk}/back/").status_code == 404

    def test_a_programme_that_films_nothing_has_no_such_pages(self, cast: Cast, line: Line) -> None:
        with visit(cast.omar) as browser:
            for page in ("cameras", "places", "sign", "spoken"):
                assert browser.get(f"/programmes/{cast.programme.pk}/{page}/").status_code == 404
            programmes.pause(cast.programme, by=cast.dev, because="test")
            assert "Zones and shifts" not in words(browser.get(f"/programmes/{cast.programme.pk}/"))
            programmes.pause(line.programme, by=cast.dev, because="test")
            assert "Zones and shifts of worn cameras" in words(
                browser.get(f"/programmes/{line.programme.pk}/")
            )

    def test_where_no_camera_lies_ready_the_button_says_so(self, cast: Cast, line: Line) -> None:
        for camera, person in enumerate((cast.asha, cast.bela)):
            worn.hand(line, person, camera)
        path = f"/programmes/{line.programme.pk}/cameras/"
        with visit(line.steward) as browser:
            assert "No camera lies ready." in words(browser.get(path))
            handouts.take_back(HandOut.objects.first(), by=line.steward)  # type: ignore[arg-type]
            assert "No camera lies ready." not in words(browser.get(path))

    def test_the_page_of_the_programme_shows_numbers_to_those_who_hand_out_alone(
        self, cast: Cast, line: Line
    ) -> None:
        handouts.take_back(worn.hand(line, cast.asha), by=line.steward)
        path = f"/programmes/{line.programme.pk}/"
        with visit(line.steward) as browser:
            page = words(browser.get(path))
            assert "Press line 2" in page and "N-1001" in page and "Monday–Sunday" in page
        with visit(cast.dev) as browser:
            page = words(browser.get(path))
            assert "Press line 2" in page and "N-1001" not in page

    def test_the_owner_sets_zones_and_shifts_and_has_to_have_looked(self, cast: Cast, line: Line) -> None:
        programmes.pause(line.programme, by=cast.dev, because="test")
        path = f"/programmes/{line.programme.pk}/places/"
        said = {
            "zones": "press-2; Chakan; Press line 2\nweld-1; chakan; Welding",
            "shifts": "early; 1-5,7; 06:00; 14:00",
        }
        with visit(cast.omar) as browser:
            assert "press-2; Chakan; Press line 2" in words(browser.get(path))
            assert "nobody has looked" in words(browser.post(path, said))
            assert browser.post(path, said | {"zones": "a; Nowhere; b"}).status_code == 400
            assert browser.post(path, said | {"shifts": "early; 1-9; 06:00; 14:00"}).status_code == 400
            assert browser.post(path, said | {"adults_only": "on"}).status_code == 302
        row = Programme.objects.get(pk=line.programme.pk)
        terms = deciding.terms_of(row)
        assert row.state == "draft" and [zone.code for zone in terms.zones] == ["press-2", "weld-1"]
        assert terms.shifts == (Shift("early", (1, 2, 3, 4, 5, 7), "06:00", "14:00", adults_only=True),)

    def test_the_sign_says_who_films_what_where_and_when_in_the_languages_of_the_notice(
        self, cast: Cast, line: Line
    ) -> None:
        with visit(reading(cast.dev, "en")) as browser:
            page = browser.get(f"/programmes/{line.programme.pk}/sign/")
            said = words(page)
            assert "Nirmaan Software Pvt Ltd films tasks here: Filming the change of a press tool" in said
            assert "Press line 2" in said and "privacy@nirmaan.example" in said and "पहने हुए कैमरे" in said
            assert 'lang="hi"' in page.content.decode() and "सोमवार" in said and "barred" not in said
            young = Person.objects.register(number="N-1990", is_under_18=True)
            job = {"entity": cast.software, "site": line.site, "country": "IN", "starts_on": clock.law_date()}
            Employment.objects.create(person=young, **job)
            assert "barred: somebody under 18 works there" in words(
                browser.get(f"/programmes/{line.programme.pk}/sign/")
            )
            assert browser.get(f"/programmes/{line.programme.pk}/sign/?zone=none").status_code == 404
            assert browser.get(f"/programmes/{cast.programme.pk}/sign/").status_code == 404
            aloud = browser.get(f"/programmes/{line.programme.pk}/spoken/?language=en")
            assert aloud["Content-Type"].startswith("text/plain") and "[hi]" not in aloud.content.decode()
            assert "If you do not want to be near it, tell me, and I stop." in aloud.content.decode()
