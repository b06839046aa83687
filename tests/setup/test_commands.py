"""The commands as a person gives them, in a small checkout with a stand-in for the product itself."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.setup import libraries, vendor
from governance.setup.environment import ALL_URLS
from governance.setup.places import CHECKOUT
from governance.setup.stamps import Stamps, fingerprint

MANAGE = """
import json, os, pathlib, sys, urllib.request
var = pathlib.Path(os.environ["SAMMATI_VAR"])
with (var / "calls").open("a") as file:
    print(sys.argv[1], os.environ["SAMMATI_PROCESS"], file=file)
if sys.argv[1] == "collectstatic":
    static = pathlib.Path(os.environ["SAMMATI_BUILD"]) / "static"
    static.mkdir(exist_ok=True)
    (static / "staticfiles.json").write_text("{}")
if sys.argv[1] == "seed":
    print(json.dumps({"people": [{"name": "Asha", "email": "asha@nirmaan.example", "password": "shown"}]}))
if sys.argv[1] in ("agent", "selftest"):
    import time
    time.sleep(600)
if sys.argv[1] == "story":
    base = sys.argv[sys.argv.index("--base-url") + 1]
    print("step one", urllib.request.urlopen(base + "/healthz").status)
    print(json.dumps({"on": os.environ.get("SAMMATI_TODAY"), "logins": os.environ["SAMMATI_STORY_LOGINS"]}))
    raise SystemExit(5)
"""
WEB = 'def application(environ, start):\n    start("200 OK", [])\n    return [b"well"]\n'
CELERY = (
    "import os\nfrom celery import Celery\n"
    'app = Celery("stand-in", broker=os.environ["REDIS_URL"].replace("unix:", "redis+socket:"))\n'
)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    with made_checkout(tmp_path / "a checkout") as root:
        yield root


@contextlib.contextmanager
def made_checkout(root: Path) -> Iterator[Path]:
    """A checkout whose packages are already there; whatever still runs from it afterwards is ended."""
    for folder in ("governance/demo/logs/mouse", "static", "node_modules", "build/vendor"):
        (root / folder).mkdir(parents=True)
    shutil.copytree(CHECKOUT / "governance" / "setup", root / "governance" / "setup")
    for name in (
        "requirements.txt", "requirements-demo.txt", "requirements-dev.txt", "package.json", "package-lock.json",
        "governance/demo/bucket_server.py",
    ):  # fmt: skip
        shutil.copy(CHECKOUT / name, root / name)
    (root / "governance" / "__init__.py").touch()
    (root / "governance" / "settings.py").write_text('SECRET_KEY = "stand-in"\n')
    (root / "governance" / "wsgi.py").write_text(WEB)
    (root / "governance" / "celery.py").write_text(CELERY)
    (root / "governance" / "demo" / "logs" / "expenses.csv").touch()
    (root / "manage.py").write_text(MANAGE)
    stamps = Stamps(root / "var" / "stamps")
    wanted = root / "requirements.txt"
    for name in ("requirements.txt", "requirements-demo.txt"):
        stamps.put(name, fingerprint([wanted, root / name], sys.version, sys.prefix))
    locked = fingerprint([root / "package.json", root / "package-lock.json"])
    stamps.put("npm", locked)
    setup = root / "governance" / "setup"
    named = [setup / vendor.LIST.name, setup / vendor.ICONS.name, setup / "vendor.py"]
    stamps.put("vendor", fingerprint(named, locked))
    stamps.put("pango", fingerprint([wanted], sys.prefix))
    yield root
    command(root, "stop").wait(60)


def command(root: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAMMATI_")}
    for name in (*ALL_URLS, "PYTHONPATH"):
        environ.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "governance.setup", *arguments], cwd=root, env=environ | more,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def until_it_runs(demo: subprocess.Popen[str]) -> str:
    """The address that the demo printed."""
    assert demo.stdout
    for line in demo.stdout:
        if line.startswith("Sammati is running"):
            return line.split()[-1]
    raise AssertionError(demo.communicate()[1])


def running_from(root: Path) -> list[str]:
    """Command lines of the processes that were told this checkout's folder."""
    shown = subprocess.run(["ps", "-eo", "stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(root) in line and line[0] != "Z"] + [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and f"SAMMATI_VAR={root}".encode() in environment_of(entry)
    ]


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def calls(root: Path) -> list[str]:
    """What set-up asked of manage.py; agent and self-test are no steps but processes that run along."""
    lines = (root / "var" / "calls").read_text().split("\n")[:-1]
    return [line for line in lines if not line.startswith(("agent", "selftest"))]


def test_ctrl_c_leaves_no_process_and_a_second_start_does_nothing_twice(checkout: Path) -> None:
    first = command(checkout, "demo")
    address = until_it_runs(first)
    assert address.startswith("http://127.0.0.1:")
    assert calls(checkout) == ["migrate owner", "grants owner", "collectstatic web", "seed web"]
    assert running_from(checkout)
    refused = command(checkout, "demo")
    assert "already running" in refused.communicate()[1] and refused.returncode == 1
    first.send_signal(signal.SIGINT)
    assert first.wait(60) == 130
    assert running_from(checkout) == []

    begun = time.monotonic()
    second = command(checkout, "demo")
    until_it_runs(second)
    assert time.monotonic() - begun < 20
    assert len(calls(checkout)) == 4
    for kept in ("demo/logins.json", "secrets/bucket.json"):
        assert (checkout / "var" / kept).stat().st_mode & 0o777 == 0o600

    second.kill()  # and what survives that is found by the next one
    second.wait()
    assert running_from(checkout)
    stop = command(checkout, "stop")
    assert "web" in stop.communicate()[1] and stop.returncode == 0
    assert running_from(checkout) == []


def test_a_second_start_does_nothing_twice_though_its_sockets_lie_in_another_folder(tmp_path: Path) -> None:
    """A checkout too deep for a socket's path gets a new short folder at each start."""
    with made_checkout(tmp_path / ("deep" * 20)) as deep:
        for _start in range(2):
            demo = command(deep, "demo")
            until_it_runs(demo)
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) == 130
            assert calls(deep) == ["migrate owner", "grants owner", "collectstatic web", "seed web"]


def test_once_ends_with_the_storys_last_line_and_its_code(checkout: Path) -> None:
    once = command(checkout, "demo", "--once", "--on", "2027-06-01")
    printed, told = once.communicate(timeout=120)
    assert once.returncode == 5, told
    last = json.loads(printed.splitlines()[-1])
    assert last == {"on": "2027-06-01", "logins": str(checkout / "var" / "once" / "demo" / "logins.json")}
    assert not (checkout / "var" / "pg").exists()
    assert running_from(checkout) == []


def test_a_process_that_dies_ends_the_demo_with_its_last_words(checkout: Path) -> None:
    (checkout / "governance" / "wsgi.py").write_text('raise RuntimeError("the web is broken")\n')
    demo = command(checkout, "demo")
    told = demo.communicate(timeout=120)[1]
    assert demo.returncode == 1
    assert "'web' ended by itself" in told and "the web is broken" in told
    assert running_from(checkout) == []


def test_given_urls_are_used_and_ours_not_started(checkout: Path, tmp_path: Path) -> None:
    (checkout / "manage.py").write_text(
        "import os\nprint(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])\n"
    )
    given = {name: f"given://{name}" for name in ALL_URLS}
    shown = command(checkout, "manage", "anything", **given)
    printed, told = shown.communicate(timeout=60)
    assert printed.strip() == "given://DATABASE_URL given://REDIS_URL", told
    assert not (checkout / "var" / "pg").exists() and not (checkout / "var" / "valkey").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "There is no command 'nonsense'"),
        (["demo", "--once", "--on", "tomorrow"], "--on needs a day"),
        (["demo", "--once", "--ui-log", "none.csv"], "none.csv does not exist"),
        (["manage", "--as", "postgres", "shell"], "--as needs one of owner"),
    ],
)
def test_a_mistake_is_answered_by_a_sentence(checkout: Path, arguments: list[str], sentence: str) -> None:
    told = command(checkout, *arguments).communicate(timeout=30)[1]
    assert sentence in told and "Traceback" not in told


def test_without_pango_and_without_apt_there_is_a_sentence_and_no_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libraries, "draws", lambda more: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    from governance.setup.places import Places

    assert libraries.pango(Places(tmp_path), Stamps(tmp_path / "stamps")) == {"SAMMATI_NO_PDF": "1"}
    assert "there will be no PDFs" in capsys.readouterr().err
