"""A cable between a connector and its store that can be cut: after so many messages, with the answer half said or unsaid."""

import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Any

ABRUPTLY = struct.pack("ii", 1, 0)  # SO_LINGER: the other end hears a reset and no goodbye


@dataclass
class Cable:
    """Forwards TCP on `port` to `target`, a (host, port) or the path of a socket."""

    target: Any
    left: int | None = None  # messages to the store until it is cut; None: whole
    half: bool = False  # where it is cut: the store has heard, and half its answer goes through
    cuts: int = 0
    port: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Cable":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_about: Any) -> None:
        self._end.set()
        self._thread.join(5)
        self._listener.close()

    def mend(self) -> None:
        self.left = None

    def _listen(self) -> None:
        while not self._end.is_set():
            try:
                near, _address = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        if self.left == 0:  # cut before: it refuses
            self.cuts += 1
            return _drop(near)
        far = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
        far.connect(self.target)
        hurt = False
        while not self._end.is_set():
            for ready in select.select([near, far], [], [], 0.1)[0]:
                try:
                    said = ready.recv(65536)
                except OSError:
                    said = b""
                if not said:
                    near.close()
                    return far.close()
                if ready is near:
                    if self.left == 0:  # by another's message, whose answer may still be under way
                        self.cuts += 1
                        return _drop(near, far)
                    if self.left is not None:
                        self.left -= 1
                        hurt = self.left == 0
                    far.sendall(said)
                    if hurt and not self.half:
                        self.cuts += 1
                        return _drop(near, far)
                elif hurt:
                    near.sendall(said[: len(said) // 2])
                    self.cuts += 1
                    return _drop(near, far)
                else:
                    near.sendall(said)


def _drop(*ends: socket.socket) -> None:
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPTLY)
        end.close()
