"""The demo's docking station, live: a filmed tool change now and then, and clips that the gate turns away.

The pictures are a few thousand made bytes: nobody is in them.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from governance.capture.client.clips import ClipPoster, Filmed
from governance.capture.client.poster import BatchRefused, GateAway
from governance.lib import clock

# camera, zone: who carries the first agreed, who carries the second did not, and in the last zone somebody is under 18.
TAKES = (("CAM-01", "press-2"), ("CAM-02", "press-2"), ("CAM-01", "tool-store"))
EVERY = timedelta(minutes=5)


@dataclass
class Docking:
    """`login`: {"key", "programme"} of logins.json."""

    base_url: str
    login: dict[str, str]
    next_at: object = None
    admitted: int = 0
    turned_away: dict[str, int] = field(default_factory=dict)

    def dock(self) -> None:
        """Once in five minutes the clips of both cameras are sent. Nothing is thrown: the portal may be stopping."""
        now = clock.now()
        if self.next_at is not None and now < self.next_at:  # type: ignore[operator]
            return
        for at, (camera, zone) in enumerate(TAKES):
            begins = now - timedelta(seconds=40 - 12 * at)
            clip = Filmed(
                content=picture(f"{now:%Y%m%d%H%M}{at}", 24_000 + 4_000 * at), device=camera, zone=zone,
                begins_at=begins, ends_at=begins + timedelta(seconds=9 + at),
            )  # fmt: skip
            try:
                with ClipPoster(
                    self.base_url, self.login["key"], programme=self.login["programme"], attempts=2
                ) as poster:
                    sent = poster.send(clip)
            except (BatchRefused, GateAway):
                continue
            if sent.code:
                self.turned_away[sent.code] = self.turned_away.get(sent.code, 0) + 1
            else:
                self.admitted += 1
        self.next_at = now + EVERY if self.admitted else now + timedelta(seconds=30)


def picture(seed: str, length: int) -> bytes:
    """So many bytes that look like a compressed picture and are none."""
    blocks = (hashlib.sha256(f"{seed}/{number}".encode()).digest() for number in range(length // 32 + 1))
    return b"".join(blocks)[:length]
