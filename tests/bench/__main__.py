"""./run bench [NAME…] [--night]: all measurements, or the ones named; by night as many as the goals name."""

import os
import sys
from pathlib import Path

os.environ["SAMMATI_TEST_SERVERS"] = os.environ["SAMMATI_VAR"]
os.environ.setdefault("SAMMATI_PLAIN_STATIC", "1")
os.environ["SAMMATI_OPENING_SECONDS"] = "0"  # no exporter runs beside the measurements
if "--night" in sys.argv:
    sys.argv.remove("--night")
    os.environ["SAMMATI_BENCH_NIGHT"] = "1"

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.bench import (  # noqa: E402, F401  they register their measurements
    api,
    connectors,
    decisions,
    dpdpkit,
    erasure,
    erasure_more,
    erasure_sharing,
    faults,
    gate,
    gdpr_assist,
    growth,
    log,
    person,
    policy,
    register,
    reports,
    stopping,
    table,
    withdrawals,
)
from tests.conftest import World  # noqa: E402


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in table.MEASURES]
    if unknown:
        print(
            f"There is no measurement {', '.join(unknown)}. There are: {', '.join(table.MEASURES)}.",
            file=sys.stderr,
        )
        return 2
    call_command("migrate", verbosity=0, interactive=False)
    call_command("grants", verbosity=0)
    urls = {
        name: os.environ[name]
        for name in os.environ
        if name.endswith("DATABASE_URL") or name == "DATABASE_URL"
    }
    world = World("sammati", "sammati_keys", urls)
    rows = []
    for name in names or table.MEASURES:
        print(f"· {name} …", file=sys.stderr, flush=True)
        rows += table.MEASURES[name](world)
        table.write(
            rows, Path(os.environ["SAMMATI_BENCH"])
        )  # what is measured stays, should the next one be stopped
    table.show(rows)
    return 0


sys.exit(main(sys.argv[1:]))
