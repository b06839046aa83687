"""Posts events to the gate in batches: the same batch again until it is answered, and every event
accounted for."""

import email.utils
import http.client
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from governance.capture.client.events import RawEvent, body_without_time

PATH = "/api/v1/batches"
MOST_EVENTS = 5000
MOST_BYTES = 2_000_000
LONGEST_WAIT = 60.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_BYTES = len('"at":"2026-01-01T00:00:00.000000Z",') + 1  # and the comma to the next event


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says of a batch (202). Counts are events; `bytes_kept` is what it sealed away."""

    batch_id: str
    admitted: int
    turned_away: dict[str, int]
    bytes_kept: int = 0
    segments: int = 0


class Complaint(msgspec.Struct, frozen=True):
    """What the gate says when it takes nothing of a batch (4xx)."""

    code: str = "no_code"
    detail: str = ""


@dataclass
class Totals:
    """Running counts over batches: `posted == admitted + sum(turned_away.values())`, always.

    `too_large` events were never posted: each alone is larger than a batch may be. `seconds` is waiting for
    answers.
    """

    posted: int = 0
    admitted: int = 0
    turned_away: dict[str, int] = field(default_factory=dict)
    bytes_kept: int = 0
    batches: int = 0
    segments: int = 0
    retries: int = 0
    too_large: int = 0
    seconds: float = 0.0

    def add(self, answer: Answer, events: int) -> None:
        """Count one answered batch of so many events."""
        self.posted += events
        self.admitted += answer.admitted
        for code, count in answer.turned_away.items():
            self.turned_away[code] = self.turned_away.get(code, 0) + count
        self.bytes_kept += answer.bytes_kept
        self.batches += 1
        self.segments += answer.segments


class BatchRefused(Exception):
    """The gate took nothing of this batch and would not next time: `status` (4xx), `code`, `detail`."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"The gate refused the batch with {status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail


class GateAway(Exception):
    """The gate did not answer this batch, however often it was asked. Posting it again with the same id is
    safe."""


class GateMiscounted(Exception):
    """The gate's answer is not one, or does not account for every event of the batch."""


class LiveClock:
    """Time stamps for events that are replayed as if live: each later than the last by a microsecond or
    more, none ahead of the clock. Returns microseconds since 1970."""

    def __init__(self, now: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._now = now
        self._last = 0

    def stamps(self, count: int) -> range:
        """The next `count` stamps. Waits (microseconds) if the last batch was given the present moment
        already."""
        now = self._now()
        if self._last - now < 1_000_000:  # a clock that was put back by more is believed
            while now < self._last + count:
                time.sleep(max(self._last + count - now, 0) / 1_000_000)
                now = self._now()
        self._last = now
        return range(now - count + 1, now + 1)


def rfc3339(microseconds: int) -> str:
    """UTC with six digits of a second: 2026-11-23T09:30:00.000001Z."""
    return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Poster:
    """One capture client at one device, over one kept-alive connection. Not for several threads.

    `url` is the portal's address (http or https), `key` the client's key, `programme` and `device` their
    numbers. A batch is at most `batch_events` events and `batch_bytes` bytes.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        programme: str,
        device: str,
        batch_events: int = 500,
        batch_bytes: int = MOST_BYTES,
        attempts: int = 6,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: LiveClock | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The portal's address must begin with http:// or https:// and name a host.")
        if not 1 <= batch_events <= MOST_EVENTS or not 1 <= batch_bytes <= MOST_BYTES or attempts < 1:
            raise ValueError(
                f"A batch holds 1 to {MOST_EVENTS} events and at most {MOST_BYTES} bytes; try at least once."
            )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._path = parts.path.rstrip("/") + PATH
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._programme, self._device = programme, device
        self._batch_events, self._batch_bytes, self._attempts = batch_events, batch_bytes, attempts
        self._sleep, self._clock = sleep, clock or LiveClock()
        self.totals = Totals()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def post(self, events: Iterable[RawEvent]) -> Totals:
        """Post these events, in their order, and return the counts of this call (`totals` runs on over all
        calls).

        Raises BatchRefused at the first batch of which the gate takes nothing, GateAway when it does not
        answer, GateMiscounted when its answer does not add up. What was answered before stands in `totals`.
        """
        totals = Totals()
        for batch in self._batches(events, totals):
            started = time.monotonic()
            answer = self._send(batch, totals)
            totals.seconds += time.monotonic() - started
            totals.add(answer, len(batch))
            self.totals.add(answer, len(batch))
        self.totals.too_large += totals.too_large
        self.totals.retries += totals.retries
        self.totals.seconds += totals.seconds
        return totals

    def _batches(self, events: Iterable[RawEvent], totals: Totals) -> Iterator[list[bytes]]:
        room = self._batch_bytes - len(self._body("0" * 36, []))
        batch: list[bytes] = []
        size = 0
        for event in events:
            body = body_without_time(event)
            length = len(body) + _TIME_BYTES
            if length > room:
                totals.too_large += 1
                continue
            if batch and (len(batch) == self._batch_events or size + length > room):
                yield batch
                batch, size = [], 0
            batch.append(body)
            size += length
        if batch:
            yield batch

    def _body(self, batch_id: str, events: list[bytes]) -> bytes:
        stamps = self._clock.stamps(len(events)) if events else ()
        timed = [
            b'{"at":"' + rfc3339(at).encode() + b'",' + body[1:]
            for at, body in zip(stamps, events, strict=True)
        ]
        head = msgspec.json.encode(
            {"batch_id": batch_id, "programme": self._programme, "device": self._device}
        )
        return head[:-1] + b',"events":[' + b",".join(timed) + b"]}"

    def _send(self, batch: list[bytes], totals: Totals) -> Answer:
        """One batch until it is answered: the same bytes with the same id each time, so that it counts
        once."""
        batch_id = str(uuid4())
        body = self._body(batch_id, batch)
        why = "nothing was tried"
        for attempt in range(self._attempts):
            if attempt:
                totals.retries += 1
            wait = random.uniform(0.5, 1.0) * min(0.2 * 2**attempt, 10.0)  # noqa: S311 - no secret
            try:
                status, answer, headers = self._ask(body)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                why = type(error).__name__
                wait = wait if attempt else 0.0  # the first is most often a kept connection that ran out
            else:
                if status == 202:
                    return self._checked(answer, batch_id, len(batch))
                if status < 500 and status != 429:
                    raise BatchRefused(status, *_complaint(answer))
                why = f"HTTP {status}"
                wait = max(wait, _retry_after(headers))
            if attempt + 1 < self._attempts:
                self._sleep(wait)
        raise GateAway(
            f"The gate did not take batch {batch_id} in {self._attempts} attempts (last: {why}). "
            "See whether the portal is running, then post again."
        )

    def _ask(self, body: bytes) -> tuple[int, bytes, http.client.HTTPMessage]:
        self._connection.request("POST", self._path, body=body, headers=self._headers)
        response = self._connection.getresponse()
        return response.status, response.read(), response.headers

    @staticmethod
    def _checked(answer: bytes, batch_id: str, events: int) -> Answer:
        try:
            read = msgspec.json.decode(answer, type=Answer)
        except msgspec.MsgspecError:
            raise GateMiscounted("The gate's answer to a batch has not the agreed form.") from None
        counts = (read.admitted, *read.turned_away.values())
        if read.batch_id != batch_id or min(counts) < 0 or sum(counts) != events:
            raise GateMiscounted(f"The gate accounts for {sum(counts)} events of a batch of {events}.")
        return read


def _complaint(answer: bytes) -> tuple[str, str]:
    try:
        complaint = msgspec.json.decode(answer, type=Complaint)
    except msgspec.MsgspecError:
        complaint = Complaint()
    return complaint.code, complaint.detail


def _retry_after(headers: http.client.HTTPMessage) -> float:
    """Seconds that the gate asks to wait (RFC 9110, 10.2.3: seconds or a date), at most LONGEST_WAIT."""
    text = (headers.get("Retry-After") or "").strip()
    try:
        seconds = (
            float(text)
            if text.isdecimal()
            else email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        )
    except (ValueError, TypeError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT)
