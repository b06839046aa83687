"""Long tables as lines of text, one a row, written straight into a PDF: `python -I lines.py`, a JSON order on standard input.

A laid-out table costs several milliseconds a row, a line some microseconds. The signs all have one width, so the columns
stand. A sign that the font lacks is drawn as an empty box and counted. Knows neither Django nor the database.
"""

import json
import resource
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Stream

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, ACROSS = 595.28, 841.89, 68.0, 76.5, 68.0, 470.6  # points
LARGEST, LEADING, SIGN = 7.0, 1.32, 0.6  # points; of the size; of the size
NO_MEMORY = 4


class Signs(dict[int, str]):
    """Sign → its glyph in hexadecimal, found when it is first met."""

    def __init__(self, font: Any) -> None:
        super().__init__()
        self.of = {sign: font.getGlyphID(name) for sign, name in font.getBestCmap().items()}
        self.lacking = 0

    def __missing__(self, sign: int) -> str:
        glyph = self.of.get(sign)
        if glyph is None:
            self.lacking += 1
            return f"{self.of.get(0x25A1, 0):04x}"
        self[sign] = f"{glyph:04x}"
        return self[sign]


def _font(pdf: pikepdf.Pdf, font: Any, raw: bytes, signs: Signs) -> Any:
    scale = 1000 / font["head"].unitsPerEm
    box = [
        round(font["head"].xMin * scale),
        round(font["head"].yMin * scale),
        round(font["head"].xMax * scale),
        round(font["head"].yMax * scale),
    ]
    program = pdf.make_indirect(Stream(pdf, zlib.compress(raw), Filter=Name.FlateDecode, Length1=len(raw)))
    about = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/NotoSansMono"), Flags=5, FontBBox=Array(box), ItalicAngle=0, StemV=80,
            Ascent=round(font["hhea"].ascent * scale), Descent=round(font["hhea"].descent * scale), CapHeight=714, FontFile2=program,
        )
    )  # fmt: skip
    below = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/NotoSansMono"), DW=600, CIDToGIDMap=Name.Identity,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0), FontDescriptor=about,
    )  # fmt: skip
    pairs = sorted((code, sign) for sign, code in signs.items())
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    told = "".join(
        f"{len(block)} beginbfchar\n"
        + "".join(f"<{code}> <{chr(sign).encode('utf-16-be').hex()}>\n" for code, sign in block)
        + "endbfchar\n"
        for block in blocks
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Lines def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{told}endcmap end end"
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/NotoSansMono"), Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(below)]), ToUnicode=pdf.make_indirect(Stream(pdf, cmap.encode())),
        )
    )  # fmt: skip


def _pages(path: Path, signs: Signs) -> Iterator[bytes]:
    """The content of each page: the heads, then as many rows as fit. The first line of a block holds its heads."""
    with path.open(encoding="utf-8") as rows:
        heads = next(rows).rstrip("\n")
        longest = max(len(heads), *(len(row) - 1 for row in rows), 1)
        size = min(LARGEST, ACROSS / (longest * SIGN))
        leading = size * LEADING
        most = int((HEIGHT - TOP - BOTTOM) / leading) - 1
        start = f"BT /Lines {size:.3f} Tf {leading:.3f} TL 1 0 0 1 {LEFT} {HEIGHT - TOP - size:.2f} Tm 0.298 0.353 0.365 rg <{heads.translate(signs)}> Tj T* 0.11 0.145 0.153 rg\n"
        rows.seek(0)
        next(rows)
        held: list[str] = []
        for row in rows:
            held.append(row.rstrip("\n").translate(signs))
            if len(held) == most:
                yield (start + "".join(f"<{one}> Tj T*\n" for one in held) + "ET").encode()
                held = []
        if held:
            yield (start + "".join(f"<{one}> Tj T*\n" for one in held) + "ET").encode()


def write(order: dict[str, Any]) -> dict[str, Any]:
    """What is told of the part: {"pages", "starts", "lacking"}; the PDF lies in the folder."""
    home, raw = Path(order["home"]), Path(order["font"]).read_bytes()
    font = TTFont(order["font"])
    signs, pdf = Signs(font), pikepdf.new()
    resources = pdf.make_indirect(Dictionary(Font=Dictionary()))
    starts: list[list[Any]] = []
    for block in order["blocks"]:
        starts.append([block["title"], len(pdf.pages)])
        for content in _pages(home / block["file"], signs):
            drawn = Stream(pdf, zlib.compress(content, 6), Filter=Name.FlateDecode)
            page = Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, WIDTH, HEIGHT]),
                Resources=resources,
                Contents=pdf.make_indirect(drawn),
            )
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    resources.Font["/Lines"] = _font(pdf, font, raw, signs)
    pdf.save(home / f"{order['name']}.pdf", deterministic_id=True, compress_streams=False)
    return {"pages": len(pdf.pages), "starts": starts, "lacking": signs.lacking}


def main() -> int:
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = write(order)
    except MemoryError:
        return NO_MEMORY
    (Path(order["home"]) / f"{order['name']}.json").write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
