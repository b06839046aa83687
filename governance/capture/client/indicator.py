"""Says visibly what the client does now: one line on the terminal, and a small file that a desktop can show."""

import json
import sys
from pathlib import Path
from typing import TextIO

STATES = {
    "recording": "● Recording what you switched on",
    "offline": "● Recording; the portal cannot be reached, it waits encrypted on this device",
    "paused": "○ Paused by you: nothing is recorded",
    "stopped": "○ Nothing is recorded: the programme does not run, or you have not agreed",
}


class Indicator:
    """`file`: where the state is written, readable for everybody at the machine; `screen`: None writes no line."""

    def __init__(self, file: Path | None = None, screen: TextIO | None = sys.stderr) -> None:
        self._file, self._screen, self.state = file, screen, ""

    def show(self, state: str) -> None:
        if state == self.state:
            return
        self.state = state
        if self._screen is not None:
            print(STATES[state], file=self._screen)
        if self._file is not None:
            draft = self._file.with_name(f".{self._file.name}.new")
            draft.write_text(json.dumps({"state": state, "says": STATES[state]}), encoding="utf-8")
            draft.replace(self._file)
