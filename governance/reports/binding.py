"""Binds the drawn parts of a long document into one PDF, in a process of its own: `python -I binding.py`, a JSON order in, the PDF out.

It knows neither Django nor the database. Head, foot and page numbers are put on here, because a part is drawn before
anybody knows on which page it will stand, and may stand in another report next month. Font programs, the same in
every part, are kept once. The result claims no tags: pages of several structure trees have none.
"""

import json
import re
import resource
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

NO_MEMORY = 4
SIZE, BASELINE, START, END = (
    7.5,
    42.5,
    68.0,
    538.6,
)  # points: the numbers stand where a whole document has them
MAPPED = re.compile(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>")


def limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Numerals:
    """The signs of page numbers in a font that a drawn page holds, because text of a PDF/A needs a font inside."""

    def __init__(self, page: pikepdf.Page) -> None:
        for font in page.Resources.Font.values():
            signs = self._signs(font)
            if set("0123456789/ivxlc") <= signs.keys():
                self.font, self.signs = font, signs
                self.widths = self._widths(font.DescendantFonts[0])
                return
        raise ValueError("No font has the numerals.")

    @staticmethod
    def _signs(font: Any) -> dict[str, int]:
        text = font.ToUnicode.read_bytes().decode("latin-1") if "/ToUnicode" in font else ""
        found = {}
        for code, sign in MAPPED.findall(text):
            found[bytes.fromhex(sign).decode("utf-16-be")] = int(code, 16)
        return found

    @staticmethod
    def _widths(font: Any) -> dict[int, float]:
        found, rest = {}, list(font.W)
        while rest:
            first, widths = int(rest.pop(0)), rest.pop(0)
            found.update({first + i: float(width) for i, width in enumerate(widths)})
        return found

    def drawn(self, text: str, *, right: bool) -> bytes:
        codes = [self.signs[sign] for sign in text if sign in self.signs]
        width = sum(self.widths.get(code, 600.0) for code in codes) * SIZE / 1000
        x = END - width if right else START
        told = "".join(f"{code:04x}" for code in codes)
        return f"q BT 0.298 0.353 0.365 rg /Num {SIZE} Tf 1 0 0 1 {x:.2f} {BASELINE} Tm <{told}> Tj ET Q".encode()


def roman(number: int) -> str:
    found = ""
    for value, sign in (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        found, number = found + sign * (number // value), number % value
    return found


def bind(order: dict[str, Any]) -> pikepdf.Pdf:
    """The first part is the base: its metadata, output intent and attachment are those of the whole."""
    home, parts = Path(order["home"]), order["parts"]
    whole = pikepdf.open(home / f"{parts[0]['name']}.pdf")
    frames = pikepdf.open(home / f"{order['frame']}.pdf")
    frame = whole.copy_foreign(frames.pages[0].as_form_xobject())
    whole.pages.append(frames.pages[1])  # brings the font of the numerals; the page itself goes again
    numerals = Numerals(whole.pages[-1])
    font = whole.make_indirect(numerals.font)
    del whole.pages[-1]
    kept: dict[bytes, Any] = {}
    kinds = [True] * len(whole.pages)  # front matter, page by page
    starts = [(label, at) for label, at in parts[0]["starts"]]
    for part in parts[1:]:
        with pikepdf.open(home / f"{part['name']}.pdf") as opened:
            starts += [(label, len(whole.pages) + at) for label, at in part["starts"]]
            kinds += [bool(part["front"])] * len(opened.pages)
            first = len(whole.pages)
            whole.pages.extend(opened.pages)
            _once(whole, first, kept)
    body, front = kinds.index(False) if False in kinds else len(kinds), 0
    total = len(kinds) - body
    for at, page in enumerate(whole.pages):
        _link(page, whole, body)
        front += kinds[at]
        if at < order["covers"]:
            continue
        number = roman(front) if kinds[at] else f"{at - body + 1}/{total}"
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"Q q /Frame Do Q " + numerals.drawn(number, right=order["right"]))
        resources = page.obj.Resources = Dictionary({**dict(page.obj.Resources)})
        resources.XObject = Dictionary({**dict(resources.get("/XObject", {})), "/Frame": frame})
        resources.Font = Dictionary({**dict(resources.get("/Font", {})), "/Num": font})
    _outline(whole, starts)
    whole.Root.PageLabels = Dictionary(
        Nums=Array(
            [0, Dictionary(S=Name.r), body, Dictionary(S=Name.D)]
            if body < len(kinds)
            else [0, Dictionary(S=Name.r)]
        )
    )
    for name in ("/StructTreeRoot", "/MarkInfo"):
        if name in whole.Root:
            del whole.Root[name]
    return whole


def _once(whole: pikepdf.Pdf, first: int, kept: dict[bytes, Any]) -> None:
    """Font programs of these pages that the document holds already are that one."""
    seen = set()
    for page in whole.pages[first:]:
        for font in page.Resources.get("/Font", {}).values():
            if font.objgen in seen or "/DescendantFonts" not in font:
                continue
            seen.add(font.objgen)
            about = font.DescendantFonts[0].FontDescriptor
            for name in ("/FontFile2", "/FontFile3"):
                if name in about:
                    program = about[name]
                    digest = sha256(program.read_raw_bytes()).digest()
                    about[name] = kept.setdefault(digest, program)


def _link(page: pikepdf.Page, whole: pikepdf.Pdf, body: int) -> None:
    """ "to:7" is the seventh numbered page."""
    for note in page.get("/Annots", []):
        address = str(note.A.URI) if "/A" in note and "/URI" in note.A else ""
        if address.startswith("to:"):
            target = whole.pages[body + int(address[3:]) - 1]
            del note["/A"]
            note.Dest = Array([target.obj, Name.XYZ, None, None, None])


def _outline(whole: pikepdf.Pdf, starts: list[tuple[str, int]]) -> None:
    rows = [
        whole.make_indirect(
            Dictionary(Title=String(label), Dest=Array([whole.pages[at].obj, Name.XYZ, None, None, None]))
        )
        for label, at in starts
    ]
    if not rows:
        return
    root = whole.make_indirect(Dictionary(Type=Name.Outlines, First=rows[0], Last=rows[-1], Count=len(rows)))
    for before, row in zip([None, *rows], rows, strict=False):
        row.Parent = root
        if before is not None:
            before.Next, row.Prev = row, before
    whole.Root.Outlines = root


def main() -> int:
    order = json.load(sys.stdin)
    limit(order["memory"], order["seconds"])
    try:
        whole = bind(order)
        path = Path(order["home"]) / "whole.pdf"
        whole.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except MemoryError:
        return NO_MEMORY
    with path.open("rb") as drawn:
        while piece := drawn.read(1 << 20):
            sys.stdout.buffer.write(piece)
    return 0


if __name__ == "__main__":
    sys.exit(main())
