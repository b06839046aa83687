"""An empty database is migrated in a third of the time, and is the same as if Django had done it its own way."""

import os
import re
import subprocess
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as django_migrate
from django.db import connections

from governance.setup.passwords import password
from tests.conftest import World
from tests.servers import cluster


def dumped(name: str) -> str:
    """The whole schema, without what differs from dump to dump."""
    ours = cluster()
    told = subprocess.run(
        [str(ours.programs / "pg_dump"), "-s", "-h", str(ours.sockets), name],
        env={"PATH": os.environ["PATH"], "PGUSER": "postgres", "PGPASSWORD": password(ours.secrets, "postgres")},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", told.stdout)


@pytest.mark.night
@pytest.mark.skipif(not os.environ.get("SAMMATI_NIGHT"), reason="migrates twice: ./run test --night")
def test_the_schema_is_the_same_as_by_djangos_own_command(world: World) -> None:
    def migrated(command: Any) -> tuple[str, float]:
        world.sign_in("owner")
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS vault CASCADE"
            )
        began = time.process_time()
        call_command(command, verbosity=0)
        connections.close_all()
        return dumped(world.main), time.process_time() - began

    (ours, quick), (theirs, slow) = migrated("migrate"), migrated(django_migrate.Command())
    assert ours == theirs and "CREATE TABLE public.consents_consentevent" in ours
    print(f"{quick:.1f} s of processor time, and {slow:.1f} s by Django's own")
