"""Stamps: a step that was done for exactly these contents is not done again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """SHA-256 (hex) over the names and contents of these files and folders, and over these facts.

    A folder counts with every file beneath it, but for compiled Python. A missing file counts as missing.
    """
    total = hashlib.sha256()
    for fact in facts:
        total.update(f"fact {len(fact)} {fact}\n".encode())
    for root in files:
        found = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
        for path in found:
            if "__pycache__" in path.parts:
                continue
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
            total.update(f"{path.relative_to(root.parent)} {content}\n".encode())
    return total.hexdigest()


class Stamps:
    """A folder of stamps: one small file per step, holding the fingerprint it was done for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holds(self, step: str, mark: str) -> bool:
        path = self.folder / step
        return path.exists() and path.read_text() == mark

    def put(self, step: str, mark: str) -> None:
        """The step is done for these contents. Call it last: a step that broke off leaves no stamp."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{step}.new"
        unfinished.write_text(mark)
        unfinished.replace(self.folder / step)

    def drop(self, step: str) -> None:
        (self.folder / step).unlink(missing_ok=True)
