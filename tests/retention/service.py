"""A small service that holds traces of people and is asked over HTTP to forget them: a real server in a thread."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from governance.retention.connectors.webservice import HttpConnector
from tests.retention.at_hand import Case, scope

SERVICE_MAP: dict[str, Any] = {
    "steps": [
        {
            "name": "traces",
            "find": {"path": "/people/{number}/traces?before={before}", "items": "/items", "none": [404]},
            "erase": {"method": "DELETE", "path": "/people/{number}/traces?before={before}", "expect": [200, 202, 404]},
            "wait": {"job": "/job", "path": "/jobs/{job}", "state": "/state", "is": "done", "seconds": 5},
        }
    ],
    "read_back": [{"method": "POST", "path": "/search", "body": {"words": "{number}", "before": "{before}"}, "items": "/total"}],
}  # fmt: skip
OPTIONS: dict[str, Any] = {
    "url_env": "SERVICE_URL", "bearer_env": "SERVICE_KEY", "read_bearer_env": "SERVICE_READ_KEY", "allow": ["127.0.0.1", "localhost"],
    "networks": ["127.0.0.0/8", "::1/128"],
}  # fmt: skip


@dataclass
class Service:
    """What it holds and what it was asked."""

    traces: dict[str, list[datetime]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    lies: bool = False  # acknowledges, and keeps
    answer_with: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # instead, once each
    port: int = 0

    def of(self, number: str, before: str) -> list[datetime]:
        return [at for at in self.traces.get(number, ()) if at <= datetime.fromisoformat(before)]

    def forget(self, number: str, before: str) -> None:
        if not self.lies:
            old = self.of(number, before)
            self.traces[number] = [at for at in self.traces.get(number, ()) if at not in old]


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            service.asked.append((self.command, self.path, dict(self.headers)))
            parts, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            before = parse_qs(parts.query).get("before", [""])[0]
            if service.answer_with:
                status, headers = service.answer_with.pop(0)
                return self._say(status, {}, headers)
            may = {"Bearer eraser", "Bearer reader"} if self.command != "DELETE" else {"Bearer eraser"}
            if self.headers.get("Authorization") not in may:
                return self._say(401, {})
            if parts.path.startswith("/jobs/"):
                return self._say(200, {"state": "done"})
            if parts.path == "/search":
                return self._say(200, {"total": len(service.of(body["words"], body["before"]))})
            number = parts.path.split("/")[2]
            if self.command == "DELETE":
                service.forget(number, before)
                return self._say(202, {"job": "j-1"})
            items = [{"at": at.isoformat()} for at in service.of(number, before)]
            return self._say(200 if items else 404, {"items": items})

        def _say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler


@contextmanager
def serving(context: Any = None) -> Iterator[Service]:
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def case(service: Service, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("SERVICE_URL", f"http://127.0.0.1:{service.port}")
    monkeypatch.setenv("SERVICE_KEY", "eraser")
    monkeypatch.setenv("SERVICE_READ_KEY", "reader")
    now = datetime.now(UTC)
    for number in ("N-1001", "N-1002"):
        service.traces[number] = [now - timedelta(hours=i + 1) for i in range(3)]

    def lie() -> None:
        service.lies = True

    return Case(
        HttpConnector(OPTIONS, SERVICE_MAP), scope(), 3,
        lambda: service.traces["N-1001"].append(now + timedelta(hours=1)),
        lambda: len(service.traces["N-1001"]), lie, OPTIONS, SERVICE_MAP,
    )  # fmt: skip
