"""A receipt holds up without us: changed, forged or signed otherwise it is refused, and old keys stay checkable."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import KeySet

from governance.consents import checking, ledger, signing, verifying
from governance.consents.models import Receipt
from governance.lib import clock
from governance.lib.canonical import canonical
from tests import make
from tests.cast import Cast
from tests.consents.signed import own_keys, seal, sign, signed
from tests.visits import visit, words

CHECKER = Path(checking.__file__)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    own_keys(settings, tmp_path)
    return tmp_path


@pytest.fixture
def receipt(cast: Cast, settings: Any) -> Receipt:
    return signed(
        make.consent(cast.asha, cast.purpose, "ui_event", language="hi", open_streams=False), settings
    )


def published(settings: Any) -> dict[str, Any]:
    return signing.everything(settings.RECEIPT_KEYS, settings.CHECKPOINTS)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def made(header: dict[str, Any], payload: bytes, sign_it: Any) -> str:
    first = f"{b64(canonical(header))}.{b64(payload)}"
    return f"{first}.{b64(sign_it(first.encode()))}"


def private(settings: Any, kid: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(
        (settings.SECRETS / "signer" / "receipts" / f"{kid}.key").read_bytes()
    )


def payload(receipt: Receipt) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(checking.unpacked(receipt.jws.split(".")[1]))
    return found


def test_a_receipt_waits_for_the_log_and_then_for_nobody(cast: Cast, settings: Any) -> None:
    row = make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    assert sign(settings) == 0  # recorded, being sealed
    seal(settings)
    assert sign(settings) == 1 and sign(settings) == 0
    row.refresh_from_db()
    assert row.jws and row.signed_at and row.kid == published(settings)["keys"][0]["kid"]


def test_a_genuine_receipt_says_what_it_is_and_no_name(receipt: Receipt, cast: Cast) -> None:
    finding = verifying.check(receipt.jws)
    assert finding.ok and finding.code == "genuine"
    told = " ".join(finding.facts.values())
    assert receipt.number in told and cast.purpose.number in told and "the proof holds" in told
    assert cast.software.name in told
    assert str(cast.asha.pk) not in told and "Asha" not in told
    assert "Asha" not in json.dumps(payload(receipt))


def test_any_other_jws_library_finds_the_same(receipt: Receipt, settings: Any) -> None:
    keys = KeySet.import_key_set({"keys": signing.published(settings.RECEIPT_KEYS)["keys"]})
    found = jws.deserialize_compact(receipt.jws, keys, algorithms=["Ed25519"])
    assert json.loads(found.payload) == payload(receipt)


def test_withdrawal_and_refusal_are_signed_too(cast: Cast, settings: Any) -> None:
    given_ = make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False)
    notice = cast.purpose.published_notice()
    refused = ledger.refuse(cast.purpose, ["app_usage"], by=cast.bela, notice=notice, language="en")
    gone = ledger.withdraw_purpose(cast.purpose, by=cast.bela)
    seal(settings)
    assert sign(settings) == 3
    for row in (given_, refused, gone):
        row.refresh_from_db()
        assert payload(row)["x-in:receiptKind"] == row.kind and verifying.check(row.jws).ok
    assert payload(gone)["x-in:erasureOrder"] == gone.body["erasure_order"]


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "crit", "b64", "alg2"])
def test_a_receipt_that_brings_its_key_is_refused(receipt: Receipt, settings: Any, name: str) -> None:
    header = {
        "alg": "Ed25519",
        "kid": receipt.kid,
        "typ": checking.TYPE,
        name: "https://elsewhere.example/keys",
    }
    forged = made(header, canonical(payload(receipt)), private(settings, receipt.kid).sign)
    assert checking.check(forged, published(settings)).code == "forbidden_header"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES256", "RS256", "EdDSA", "", None, 7])
def test_another_algorithm_is_refused(receipt: Receipt, settings: Any, algorithm: Any) -> None:
    header = {"alg": algorithm, "kid": receipt.kid, "typ": checking.TYPE}
    public = checking.unpacked(published(settings)["keys"][0]["x"])
    for sign_it in (
        lambda data: hmac.new(public, data, hashlib.sha256).digest(),  # HS256 with the public key as secret
        lambda _data: b"x",
        private(settings, receipt.kid).sign,
    ):
        forged = made(header, canonical(payload(receipt)), sign_it)
        assert checking.check(forged, published(settings)).code == "wrong_algorithm"
    without = ".".join([*made(header, canonical(payload(receipt)), lambda _d: b"x").split(".")[:2], ""])
    assert checking.check(without, published(settings)).code == "wrong_algorithm"


def test_one_without_its_signature_is_told_so(receipt: Receipt, settings: Any) -> None:
    bare = receipt.jws.rpartition(".")[0] + "."
    assert checking.check(bare, published(settings)).code == "wrong_signature"


def test_a_key_for_something_else_is_refused(receipt: Receipt, settings: Any) -> None:
    """The checkpoint's own key, its kid said honestly; and the same key smuggled in under a name of ours."""
    checkpoint = Ed25519PrivateKey.from_private_bytes(
        (settings.SECRETS / "signer" / "checkpoint.key").read_bytes()
    )
    other = published(settings)["checkpoints"][0]["kid"]
    forged = made(
        {"alg": "Ed25519", "kid": other, "typ": checking.TYPE}, canonical(payload(receipt)), checkpoint.sign
    )
    assert checking.check(forged, published(settings)).code == "other_key"
    keys = published(settings)
    keys["keys"] += keys["checkpoints"]
    assert checking.check(forged, keys).code == "other_key"
    header = {"alg": "Ed25519", "kid": receipt.kid, "typ": checking.TYPE}
    assert (
        checking.check(made(header, canonical(payload(receipt)), checkpoint.sign), keys).code
        == "wrong_signature"
    )


def test_a_key_that_was_never_published_is_refused(receipt: Receipt, settings: Any) -> None:
    own = Ed25519PrivateKey.generate()
    header = {"alg": "Ed25519", "kid": "receipt-0000000000000000", "typ": checking.TYPE}
    forged = made(header, canonical(payload(receipt)), own.sign)
    assert checking.check(forged, published(settings)).code == "unknown_key"


def test_changed_words_are_found(receipt: Receipt, settings: Any) -> None:
    changed = payload(receipt) | {"x-in:receiptKind": "withdrawn"}
    first, _middle, last = receipt.jws.split(".")
    assert (
        checking.check(f"{first}.{b64(canonical(changed))}.{last}", published(settings)).code
        == "wrong_signature"
    )


def test_any_changed_letter_is_found(receipt: Receipt, settings: Any) -> None:
    keys, whole = published(settings), receipt.jws

    @given(st.integers(0, len(whole) - 1), st.sampled_from("ABCxyz019-_.="))
    def changed(at: int, letter: str) -> None:
        forged = whole[:at] + letter + whole[at + 1 :]
        assert checking.check(forged, keys).ok == (forged == whole)

    changed()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw reads all of Unicode
@given(
    st.text()
    | st.binary().map(lambda raw: raw.decode("latin-1"))
    | st.from_regex(checking.COMPACT, fullmatch=True)
)
def test_whatever_is_pasted_is_answered(text: str) -> None:
    found = checking.check(text, {"keys": []})
    assert not found.ok and found.code in checking.SAYS and not found.receipt


@pytest.mark.parametrize(
    "text",
    ["", " \n", "a.b.c", "{}", '{"jws": 7}', '{"jws": ""}', "[]", "{" * 5000, '{"jws":' * 900,
     "x" * (checking.LONGEST + 1), '{"jws": "a.b.c", "jws": "d.e.f"}'],
)  # fmt: skip
def test_what_is_no_receipt_is_said_to_be_none(text: str, settings: Any) -> None:
    assert checking.check(text, {"keys": []}).code in ("empty", "not_a_receipt", "too_long")
    assert verifying.check(text).sentence


def test_words_beside_the_signature_are_compared(receipt: Receipt, cast: Cast, settings: Any) -> None:
    """The .json file can be read: what is read has to be what was signed."""
    with visit(cast.asha) as client:
        file = client.get(f"/me/receipts/{receipt.pk}/data/").json()
    assert checking.check(json.dumps(file), published(settings)).code == "genuine"
    for forged in (
        file | {"receipt": file["receipt"] | {"kind": "withdrawn"}},
        file | {"receipt_27560": file["receipt_27560"] | {"dct:identifier": "R-2026-999999"}},
    ):
        assert checking.check(json.dumps(forged), published(settings)).code == "readable_differs"


def test_a_place_in_the_log_that_does_not_hold_is_found(receipt: Receipt, settings: Any) -> None:
    """Even the signer cannot claim one: the checkpoint's own key speaks for the log."""
    header = {"alg": "Ed25519", "kid": receipt.kid, "typ": checking.TYPE}
    for path, value in (
        (("entry", "code"), "consent.refused"), (("entry", "facts"), {"events": []}), (("index",), 10**6),
        (("checkpoint", "root"), "00" * 32), (("checkpoint", "at"), "2020-01-01T00:00:00.000000+00:00"),
        (("checkpoint", "signature"), "00" * 64), (("checkpoint", "kid"), "checkpoint-0"), (("path",), ["00" * 32] * 70),
    ):  # fmt: skip
        said = payload(receipt)
        place = said[checking.PROOF]["@value"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        forged = made(header, canonical(said), private(settings, receipt.kid).sign)
        assert checking.check(forged, published(settings)).code == "proof_wrong", path


def test_a_new_key_leaves_old_receipts_checkable(receipt: Receipt, cast: Cast, settings: Any) -> None:
    old = receipt.kid
    call_command("rotate_receipt_key")
    assert not (settings.SECRETS / "signer" / "receipts" / f"{old}.key").exists()
    newer = signed(make.consent(cast.bela, cast.purpose, "ui_event", open_streams=False), settings)
    assert newer.kid != old
    assert verifying.check(receipt.jws).ok and verifying.check(newer.jws).ok
    assert [key.get("until") is None for key in published(settings)["keys"]] == [False, True]


def test_a_key_signs_nothing_after_its_end(receipt: Receipt, settings: Any) -> None:
    """Somebody kept a copy of the old key and signs with it, in its own time and out of it."""
    kept = private(settings, receipt.kid)
    signing.rotate(settings.SECRETS, settings.RECEIPT_KEYS, clock.now())
    header = {"alg": "Ed25519", "kid": receipt.kid, "typ": checking.TYPE}
    later = payload(receipt)
    later["dct:issued"]["@value"] = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (
        checking.check(made(header, canonical(later), kept.sign), published(settings)).code == "key_not_then"
    )


def test_a_key_that_was_called_back_vouches_for_nothing(receipt: Receipt, settings: Any) -> None:
    call_command("rotate_receipt_key", called_back=True)
    finding = verifying.check(receipt.jws)
    assert finding.code == "key_called_back" and not finding.ok and not finding.facts


def test_the_key_is_private_and_signs_nothing_but_receipts(receipt: Receipt, settings: Any) -> None:
    folder = settings.SECRETS / "signer" / "receipts"
    assert [oct(path.stat().st_mode)[-3:] for path in folder.glob("*.key")] == ["600"]
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert '"d"' not in json.dumps(published(settings))
    assert (
        next(folder.glob("*.key")).read_bytes()
        != (settings.SECRETS / "signer" / "checkpoint.key").read_bytes()
    )


def test_the_keys_stand_where_anybody_finds_them(receipt: Receipt, settings: Any) -> None:
    answer = Client().get("/.well-known/sammati-receipts.json")
    assert answer.status_code == 200 and answer.json() == published(settings)
    assert (
        answer["Content-Type"] == "application/jwk-set+json" and answer["Access-Control-Allow-Origin"] == "*"
    )


def test_the_page_waits_for_the_signature_and_then_gives_the_file(cast: Cast, settings: Any) -> None:
    row = make.consent(cast.asha, cast.purpose, "ui_event", open_streams=False)
    with visit(cast.asha) as client:
        assert "दर्ज, हस्ताक्षर हो रहे हैं" in words(client.get(f"/me/receipts/{row.pk}/"))
        assert client.get(f"/me/receipts/{row.pk}/signed/").status_code == 302
    signed(row, settings)
    with visit(cast.asha) as client:
        page = words(client.get(f"/me/receipts/{row.pk}/"))
        answer = client.get(f"/me/receipts/{row.pk}/signed/")
    assert "हस्ताक्षरित रसीद (.jws)" in page and "हस्ताक्षर हो रहे" not in page
    assert answer.content.decode().strip() == row.jws and row.number in answer["Content-Disposition"]
    with visit(cast.bela) as client:
        assert client.get(f"/me/receipts/{row.pk}/signed/").status_code == 404


def test_the_checker_works_alone(receipt: Receipt, settings: Any, tmp_path: Path) -> None:
    """Copied elsewhere, without our code on the path: what it imports is `cryptography` and nothing of Django."""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "checking.py").write_bytes(CHECKER.read_bytes())
    (alone / "keys.json").write_text(json.dumps(published(settings)))
    (alone / "good.jws").write_text(receipt.jws + "\n")
    (alone / "bad.jws").write_text(receipt.jws[:-9] + "AAAAAAAAA")
    ask = "import sys, checking; code = checking.main(sys.argv[1:]); print([m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg', 'governance')]); sys.exit(code)"

    def run(file: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", ask, file, "keys.json"], cwd=alone, capture_output=True, text=True, check=False
        )  # fmt: skip

    good, bad = run("good.jws"), run("bad.jws")
    assert good.returncode == 0 and good.stdout.startswith("genuine: ") and receipt.number in good.stdout, (
        good.stderr
    )
    assert bad.returncode == 1 and bad.stdout.startswith("wrong_signature: ")
    assert good.stdout.rstrip().endswith("[]")
    assert run("none.jws").returncode == 2


def test_a_stranger_finds_the_checker_beside_the_keys_and_checks_a_receipt_with_it(
    receipt: Receipt, settings: Any, client: Client, tmp_path: Path
) -> None:
    page = client.get("/verify/").content.decode()
    taken = client.get("/.well-known/sammati-receipts-checking.py")
    assert "/.well-known/sammati-receipts-checking.py" in page
    assert hashlib.sha256(taken.content).hexdigest() in page
    (tmp_path / "checking.py").write_bytes(taken.content)
    (tmp_path / "keys.json").write_bytes(client.get("/.well-known/sammati-receipts.json").content)
    (tmp_path / "r.jws").write_text(receipt.jws)
    said = subprocess.run(
        [sys.executable, "-I", "checking.py", "r.jws", "keys.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert said.returncode == 0 and receipt.number in said.stdout, said.stderr


def test_the_command_says_the_same(
    receipt: Receipt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.jws"
    file.write_text(receipt.jws)
    call_command("verify_receipt", str(file))
    assert "is genuine" in (said := capsys.readouterr().out) and receipt.number in said
    file.write_text("x.y.z")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_receipt", str(file))
    assert ended.value.code == 1
