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
from governance.capture.client.buffer import Buffer, Changed
from governance.capture.client.derived import Derived
from governance.capture.client.events import RawEvent
from governance.capture.client.indicator import Indicator
from governance.capture.client.remembered import Known, Memory

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
    """One person at one device. Nothing is recorded before the portal was asked for the policy, nor while it is paused.

    What is offered is minimised at once; nothing else is kept, not in memory either. `folder` holds the buffer, and what was
    known when the client was switched off. Away from the portal the last policy holds for its `offline_hours`, unless the last
    word about the person was no.
    """

    def __init__(
        self, ask: Callable[[str, str, bytes, dict[str, str]], Asked], *, programme: str, device: str, user: str, folder: Path,
        indicator: Indicator | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC), batch: int = 500,
    ) -> None:  # fmt: skip
        self._ask, self._now, self._most = ask, now, batch
        self._programme, self._device, self._user = programme, device, user
        self._buffer, self.indicator = Buffer(folder), indicator or Indicator()
        self._memory = Memory(self._buffer, folder, programme=programme, device=device, user=user)
        self._known = self._remembered()
        self._tried = self._away = False  # the portal was asked; and did not answer
        self._events: list[dict[str, Any]] = []
        self._derived = Derived(self._wanted, self._buffer.signs)
        self.refused: dict[str, int] = {}  # code → events of batches of which the gate takes nothing, ever
        self.wiped = 0  # events that were destroyed unsent, because the gate said no
        self._show()

    def _remembered(self) -> Known:
        try:
            return self._memory.read()
        except Changed:
            self.indicator.say_not_used()
            return Known()

    @property
    def waiting(self) -> int:
        """Events that are held back, encrypted on disk or not yet in a batch."""
        return self._buffer.events + len(self._events)

    @property
    def _policy(self) -> dict[str, Any] | None:
        """What may be recorded now. None: nothing, whatever was known once."""
        if not self._tried or not self._known.holds(self._now()) or (self._away and self._known.said_no):
            return None
        return self._known.policy

    def _show(self) -> None:
        policy = self._policy
        if self._memory.paused:
            state = "paused"
        elif policy is None:
            state = "unknown" if self._away and not self._known.said_no else "stopped"
        else:
            state = "stopped" if not policy["records"] else "offline" if self._away else "recording"
        self.indicator.show(state)

    def _found(self, *, away: bool) -> None:
        """The portal answered, or is away; what is known now outlasts a restart."""
        self._tried, self._away = True, away
        self._memory.write(self._known)
        self._show()

    def pause(self) -> None:
        """From now on nothing is recorded, also after a restart, until `resume`; what waits is still sent."""
        self._count(all_of_it=True)
        self._keep()
        self._memory.pause()
        self._show()

    def resume(self) -> None:
        self._memory.resume()
        self._show()

    def read_policy(self) -> bool:
        """The policy is that of this moment; False when the portal cannot be reached (the last one holds for a while)."""
        try:
            status, body, tag = self._ask("GET", "/api/v1/policy", b"", self._if_another())
        except AWAY:
            self._found(away=True)
            return False
        if status == 200:
            self._take(msgspec.json.decode(body), tag)
        elif status == 304:
            self._known.given_at = self._now()
        elif status in (401, 403):  # the key was ended: nothing may be recorded any more
            self._no_policy()
        self._found(away=status >= 500)
        return status in (200, 304)

    def _if_another(self) -> dict[str, str]:
        return {"If-None-Match": self._known.etag} if self._known.etag else {}

    def _take(self, policy: dict[str, Any], tag: str) -> None:
        self._known.policy, self._known.etag, self._known.given_at = policy, tag, self._now()
        self._most = min(self._most, policy["limits"]["events"])

    def _no_policy(self) -> None:
        self._known.policy, self._known.etag, self._known.given_at = None, "", None

    def offer(self, event: RawEvent) -> bool:
        """Was it kept? It is minimised to what the policy declares, or dropped. What follows from it (the window, the site,
        how many keys) is kept besides where the policy declares that."""
        if self._memory.paused or self._policy is None:
            self._show()
            return False
        at = self._now()
        self._count()
        kept = self._take_in(event, at)
        for more in self._derived.of(event, at):
            self._take_in(more, at)
        return kept

    def _wanted(self, event: RawEvent, at: datetime) -> bool:
        policy = self._policy
        return policy is not None and source.may_record(policy, event, at)

    def _take_in(self, event: RawEvent, at: datetime) -> bool:
        policy = self._policy
        least = policy and source.least(policy, msgspec.structs.replace(event, user=self._user), at)
        if least is None:
            return False
        self._events.append(least)
        if len(self._events) >= self._most:
            self._keep()
        return True

    def _count(self, *, all_of_it: bool = False) -> None:
        """The keys of minutes that are over become events; what the policy does not want any more is dropped."""
        for event, last in self._derived.counted(self._now(), all_of_it=all_of_it):
            if self._policy is not None and not self._memory.paused:
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
            away = self._post(told) >= 500
            self._tell_wiped()
        except AWAY:
            away = True
        if away and self._known.said_no and self.waiting:  # nothing is held back of somebody who said no
            self.wipe()
        self._found(away=away)
        if not away and self._known.policy is not None and not self._known.holds(self._now()):
            self.read_policy()
        return told

    def _post(self, told: dict[str, int]) -> int:
        """The status of the last answer; 0 where nothing waited."""
        status = 0
        for path, body in self._buffer.waiting():
            status, answer, _tag = self._ask("POST", "/api/v1/batches", body, self._if_another())
            if status == 202:
                self._buffer.done(path)
                if self._answered(msgspec.json.decode(answer), told):
                    break
            elif status in HOPELESS:
                self._refuse(body, answer)
                self._buffer.done(path)
            else:
                if status == 401:  # the key was ended
                    self._no_policy()
                break  # else not now: busy, or the programme stands still
        return status

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
        elif policy["etag"] == self._known.etag:
            self._known.given_at = self._now()
        if answer["admitted"]:
            self._known.let_in, self._known.said_no = True, False
        if answer["admitted"] or "not_permitted" not in answer["turned_away"]:
            return False
        self._known.said_no = True
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
        if events or self._known.let_in:
            at = self._now().isoformat()
            receipt = {"device": self._device, "user": self._user, "wiped_at": at, "events": events}
            self._known.owed = [*self._known.owed, receipt]
        self._known.let_in = False
        self._memory.forget()
        self._memory.write(self._known)

    def _tell_wiped(self) -> None:
        while self._known.owed:
            receipt = msgspec.json.encode(self._known.owed[0])
            status, _body, _tag = self._ask("POST", "/api/v1/wiped", receipt, {})
            if status >= 500:
                return
            self._known.owed = self._known.owed[1:]
