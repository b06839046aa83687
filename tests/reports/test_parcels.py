"""Several reports leave in one ZIP: what its signed list names is in it, and nothing else."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal
from django.db.models.functions import Now
from django.test import Client

from governance.audit.models import Entry
from governance.lib.refusals import Refused
from governance.reports import checking, parcels, tasks
from governance.reports.models import Parcel, Report
from tests.cast import Cast
from tests.conftest import as_login
from tests.reports import orders
from tests.visits import visit, words


@pytest.fixture
def two(cast: Cast, undrawn: None) -> list[Report]:
    made = [orders.made("register", cast), orders.made("evaluation", cast, {"purpose": str(cast.purpose.pk)})]
    orders.seal()
    return made


@pytest.fixture
def packed(cast: Cast, two: list[Report]) -> Parcel:
    parcel = parcels.pack(two, by=cast.lata)
    with as_login("exporter"):
        tasks.sign_parcels()
    parcel.refresh_from_db()
    assert parcel.signed_at
    return parcel


def keys() -> dict[str, Any]:
    return parcels.published(portal.SEALS)


def test_legal_packs_what_the_filters_show_and_each_file_is_written_down(
    cast: Cast, two: list[Report]
) -> None:
    with visit(cast.lata) as lata:
        assert "Take all of these away in one ZIP" in words(lata.get("/reports/"))
        page = lata.post("/reports/pack", {"kind": "register"})["Location"]
        assert (
            "waits for its signature" in words(lata.get(page)) and lata.get(f"{page}/zip").status_code == 302
        )
    with as_login("exporter"):
        tasks.sign_parcels()
    with visit(cast.lata) as lata:
        assert f"{two[0].number}-register.json" in words(lata.get(page))
        answer = lata.get(f"{page}/zip")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    stem = f"{two[0].number}-register"
    assert names == [f"{stem}.json", f"{stem}-proof.json", "manifest.json", "manifest.jws"]
    assert checking.check_parcel(answer.content, keys())["code"] == "whole"
    assert Entry.objects.get(code="report.downloaded").about_id == two[0].pk
    assert Entry.objects.get(code="parcel.taken").facts["sha256"] == sha256(answer.content).hexdigest()
    with visit(cast.dev) as dev:
        assert dev.get(page).status_code == 404 and dev.get(f"{page}/zip").status_code == 404


def repacked(body: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as again:
        for name, part in parts.items():
            again.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize(
    "how", ["changed", "missing", "unnamed", "readable_differs", "wrong_signature", "no_parcel"]
)
def test_whatever_is_done_to_it_is_found(cast: Cast, packed: Parcel, how: str) -> None:
    body = parcels.hand_over(packed, by=cast.lata)
    first = packed.manifest["files"][0]["name"]  # type: ignore[index]

    def change(parts: dict[str, bytes]) -> None:
        if how == "changed":
            parts[first] += b" "
        elif how == "missing":
            del parts[first]
        elif how == "unnamed":
            parts["more.pdf"] = b"%PDF-"
        elif how == "readable_differs":
            parts["manifest.json"] = parts["manifest.json"].replace(b'"bytes": ', b'"bytes": 1')
        elif how == "wrong_signature":
            head, _body, signature = parts["manifest.jws"].split(b".")
            forged = json.dumps(packed.manifest | {"made_at": "2020-01-01"}).encode()  # type: ignore[operator]
            parts["manifest.jws"] = b".".join(
                [head, checking.base64.urlsafe_b64encode(forged).rstrip(b"="), signature]
            )
        elif how == "no_parcel":
            del parts["manifest.jws"]

    assert checking.check_parcel(repacked(body, change), keys())["code"] == how
    assert checking.check_parcel(body, {"keys": []})["code"] == "unknown_key"


@pytest.mark.parametrize("junk", [b"", b"PK", b"PK\x03\x04rubbish", b"%PDF-1.7"])
def test_junk_is_no_parcel(junk: bytes) -> None:
    assert checking.check_parcel(junk, {"keys": []})["code"] == "no_parcel"


def test_it_is_checked_on_a_machine_that_has_nothing_of_ours(
    cast: Cast, packed: Parcel, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "checking.py").write_bytes(client.get("/.well-known/sammati-seals/checking.py").content)
    (tmp_path / "keys.json").write_bytes(client.get("/.well-known/sammati-seals/manifests.json").content)
    (tmp_path / "parcel.zip").write_bytes(parcels.hand_over(packed, by=cast.lata))
    said = subprocess.run(
        [sys.executable, "-I", "checking.py", "parcel.zip", "--keys", "keys.json"], cwd=tmp_path, env={}, capture_output=True, check=True
    )  # fmt: skip
    assert json.loads(said.stdout)["code"] == "whole"
    (tmp_path / "keys.json").write_text('{"keys": []}')
    said = subprocess.run(
        [sys.executable, "-I", "checking.py", "parcel.zip", "--keys", "keys.json"], cwd=tmp_path, env={}, capture_output=True, check=False
    )  # fmt: skip
    assert said.returncode == 1


def test_nothing_leaves_that_its_reader_may_not_take(cast: Cast, two: list[Report], packed: Parcel) -> None:
    for person, why in ((cast.arun, "may_not_take"), (cast.asha, "may_not_take")):
        with pytest.raises(Refused) as refused:
            parcels.pack(two, by=person)
        assert refused.value.code == why
    with pytest.raises(Refused):
        parcels.pack([], by=cast.lata)
    with visit(cast.arun) as arun:
        assert arun.post("/reports/pack").status_code == 403
        assert "Take all of these away" not in words(arun.get("/reports/"))
    Parcel.objects.filter(pk=packed.pk).update(signed_at=Now() - timedelta(days=parcels.DAYS, hours=1))
    with pytest.raises(Refused) as refused:
        parcels.hand_over(packed, by=cast.lata)
    assert refused.value.code == "over"


def test_the_same_parcel_gives_the_same_bytes_and_is_forgotten(cast: Cast, packed: Parcel) -> None:
    assert parcels.hand_over(packed, by=cast.lata) == parcels.hand_over(packed, by=cast.lata)
    Parcel.objects.filter(pk=packed.pk).update(asked_at=Now() - timedelta(days=3 * parcels.DAYS))
    with as_login("worker"):
        tasks.expire()
    assert not Parcel.objects.exists()
