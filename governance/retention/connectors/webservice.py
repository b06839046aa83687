"""A service reached over HTTP: what to ask, which answers count, and how to see afterwards that nothing is left.

Options: {"url_env": NAME, "bearer_env": NAME, "read_bearer_env": NAME, "allow": ["hr.example"], "networks": ["10.0.0.0/8"],
"ca_file": path}; only the first and `allow` are needed. What they allow stands in wire.py. The map:

    {"steps": [{
        "name": "traces",
        "find":  {"path": "/people/{number}/traces?before={before}", "items": "/items", "none": [404]},
        "erase": {"method": "DELETE", "path": "/people/{number}/traces?before={before}", "expect": [200, 202, 204, 404]},
        "wait":  {"job": "/job", "path": "/jobs/{job}", "state": "/state", "is": "done", "seconds": 20},     optional
     }],
     "read_back": [{"path": "/search?q={number}&before={before}", "items": "/total", "none": [404]}]}

`items` points (RFC 6901) to a list or to a number; `none` are statuses that mean that nothing is there. {number},
{email}, {name} and {before} (UTC) are filled in, in paths and in "body". `wait` follows an acknowledged job; when its
seconds are over, reading back says what is left, and the order is tried again. Every request may come twice: it
carries an Idempotency-Key.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Due, Erased, Residue, Scope
from governance.lib.refusals import Refused
from governance.retention.connectors.wire import HttpFault, Wire, pointed

PLACES = ("number", "email", "name", "before")
PLACE = re.compile(r"\{([a-z]+)\}")
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
LONGEST = 60  # seconds to wait for a job within one act
PAUSE = 0.5


class HttpConnector:
    """One chunk per step."""

    name = "http"
    version = "1"
    needs_map = True
    last = False
    tells_times = False  # `due` finds nobody: what lies here goes with the orders of other systems

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        self.options, self.map = options, data_map
        self.steps = {step["name"]: step for step in data_map["steps"]}
        self._wires: dict[str, Wire] = {}

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        steps, reads = data_map.get("steps"), data_map.get("read_back")
        if not steps or not reads or set(data_map) - {"steps", "read_back"}:
            raise Refused(_("A map of a service has steps and a way to read back."), code="map_wrong")
        names = [step.get("name", "") for step in steps]
        for step in steps:
            needed = {"name", "find", "erase"}
            if needed - set(step) or set(step) - needed - {"wait"} or names.count(step["name"]) > 1:
                raise Refused(_("Each step has a name of its own, find and erase."), code="map_wrong")
            _check(step["erase"], {"method", "path", "expect"}, {"body"})
            if "wait" in step:
                _check(step["wait"], {"job", "path", "state", "is", "seconds"}, set(), "job")
        for asked in [*reads, *(step["find"] for step in steps)]:
            _check(asked, {"path", "items"}, {"method", "body", "none"})

    def chunks(self, scope: Scope) -> list[str]:
        return list(self.steps)

    def count(self, scope: Scope, chunk: str) -> int:
        return self._items(self._wire("bearer_env"), self.steps[chunk]["find"], scope)

    def erase(self, scope: Scope, chunk: str) -> Erased:
        step = self.steps[chunk]
        found = self.count(scope, chunk)
        path = filled(step["erase"]["path"], scope)
        if not found or path is None:
            return Erased(0, method="nothing to ask for")
        wire, key = self._wire("bearer_env"), _key(scope, chunk)
        body, expect = (
            filled(step["erase"].get("body"), scope, quoted=False),
            frozenset(step["erase"]["expect"]),
        )
        answer = wire.ask(step["erase"]["method"], path, body, key=key, expect=expect)
        if "wait" in step and answer.status in (200, 201, 202):
            _wait(wire, step["wait"], str(pointed(answer.json(), step["wait"]["job"])))
        return Erased(found - self.count(scope, chunk), method=f"asked for by {step['erase']['method']}")

    def residue(self, scope: Scope) -> Residue:
        """By the reading login and the requests of `read_back`; and once more what the steps look for."""
        wire = self._wire("read_bearer_env" if "read_bearer_env" in self.options else "bearer_env")
        found: dict[str, int] = {}
        for step in self.steps.values():
            found[step["name"]] = self._items(wire, step["find"], scope)
        for number, asked in enumerate(self.map["read_back"], start=1):
            found[f"read back {number}"] = self._items(wire, asked, scope)
        looked = [f"{asked.get('method', 'GET')} {asked['path']}" for asked in self.map["read_back"]]
        looked.append("only what the service tells: its own copies were not seen")
        left = {place: count for place, count in found.items() if count}
        return Residue(sum(left.values()), tuple(sorted(left)), tuple(looked))

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        wire = self._wire("read_bearer_env" if "read_bearer_env" in self.options else "bearer_env")
        for step in self.steps.values():
            items = self._asked(wire, step["find"], scope)
            for row in items if isinstance(items, list) else ():
                yield {"step": step["name"], "row": row}

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        return []

    def _wire(self, bearer: str) -> Wire:
        """Resolved once for the life of this connector: one order's work."""
        if bearer not in self._wires:
            self._wires[bearer] = Wire(self.options, bearer)
        return self._wires[bearer]

    def _items(self, wire: Wire, asked: Mapping[str, Any], scope: Scope) -> int:
        items = self._asked(wire, asked, scope)
        if isinstance(items, list):
            return len(items)
        if isinstance(items, int) and not isinstance(items, bool) and items >= 0:
            return items
        raise HttpFault("answer is not as the map says")

    def _asked(self, wire: Wire, asked: Mapping[str, Any], scope: Scope) -> Any:
        path = filled(asked["path"], scope)
        if path is None:  # the person is not known by what this service asks for
            return 0
        none = frozenset(asked.get("none", ()))
        body = filled(asked.get("body"), scope, quoted=False)
        answer = wire.ask(asked.get("method", "GET"), path, body, expect=none | {200})
        return 0 if answer.status in none else pointed(answer.json(), asked["items"])


def filled(template: Any, scope: Scope, *, quoted: bool = True) -> Any:
    """The template with the person's values; None when one of them is not known."""
    if isinstance(template, Mapping):
        return {key: filled(value, scope, quoted=quoted) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, scope, quoted=quoted) for value in template]
    if not isinstance(template, str):
        return template
    known = {**scope.identifiers, "before": scope.before.astimezone(UTC).isoformat(timespec="milliseconds")}
    if any(not known.get(place) for place in PLACE.findall(template)):
        return None
    return PLACE.sub(lambda found: quote(known[found[1]], safe="") if quoted else known[found[1]], template)


def _wait(wire: Wire, rule: Mapping[str, Any], job: str) -> None:
    """Until the job says that it is done, or its seconds are over: then reading back decides."""
    path = rule["path"].replace("{job}", quote(job, safe=""))
    end = time.monotonic() + min(float(rule["seconds"]), LONGEST)
    while True:
        answer = wire.ask("GET", path, expect=frozenset({200}))
        if pointed(answer.json(), rule["state"]) == rule["is"] or time.monotonic() >= end:
            return
        time.sleep(PAUSE)


def _key(scope: Scope, chunk: str) -> str:
    """The same for the same work, and says nothing of the person."""
    return hashlib.sha256(
        f"{scope.person}|{scope.purpose}|{scope.before.isoformat()}|{chunk}".encode()
    ).hexdigest()


def _check(asked: Mapping[str, Any], needed: set[str], more: set[str], *places: str) -> None:
    if needed - set(asked) or set(asked) - needed - more:
        raise Refused(_("A request needs: %(words)s."), code="map_wrong", words=", ".join(sorted(needed)))
    path = str(asked["path"])
    if not path.startswith("/") or path.startswith("//") or set(PLACE.findall(path)) - {*PLACES, *places}:
        raise Refused(
            _("A path begins with one stroke and asks for number, email, name or before."), code="map_wrong"
        )
    if asked.get("method", "GET") not in METHODS:
        raise Refused(_("The method is GET, POST, PUT, PATCH or DELETE."), code="map_wrong")
