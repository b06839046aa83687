"""Programmes: that they run and how many as a band; never who, never content, never a choice."""

import re
from datetime import timedelta

from django.utils import timezone

from governance.capture import bands
from governance.capture.models import Band, Programme, TurnedAway
from governance.people.models import Person
from governance.purposes import assessments
from governance.purposes.models import Assessment, Processor
from tests import make
from tests.cast import Cast
from tests.visits import reading, visit, words


def page_for(cast: Cast, person: Person) -> str:
    with visit(person) as client:
        return words(client.get(f"/programmes/{cast.programme.pk}/"))


def test_a_manager_sees_the_band_and_nobody_in_it(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", language="hi")
    bands.count()
    page = page_for(cast, cast.meera)
    assert (
        "Running" in page and "Fewer than ten take part or fewer than ten do not: no figure is shown." in page
    )
    for hidden in ("Asha", "N-1001", "turned away", "not permitted"):
        assert hidden not in page


def test_the_band_of_a_big_enough_company(db: None) -> None:
    cast = make.cast(colleagues=24)
    for person in Person.objects.filter(number__startswith="N-11")[:12]:
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
    Band.objects.all().delete()
    bands.count()
    page = page_for(cast, cast.meera)
    assert "10–19 people take part" in page
    make.consent(
        Person.objects.filter(number__startswith="N-11")[13], cast.purpose, "ui_event", open_streams=False
    )
    bands.count()
    assert "10–19 people take part" in page_for(
        cast, cast.meera
    )  # one band per week: nobody shows by leaving


def test_turned_away_counts_are_for_those_who_must_know(cast: Cast) -> None:
    client_row = cast.programme.clients.get()
    day = timezone.now().date() - timedelta(days=1)
    TurnedAway.objects.create(
        client=client_row, programme=cast.programme, code="not_declared", day=day, count=1234
    )
    for person in (cast.omar, cast.dev, cast.rupa):
        assert "1234" in page_for(cast, person).replace(",", "")
    for person in (cast.meera, cast.lata, cast.arun):
        assert "1234" not in page_for(cast, person).replace(",", "")


def test_the_owner_pauses_and_starts_and_the_dpo_pauses(cast: Cast) -> None:
    path = f"/programmes/{cast.programme.pk}/"
    with visit(cast.dev) as client:
        assert "Nothing is admitted any more" in words(client.post(path + "pause/", follow=True))
        assert client.post(path + "start/").status_code == 404  # whoever watches does not run it
    assert Programme.objects.get(pk=cast.programme.pk).state == "paused"
    with visit(cast.omar) as client:
        assert "It runs." in words(client.post(path + "start/", follow=True))
    assert Programme.objects.get(pk=cast.programme.pk).state == "running"
    with visit(cast.meera) as client:
        assert client.post(path + "pause/").status_code == 404


def test_who_has_no_role_there_finds_no_programme(cast: Cast) -> None:
    for person in (cast.bela, cast.ira):
        with visit(person) as client:
            assert client.get("/programmes/").status_code == 403
            assert client.get(f"/programmes/{cast.programme.pk}/").status_code == 404
    with visit(cast.rupa) as client:
        assert "CP-0002" not in words(client.get("/programmes/"))
        assert client.get(f"/programmes/{cast.programme_de.pk}/").status_code == 404


def test_each_signal_says_what_stays_how_much_it_tells_and_why_nothing_less_would_do(cast: Cast) -> None:
    reading(cast.rupa, "en")
    value = Assessment.objects.get(purpose=cast.purpose, item="ui_event", ended_at=None)
    for person in (cast.rupa, cast.meera, cast.omar):
        page = page_for(cast, person)
        assert value.why_needed in page and value.what_less in page and "Decided by" in page
        assert "S1, low" in page and "DPV pd:Behavioural" in page
    # What is said to stay is what the minimiser leaves: of application usage neither the action nor the time of day.
    assert "Kept of each event application; quarter of an hour How much" in page_for(cast, cast.rupa)
    assessments.end(value.pk, on=timezone.localdate(), by=cast.omar)
    page = page_for(cast, cast.rupa)
    assert value.why_needed not in page and "Clicks and form steps, Application usage" not in page


def test_a_programme_names_who_processes_for_the_company(cast: Cast) -> None:
    reading(cast.rupa, "en")
    assert "Processors none" in page_for(cast, cast.rupa)
    some = Processor.objects.filter(entity=cast.software).first()
    assert some is not None
    type(cast.purpose).objects.filter(pk=cast.purpose.pk).update(processor_codes=[some.code])
    assert f"Processors {some.name}" in page_for(cast, cast.rupa)


def test_every_line_of_the_contents_leads_somewhere_and_every_section_is_in_it(cast: Cast) -> None:
    for person in (cast.rupa, cast.meera, cast.dev):
        with visit(person) as client:
            page = client.get(f"/programmes/{cast.programme.pk}/").content.decode()
        contents = page.split('<nav class="contents"')[1].split("</nav>")[0]
        leads = set(re.findall(r'href="#([\w-]+)"', contents))
        assert leads == set(re.findall(r'<section id="([\w-]+)"', page)) and len(leads) >= 3
