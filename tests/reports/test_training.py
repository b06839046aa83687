"""Provenance of training: everything is told but who, and how few."""

from datetime import timedelta

import pytest

from governance.consents import ledger
from governance.exports import datasets, following
from governance.exports.models import Exclusion, Export, ExportedPerson
from governance.lib import clock
from governance.reports import press
from governance.reports.models import Report
from tests.cast import Cast
from tests.exports.conftest import Scene, again, set_scene
from tests.reports import orders
from tests.reports.conftest import said


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return set_scene(cast, None)


def trained(scene: Scene) -> Export:
    export = scene.packed()
    assert export.packed_at is not None
    dataset = datasets.register(export, "Claims 2026", holder=scene.cast.meera, by=again(scene.bela))
    datasets.train(
        dataset,
        "Reimbursement agent",
        "1.4",
        trained_at=clock.now() - timedelta(minutes=1),
        by=again(scene.bela),
    )
    return export


def figure(report: Report, code: str) -> object:
    return next(row["result"] for row in report.facts["content"]["figures"] if row["code"] == code)


def test_it_leads_from_the_model_back_to_the_consents(scene: Scene, undrawn: None) -> None:
    export = trained(scene)
    report = orders.made("training", scene.cast)
    text, content = said(report), report.facts["content"]
    for word in (
        "Claims 2026",
        "Reimbursement agent",
        "1.4",
        export.number,
        "Model team, Pune",
        scene.cast.programme.number,
    ):
        assert word in text
    assert export.manifest["root"] in text and export.package_sha256 in text
    assert content["exports"][0]["intact"] is True and content["exports"][0]["notices"] == [1]
    assert content["exports"][0]["minimiser_sha256"] == export.manifest["minimiser_sha256"]


def test_one_person_who_withdrew_shows_nowhere(scene: Scene, undrawn: None) -> None:
    trained(scene)
    before = orders.made("training", scene.cast).facts["content"]
    ledger.withdraw_purpose(scene.cast.purpose, by=again(scene.cast.asha))
    assert following.follow() == 1 and Exclusion.objects.count() == 1
    Report.objects.all().update(state="cancelled")
    report = orders.made("training", scene.cast)
    assert report.facts["content"] == before
    whole = press.twin_of(report, report.facts).decode()
    subject = ExportedPerson.objects.get().subject
    assert "N-1001" not in whole and subject not in whole and str(scene.cast.asha.pk) not in whole


def test_a_holder_who_let_the_day_pass_shows(scene: Scene, undrawn: None) -> None:
    trained(scene)
    assert figure(orders.made("training", scene.cast), "overdue") == "none"
    ledger.withdraw_purpose(scene.cast.purpose, by=again(scene.cast.asha))
    following.follow()
    Exclusion.objects.update(due_on=clock.now().date() - timedelta(days=2))
    Report.objects.all().update(state="cancelled")
    assert figure(orders.made("training", scene.cast), "overdue") == "some"


def test_nothing_left_the_vault(cast: Cast, undrawn: None) -> None:
    text = said(orders.made("training", cast))
    assert "No package has left the vault." in text and "No dataset was registered." in text
