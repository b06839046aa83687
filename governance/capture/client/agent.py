"""The capture client at work: asks the policy, minimises, buffers, sends, pauses, and wipes when the gate says no."""

import http.client
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from governance.capture.client import source
from governance.capture.client.buffer import Buffer
from governance.capture.client.derived import Derived
from governance.capture.client.events import RawEvent
from governance.capture.client.indicator import Indicator

Asked = tuple[int, bytes, str]  # status, body, ETag
AWAY = (OSError, http.client.HTTPException)
# The gate takes nothing of this batch, now or later; what else is wrong (a key, a programme that stands still) may pass.
HOPELESS = frozenset({400, 413, 415, 422})


def over_http(
    url: str, key: str, seconds: float = 10.0
) -> Callable[[str, str, bytes, dict[str, str]], Asked]:
    """Ask the portal: (method, path, body, headers) → (status, body, ETag). Raises OSError or HTTPException."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def ask(method: str, path: str, body: bytes, headers: dict[str, str]) -> Asked:
        connection = kind(parts.hostname or "", parts.port, timeout=seconds)
        try:
            head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
            connection.request(method, parts.path.rstrip("/") + path, body=body or None, headers=head)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("ETag") or ""
        finally:
            connection.close()

    return ask


class Agent:
    """One person at one device. Nothing is recorded before a policy was read, nor while it is paused.

    What is offered is minimised at once; nothing else is kept, not in memory either. `folder` holds the buffer.
    """

    def __init__(
        self, ask: Callable[[str, str, bytes, dict[str, str]], Asked], *, programme: str, device: str, user: str, folder: Path,
        indicator: Indicator | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC), batch: int = 500,
    ) -> None:  # fmt: skip
        self._ask, self._now, self._most = ask, now, batch
        self._programme, self._device, self._user = programme, device, user
        self._buffer, self.indicator = Buffer(folder), indicator or Indicator()
        self._policy: dict[str, Any] | None = None
        self._etag = ""
        self._events: list[dict[str, Any]] = []
        self._derived = Derived(self._wanted, self._buffer.signs)
        self._paused = False
        self._let_in = False  # something was, since the last no
        self.refused: dict[str, int] = {}  # code → events of batches of which the gate takes nothing, ever
        self.wiped = 0  # events that were destroyed unsent, because the gate said no
        self._owed: list[dict[str, Any]] = []  # receipts of wipes that the gate has not taken yet
        self._show()

    @property
    def waiting(self) -> int:
        """Events that are held back, encrypted on disk or not yet in a batch."""
        return self._buffer.events + len(self._events)

    def _show(self, *, away: bool = False) -> None:
        if self._paused:
            state = "paused"
        elif self._policy is None:
            state = "unknown" if away else "stopped"
        else:
            state = "stopped" if not self._policy["records"] else "offline" if away else "recording"
        self.indicator.show(state)

    def pause(self) -> None:
        """From now on nothing is recorded; what waits is still sent."""
        self._count(all_of_it=True)
        self._keep()
        self._paused = True
        self._show()

    def resume(self) -> None:
        self._paused = False
        self._show()

    def read_policy(self) -> bool:
        """The policy is that of this moment; False when the portal cannot be reached (the last one holds)."""
        try:
            known = {"If-None-Match": self._etag} if self._etag else {}
            status, body, tag = self._ask("GET", "/api/v1/policy", b"", known)
        except AWAY:
            self._show(away=True)
            return False
        if status == 200:
            self._take(msgspec.json.decode(body), tag)
        elif status in (401, 403):  # the key was ended: nothing may be recorded any more
            self._policy = None
        self._show()
        return status in (200, 304)

    def _take(self, policy: dict[str, Any], tag: str) -> None:
        self._policy, self._etag = policy, tag
        self._most = min(self._most, policy["limits"]["events"])

    def offer(self, event: RawEvent) -> bool:
        """Was it kept? It is minimised to what the policy declares, or dropped. What follows from it (the window, the site,
        how many keys) is kept besides where the policy declares that."""
        if self._paused or self._policy is None:
            return False
        at = self._now()
        self._count()
        kept = self._take_in(event, at)
        for more in self._derived.of(event, at):
            self._take_in(more, at)
        return kept

    def _wanted(self, event: RawEvent, at: datetime) -> bool:
        return self._policy is not None and source.may_record(self._policy, event, at)

    def _take_in(self, event: RawEvent, at: datetime) -> bool:
        assert self._policy is not None
        least = source.least(self._policy, msgspec.structs.replace(event, user=self._user), at)
        if least is None:
            return False
        self._events.append(least)
        if len(self._events) >= self._most:
            self._keep()
        return True

    def _count(self, *, all_of_it: bool = False) -> None:
        """The keys of minutes that are over become events; what the policy does not want any more is dropped."""
        for event, last in self._derived.counted(self._now(), all_of_it=all_of_it):
            if self._policy is not None and not self._paused:
                self._take_in(event, last)

    def _keep(self) -> None:
        """What was recorded is a batch on disk, with the id by which the gate counts it once."""
        if self._events:
            batch_id = str(uuid4())
            head = {"batch_id": batch_id, "programme": self._programme, "device": self._device}
            self._buffer.put(
                batch_id, len(self._events), msgspec.json.encode({**head, "events": self._events})
            )
            self._events = []

    def send(self, *, all_of_it: bool = False) -> dict[str, int]:
        """Everything that waits, the oldest first: {"admitted", "turned_away"}. What the portal could not take stays.

        `all_of_it`: also the keys of the minute that is not over, because nothing comes after this.
        """
        self._count(all_of_it=all_of_it)
        self._keep()
        told = {"admitted": 0, "turned_away": 0}
        try:
            for path, body in self._buffer.waiting():
                known = {"If-None-Match": self._etag} if self._etag else {}
                status, answer, _tag = self._ask("POST", "/api/v1/batches", body, known)
                if status == 202:
                    self._buffer.done(path)
                    if self._answered(msgspec.json.decode(answer), told):
                        break
                elif status in HOPELESS:
                    self._refuse(body, answer)
                    self._buffer.done(path)
                elif status == 401:  # the key was ended
                    self._policy = None
                    break
                else:  # not now: busy, or the programme stands still
                    break
            self._tell_wiped()
        except AWAY:
            self._show(away=True)
            return told
        self._show()
        return told

    def _refuse(self, body: bytes, answer: bytes) -> None:
        """A whole batch is lost, and why is remembered: a clock that runs ahead, say, loses every one."""
        try:
            code = str(msgspec.json.decode(answer)["code"])
        except (msgspec.MsgspecError, KeyError, TypeError):
            code = "no_code"
        lost = len(msgspec.json.decode(body)["events"])
        self.refused[code] = self.refused.get(code, 0) + lost

    def _answered(self, answer: dict[str, Any], told: dict[str, int]) -> bool:
        """Count it, take the policy that comes with it; True when the gate said no about the person, and all is wiped.

        Who said no to some signals only still has something let in: what waits is then sent on, and the gate decides of each.
        """
        told["admitted"] += answer["admitted"]
        told["turned_away"] += sum(answer["turned_away"].values())
        policy = answer["policy"]
        if "signals" in policy:
            self._take({name: value for name, value in policy.items() if name != "etag"}, policy["etag"])
        self._let_in |= answer["admitted"] > 0
        if answer["admitted"] or "not_permitted" not in answer["turned_away"]:
            return False
        self.wipe()
        return True

    def wipe(self) -> None:
        """Nothing that was held back can be read any more, and a receipt is owed to the gate.

        None where nothing was held back of somebody of whom nothing was let in before: who was never asked is not written
        about again and again.
        """
        events = self._buffer.wipe() + len(self._events)
        self._events = []
        self._derived.forget()
        self.wiped += events
        if not events and not self._let_in:
            return
        self._let_in = False
        at = self._now().isoformat()
        self._owed.append({"device": self._device, "user": self._user, "wiped_at": at, "events": events})

    def _tell_wiped(self) -> None:
        while self._owed:
            status, _body, _tag = self._ask("POST", "/api/v1/wiped", msgspec.json.encode(self._owed[0]), {})
            if status >= 500:
                return
            self._owed.pop(0)
