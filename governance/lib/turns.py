"""So many at once, and whoever comes first goes first: a semaphore that nobody overtakes."""

from collections import deque
from threading import Lock


class Turns:
    """Python's own lets a thread that has just finished go before those that wait, again and again."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[Lock] = deque()
        self._mine = Lock()

    def take(self, patience: float) -> bool:
        """True when it is our turn; False when it did not come within so many seconds."""
        with self._mine:
            if self._free:
                self._free -= 1
                return True
            called = Lock()
            called.acquire()
            self._waiting.append(called)
        if called.acquire(timeout=patience):
            return True
        with self._mine:
            if called in self._waiting:
                self._waiting.remove(called)
                return False
        return True  # we were called in the moment in which we gave up

    def give(self) -> None:
        """Our turn is over: the next in line is called."""
        with self._mine:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
