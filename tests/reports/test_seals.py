"""The seal on a PDF: whole, changed, added to, somebody else's, none; checked by a process that knows nothing else."""

import io
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from governance.reports import certificates as certificates_
from governance.reports import checking as checking_
from governance.reports import paper as paper_
from governance.reports import seals as seals_

NOW = datetime.now(UTC)


class apart:
    """A module whose functions run in a thread of their own: a browser test before may have left an event loop running."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        if isinstance(found, type) or not callable(found):
            return found
        return lambda *a, **k: ThreadPoolExecutor(1).submit(found, *a, **k).result()


checking, seals = apart(checking_), apart(seals_)


def paper() -> bytes:
    out, pdf = io.BytesIO(), pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out)
    return out.getvalue()


def seal(home: Path, entity: str = "NSP") -> seals_.Seal:
    return seals.seal_of(entity, secrets=home / "secrets", home=home / "seals", now=NOW)


def document() -> bytes:
    """Drawn as a report is: PDF/A-3b, tagged, fonts inside, the twin attached."""
    if paper_.why_not():
        pytest.skip(paper_.why_not())
    html = (
        '<html lang="en"><head><title>Register</title><link rel="stylesheet" href="asset:///pdf/report.css"></head><body><h1>Register</h1>'
        '<table class="data"><thead><tr><th scope="col">Purpose</th></tr></thead><tbody><tr><td>Train an agent · प्रशिक्षण</td></tr></tbody></table></body></html>'
    )
    twin = paper_.Twin("G-2026-000001.json", "The same facts", json.dumps({"facts": list(range(300))}))
    return paper_.draw(html, twin=twin, made_at=NOW)


@pytest.fixture(scope="module", params=["a blank page", "a drawn document"])
def ours(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, bytes, list[bytes]]:
    """(drawn, sealed, published certificates)."""
    home = tmp_path_factory.mktemp("ours")
    drawn = paper() if request.param == "a blank page" else document()
    sealed = seals.sign(drawn, seal(home), reason="Sealed", number="G-2026-000001")
    return drawn, sealed, certificates_.published(home / "seals")


def test_a_sealed_document_is_sound_and_the_drawn_bytes_stand_first_in_it(
    ours: tuple[bytes, bytes, list[bytes]],
) -> None:
    drawn, sealed, certificates = ours
    found = checking.check(sealed, certificates)
    assert found["code"] == "sound" and found["number"] == "G-2026-000001" and found["self_made"]
    assert "NSP" in found["sealed_by"] and found["sealed_at"]
    assert sealed.startswith(drawn)


def test_each_of_200_flipped_bits_is_found(ours: tuple[bytes, bytes, list[bytes]]) -> None:
    _drawn, sealed, certificates = ours
    dice = random.Random(20261123)
    for _ in range(200):
        place = dice.randrange(len(sealed))
        changed = bytearray(sealed)
        changed[place] ^= 1 << dice.randrange(8)
        assert checking.check(bytes(changed), certificates)["code"] != "sound", f"byte {place}"


def test_an_update_appended_after_the_seal_is_found(
    ours: tuple[bytes, bytes, list[bytes]], tmp_path: Path
) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    _drawn, sealed, certificates = ours
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/Added"] = generic.pdf_string("later")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert checking.check(out.getvalue(), certificates)["code"] in ("appended", "changed")


def test_a_whole_seal_of_somebody_else_is_named_as_foreign(
    ours: tuple[bytes, bytes, list[bytes]], tmp_path: Path
) -> None:
    drawn, _sealed, certificates = ours
    theirs = seals.sign(drawn, seal(tmp_path, "NSP"), reason="Sealed", number="G-2026-000001")
    assert checking.check(theirs, certificates)["code"] == "foreign"


def test_what_carries_no_seal_is_not_called_sealed(ours: tuple[bytes, bytes, list[bytes]]) -> None:
    drawn, _sealed, certificates = ours
    assert checking.check(drawn, certificates)["code"] == "unsealed"
    assert checking.check(b"hello", certificates)["code"] == "no_pdf"
    assert checking.check(b"%PDF-1.7 rubbish", certificates)["code"] == "unreadable"


def test_a_second_machine_checks_with_the_file_and_the_certificates_alone(
    ours: tuple[bytes, bytes, list[bytes]], tmp_path: Path
) -> None:
    _drawn, sealed, certificates = ours
    (tmp_path / "report.pdf").write_bytes(sealed)
    (tmp_path / "seals").mkdir()
    for n, certificate in enumerate(certificates):
        (tmp_path / "seals" / f"{n}.pem").write_bytes(certificate)
    alone = tmp_path / "checking.py"
    alone.write_text(Path(checking_.__file__).read_text())
    said = subprocess.run(
        [sys.executable, "-I", str(alone), "report.pdf", "seals"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        check=True,
    )
    assert json.loads(said.stdout)["code"] == "sound"


def test_a_machine_without_django_and_without_us_checks_it_too(
    ours: tuple[bytes, bytes, list[bytes]], tmp_path: Path
) -> None:
    _drawn, sealed, certificates = ours
    (tmp_path / "report.pdf").write_bytes(sealed)
    (tmp_path / "all.pem").write_bytes(b"".join(certificates))
    command = (
        "import runpy, sys; sys.modules['django'] = sys.modules['governance'] = None; "
        "sys.argv = ['checking.py', 'report.pdf', 'all.pem']; "
        f"runpy.run_path({str(checking_.__file__)!r}, run_name='__main__')"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-c", command], cwd=tmp_path, env={}, capture_output=True, check=True
    )
    assert json.loads(said.stdout)["code"] == "sound"


def test_a_missing_key_is_no_seal(tmp_path: Path) -> None:
    with pytest.raises(seals.NoKey):
        seals.seal_of("NSP", secrets=tmp_path, home=tmp_path, now=NOW, pkcs12=tmp_path / "gone.p12")


def test_two_processes_that_meet_make_one_key(tmp_path: Path) -> None:
    assert seal(tmp_path).kid == seal(tmp_path).kid
    assert oct((tmp_path / "secrets" / "signer" / "seals" / "NSP.pem").stat().st_mode & 0o777) == "0o600"
