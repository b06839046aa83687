"""A no for many: who may say it, what it ends, who is told, and who takes it back."""

from datetime import date, timedelta

import pytest

from governance.audit.models import Entry
from governance.consents import following, ledger, optouts, populations, rebuilding, rules_populations
from governance.consents.models import ConsentEvent, ConsentRecord, OptOut, Stream
from governance.lib.refusals import Refused
from governance.people.models import Message, Site
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import reading, visit, words


@pytest.fixture
def given(cast: Cast) -> Cast:
    make.consent(cast.bela, cast.purpose, "ui_event", "app_usage")
    return cast


def said_no(cast: Cast, **more: object) -> OptOut:
    return optouts.opt_out_population(
        by=cast.rupa, entity=cast.software, purpose=cast.purpose, act=make.act(), **more
    )  # type: ignore[arg-type]


def follow() -> None:
    with as_login("worker"):
        following.follow()
        populations.tell_waiting()


class TestWhoMay:
    @pytest.mark.parametrize("who", ["asha", "meera", "lata", "arun", "ira", "omar", "emil"])
    def test_nobody_else(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            optouts.opt_out_population(by=getattr(cast, who), entity=cast.software, act=make.act())
        assert not OptOut.objects.exists()

    def test_a_works_council_names_its_act_and_speaks_for_no_other_entity(self, cast: Cast) -> None:
        for act in (
            rules_populations.NONE, rules_populations.Act("Minutes", "", date(2026, 11, 2)),
            rules_populations.Act("Minutes", "7", date.today() + timedelta(days=30)),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                optouts.opt_out_population(by=cast.rupa, entity=cast.software, act=act)
            assert refused.value.code in ("no_act", "act_in_future")
        elsewhere = cast.purpose_de.entity
        with pytest.raises(Refused):
            optouts.opt_out_population(by=cast.rupa, entity=elsewhere, act=make.act())
        with pytest.raises(Refused):
            optouts.opt_out_population(by=cast.rupa, country="IN", act=make.act())

    def test_a_site_of_another_entity_is_none_of_this(self, cast: Cast) -> None:
        other = Site.objects.exclude(entity=cast.software).first()
        assert other is not None
        with pytest.raises(Refused):
            optouts.opt_out_population(by=cast.rupa, entity=cast.software, site=other, act=make.act())

    def test_a_no_for_nobody_is_none(self, cast: Cast) -> None:
        with pytest.raises(Refused) as refused:
            optouts.opt_out_population(by=cast.dev)
        assert refused.value.code == "nobody_named"


class TestWhatItEnds:
    def test_every_yes_it_covers_ends_is_told_and_erased(self, given: Cast) -> None:
        said_no(given)
        assert make.post(given, make.event("N-1002"))["admitted"] == 0
        follow()
        assert not ConsentRecord.objects.on().exists()
        assert set(ConsentRecord.objects.values_list("ended_because", flat=True)) == {"population_no"}
        assert ErasureOrder.objects.filter(person=given.bela, because="consent.revoked").count() == 1
        assert not Stream.objects.filter(state__in=("waiting", "open")).exists()
        assert Message.objects.filter(person=given.bela, code="consent_population_no").exists()
        assert rebuilding.check() == []

    def test_only_the_signal_and_the_site_it_names(self, given: Cast) -> None:
        site = given.bela.employment.site
        said_no(given, site=site, signal="ui_event")
        follow()
        assert set(ConsentRecord.objects.on().values_list("signal", flat=True)) == {"app_usage"}
        elsewhere = Site.objects.create(entity=given.software, name="Goa", country="IN")
        said_no(given, site=elsewhere)
        follow()
        assert set(ConsentRecord.objects.on().values_list("signal", flat=True)) == {"app_usage"}

    def test_while_it_stands_nothing_is_switched_on_by_its_people(self, cast: Cast) -> None:
        said_no(cast, signal="ui_event")
        with pytest.raises(Refused) as refused:
            make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
        assert refused.value.code == "population_no" and not ConsentEvent.objects.exists()
        make.consent(cast.bela, cast.purpose, "app_usage", open_streams=False)

    def test_everybody_there_is_told_once_and_others_are_not(self, cast: Cast) -> None:
        said_no(cast)
        follow()
        follow()
        told = Message.objects.filter(code="population_no_placed")
        assert told.filter(person=cast.bela).count() == 1 and not told.filter(person=cast.emil).exists()


class TestTakenBack:
    def test_lifting_switches_nothing_on(self, given: Cast) -> None:
        row = said_no(given)
        follow()
        optouts.lift(row.pk, by=given.rupa, because="A new agreement was signed.")
        follow()
        assert make.post(given, make.event("N-1002"))["admitted"] == 0
        assert not ConsentRecord.objects.on().exists()
        assert Message.objects.filter(person=given.bela, code="population_no_lifted").count() == 1
        assert Entry.objects.filter(code="opt_out.population_lifted", about_id=row.pk).exists()
        make.consent(given.bela, given.purpose, "ui_event")
        assert make.post(given, make.event("N-1002"))["admitted"] == 1

    def test_what_a_person_switched_off_stays_off(self, given: Cast) -> None:
        row = said_no(given)
        ledger.withdraw_purpose(given.purpose, by=given.bela)
        optouts.lift(row.pk, by=given.rupa, because="Agreed anew.")
        assert set(ConsentRecord.objects.values_list("status", flat=True)) == {"withdrawn"}

    def test_only_by_whoever_said_it_and_with_a_reason(self, cast: Cast) -> None:
        row, company = said_no(cast), optouts.opt_out_population(by=cast.dev, entity=cast.software)
        for by, which, because in (
            (cast.dev, row, "x"), (cast.rupa, company, "x"), (cast.asha, row, "x"), (cast.meera, company, "x"), (cast.rupa, row, " "),
        ):  # fmt: skip
            with pytest.raises(Refused):
                optouts.lift(which.pk, by=by, because=because)
        assert OptOut.objects.in_force().count() == 2


class TestThePages:
    def test_the_works_council_says_it_and_takes_it_back(self, cast: Cast) -> None:
        pune = Site.objects.get(entity=cast.software, name="Pune")
        reading(cast.rupa, "en")
        form = {"where": f"site:{pune.pk}", "purpose": str(cast.purpose.pk), "signal": ""}
        with visit(cast.rupa) as client:
            page = client.post("/consents/populations/", form)
            assert page.status_code == 400 and "Name the act" in words(page)
            act = {"document": "Minutes", "number": "WC 7/2026", "on": "2026-11-02"}
            page = client.post("/consents/populations/", form | act, follow=True)
            assert "Pune" in words(page) and "WC 7/2026" in words(page) and "Works council" in words(page)
            row = OptOut.objects.get()
            assert (row.site_id, row.entity_id, row.said_as) == (pune.pk, cast.software.pk, "representative")
        with visit(cast.bela) as client:
            page = words(client.get("/me/"))
            assert "Your works council said no for Pune" in page and "WC 7/2026" in page
        with visit(cast.dev) as client:
            page = client.get(f"/consents/populations/{row.pk}/")
            assert "Only they can take it back" in words(page)
            assert client.post(f"/consents/populations/{row.pk}/", {"because": "x"}).status_code == 400
        with visit(cast.rupa) as client:
            assert client.post(f"/consents/populations/{row.pk}/", {"because": ""}).status_code == 400
            page = client.post(f"/consents/populations/{row.pk}/", {"because": "Agreed anew."}, follow=True)
            assert "Taken back" in words(page)
            assert "Agreed anew." in words(client.get(f"/consents/populations/{row.pk}/"))
        assert not OptOut.objects.in_force().exists()

    def test_the_officer_says_it_for_a_country_of_the_entity(self, cast: Cast) -> None:
        with visit(cast.dev) as client:
            form = {"where": f"country:{cast.software.pk}:IN", "purpose": "", "signal": ""}
            client.post("/consents/populations/", form, follow=True)
        row = OptOut.objects.get()
        assert (row.country, row.entity_id, row.said_as) == ("IN", cast.software.pk, "dpo")

    def test_it_opens_no_persons_own_and_is_nobody_elses(self, cast: Cast) -> None:
        own = optouts.opt_out(by=cast.bela)
        row = said_no(cast)
        for who in ("dev", "rupa"):
            with visit(getattr(cast, who)) as client:
                assert client.get(f"/consents/populations/{own.pk}/").status_code == 404
        for who in ("asha", "meera", "omar"):
            with visit(getattr(cast, who)) as client:
                assert client.get(f"/consents/populations/{row.pk}/").status_code == 404
                assert client.get("/consents/populations/").status_code == 403


def test_a_country_is_called_by_its_name(cast: Cast) -> None:
    with visit(cast.dev) as client:
        assert "everybody in India" in words(client.get("/consents/populations/"))
    row = optouts.opt_out_population(by=cast.dev, entity=cast.software, country="IN")
    assert populations.where(row) == "India, Nirmaan Software Pvt Ltd"
    with visit(cast.asha) as client:
        account = words(client.get("/account/"))
        mine = words(client.get("/me/"))
    assert "भारत" in account and "भारत, Nirmaan Software Pvt Ltd" in mine
