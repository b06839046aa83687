"""What set-up takes from the system's packages for the tests, on machines that have it, can have it, or cannot."""

from pathlib import Path

import pytest

from governance.setup import libraries
from governance.setup.places import Places

APT = """#!/bin/sh
echo "$@" >> "{calls}"
case "$*" in *" install "*) printf '#!/bin/sh\n' > "{server}"; chmod +x "{server}";; esac
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(libraries, "SBIN", str(folder))
    monkeypatch.delenv("SAMMATI_MARIADBD", raising=False)
    return folder


def test_without_apt_a_sentence_says_which_tests_are_skipped(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert libraries.mariadb(Places(tmp_path)) is None
    said = capsys.readouterr().err
    assert "are skipped" in said and "apt-get install mariadb-server-core" in said


def test_root_installs_the_server_alone_and_pushes_nothing_out(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, server = tmp_path / "calls", bare / "mariadbd"
    # A real apt would fetch; this one writes down what it was asked for.
    monkeypatch.setenv("PATH", f"{bare}:/usr/bin:/bin")
    (bare / "apt-get").write_text(APT.format(calls=calls, server=server))
    (bare / "apt-get").chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert libraries.mariadb(Places(tmp_path)) == str(server)
    asked = calls.read_text().splitlines()[-1]
    assert (
        asked.endswith("mariadb-server-core")
        and "--no-remove" in asked
        and "--no-install-recommends" in asked
    )


def test_a_server_unpacked_once_is_used_again(bare: Path, tmp_path: Path) -> None:
    server = tmp_path / "deb-mariadb" / "root" / "usr" / "sbin" / "mariadbd"
    server.parent.mkdir(parents=True)
    server.touch()
    assert libraries.mariadb(Places(tmp_path)) == str(server)


def test_a_server_that_is_named_is_taken_as_it_is(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMMATI_MARIADBD", "/srv/mariadbd")
    assert libraries.mariadb(Places(tmp_path)) == "/srv/mariadbd"
