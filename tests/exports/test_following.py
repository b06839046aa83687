"""A consent ends after its content was handed out: dataset, models and person hear of it, with a day."""

from datetime import timedelta

import pytest

from governance.consents import ledger
from governance.consents.models import ConsentRecord
from governance.exports import datasets, following, own, shown
from governance.exports.models import Dataset, Exclusion
from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests.exports.conftest import Scene, again
from tests.visits import visit, words


def dataset_of(scene: Scene) -> Dataset:
    made = datasets.register(
        scene.packed(), "Clicks, November", holder=scene.cast.meera, by=again(scene.bela)
    )
    datasets.train(
        made,
        "reimbursement-agent",
        "0.3",
        trained_at=clock.now() - timedelta(minutes=5),
        by=again(scene.cast.meera),
    )
    return made


def withdraw(scene: Scene) -> None:
    record = ConsentRecord.objects.get(person=scene.cast.asha, signal="ui_event")
    ledger.withdraw(record.pk, by=again(scene.cast.asha))


def test_a_withdrawal_reaches_the_dataset_and_its_answer_reaches_the_person(rolled_back: Scene) -> None:
    scene, cast = rolled_back, rolled_back.cast
    dataset = dataset_of(scene)
    assert following.follow() == 0
    withdraw(scene)
    assert following.follow() == 1 and following.follow() == 0  # once
    exclusion = Exclusion.objects.get()
    assert exclusion.due_on == clock.law_date("Asia/Kolkata") + timedelta(days=30)
    assert Message.objects.filter(person=cast.meera, code="exclusion_raised").count() == 1
    listed = following.listing(dataset)
    row = listed["exclusions"][0]  # type: ignore[index]
    assert (
        row["subject"] == exclusion.about.subject
        and "Asha" not in str(listed)
        and str(cast.asha.pk) not in str(listed)
    )
    said = shown.went(cast.asha)[0].datasets[0].says
    assert "has to come out" in said[0]
    with pytest.raises(Refused):
        datasets.answer(
            exclusion.pk, removed=True, models_done="none", by=again(cast.meera)
        )  # a model was trained
    with pytest.raises(Refused):
        datasets.answer(
            exclusion.pk, removed=True, models_done="not_possible", by=again(cast.meera)
        )  # without a reason
    with pytest.raises(Refused):
        datasets.answer(
            exclusion.pk, removed=True, models_done="retrained", by=again(scene.bela)
        )  # not the holder
    datasets.acknowledge(exclusion.pk, by=again(cast.meera))
    datasets.answer(
        exclusion.pk, removed=True, models_done="not_possible", why_not="trained", by=again(cast.meera)
    )
    with visit(cast.asha) as client:
        page = words(client.get("/me/where/"))
    assert "It was taken out of the dataset on" in page and "It cannot be taken out of the models." in page
    assert "it only formed weights" in page and "reimbursement-agent 0.3" in page
    assert Message.objects.filter(person=cast.asha, code="exclusion_not_whole").exists()
    assert [run.name for run in datasets.trained_before(cast.asha, exclusion.ended_at)] == [
        "reimbursement-agent"
    ]
    assert datasets.trained_before(cast.bela, clock.now()) == []


def test_a_dataset_registered_after_the_withdrawal_hears_of_it_too(rolled_back: Scene) -> None:
    export = rolled_back.packed()
    withdraw(rolled_back)
    assert following.follow() == 0
    datasets.register(export, "Late", holder=rolled_back.cast.meera, by=again(rolled_back.bela))
    assert following.follow() == 1


def test_what_a_person_erased_comes_out_too(scene: Scene) -> None:
    dataset_of(scene)
    own.delete(scene.cast.purpose, "hour", by=again(scene.cast.asha))
    scene.sign_in("eraser")
    own.carry_out_deletions()
    scene.sign_in("worker")
    assert following.follow() == 1 and following.follow() == 0
    assert Exclusion.objects.get().because == "erased"


def test_only_the_holder_sees_whose_line_it_is(rolled_back: Scene) -> None:
    scene, cast = rolled_back, rolled_back.cast
    dataset = dataset_of(scene)
    withdraw(scene)
    following.follow()
    exclusion = Exclusion.objects.get()
    for person, status in (
        (cast.meera, 200),
        (cast.dev, 404),
        (cast.omar, 404),
        (scene.bela, 404),
        (cast.asha, 404),
        (cast.ira, 404),
    ):
        with visit(person) as client:
            assert client.get(f"/exclusions/{exclusion.pk}/").status_code == status, person
    with visit(cast.dev) as client:
        page = words(client.get(f"/datasets/{dataset.pk}/"))
    assert "would show somebody's choice" in page.replace("’", "'") and exclusion.about.subject not in page
    with visit(cast.meera) as client:
        assert "the consent ended" in words(client.get(f"/datasets/{dataset.pk}/"))
        assert exclusion.about.subject in client.post(f"/datasets/{dataset.pk}/exclusions/").content.decode()


def test_the_certificate_names_the_models_that_were_trained_before(rolled_back: Scene) -> None:
    from types import SimpleNamespace

    from governance.reports.kinds import certificate, certificate_words
    from governance.retention.models import ErasureOrder

    dataset = dataset_of(rolled_back)
    withdraw(rolled_back)
    order = ErasureOrder.objects.get(person=rolled_back.cast.asha)
    facts = certificate.facts(
        SimpleNamespace(kind="certificate", scope={"order": str(order.pk)}, language="en")
    )  # type: ignore[arg-type]
    assert [(row["kind"], row["name"], row["dataset"]) for row in facts["derived"]] == [
        ("dataset", "Clicks, November", dataset.number), ("model", "reimbursement-agent", dataset.number),
    ]  # fmt: skip
    frame = SimpleNamespace(controller={"name": "Nirmaan"}, moment=str)
    rows = certificate_words._remaining(facts, frame)  # type: ignore[arg-type]
    assert any("reimbursement-agent 0.3" in row["what"] for row in rows)
    assert "Asha" not in str(facts["derived"]) and str(rolled_back.cast.asha.pk) not in str(facts["derived"])
