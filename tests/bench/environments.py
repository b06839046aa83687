"""A Python environment of a peer's own, under var/peers: nothing of it is ever among our requirements."""

import os
import subprocess
import sys
from pathlib import Path

LONGEST = 300  # seconds that pip may take
PROGRAMS = Path(__file__).parent / "peers"


class NotThere(Exception):
    """The peer cannot be had here; the sentence says why. Its rows say so, and the bench goes on."""


def environment(name: str, *pins: str, built: str = "") -> Path:
    """The interpreter of the environment that has these pins, made when there is none. Raises NotThere.

    `built`: the one package of them that has no wheel, and is built of its source.
    """
    home = Path(os.environ["SAMMATI_BENCH"]).parent / "peers" / name
    python, stamp, wanted = home / "bin" / "python", home / "pins", "\n".join(pins)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    try:
        subprocess.run(
            [sys.executable, "-m", "venv", "--clear", home], check=True, capture_output=True, timeout=LONGEST
        )
        # Wheels only, but for the one that is named: nothing else of a stranger's is run while it is installed.
        pip = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            *(["--no-binary", built] if built else []),
            *pins,
        ]
        subprocess.run(pip, check=True, capture_output=True, text=True, timeout=LONGEST, env=plain())
    except subprocess.CalledProcessError as error:
        lines = [line for line in str(error.stderr).splitlines() if line.startswith("ERROR")] or [
            "pip failed"
        ]
        raise NotThere(lines[-1]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotThere(type(error).__name__) from error
    stamp.write_text(wanted)
    return python


def plain() -> dict[str, str]:
    """Our environment without anything that is ours: no database, no path to our modules."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.endswith("_URL") and not name.startswith(("SAMMATI_", "DJANGO_", "PYTHON"))
    }
