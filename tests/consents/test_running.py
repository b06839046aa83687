"""Nobody is asked about what is never about them: pages, askings and the gate draw the same line around a programme."""

import importlib
import random
import uuid

from django.db import connection
from django.utils import timezone

from governance.capture import limits, programmes
from governance.capture.models import Programme
from governance.consents import asking, giving, offers, running
from governance.consents.models import RunningProgramme
from governance.lib import prepared
from governance.people.models import Employment, Site, Unit
from governance.purposes.models import Purpose
from tests import make
from tests.cast import Cast
from tests.visits import visit

GATE = f"SELECT {limits.INSIDE} FROM (SELECT %(person)s::uuid AS person_id) b"


def gate_lets_in(job: Employment, people: dict[str, list[object]]) -> bool:
    with connection.cursor() as cursor:
        places = {"person": job.person_id, "entity": job.entity_id, "day": timezone.localdate()}
        cursor.execute(GATE, places | limits.who(people))
        return bool(cursor.fetchone()[0])


def program_may_pass_on(job: Employment, purpose: Purpose) -> bool:
    with prepared.cursor() as cursor:
        read = cursor.run(giving.READ, giving.asked(job.person_id, purpose.pk, ["ui_event"], "en"))
    return giving.facts(read[0], "en").about_them


def test_pages_askings_and_the_gate_agree_on_whom_a_programme_is_about(cast: Cast) -> None:
    """Two hundred rules over people, drawn from what jobs have and from what none has."""
    other = Site.objects.create(entity=cast.software, name="Chakan", country="IN")
    shop = Unit.objects.create(entity=cast.software, name="Press shop")
    jobs = list(
        Employment.objects.current().filter(entity=cast.software).select_related("person").order_by("pk")[:6]
    )
    Employment.objects.filter(pk=jobs[1].pk).update(site=other, unit=shop)
    Employment.objects.filter(pk=jobs[2].pk).update(site=None, unit=None)
    Employment.objects.filter(pk=jobs[3].pk).update(employer="Staffing LLP", country="DE")
    jobs = list(Employment.objects.filter(pk__in=[job.pk for job in jobs]).select_related("person"))
    sites = [other.pk, cast.asha.employments.get().site_id, 9_000_001]
    drawn = {
        "sites": sites,
        "units": [shop.pk, 9_000_002],
        "countries": ["IN", "DE", "FR"],
        "kinds": ["own", "agency"],
    }
    RunningProgramme.objects.filter(purpose=cast.purpose).delete()
    dice, seen = random.Random(7), set()
    for _turn in range(200):
        rule = {
            kind: [one for one in choices if dice.random() < 0.5] if dice.random() < 0.5 else []
            for kind, choices in drawn.items()
        }
        running.tell(
            uuid.UUID(int=1),
            purpose_id=cast.purpose.pk,
            number="CP-0900",
            terms_sha256="0" * 64,
            runs=True,
            people=rule,
        )
        asked = set(Employment.objects.filter(running.jobs_of(cast.purpose.pk)).values_list("pk", flat=True))
        for job in jobs:
            gate = gate_lets_in(job, rule)
            page = Purpose.objects.filter(running.about(job), pk=cast.purpose.pk).exists()
            assert (page, job.pk in asked, program_may_pass_on(job, cast.purpose)) == (gate, gate, gate), (
                rule,
                job.pk,
            )
            seen.add(gate)
    assert seen == {True, False}


def test_a_purpose_without_programme_or_with_an_ended_one_narrows_nobody(cast: Cast) -> None:
    RunningProgramme.objects.filter(purpose=cast.purpose).delete()
    assert cast.purpose in offers.concerning(cast.asha)
    said = {"purpose_id": cast.purpose.pk, "number": "CP-0900", "terms_sha256": "0" * 64}
    running.tell(uuid.UUID(int=1), **said, runs=False, people={"countries": ["FR"]})
    assert cast.purpose not in offers.concerning(cast.asha), "paused, and still not about her"
    running.tell(uuid.UUID(int=2), **said | {"number": "CP-0901"}, runs=True, people={"countries": ["IN"]})
    assert cast.purpose in offers.concerning(cast.asha), "one of the two is about her"
    running.tell(
        uuid.UUID(int=2), **said | {"number": "CP-0901"}, runs=False, ended=True, people={"countries": ["IN"]}
    )
    assert cast.purpose not in offers.concerning(cast.asha)
    running.tell(uuid.UUID(int=1), **said, runs=False, ended=True, people={"countries": ["FR"]})
    assert cast.purpose in offers.concerning(cast.asha)


def test_who_has_answered_keeps_it_on_their_page_and_who_has_not_cannot_answer(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    running.tell(
        cast.programme.pk,
        purpose_id=cast.purpose.pk,
        number="CP-0001",
        terms_sha256="0" * 64,
        runs=True,
        people={"countries": ["FR"]},
    )
    with visit(cast.asha) as browser:
        assert browser.get(f"/me/purposes/{cast.purpose.pk}/notice/").status_code == 200, (
            "what she gave she can take back"
        )
    with visit(cast.bela) as browser:
        assert str(cast.purpose.pk) not in browser.get("/me/").content.decode()
        assert browser.get(f"/me/purposes/{cast.purpose.pk}/notice/").status_code == 404
        assert (
            browser.post(f"/me/purposes/{cast.purpose.pk}/give/", {"signals": ["ui_event"]}).status_code
            == 404
        )
    notice = cast.purpose.published_notice()
    assert notice is not None and cast.bela.pk not in asking.standings(cast.purpose, notice)


def test_starting_and_ending_a_programme_tells_whom_it_is_about(cast: Cast) -> None:
    site = Site.objects.create(entity=cast.software, name="Chakan", country="IN")
    Programme.objects.filter(pk=cast.programme.pk).update(state="paused")
    programme = Programme.objects.get(pk=cast.programme.pk)
    programmes.start(programme, by=cast.omar)
    row = RunningProgramme.objects.get(pk=cast.programme.pk)
    assert (row.runs, row.ended, row.sites) == (True, False, [])
    programmes.end(programme, by=cast.omar)
    assert RunningProgramme.objects.get(pk=cast.programme.pk).ended
    # Programmes that were started before this was told: the migration says it for them.
    Programme.objects.filter(pk=cast.programme.pk).update(
        state="paused", population={"kinds": ["own"]}, terms={"zones": [{"code": "a", "site": site.pk}]}
    )
    migration = importlib.import_module("governance.capture.migrations.0002_whom_a_programme_is_about")
    with connection.cursor() as cursor:
        cursor.execute(migration.TELL)
    row = RunningProgramme.objects.get(pk=cast.programme.pk)
    assert (row.ended, row.sites, row.units, row.countries, row.kinds) == (False, [site.pk], [], [], ["own"])
