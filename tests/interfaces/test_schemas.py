"""Thousands of odd requests to the running portal: never a 500, always what the two documents say."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.interfaces import clients, rules
from governance.interfaces.api import described
from governance.setup import web
from tests import make
from tests.bench.gate import _wait_for
from tests.conftest import World, fresh_world
from tests.interfaces.document import DOCUMENT, needs_the_document

pytestmark = [pytest.mark.slow]
ODD = settings(
    max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
SAID = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def portal(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[tuple[str, str, str, str]]:
    """A running web with its real login: its address, a key with every scope, the id of somebody who consented."""
    import socket

    with fresh_world(django_db_blocker) as world:
        cast, key = _found(world)
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            port = door.getsockname()[1]
        running = subprocess.Popen(
            web.command(port, workers=1),
            env=world.environment("web") | {"SAMMATI_PLAIN_STATIC": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}", key, str(cast.asha.pk), cast.keys[cast.programme.number]
        finally:
            running.terminate()
            running.wait(20)


def _found(world: World) -> Any:
    cache.clear()
    world.sign_in("owner")
    cast = world.company()
    make.consent(cast.asha, cast.purpose, "ui_event")
    _client, key = clients.let_in(
        cast.software,
        "Odd",
        purposes=[cast.purpose],
        scopes=list(rules.SCOPES),
        by=cast.dev,
        per_minute=100_000,
    )
    world.sign_in("web")
    return cast, key


govstack = schemathesis.openapi.from_dict(DOCUMENT)
whole = schemathesis.openapi.from_dict(described())
GATE = r"^/api/v1/(batches|policy|badge|wiped|clips|clips/.*)$"
own = whole.exclude(path_regex=GATE)
gate = whole.include(path_regex=GATE)
# A night asks each of the gate's four doors 2,500 times, ten thousand odd requests; and GovStack's fifty 100 times each.
NIGHT = 2500 if os.environ.get("SAMMATI_NIGHT") else 25
OF_GOVSTACK = 100 if os.environ.get("SAMMATI_NIGHT") else 8


@needs_the_document
@govstack.parametrize()
@settings(ODD, max_examples=OF_GOVSTACK)
def test_the_govstack_document_holds(case: Any, portal: tuple[str, str, str, str]) -> None:
    base, key, person, _gate = portal
    head = {"Authorization": f"Bearer {key}", "X-ConsentBB-IndividualId": person}
    case.call_and_validate(base_url=f"{base}/govstack/v1", headers=head, checks=SAID, timeout=60)


@own.parametrize()
@ODD
def test_our_own_document_holds(case: Any, portal: tuple[str, str, str, str]) -> None:
    base, key, _person, _gate = portal
    case.call_and_validate(base_url=base, headers={"Authorization": f"Bearer {key}"}, checks=SAID, timeout=60)


@gate.parametrize()
@settings(ODD, max_examples=NIGHT)
def test_the_gate_answers_odd_batches_as_the_document_says(
    case: Any, portal: tuple[str, str, str, str]
) -> None:
    base, _key, _person, key = portal
    case.call_and_validate(base_url=base, headers={"Authorization": f"Bearer {key}"}, checks=SAID, timeout=60)


def test_the_document_states_the_limits_of_a_clip() -> None:
    clip = described()["paths"]["/api/v1/clips"]["post"]["description"]
    assert "300 seconds" in clip and "67,108,864" in clip and "1,048,576" in clip and "15 minutes" in clip


def test_the_document_states_the_limits_of_the_gate() -> None:
    said = described()
    batch = said["paths"]["/api/v1/batches"]["post"]
    assert (
        "5,000 events" in batch["description"]
        and "2,097,152 bytes" in batch["description"]
        and "Retry-After" in batch["description"]
    )
    assert set(batch["responses"]) >= {"202", "400", "401", "403", "404", "409", "413", "415", "422", "503"}
    assert said["components"]["schemas"]["Batch"]["properties"]["events"]["maxItems"] == 5000
    assert said["paths"]["/api/v1/policy"]["get"]["responses"]["304"]
