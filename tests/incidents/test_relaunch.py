"""A programme that an incident stopped runs again only when every control is fresh and three different people signed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from governance import checks
from governance.audit.models import Entry
from governance.capture import keys, programmes
from governance.capture.models import Programme
from governance.consents.models import Stream
from governance.incidents import incidents, relaunching, rules_relaunch
from governance.incidents.models import Probe, Relaunch
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.purposes import evidence
from tests import make
from tests.cast import Cast
from tests.visits import visit, words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GREEN = [
    rules_relaunch.Line("grants", "machine", True, NOW),
    rules_relaunch.Line("cause", "evidence", True, NOW),
]


def code(refused: Any) -> str:
    return str(refused.value.code)


@pytest.fixture
def stopped(cast: Cast) -> Relaunch:
    incidents.open_incident(
        cast.software,
        "A folder was open to everybody.",
        aware_at=clock.now(),
        by=cast.dev,
        programme=cast.programme,
        pause=True,
    )
    found = relaunching.of(cast.programme)
    assert found is not None
    return found


def show_everything(cast: Cast, relaunch: Relaunch, grants: list[str] | None = None) -> Relaunch:
    """Everything that the controls ask for has happened since the incident."""
    for kind in ("incident_report", "dpia"):
        paper = evidence.Paper(
            kind, b"What happened, and what was done.", "r.txt", "Dev Kulkarni", date(2026, 1, 2)
        )
        evidence.file(cast.purpose, paper, on=clock.law_date(), by=cast.dev)
    Probe.objects.create(tried=400, refused=400)
    relaunching.ask(relaunch, by=cast.dev)
    assert relaunching.check_waiting({"grants": lambda: grants or checks.differences_of_every_login()}) == 1
    return Relaunch.objects.get(pk=relaunch.pk)


def test_what_an_incident_stopped_is_not_simply_started(cast: Cast, stopped: Relaunch) -> None:
    with pytest.raises(Refused) as refused:
        programmes.start(cast.programme, by=cast.omar)
    assert code(refused) == "relaunch_needed"
    with visit(cast.omar) as client:
        page = words(client.get(f"/programmes/{cast.programme.pk}/"))
        assert "It starts again only when every control is shown" in page
        client.post(f"/programmes/{cast.programme.pk}/start/")
    assert Programme.objects.get(pk=cast.programme.pk).state == "paused"


def test_an_incident_after_a_pause_by_hand_closes_the_way_back_too(cast: Cast) -> None:
    programmes.pause(cast.programme, by=cast.omar, because="holiday")
    incidents.open_incident(
        cast.software, "A leak.", aware_at=clock.now(), by=cast.dev, programme=cast.programme, pause=True
    )
    with pytest.raises(Refused) as refused:
        programmes.start(cast.programme, by=cast.omar)
    assert code(refused) == "relaunch_needed"


def test_three_sign_and_it_runs(cast: Cast, stopped: Relaunch) -> None:
    make.consent(cast.asha, cast.purpose, "ui_event")
    relaunch = show_everything(cast, stopped)
    assert all(line.ok for line in relaunching.lines(relaunch)), relaunching.lines(relaunch)
    home = f"/incidents/relaunch/{cast.programme.pk}/"
    for who, part in (("dev", "dpo"), ("leon", "security"), ("omar", "owner")):
        with visit(getattr(cast, who)) as client:
            assert "Signed." in words(client.post(home + "sign/", {"part": part}, follow=True))
    with visit(cast.omar) as client:
        assert "It runs again." in words(client.post(home + "go/", follow=True))
        assert client.get(home).status_code == 404
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1
    told = set(Entry.objects.filter(about_id=cast.programme.pk).values_list("code", flat=True))
    assert {"relaunch.asked", "relaunch.checked", "relaunch.signed", "relaunch.done"} <= told


def test_two_signatures_are_not_three(cast: Cast, stopped: Relaunch) -> None:
    relaunch = show_everything(cast, stopped)
    relaunching.sign(relaunch, "dpo", by=cast.dev)
    relaunching.sign(relaunch, "owner", by=cast.omar)
    with pytest.raises(Refused) as refused:
        relaunching.go(relaunch, by=cast.omar)
    assert code(refused) == "signatures_missing"
    with pytest.raises(Refused) as refused:
        relaunching.sign(relaunch, "security", by=cast.dev)
    assert code(refused) == "not_a_signer"


@pytest.mark.parametrize("missing", ["grants", "probe", "paper", "key"])
def test_one_red_control_and_nobody_signs(cast: Cast, stopped: Relaunch, missing: str) -> None:
    if missing == "key":
        make.consent(cast.asha, cast.purpose, "ui_event")
        keys.destroy(Stream.objects.get().pk)
    relaunch = show_everything(
        cast, stopped, grants=["sammati_web may SELECT vault.segment"] if missing == "grants" else None
    )
    if missing == "probe":
        Probe.objects.create(tried=400, refused=399, findings=[{"what": "/x/", "as": "admin"}])
    if missing == "paper":
        paper = cast.purpose.evidence.get(kind="incident_report")
        evidence.withdraw(paper.pk, because="The cause was another one.", on=clock.law_date(), by=cast.dev)
    with pytest.raises(Refused) as refused:
        relaunching.sign(relaunch, "dpo", by=cast.dev)
    assert code(refused) == "controls_open"


def test_a_paper_of_before_the_incident_shows_nothing(cast: Cast, stopped: Relaunch) -> None:
    line = next(line for line in relaunching.lines(stopped) if line.code == "assessment")
    assert cast.purpose.evidence.filter(kind="dpia").exists() and not line.ok


def test_the_page_has_a_line_per_control_and_greys_what_is_refused(cast: Cast, stopped: Relaunch) -> None:
    with visit(cast.dev) as client:
        page = words(client.get(f"/incidents/relaunch/{cast.programme.pk}/"))
    for control in rules_relaunch.CONTROLS.values():
        assert str(control) in page
    assert (
        page.count("not shown yet") == len(relaunching.controls())
        and "Not shown yet, or too long ago" in page
    )
    with visit(cast.meera) as client:
        assert (
            client.post(f"/incidents/relaunch/{cast.programme.pk}/sign/", {"part": "owner"}).status_code
            == 404
        )
        assert client.post(f"/incidents/relaunch/{cast.programme.pk}/go/").status_code == 404


class TestRules:
    facts = rules_relaunch.Facts(
        GREEN,
        {"dpo": uuid4(), "owner": uuid4(), "security": uuid4()},
        NOW + timedelta(minutes=5),
        timedelta(minutes=15),
    )

    def test_all_green_and_signed(self) -> None:
        rules_relaunch.check_go(self.facts)

    def test_a_check_by_machine_grows_old_and_a_paper_does_not(self) -> None:
        later = replace(self.facts, now=NOW + timedelta(minutes=16))
        assert [line.code for line in later.open_lines()] == ["grants"]
        with pytest.raises(Refused) as refused:
            rules_relaunch.check_go(later)
        assert code(refused) == "controls_open"

    def test_one_person_with_three_hats_is_one(self) -> None:
        one = uuid4()
        with pytest.raises(Refused) as refused:
            rules_relaunch.check_go(replace(self.facts, signed=dict.fromkeys(rules_relaunch.PARTS, one)))
        assert code(refused) == "signatures_missing"
        with pytest.raises(Refused) as refused:
            rules_relaunch.check_sign(
                replace(self.facts, signed={"dpo": one}), "owner", one, frozenset({"dpo", "owner"})
            )
        assert code(refused) == "two_parts"
