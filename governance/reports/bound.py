"""Documents too long for one drawing: cut into parts, each drawn for itself, bound into one.

Where the cuts are follows from the facts alone, so the same facts give the same bytes, whether a part was drawn now or
lay on the shelf. What a part shows names neither report nor day; head, foot and numbers come when it is bound.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from governance.lib.canonical import digest
from governance.reports import kinds, paper, shelf, words
from governance.reports.kinds import audit_extract, register_words

BINDING, LINES = Path(__file__).with_name("binding.py"), Path(__file__).with_name("lines.py")
AT_ONCE, SIZE = 2, 25  # forks; activities of a part: fifty wanted more than 300 MB
MOST_WHOLE = 200  # pages: up to here one tagged document
PROBED = 4  # parts: a register that is no longer may still be one tagged document
SAMPLE = 6  # activities by which its pages are judged, before any is drawn for nothing
FRONT = 4  # pages of cover, first section and law, about
SECONDS = 3_600  # of processor time of one process; 100,000 activities are no document

Told = Callable[[int, int], None]  # pages drawn, of about so many


def is_long(kind: str, facts: dict[str, Any]) -> bool:
    content = facts["content"]
    return (kind == "register" and len(content["activities"]) > SIZE) or (
        kind == "audit_extract" and audit_extract.is_long(content)
    )


def draw(
    facts: dict[str, Any], *, twin: paper.Twin, also: paper.Twin | None = None, version: str, facts_sha256: str, alive: Callable[[], None] = lambda: None,
    told: Told = lambda done, about: None, use_shelf: bool = True,
) -> bytes | None:  # fmt: skip
    """The PDF, bound from parts; None when it turns out to be short enough for one tagged document. Raises CannotDraw.

    `use_shelf=False` draws every page anew, as who wants to know whether the same facts give the same bytes must.
    """
    if paper.why_not():
        raise paper.NoPango
    with paper.folder() as home, translation.override(facts["report"]["language"]):
        made = _Lines if facts["report"]["kind"] == "audit_extract" else _Register
        return made(facts, version, facts_sha256, home, alive, told, use_shelf).draw(
            [one for one in (twin, also) if one]
        )


class _Bound:
    def __init__(
        self, facts: dict[str, Any], version: str, facts_sha256: str, home: Path, alive: Callable[[], None], told: Told, use_shelf: bool,
    ) -> None:  # fmt: skip
        self.facts, self.version, self.sha256, self.home = facts, version, facts_sha256, home
        self.alive, self.told, self.use_shelf = alive, told, use_shelf
        self.report = facts["report"]
        self.kind = kinds.KINDS[self.report["kind"]]
        self.frame = words.frame(self.report)
        self.drawn: dict[str, dict[str, Any]] = {}  # name → {"pages", "starts"}

    def _page(self, template: str, **said: Any) -> str:
        direction = "ltr"
        return render_to_string(
            f"pdf/bound/{template}.html", {"language": self.report["language"], "direction": direction} | said
        )

    # --- Drawing ---

    def _order(self) -> dict[str, Any]:
        return {
            "home": str(self.home), "folders": paper.folders(), "made_at": self.report["read_at"], "at_once": AT_ONCE,
            "memory": paper.MEMORY, "seconds": SECONDS,
        }  # fmt: skip

    def _parts(self, keys: dict[str, str], html: Callable[[str], str], of: int) -> None:
        """Drawn, or taken from the shelf: the same bytes."""
        for name, key in keys.items():
            if self.use_shelf and (found := shelf.take(key, self.home / f"{name}.pdf")):
                self.drawn[name] = found
        wanted = [name for name in keys if name not in self.drawn]
        if not wanted:
            return
        parts = [{"name": name, "identifier": keys[name][:32], "attachments": []} for name in wanted]
        self._run(parts, ((name, html(name)) for name in wanted), of)
        for name in wanted:
            if self.use_shelf:
                shelf.put(keys[name], self.home / f"{name}.pdf", self.drawn[name])

    def _fresh(self, pages: dict[str, Callable[[], str]], twins: list[paper.Twin]) -> None:
        inside = []
        for n, twin in enumerate(twins):
            file = self.home / f"twin{n}.json"
            file.write_text(twin.content)  # a file: it may be long, and is not told twice
            inside.append({"name": twin.name, "description": twin.description, "file": str(file)})
        texts = {name: html() for name, html in pages.items()}
        parts = [
            {"name": name, "identifier": sha256(text.encode()).hexdigest()[:32], "attachments": inside if name == "front" else []}
            for name, text in texts.items()
        ]  # fmt: skip
        self._run(parts, iter(texts.items()), 0)

    def _run(self, parts: list[dict[str, Any]], texts: Iterator[tuple[str, str]], of: int) -> None:
        """The words are written while the first parts are drawn already."""
        faults: list[BaseException] = []
        writer = threading.Thread(target=self._write, args=(texts, translation.get_language(), faults))
        writer.start()
        try:
            paper.run(
                paper.DRAWING, self._order() | {"parts": parts}, self.home, alive=lambda: self._beat(of), seconds=SECONDS, wants=b""
            )  # fmt: skip
        except BaseException:
            (self.home / "stop").touch()
            raise
        finally:
            writer.join()
            if faults:
                raise faults[0]
        for part in parts:
            self.drawn[part["name"]] = shelf.told(self.home / f"{part['name']}.json")

    def _write(
        self, texts: Iterator[tuple[str, str]], language: str | None, faults: list[BaseException]
    ) -> None:
        with translation.override(language):
            try:
                for name, text in texts:
                    if (self.home / "stop").exists():
                        return
                    half = self.home / f"{name}.half"
                    half.write_text(text)
                    half.rename(self.home / f"{name}.html")
            except BaseException as fault:
                faults.append(fault)
                (self.home / "stop").touch()

    def _beat(self, of: int) -> None:
        """A sign of life: pages drawn, and about how many it will be, judged by the parts that are done."""
        self.alive()
        done = [shelf.told(path) for path in self.home.glob("part*.json")] + [
            told for name, told in self.drawn.items() if name.startswith("part")
        ]
        if of and done:
            pages = sum(told["pages"] for told in done)
            self.told(pages, round(pages / len(done) * of))

    def _bind(self, order: list[tuple[str, bool]], front: dict[str, Any]) -> bytes:
        """`order`: the parts, and of each whether it stands before the numbered pages."""
        return paper.run(
            BINDING,
            self._order() | {
                "parts": [self.drawn[name] | {"name": name, "front": is_front} for name, is_front in order],
                "frame": "frame", "covers": 1, "right": front["report"]["direction"] == "ltr",
            },
            self.home, alive=self.alive, seconds=SECONDS,
        )  # fmt: skip


class _Register(_Bound):
    """Some activities a part, each beginning a page; the contents know on which."""

    @property
    def activities(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.facts["content"]["activities"]
        return rows

    def draw(self, twins: list[paper.Twin]) -> bytes | None:
        cuts = {
            f"part{at}": (at, self.activities[at : at + SIZE]) for at in range(0, len(self.activities), SIZE)
        }
        keys = {name: self._key(at, rows) for name, (at, rows) in cuts.items()}
        if len(cuts) <= PROBED and self._seems_short():
            return None
        self._parts(keys, lambda name: self._part(*cuts[name]), len(cuts))
        pages = sum(self.drawn[name]["pages"] for name in cuts)
        if pages + FRONT + len(self.activities) // 40 <= MOST_WHOLE:
            return None
        rows = self._rows(list(cuts))
        contents = digest([self.version, self.report["language"], "contents", rows])
        self._parts(
            {"contents": contents}, lambda name: self._page("register_contents", rows=rows, before=1), 0
        )
        front = words.paper(self._with([]), self.kind, self.sha256, self.version, whole=self.facts)
        pages_of = {
            "front": lambda: render_to_string("pdf/bound/register_front.html", front),
            "law": lambda: self._page("register_law", before=2 + len(self.activities), **front),
            "frame": lambda: self._page("frame", **front),
        }  # fmt: skip
        self._fresh(pages_of, twins)
        return self._bind(
            [("front", True), ("contents", True), *((name, False) for name in cuts), ("law", False)], front
        )

    def _seems_short(self) -> bool:
        """Judged by some activities from all over: drawing a whole part to know it cost half of what the document does."""
        rows = self.activities[:: max(1, len(self.activities) // SAMPLE)][:SAMPLE]
        self._parts({"sample": self._key(0, rows)}, lambda name: self._part(0, rows), 0)
        pages = self.drawn.pop("sample")["pages"] * len(self.activities) / len(rows)
        return pages + FRONT + len(self.activities) // 40 <= MOST_WHOLE

    # --- What the parts say ---

    def _with(self, activities: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
        return {
            "report": self.report | changes,
            "content": self.facts["content"] | {"activities": activities},
        }

    def _part(self, at: int, rows: list[dict[str, Any]]) -> str:
        told = words.printable([register_words.of(row, self.frame) for row in rows])
        return self._page("register_part", before=2 + at, activities=list(enumerate(told, at + 1)))

    def _rows(self, names: list[str]) -> list[dict[str, Any]]:
        """The lines of the contents, with the page on which each activity begins: every one begins one."""
        pages, before = [], 0
        for name in names:
            pages += [before + at + 1 for _title, at in self.drawn[name]["starts"]]
            before += self.drawn[name]["pages"]
        states = register_words.STATES
        return [
            {
                "number": row["number"], "name": words.printable(row["says"]["name"]), "page": page,
                "status": str(states.get(row["state"], row["state"])),
            }
            for row, page in zip(self.activities, pages, strict=True)
        ]  # fmt: skip

    def _key(self, at: int, rows: list[dict[str, Any]]) -> str:
        """Of all that the part shows: a day that it does not name is none of it."""
        on: date = self.frame.law_on
        same = [
            row | {"verdict": {**row["verdict"], "on": "law" if row["verdict"]["on"] == on.isoformat() else row["verdict"]["on"]} if row["verdict"] else None}
            for row in rows
        ]  # fmt: skip
        asked = [register_words.missing(row["missing"], on) for row in rows]
        return digest([self.version, self.report["language"], self.report["timezone"], at, same, asked])


class _Lines(_Bound):
    """A front with everything but the rows, then a line for each of them."""

    def draw(self, twins: list[paper.Twin]) -> bytes | None:
        front = words.paper(self.facts, self.kind, self.sha256, self.version)
        self._fresh({
            "front": lambda: render_to_string("pdf/bound/audit_extract_front.html", front), "frame": lambda: self._page("frame", **front),
        }, twins)  # fmt: skip
        content, blocks = self.facts["content"], []
        for name, title, lines in (
            ("entries", _("Entries"), audit_extract.entry_lines), ("checkpoints", _("Checkpoints"), audit_extract.batch_lines),
        ):  # fmt: skip
            if len(content[name]) > audit_extract.WHOLE:
                (self.home / f"{name}.txt").write_text(
                    "".join(f"{line}\n" for line in lines(content, self.frame))
                )
                blocks.append({"title": title, "file": f"{name}.txt"})
        font = Path(paper.folders()["fonts"]) / "NotoSansMono-Regular.ttf"
        order = self._order() | {"name": "rows", "font": str(font), "blocks": blocks}
        paper.run(LINES, order, self.home, alive=self.alive, seconds=SECONDS, wants=b"")
        self.drawn["rows"] = shelf.told(self.home / "rows.json")
        return self._bind([("front", True), ("rows", False)], front)
