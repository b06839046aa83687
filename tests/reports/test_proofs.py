"""The place in the log travels beside the document, and is checked by somebody who asks nobody."""

import json
import random
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from governance.audit import keys, merkle
from governance.audit.models import Entry
from governance.reports import checking, proofs, tasks, verifying
from governance.reports.models import Report, ReportFile
from tests.cast import Cast
from tests.reports import orders
from tests.reports.test_sealing import drawn_only, pdf_of, quick
from tests.reports.test_seals import apart
from tests.servers import folder
from tests.visits import visit, words

__all__ = ["drawn_only", "quick"]


@pytest.fixture(autouse=True)
def our_log(settings: Any) -> None:
    settings.CHECKPOINTS = folder() / "reports-checkpoints"
    cache.clear()


@pytest.fixture
def sealed(drawn_only: Report) -> Report:
    tasks.seal()
    drawn_only.refresh_from_db()
    return drawn_only


def published() -> dict[str, Any]:
    return json.loads((folder() / "reports-checkpoints" / "keys.json").read_text())


def test_it_is_there_after_the_next_batch_and_holds_for_its_own_file_alone(
    cast: Cast, sealed: Report
) -> None:
    with visit(cast.lata) as lata:
        assert lata.get(f"/reports/{sealed.pk}/proof").status_code == 404
        assert "Download the proof" not in words(lata.get(f"/reports/{sealed.pk}"))
    orders.seal()
    with visit(cast.lata) as lata:
        assert "Download the proof" in words(lata.get(f"/reports/{sealed.pk}"))
        answer = lata.get(f"/reports/{sealed.pk}/proof")
    assert answer["Content-Disposition"] == f'attachment; filename="{sealed.number}-register-proof.json"'
    assert not any(str(person) in answer.content.decode() for person in cast.people.values())
    found = checking.check_proof(pdf_of(sealed), answer.content, published())
    assert (found["proof"], found["number"]) == ("in_log", sealed.number)
    twin = bytes(ReportFile.objects.get(report=sealed, kind="json").content)
    assert checking.check_proof(twin, answer.content, published())["proof"] == "in_log", "the JSON file too"
    assert checking.check_proof(pdf_of(sealed) + b" ", answer.content, published())["proof"] == "other_file"


def wrong(proof: dict[str, Any], how: str) -> dict[str, Any]:
    proof = deepcopy(proof)
    if how == "entry":
        proof["entry"]["at"] = "2020-01-01T00:00:00.000000+00:00"
    elif how == "path":
        proof["inclusion"]["path"] = ["00" * 32, *proof["inclusion"]["path"]]
    elif how == "index":
        proof["inclusion"]["index"] = proof["inclusion"]["size"]
    elif how == "root of somebody's own tree":
        proof["inclusion"] |= {"path": [], "index": 0, "size": 1}
        proof["checkpoint"] |= {
            "root": merkle.leaf_hash(checking.canonical(proof["entry"])).hex(),
            "count": 1,
        }
    elif how == "time of the checkpoint":
        proof["checkpoint"]["at"] = "2020-01-01T00:00:00.000000+00:00"
    elif how == "signature":
        proof["checkpoint"]["signature"] = "00" * 64
    elif how == "key":
        proof["checkpoint"]["kid"] = "checkpoint-00000000"
    elif how == "kind of entry":
        proof["entry"]["code"] = "report.asked"
    elif how == "nothing":
        proof = {}
    return proof


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("entry", "not_in_log"), ("path", "not_in_log"), ("index", "not_in_log"), ("root of somebody's own tree", "checkpoint_changed"),
        ("time of the checkpoint", "checkpoint_changed"), ("signature", "wrong_signature"), ("key", "unknown_key"),
        ("kind of entry", "other_file"), ("nothing", "no_proof"),
    ],
)  # fmt: skip
def test_a_wrong_proof_is_named_for_what_is_wrong(
    sealed: Report, client: Client, how: str, code: str
) -> None:
    orders.seal()
    proof = json.dumps(wrong(proofs.of(sealed), how)).encode()  # type: ignore[arg-type]
    assert checking.check_proof(pdf_of(sealed), proof, published())["proof"] == code
    assert str(verifying.proven()[code][1]) in hand_in(client, pdf_of(sealed), proof)


@pytest.mark.parametrize(
    "junk", [b"", b"[]", b"null", b'{"entry":1}', b"\xff\xfe", b"[" * 50_000, b"{" * 300_000]
)
def test_junk_is_no_proof(sealed: Report, junk: bytes, client: Client) -> None:
    assert checking.check_proof(pdf_of(sealed), junk, published())["proof"] == "no_proof"
    assert (
        client.post(
            "/verify/", {"document": upload(pdf_of(sealed)), "proof": upload(junk or b" ")}
        ).status_code
        == 200
    )


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("file", content)


def hand_in(client: Client, document: bytes, proof: bytes) -> str:
    cache.clear()
    return words(client.post("/verify/", {"document": upload(document), "proof": upload(proof)}))


def test_a_stranger_hands_in_both_and_reads_where_it_stands(
    cast: Cast, sealed: Report, client: Client
) -> None:
    orders.seal()
    page = hand_in(client, pdf_of(sealed), proofs.text_of(sealed) or b"")
    assert (
        "The seal holds" in page
        and "stands in the log of this portal" in page
        and "Checkpoint closed" in page
    )
    assert not any(str(person) in page for person in cast.people.values())


def test_many_entries_in_one_batch_give_a_path_that_holds(cast: Cast, undrawn: None) -> None:
    made = [orders.made("register", cast, language=language) for language in ("en", "hi", "de")]
    orders.seal()
    for report in made:
        twin = bytes(report.files.get(kind="json").content)
        assert checking.check_proof(twin, proofs.text_of(report) or b"", published())["proof"] == "in_log"


def test_the_served_command_checks_both_on_a_machine_that_has_nothing_of_ours(
    sealed: Report, client: Client, settings: Any, tmp_path: Path
) -> None:
    from hashlib import sha256

    orders.seal()
    command = client.get("/.well-known/sammati-seals/checking.py")
    body = b"".join(command) if command.streaming else command.content
    assert sha256(body).hexdigest() in client.get("/verify/").content.decode()
    (tmp_path / "checking.py").write_bytes(body)
    (tmp_path / "seals.pem").write_bytes(client.get("/.well-known/sammati-seals/all.pem").content)
    (tmp_path / "keys.json").write_bytes(client.get("/.well-known/sammati-receipts.json").content)
    (tmp_path / "report.pdf").write_bytes(pdf_of(sealed))
    (tmp_path / "proof.json").write_bytes(proofs.text_of(sealed) or b"")

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        child = subprocess.run(
            [sys.executable, "-I", str(tmp_path / "checking.py"), *arguments],
            cwd=tmp_path, env={}, capture_output=True, check=False,
        )  # fmt: skip
        return child.returncode, json.loads(child.stdout or b"{}")

    status, said = run("report.pdf", "seals.pem", "--proof", "proof.json", "--keys", "keys.json")
    assert (status, said["code"], said["log"]["proof"]) == (0, "sound", "in_log")
    assert said["of_the_time"] == checking.STAMPS[""]
    assert run("report.pdf", "--proof", "proof.json", "--keys", "keys.json")[0] == 0
    (tmp_path / "proof.json").write_text(json.dumps(wrong(proofs.of(sealed), "signature")))  # type: ignore[arg-type]
    status, said = run("report.pdf", "seals.pem", "--proof", "proof.json", "--keys", "keys.json")
    assert (status, said["code"], said["of_the_log"]) == (1, "sound", checking.PROVEN["wrong_signature"])
    assert run("report.pdf", "--proof", "gone.json", "--keys", "keys.json")[0] == 2
    assert run("report.pdf", "--proof", "proof.json")[0] == 2


def test_the_command_of_the_portal_says_it_in_plain_words(
    sealed: Report, tmp_path: Path, capsys: Any
) -> None:
    orders.seal()
    (tmp_path / "report.pdf").write_bytes(pdf_of(sealed))
    (tmp_path / "proof.json").write_bytes(proofs.text_of(sealed) or b"")
    call_command("verify_report", tmp_path / "report.pdf", "--proof", str(tmp_path / "proof.json"))
    assert "stands in the log of this portal" in capsys.readouterr().out
    (tmp_path / "proof.json").write_text(json.dumps(wrong(proofs.of(sealed), "entry")))  # type: ignore[arg-type]
    with pytest.raises(SystemExit) as end:
        call_command("verify_report", tmp_path / "report.pdf", "--proof", str(tmp_path / "proof.json"))
    assert end.value.code == 1 and "does not lead" in capsys.readouterr().out


def test_a_key_that_was_never_published_proves_nothing(sealed: Report, tmp_path: Path) -> None:
    orders.seal()
    keys.signer(tmp_path, tmp_path)  # somebody else's
    others = json.loads((tmp_path / "keys.json").read_text())
    assert (
        checking.check_proof(pdf_of(sealed), proofs.text_of(sealed) or b"", others)["proof"] == "unknown_key"
    )


def test_who_may_not_take_the_report_away_does_not_get_its_proof(cast: Cast, sealed: Report) -> None:
    orders.seal()
    for person, status in ((cast.lata, 200), (cast.arun, 404), (cast.asha, 404), (cast.ira, 404)):
        with visit(person) as client:
            assert client.get(f"/reports/{sealed.pk}/proof").status_code == status


def test_each_of_200_flipped_bytes_of_a_real_report_is_found(cast: Cast, drawn: None, settings: Any) -> None:
    """Pages, fonts, twin and seal: whatever byte of it is another, the check says so. Two hundred by night."""
    report = orders.made("register", cast)
    whole = bytes(report.files.get(kind="pdf").content)
    certificates = [path.read_bytes() for path in settings.SEALS.glob("*.pem")]
    check = apart(checking).check
    assert check(whole, certificates)["code"] == "sound" and len(whole) > 50_000
    dice = random.Random(20261129)
    for _ in range(200):
        place = dice.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= dice.randrange(1, 256)
        assert check(bytes(changed), certificates)["code"] != "sound", f"byte {place}"
    assert Entry.objects.get(pk=report.entry_id).facts["pdf_sha256"] == report.pdf_sha256
