"""Erasing by hand: a named person, a proof, a second look; until then the order is not done."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance.lib import clock
from governance.lib.refusals import Refused
from governance.people.models import Message, Person
from governance.purposes.models import DataSystem
from governance.retention import byhand, rules_byhand, systems
from governance.retention.models import ErasureOrder, ManualEvidence, ManualTask, Proof
from tests.retention.conftest import Stage

PDF = b"%PDF-1.7 a record of deletion"


@pytest.fixture
def cabinet(stage: Stage) -> DataSystem:
    """Paper, in Meera's keeping."""
    stage.world.sign_in("web")
    made = DataSystem.objects.create(
        code="cabinet", name="Paper cabinet", holds="sheets", country="IN", entity=stage.cast.software
    )
    systems.connect(made, "manual", {}, by=stage.cast.dev)
    spec = {"owner": stage.cast.meera.number, "days": 14, "where": "cabinet 3", "do": "Shred the sheets."}
    systems.confirm_map(made, stage.cast.purpose, spec, by=stage.cast.dev)
    return made


def ordered(stage: Stage) -> tuple[ErasureOrder, ManualTask]:
    stage.consent("asha")
    order = stage.withdraw("asha")
    assert stage.carry_out(order) == "partly"
    stage.world.sign_in("web")
    return order, ManualTask.objects.get()


def test_an_order_is_done_only_when_a_second_person_has_seen_the_proof(
    stage: Stage, cabinet: DataSystem
) -> None:
    order, task = ordered(stage)
    assert task.owner == stage.cast.meera and task.due_on == clock.law_date(
        stage.cast.software.timezone
    ) + timedelta(days=14)
    assert Message.objects.filter(person=stage.cast.meera, code="task_to_do").count() == 1

    byhand.file(task.pk, PDF, found=6, by=stage.cast.meera)
    stage.due_again(order)
    assert stage.carry_out(order) == "partly", "a proof that nobody looked at proves nothing"

    stage.world.sign_in("web")
    byhand.accept(task.pk, by=stage.cast.dev)
    assert stage.carry_out(order) == "done"
    proof = Proof.objects.get(order=order, system=cabinet)
    assert proof.erased == 1 and hashlib.sha256(PDF).hexdigest() in proof.looked_at[0]
    stage.world.sign_in("web")
    assert not ManualEvidence.objects.exists(), "the hash stays, the bytes go"
    assert ManualTask.objects.count() == 1


def test_people_are_waited_for_as_long_as_their_days_last(stage: Stage, cabinet: DataSystem) -> None:
    order, task = ordered(stage)
    stage.due_again(order)
    ErasureOrder.objects.filter(pk=order.pk).update(attempts=20)
    assert stage.carry_out(order) == "partly"
    stage.due_again(order)
    ManualTask.objects.update(due_on=timezone.now().date() - timedelta(days=2))
    assert stage.carry_out(order) == "needs_attention"
    stage.world.sign_in("web")
    byhand.file(task.pk, PDF, found=0, by=stage.cast.meera)
    byhand.accept(task.pk, by=stage.cast.dev)
    assert stage.carry_out(order) == "done", (
        "late is better than never, and nobody has to press a button more"
    )


def test_a_proof_that_is_sent_back_is_gone_and_another_can_be_filed(
    stage: Stage, cabinet: DataSystem
) -> None:
    _order, task = ordered(stage)
    byhand.file(task.pk, PDF, found=6, by=stage.cast.meera)
    byhand.send_back(task.pk, because="still_there", by=stage.cast.dev)
    task.refresh_from_db()
    assert (task.state, task.file_sha256, ManualEvidence.objects.count()) == ("waiting", "", 0)
    assert Message.objects.filter(person=stage.cast.meera, code="task_sent_back").count() == 1
    byhand.file(task.pk, PDF, found=6, by=stage.cast.meera)


def test_the_eraser_cannot_accept_what_it_asked_for(stage: Stage, cabinet: DataSystem) -> None:
    ordered(stage)
    stage.world.sign_in("eraser")
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('retention_manualtask', 'UPDATE'), has_table_privilege('retention_manualevidence', 'SELECT')")  # fmt: skip
        assert cursor.fetchone() == (False, False)


def test_the_pages_lead_through_it_and_others_see_nothing(stage: Stage, cabinet: DataSystem) -> None:
    _order, task = ordered(stage)

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(
            Person.objects.get(pk=stage.cast.people[name].pk),
            backend="governance.people.signin.PersonBackend",
        )
        return client

    def upload(content: bytes = PDF) -> dict[str, object]:
        return {"found": "6", "file": SimpleUploadedFile("Asha Deshmukh.pdf", content)}

    page, look = f"/erasures/by-hand/{task.pk}", f"/erasures/by-hand/{task.pk}/check"
    meera, dev, asha = signed_in("meera"), signed_in("dev"), signed_in("asha")
    assert "Paper cabinet" in meera.get("/erasures/by-hand").content.decode()
    text = meera.get(page).content.decode()
    assert "Shred the sheets." in text and "N-1001" in text and "Asha Deshmukh" not in text
    for stranger in (asha, signed_in("ira"), signed_in("lata")):
        assert stranger.get(page).status_code == stranger.get(look).status_code == 404
        assert "Paper cabinet" not in stranger.get("/erasures/by-hand").content.decode()
    assert meera.get(look).status_code == 404 and dev.get(page).status_code == 404

    assert meera.post(page, {"found": "6"}).status_code == 400
    assert meera.post(page, upload(b"\x7fELF\x00\x00")).status_code == 400
    assert meera.post(page, upload()).status_code == 302
    assert "A second person looks at it now" in meera.get(page).content.decode()
    assert ManualTask.objects.get().file_type == "application/pdf"
    saved = dev.get(f"{page}/proof")
    assert saved.content == PDF and saved["Content-Disposition"] == 'attachment; filename="proof.pdf"'
    assert meera.get(f"{page}/proof").status_code == 404
    assert dev.post(look, {}).status_code == 400
    assert dev.post(look, {"accept": "1"}).status_code == 302
    assert dev.get(f"{page}/proof").status_code == 404
    assert dev.post(look, {"accept": "1"}).status_code == 400


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({}, "map_wrong"), ({"owner": "N-1001", "days": 0, "where": "x", "do": "y"}, "map_wrong"),
        ({"owner": "N-1001", "days": 365, "where": "x", "do": "y"}, "map_wrong"),
        ({"owner": "N-9999", "days": 5, "where": "x", "do": "y"}, "no_such_person"),
    ],
)  # fmt: skip
def test_a_task_without_somebody_who_does_it_in_time_is_refused(
    stage: Stage, cabinet: DataSystem, spec: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        systems.confirm_map(cabinet, stage.cast.purpose, spec, by=stage.cast.dev)
    assert refused.value.code == code


def test_four_eyes(stage: Stage) -> None:
    owner, other = stage.cast.meera.pk, stage.cast.dev.pk
    filed = rules_byhand.TaskFacts(owner, owner, False, owner, may_check=True)
    with pytest.raises(Refused, match="yourself"):
        rules_byhand.check_second(filed)
    with pytest.raises(Refused, match="Only the data protection officer"):
        rules_byhand.check_second(rules_byhand.TaskFacts(owner, owner, False, other))
    with pytest.raises(Refused, match="Only the person whose task"):
        rules_byhand.check_filing(rules_byhand.TaskFacts(owner, None, False, other, may_check=True))


@pytest.mark.django_db
def test_the_tables_are_as_the_models_say() -> None:
    said = StringIO()
    call_command("makemigrations", "retention", "--check", "--dry-run", stdout=said)
    assert "No changes" in said.getvalue()
