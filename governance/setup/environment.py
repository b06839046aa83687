"""What each process is told: its own database and nothing that opens another one's."""

import os
from collections.abc import Mapping
from pathlib import Path

from governance.setup.places import CHECKOUT, Places
from governance.setup.say import Problem

DATABASE_OF = {
    "owner": "OWNER_DATABASE_URL",
    "web": "DATABASE_URL",
    "worker": "WORKER_DATABASE_URL",
    "eraser": "ERASER_DATABASE_URL",
    "exporter": "EXPORTER_DATABASE_URL",
}
STORE_URLS = ("FEATURE_STORE_OWNER_URL", "FEATURE_STORE_URL", "FEATURE_STORE_READ_URL")
MAIN_URLS = (*DATABASE_OF.values(), "KEYS_DATABASE_URL")
# Systems of the demo company that a running demo starts or makes by itself; none of them can be given.
BADGES_URLS = ("BADGES_URL", "BADGES_READ_URL")
BUCKET_KEYS = (
    "TRAINING_SETS_ENDPOINT",
    "TRAINING_SETS_OWNER_KEY",
    "TRAINING_SETS_KEY",
    "TRAINING_SETS_READ_KEY",
)
GIVEN_URLS = (*MAIN_URLS, *STORE_URLS, "REDIS_URL")
ALL_URLS = (*GIVEN_URLS, *BADGES_URLS, *BUCKET_KEYS)

READS = {
    "owner": ("OWNER_DATABASE_URL", "KEYS_DATABASE_URL"),
    "web": ("DATABASE_URL", "REDIS_URL"),
    "worker": ("WORKER_DATABASE_URL", "REDIS_URL"),
    "eraser": (
        "ERASER_DATABASE_URL",
        "KEYS_DATABASE_URL",
        "FEATURE_STORE_URL",
        "FEATURE_STORE_READ_URL",
        *BADGES_URLS,
        "TRAINING_SETS_ENDPOINT",
        "TRAINING_SETS_KEY",
        "TRAINING_SETS_READ_KEY",
        "REDIS_URL",
    ),
    "exporter": ("EXPORTER_DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"),
}
# The demo company fills its own systems; nothing else of ours ever signs in there as their owner.
OWNER_READS = ("FEATURE_STORE_OWNER_URL", "TRAINING_SETS_ENDPOINT", "TRAINING_SETS_OWNER_KEY")
SEED_READS = (*READS["web"], *OWNER_READS)


def given_urls(environ: Mapping[str, str]) -> dict[str, str]:
    """The URLs that were given. Either all six of the databases or none: half would mix two installations."""
    given = {name: environ[name] for name in GIVEN_URLS if environ.get(name)}
    databases = [name for name in MAIN_URLS if name in given]
    missing = [name for name in MAIN_URLS if name not in given]
    if databases and missing:
        raise Problem(
            f"{', '.join(databases)} given, but not {', '.join(missing)}. Give all of them (README, "
            "'Your own "
            "PostgreSQL and Redis'), or none: then a PostgreSQL of our own is started."
        )
    store = [name for name in STORE_URLS if name in given]
    if store and len(store) < len(STORE_URLS):
        raise Problem(
            f"{', '.join(store)} given, but of {', '.join(STORE_URLS)} either all or none are needed."
        )
    return given


def for_process(
    process: str,
    urls: Mapping[str, str],
    places: Places,
    *,
    reads: tuple[str, ...] | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of one process: ours without any URL, then only the URLs that this process reads."""
    if process not in READS:
        raise Problem(f"There is no process '{process}'. There are {', '.join(READS)}.")
    allowed = READS[process] if reads is None else reads
    environ = {name: value for name, value in os.environ.items() if name not in ALL_URLS}
    environ |= {name: urls[name] for name in allowed if name in urls}
    environ |= {
        "SAMMATI_PROCESS": process,
        "SAMMATI_VAR": str(places.var),
        "SAMMATI_BUILD": str(places.build),
        "DJANGO_SETTINGS_MODULE": "governance.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(CHECKOUT),
        # What a process spills or caches stays inside the checkout, where it can be searched and is wiped.
        "TMPDIR": str(places.temporary),
        "XDG_CACHE_HOME": str(places.var / "cache"),
        "FONTCONFIG_FILE": str(font_configuration(places)),
    }
    return environ | dict(more or {})


def font_configuration(places: Places) -> Path:
    """A fontconfig file that takes the machine's fonts and keeps its cache inside the checkout."""
    path = places.var / "fontconfig" / "fonts.conf"
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        "  <dir>/usr/share/fonts</dir>\n"
        f"  <cachedir>{path.parent / 'cache'}</cachedir>\n"
        '  <include ignore_missing="yes">/etc/fonts/conf.d</include>\n</fontconfig>\n'
    )
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return path
