"""The client that other programs copy: against the running portal, and a no whenever it cannot be asked."""

import time
from typing import Any

import pytest
from django.core.cache import cache

from governance.interfaces import clients, rules
from governance.interfaces.client import NotAllowed, Problem, Sammati
from tests.conftest import World


@pytest.fixture
def portal(world: World) -> Any:
    """A company in a fresh database, a web server on it in a thread, a key with every scope."""
    import threading
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application
    from django.db import connections

    cache.clear()
    world.sign_in("owner")
    cast = world.company()
    _row, key = clients.let_in(
        cast.software,
        "Agent",
        purposes=[cast.purpose],
        scopes=list(rules.SCOPES),
        by=cast.dev,
        per_minute=10_000,
    )
    application = get_wsgi_application()

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    def signed_in(environ: Any, start: Any) -> Any:
        world.sign_in("web")
        try:
            return [b"".join(application(environ, start))]
        finally:
            connections.close_all()

    server = make_server("127.0.0.1", 0, signed_in, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield cast, key, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_program_asks_passes_on_and_stops(portal: Any) -> None:
    from governance.capture import streams

    cast, key, url = portal
    sammati, taken = Sammati(url, key, purpose=cast.purpose.number), []

    @sammati.require_consent("ui_event", person="who")
    def record(who: str, click: int) -> int:
        taken.append(click)
        return click

    with pytest.raises(NotAllowed):
        record("N-1001", 1)
    words = sammati.words("en")
    assert words.title and "ui_event" in words.signals
    first = sammati.give("N-1001", ["ui_event"], words, key="k")
    assert sammati.give("N-1001", ["ui_event"], words, key="k") == first
    streams.open_waiting()
    assert record("N-1001", 2) == 2 and record(click=3, who="N-1001") == 3
    assert sammati.allowed_of(["N-1001", "N-1002"], ["ui_event"]) == {
        ("N-1001", "ui_event"): True,
        ("N-1002", "ui_event"): False,
    }
    sammati.withdraw("N-1001")
    with pytest.raises(NotAllowed):
        record("N-1001", 4)
    assert taken == [2, 3]
    with pytest.raises(Problem) as problem:
        sammati.withdraw("N-1002")
    assert (problem.value.status, problem.value.code) == (409, "nothing_on")
    assert sammati.events() == ([], 0, False)


def test_when_nobody_answers_nothing_is_taken() -> None:
    lonely = Sammati("http://127.0.0.1:9", "smi_x", purpose="P-0001", timeout=0.2, retries=0)
    begun = []

    @lonely.require_consent("ui_event")
    def record(person: str) -> None:
        begun.append(person)

    with pytest.raises(NotAllowed):
        record("N-1001")
    assert not begun


def test_a_function_that_names_nobody_is_not_guarded_silently() -> None:
    with pytest.raises(TypeError):
        Sammati("http://x", "k", purpose="P-0001").require_consent("ui_event")(lambda thing: thing)


def test_a_webhook_is_believed_only_with_its_signature_and_of_this_moment(db: None) -> None:
    from governance.interfaces import signing
    from governance.interfaces.models import Webhook

    webhook, now, body = Webhook(), int(time.time()), b'{"type":"consent.given"}'
    secret, headers = signing.secret(webhook), signing.headers(webhook, "d1", now, body)
    assert Sammati.verify(headers, body, secret)["type"] == "consent.given"
    other = signing.secret(Webhook())
    for wrong, said, key, at in (
        (headers, body + b" ", secret, now), (headers, body, other, now), (headers, body, secret, now + 3600),
        (headers | {"webhook-id": "d2"}, body, secret, now), (headers | {"webhook-timestamp": "x"}, body, secret, now), ({}, body, secret, now),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            Sammati.verify(wrong, said, key, now=at)


def test_the_client_needs_nothing_but_python() -> None:
    import ast
    import sys
    from pathlib import Path

    import governance.interfaces.client as client

    for node in ast.walk(ast.parse(Path(client.__file__).read_text())):
        if isinstance(node, ast.Import):
            assert all(name.name.split(".")[0] in sys.stdlib_module_names for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in sys.stdlib_module_names
