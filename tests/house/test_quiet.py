"""A canary sent through every way to fail is found in no log line and on no error page."""

import json
import os
import subprocess
import sys

import pytest

CANARY = "Priyanka-Chaturvedi-9876543210"

# Runs in a process of its own, so that its standard error is what a server would write.
FAULTS = """
import logging, sys, types, warnings
import django
django.setup()
import structlog
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import path
from governance.celery import app
from governance.lib.refusals import Refused

CANARY = sys.argv[1]

def boom(request, value): raise RuntimeError(f"cannot read {value}")
def lookup(request, value): return HttpResponse({}[value])
def database(request, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::int", [value])
def chained(request, value):
    try:
        int(value)
    except ValueError as error:
        raise KeyError(value) from error

urls = types.ModuleType("urls_of_faults")
urls.urlpatterns = [path(f"{view.__name__}/<str:value>", view) for view in (boom, lookup, database, chained)]
sys.modules["urls_of_faults"] = urls
from django.conf import settings
settings.ROOT_URLCONF = "urls_of_faults"
setup_test_environment()
settings.ALLOWED_HOSTS = ["testserver"]

client = Client(raise_request_exception=False)
for view in ("boom", "lookup", "database", "chained"):
    answer = client.get(f"/{view}/{CANARY}", {"q": CANARY}, headers={"X-Thing": CANARY, "Referer": CANARY})
    assert answer.status_code == 500, view
    assert CANARY not in answer.content.decode(), view
assert client.get(f"/nowhere/{CANARY}").status_code == 404
assert client.get("/boom/x", headers={"Host": f"{CANARY}.example"}).status_code == 400
assert CANARY not in client.get(f"/nowhere/{CANARY}").content.decode()

for name in ("", "django", "django.request", "django.db.backends", "celery", "celery.app.trace", "_granian", "allauth", "weasyprint", "sammati"):
    logger = logging.getLogger(name)
    logger.error("value %s is wrong", CANARY)
    logger.error("value %(v)s is wrong", {"v": CANARY})
    try:
        raise ValueError(CANARY)
    except ValueError:
        logger.exception("failed on %s", CANARY)
        logger.error("failed", exc_info=True, stack_info=True)

log = structlog.get_logger("x")
try:
    raise ValueError(CANARY)
except ValueError as error:
    log.error("thing.failed", exc_info=True)
    log.error("thing.failed", exc_info=error)
    log.error("thing.failed", exc_info=sys.exc_info())
log.warning("thing.happened", code="busy", value=CANARY, person={"name": CANARY}, items=[CANARY])

@app.task(name="canary.fails")
def fails(value, *, named):
    raise RuntimeError(f"cannot read {value} {named}")
fails.apply(args=[CANARY], kwargs={"named": CANARY})
print("through")
"""


def test_a_canary_through_every_fault_is_nowhere_afterwards(db: None) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FAULTS, CANARY],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout.strip().endswith("through"), ran.stderr
    said = ran.stdout + ran.stderr
    assert CANARY not in said, [line for line in said.splitlines() if CANARY in line]
    assert CANARY.encode().hex() not in said and json.dumps(CANARY)[1:-1] not in said
    # Quiet is not mute: class, SQLSTATE and our own place are there.
    for word in ("RuntimeError", "22P02", "ValueError", "thing.happened", "busy", "KeyError"):
        assert word in ran.stderr, word


@pytest.mark.django_db
def test_a_refused_form_repeats_nothing_in_a_log(client: object, capfd: pytest.CaptureFixture[str]) -> None:
    client.post("/account/login/", {"login": f"{CANARY}@x.example", "password": CANARY})  # type: ignore[attr-defined]
    client.post("/api/v1/batches", CANARY, content_type="application/json")  # type: ignore[attr-defined]
    client.get(f"/log/?code={CANARY}")  # type: ignore[attr-defined]
    captured = capfd.readouterr()
    assert CANARY not in captured.err + captured.out
