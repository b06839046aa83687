"""Run the verifier for somebody who waits: with a time limit, findings in words, and a note in the log that it ran."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from governance.audit import keys, log, sealer
from governance.audit.models import Checkpoint

AT_MOST = 50  # findings; one wrong checkpoint can make every later one wrong


class OutOfTime(Exception):
    pass


@dataclass(frozen=True)
class Verdict:
    """`leaves`: how many were read. `finished` is False when the time was over before the log was."""

    leaves: int
    checkpoints: int
    findings: tuple[sealer.Finding, ...]
    finished: bool
    more: bool  # there are more findings than are listed
    seconds: float

    @property
    def holds(self) -> bool:
        return self.finished and not self.findings


def run(
    home: Path, *, by: UUID | None = None, seconds: float | None = None, at_most: int | None = AT_MOST
) -> Verdict:
    """Verify the whole log against itself, its signatures and the checkpoints outside; recorded as log.verified.

    `seconds` None: however long it takes; `at_most` None: every finding.
    """
    began, leaves = time.monotonic(), 0

    def tick() -> None:
        nonlocal leaves
        leaves += 1
        if seconds is not None and time.monotonic() - began > seconds:
            raise OutOfTime

    found: list[sealer.Finding] = []
    finished, more = True, False
    try:
        for finding in sealer.verify(home, check_signature=keys.checker(home), tick=tick):
            if len(found) == at_most:
                more = True
                break
            found.append(finding)
    except OutOfTime:
        finished = False
    verdict = Verdict(
        leaves, Checkpoint.objects.count(), tuple(found), finished, more, round(time.monotonic() - began, 2)
    )
    log.record("log.verified", by=by, leaves=leaves, findings=len(found), finished=finished)
    return verdict
