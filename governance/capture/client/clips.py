"""Sends a clip of a worn camera: first what is said of it, then, if it is let in, its chunks; the same again until answered.

For a docking station. Blurring happens in the camera, before: nothing here makes a picture safe. A clip that is turned
away is never sent, and whoever calls this deletes it.
"""

import hashlib
import http.client
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec

from governance.capture.client.poster import BatchRefused, GateAway, GateMiscounted, _complaint, _retry_after

PATH = "/api/v1/clips"
CHUNK = 1024 * 1024  # bytes of each chunk but the last: `clip_limits` of the policy


@dataclass(frozen=True, kw_only=True)
class Filmed:
    """What a camera knows of a clip. Times with a zone; `content` as it is to be kept: blurred, without sound."""

    content: bytes
    device: str
    zone: str
    begins_at: datetime
    ends_at: datetime
    signal: str = "worn_clip"
    application: str = "Line camera"
    blurred: bool = True
    sound: bool = False
    clip_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Sent:
    """`code`: what it was turned away with, "" when it is in. `bytes_kept`: what the gate sealed away."""

    code: str
    chunks: int = 0
    bytes_kept: int = 0


class ClipPoster:
    """One docking station over one kept-alive connection. Not for several threads."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        programme: str,
        attempts: int = 6,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The portal's address must begin with http:// or https:// and name a host.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._path = parts.path.rstrip("/") + PATH
        self._key, self._programme, self._attempts, self._sleep = key, programme, attempts, sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, clip: Filmed) -> Sent:
        """The clip is in, or turned away before any of it was sent.

        Raises BatchRefused (also in the middle: then what had come is removed by the gate, and nothing more may be
        sent), GateAway, GateMiscounted. The same clip may be sent again after GateAway; it counts once.
        """
        parts = [clip.content[at : at + CHUNK] for at in range(0, len(clip.content), CHUNK)]
        told = self._ask(self._path, self._said(clip, parts), "application/json", {})
        turned = told.get("turned_away", {})
        if not told.get("permitted"):
            if len(turned) != 1:
                raise GateMiscounted("The gate's answer to a clip has not the agreed form.")
            return Sent(next(iter(turned)))
        kept, whole = 0, False
        for number, part in enumerate(parts):
            got = self._ask(
                f"{self._path}/{clip.clip_id}/chunks/{number}",
                part,
                "application/octet-stream",
                {"Clip-Permit": str(told["permit"])},
            )
            kept, whole = kept + int(got.get("bytes_kept", 0)), bool(got.get("whole"))
        if not whole:
            raise GateMiscounted("The gate has all chunks of a clip and does not call it whole.")
        return Sent("", len(parts), kept)

    def _said(self, clip: Filmed, parts: list[bytes]) -> bytes:
        length = clip.ends_at - clip.begins_at
        return msgspec.json.encode(
            {
                "clip_id": clip.clip_id, "programme": self._programme, "device": clip.device, "signal": clip.signal,
                "application": clip.application, "zone": clip.zone, "begins_at": clip.begins_at, "ends_at": clip.ends_at,
                "length_ms": max(int(length.total_seconds() * 1000), 1), "bytes": len(clip.content),
                "sha256": hashlib.sha256(clip.content).hexdigest(),
                "chunks": [hashlib.sha256(part).hexdigest() for part in parts], "blurred": clip.blurred, "sound": clip.sound,
            }
        )  # fmt: skip

    def _ask(self, path: str, body: bytes, kind: str, more: Mapping[str, str]) -> dict[str, Any]:
        """The answer to this body, asked until there is one: the same words and the same chunk get the same answer."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": kind, **more}
        why = "nothing was tried"
        for attempt in range(self._attempts):
            wait = random.uniform(0.5, 1.0) * min(0.2 * 2**attempt, 10.0)  # noqa: S311 - no secret
            try:
                self._connection.request("POST", path, body=body, headers=headers)
                response = self._connection.getresponse()
                status, answer = response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                why = type(error).__name__
                wait = wait if attempt else 0.0  # the first is most often a kept connection that ran out
            else:
                if status == 202:
                    return _read(answer)
                if status < 500 and status != 429:
                    raise BatchRefused(status, *_complaint(answer))
                why, wait = f"HTTP {status}", max(wait, _retry_after(response.headers))
            if attempt + 1 < self._attempts:
                self._sleep(wait)
        raise GateAway(
            f"The gate did not answer in {self._attempts} attempts (last: {why}). Send the clip again."
        )


def _read(answer: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise GateMiscounted("The gate's answer to a clip has not the agreed form.") from None
    return read
