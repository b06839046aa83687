"""The rules at work: facts from the register, verdicts kept, nothing starts on HOLD, what turns stops by itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from governance.audit.models import Entry
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Employment, Message, Person
from governance.purposes import (
    assessments,
    evidence,
    judging,
    lifecycle,
    processors,
    verdicts,
    versions,
)
from governance.purposes.activity import Activity, Item, load
from governance.purposes.models import Evaluation, Processor, Purpose
from governance.purposes.policy import Outcome, packs
from tests import make
from tests.cast import Cast
from tests.conftest import as_login
from tests.visits import visit, words

P3 = date(2027, 5, 13)
CLICKS = Item(
    code="ui_event", name="Clicks", category="CL", captured=True, fields=("role",), mode="task_bounded"
)


def today() -> date:
    return clock.law_date("Asia/Kolkata")


def activity(**said: Any) -> Activity:
    return Activity(
        **(
            {
                "name": "Learn",
                "kind": "agent_training",
                "countries": ("IN",),
                "ground_in": "s6",
                "items": (CLICKS,),
            }
            | said
        )
    )


def entered(cast: Cast, said: Activity, *, owner: Person | None = None) -> Purpose:
    """Entered by Dev, approved by Dara."""
    purpose = versions.enter(cast.software, said, by=cast.dev, owner=owner or cast.omar)
    version = versions.submit(purpose.versions.get().pk, by=cast.dev)
    versions.approve(version.pk, by=cast.dara)
    return Purpose.objects.get(pk=purpose.pk)


def file(purpose: Purpose, kind: str, *, by: Person, **more: Any) -> Any:
    paper = evidence.Paper(kind, b"Signed and sealed.", "paper.txt", "Somebody", date(2026, 1, 1), **more)
    return evidence.file(purpose, paper, on=today(), by=by)


def assess(cast: Cast, purpose: Purpose, item: str, *, days: int = 90) -> Any:
    value = assessments.Value(
        item, "It is needed.", "Less would not do.", True, today() + timedelta(days=days)
    )
    return assessments.assess(purpose, value, on=today(), by=cast.omar)


# the demo company --------------------------------------------------------------------------------------------------


def test_the_demo_registers_verdicts(cast: Cast) -> None:
    found = {purpose.name: (purpose.state, purpose.verdict) for purpose in Purpose.objects.all()}
    assert found["Train an agent on the reimbursement workflow"] == ("active", "OPT_IN")
    assert found["Notice tiredness from typing"] == ("draft", "BLOCK")
    assert found["Doors and badges"][1] == found["Choose among applicants"][1] == "HOLD"
    for purpose in (cast.purpose, cast.purpose_de):
        heard = judging.judge(purpose, today())
        assert {law: str(heard.under(law).outcome) for law in heard.laws} == {"EU": "OPT_IN", "IN": "OPT_IN"}
    wages = Purpose.objects.get(name="Pay salaries")
    assert {"on": "2027-05-13", "outcome": "ALLOW"} in wages.verdict_next or today() >= P3


def test_the_verdict_on_bank_details_turns_on_the_day_of_phase_three(cast: Cast) -> None:
    wages = Purpose.objects.get(name="Pay salaries")
    assert judging.judge(wages, P3 - timedelta(days=1)).outcome is Outcome.EXPLICIT_OPT_IN
    assert judging.judge(wages, P3).outcome is Outcome.ALLOW


def test_an_evaluation_is_kept_with_its_pack_and_only_when_something_changed(cast: Cast) -> None:
    kept = Evaluation.objects.filter(purpose=cast.purpose).count()
    last = Evaluation.objects.filter(purpose=cast.purpose).latest("id")
    assert (
        last.outcome == "OPT_IN"
        and last.pack_sha256 == packs.default().sha256
        and last.by_law == {"EU": "OPT_IN", "IN": "OPT_IN"}
    )
    assert last.result["signals"]["ui_event"] == "OPT_IN"
    verdicts.settle(cast.purpose, because="daily", on=today())
    assert Evaluation.objects.filter(purpose=cast.purpose).count() == kept
    file(cast.purpose, "lia", by=cast.dev)
    assert Evaluation.objects.filter(purpose=cast.purpose).count() == kept + 1


# starting ----------------------------------------------------------------------------------------------------------


def test_nothing_starts_on_hold_and_a_paper_lifts_it(cast: Cast) -> None:
    doors = Purpose.objects.get(name="Doors and badges")
    versions.approve(doors.versions.get().pk, by=cast.dara)
    with pytest.raises(Refused) as refused:
        lifecycle.activate(Purpose.objects.get(pk=doors.pk), by=cast.dev)
    assert refused.value.code == "verdict_hold"
    assert "HOUSE-IN-6.a" in refused.value.sentence and "Note why it is necessary" in refused.value.sentence
    with visit(cast.dev) as client:
        client.post(f"/register/{doors.pk}/activate/")
    doors.refresh_from_db()
    assert doors.state == "approved"
    file(doors, "necessity_note", by=cast.dev)
    with visit(cast.dev) as client:
        client.post(f"/register/{doors.pk}/activate/")
    doors.refresh_from_db()
    assert doors.state == "active" and doors.verdict == "ALLOW"


def test_what_is_forbidden_never_starts(cast: Cast) -> None:
    attention = Purpose.objects.get(name="Notice tiredness from typing")
    version = versions.submit(attention.versions.get().pk, by=cast.dev)
    versions.approve(version.pk, by=cast.dara)
    attention.refresh_from_db()
    with pytest.raises(Refused):
        lifecycle.activate(attention, by=cast.dev)
    with visit(cast.dev) as client:
        client.post(f"/register/{attention.pk}/activate/")
    attention.refresh_from_db()
    assert attention.state == "approved" and not attention.signals.exists()


def test_what_is_defined_wrongly_is_not_even_approved(cast: Cast) -> None:
    purpose = versions.enter(
        cast.software, activity(ground_in="s7i", limb_in="employment"), by=cast.dev, owner=cast.omar
    )
    version = versions.submit(purpose.versions.get().pk, by=cast.dev)
    with pytest.raises(Refused) as refused:
        versions.approve(version.pk, by=cast.dara)
    assert refused.value.code == "verdict_reject_config" and "IN-04" in refused.value.sentence
    version.refresh_from_db()
    assert version.state == "in_review"


def test_a_new_version_that_would_stop_what_runs_is_not_approved(cast: Cast) -> None:
    leaks = Purpose.objects.get(name="Detect leaks of trade secrets")
    draft = versions.draft(leaks, by=cast.dev)
    versions.save(draft.pk, draft.activity.but(kind="productivity"), revision=draft.revision, by=cast.dev)
    version = versions.submit(draft.pk, by=cast.dev)
    with pytest.raises(Refused) as refused:
        versions.approve(version.pk, by=cast.dara)
    assert refused.value.code == "would_stop"
    leaks.refresh_from_db()
    assert (leaks.state, leaks.version) == ("active", 1)


def test_what_is_paused_resumes_only_when_the_rules_let_it(cast: Cast) -> None:
    leaks = lifecycle.pause(
        Purpose.objects.get(name="Detect leaks of trade secrets"), because="audit", by=cast.dev
    )
    evidence.withdraw(
        leaks.evidence.get(kind="necessity_note").pk, because="outdated", on=today(), by=cast.dev
    )
    with pytest.raises(Refused):
        lifecycle.resume(leaks, by=cast.dev)
    file(leaks, "necessity_note", by=cast.dev)
    assert lifecycle.resume(leaks, by=cast.dev).state == "active"


# turning -----------------------------------------------------------------------------------------------------------


def test_what_is_withdrawn_pauses_what_rests_on_it_and_tells_owner_and_dpos(cast: Cast) -> None:
    Message.objects.all().delete()
    with as_login("web"):
        evidence.withdraw(
            cast.purpose.evidence.get(kind="dpia").pk,
            because="The risk was misjudged",
            on=today(),
            by=cast.dev,
        )
    cast.purpose.refresh_from_db()
    assert (
        cast.purpose.state == "paused"
        and "EU-04" in cast.purpose.paused_because
        and cast.purpose.verdict == "HOLD"
    )
    assert not cast.purpose.signals.exists()
    assert set(Message.objects.filter(code="purpose_held").values_list("person", flat=True)) == {
        cast.omar.pk,
        cast.dev.pk,
        cast.dara.pk,
    }
    assert Entry.objects.filter(code="purpose.paused", about_id=cast.purpose.pk, by_id=cast.dev.pk).exists()
    with visit(cast.omar) as client:
        assert "P-0001 run any more, so it is paused" in words(client.get(reverse("people:messages")))


def test_pay_goes_on_and_is_flagged_when_the_contract_with_the_processor_ends(cast: Cast) -> None:
    """Stopping pay would harm people: decision 23."""
    wages = Purpose.objects.get(name="Pay salaries")
    processors.change(Processor.objects.get(code="samruddhi"), by=cast.dev, contract_until=date(2027, 6, 1))
    Message.objects.all().delete()
    verdicts.judge_all(cast.software, date(2027, 6, 1))
    wages.refresh_from_db()
    assert (wages.state, wages.verdict) == ("active", "BLOCK")
    assert Message.objects.filter(code="purpose_flagged", person=cast.omar).count() == 1
    verdicts.judge_all(cast.software, date(2027, 6, 2))
    assert Message.objects.filter(code="purpose_flagged", person=cast.omar).count() == 1  # told once


def test_a_day_that_ends_an_assessment_takes_its_item_out_by_itself(cast: Cast) -> None:
    assess(cast, cast.purpose, "mouse_path", days=3)
    later = today() + timedelta(days=3)
    Message.objects.all().delete()
    with as_login("worker"):
        verdicts.judge_all(cast.software, later - timedelta(days=1))
        assert cast.purpose.signals.filter(code="mouse_path").exists()
        verdicts.judge_all(cast.software, later)
    cast.purpose.refresh_from_db()
    assert set(cast.purpose.signals.values_list("code", flat=True)) == {"ui_event", "app_usage"}
    assert cast.purpose.state == "active" and cast.purpose.verdict == "HOLD"
    assert Message.objects.filter(code="purpose_narrowed", person=cast.dev).count() == 1


def test_the_day_looks_at_everything_once_and_the_second_time_does_nothing(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    later = today() + timedelta(days=1)
    verdicts.judge_all(cast.software, later)
    kept = Evaluation.objects.count()
    with django_assert_max_num_queries(14):
        assert verdicts.judge_all(cast.software, later) == 0
    assert Evaluation.objects.count() == kept
    assert set(Purpose.objects.filter(entity=cast.software).values_list("verdict_on", flat=True)) == {later}


def test_somebody_who_speaks_another_language_stops_the_asking_and_not_the_others(cast: Cast) -> None:
    newcomer = Person.objects.register(number="N-4000", name="Kavitha R", language="ta")
    Employment.objects.create(person=newcomer, entity=cast.software, country="IN", starts_on=date(2024, 1, 1))
    verdicts.judge_all(cast.software, today())
    cast.purpose.refresh_from_db()
    assert (cast.purpose.state, cast.purpose.verdict) == ("active", "HOLD")
    assert cast.purpose.signals.count() == 3
    missing = judging.judge(cast.purpose, today()).evaluation.missing
    assert {m.detail for m in missing if m.kind == "notice_text"} == {"ta"}


# the gate ----------------------------------------------------------------------------------------------------------


def test_an_item_whose_assessment_ends_is_refused_by_the_gate_at_once(cast: Cast) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event", "app_usage")
    number = cast.asha.number
    assert make.post(cast, make.event(number), make.event(number, "app_usage"))["admitted"] == 2
    with as_login("web"):
        assessments.end(
            cast.purpose.assessments.get(item="app_usage", ended_at__isnull=True).pk, on=today(), by=cast.omar
        )
    answer = make.post(cast, make.event(number), make.event(number, "app_usage"))
    assert answer["admitted"] == 1 and sum(answer["turned_away"].values()) == 1
    assess(cast, cast.purpose, "app_usage")
    assert make.post(cast, make.event(number, "app_usage"))["admitted"] == 1


def test_an_item_without_an_assessment_is_not_offered(cast: Cast) -> None:
    fresh = entered(cast, activity(basis_eu="", countries=("IN",)))
    assert not fresh.signals.exists()
    assess(cast, fresh, "ui_event")
    assert list(fresh.signals.values_list("code", flat=True)) == ["ui_event"]


# pages -------------------------------------------------------------------------------------------------------------


def test_the_page_shows_both_laws_and_the_way_out_of_each_hold(cast: Cast) -> None:
    attention = Purpose.objects.get(name="Notice tiredness from typing")
    with visit(cast.dev) as client:
        answer = client.get(f"/register/{attention.pk}/verdict/")
        page, html = words(answer), answer.content.decode()
    assert "European Union (GDPR)" in page and "India (DPDP)" in page and "Blocked" in page
    assert (
        "AI Act Art. 5(1)(f)" in page
        and "express prohibition: nobody can relax it" in page
        and "applied early, not yet law" in page
    )
    assert f"/register/{attention.pk}/evidence/new/?kind=no_detriment_clause" in html
    assert f"/register/{attention.pk}/assessments/typing_rhythm/" in html
    assert packs.default().sha256 in html


def test_the_page_answers_for_any_day(cast: Cast) -> None:
    wages = Purpose.objects.get(name="Pay salaries")
    with visit(cast.arun) as client:
        assert "Explicit opt-in" in words(client.get(f"/register/{wages.pk}/verdict/?on=2027-05-12"))
        then = words(client.get(f"/register/{wages.pk}/verdict/?on=2027-05-13"))
        assert "This is the verdict of another day" in then and "Explicit opt-in" not in then
        for odd in ("on=yesterday", "on=0001-01-01", "on=9999-12-31", "version=99999", "version=x", "on="):
            assert client.get(f"/register/{wages.pk}/verdict/?{odd}").status_code == 200


def test_who_does_not_see_a_purpose_does_not_see_its_verdict(cast: Cast) -> None:
    for nobody in (cast.asha, cast.ira, cast.meera):
        with visit(nobody) as client:
            assert client.get(f"/register/{cast.purpose.pk}/verdict/").status_code == 404


def test_a_retention_conflict_names_both_sources(cast: Cast) -> None:
    said = load({
        "name": "Cameras", "kind": "safety", "countries": ["IN", "FR"], "basis_eu": "c", "ground_in": "s7i", "limb_in": "loss",
        "items": [{"code": "film", "name": "Film", "category": "ID"}], "keeps": [{"category": "CCTV", "law": "FR", "maximum": "P30D"}],
    })  # fmt: skip
    cctv = entered(cast, said)
    with visit(cast.dev) as client:
        page = words(client.get(f"/register/{cctv.pk}/verdict/?on=2027-06-01"))
    assert "Retention conflict" in page and "r.8(3)" in page and "CNIL" in page
