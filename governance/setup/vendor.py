"""The front-end files that are served: copied out of node_modules by two lists, the icons as one sprite."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

from governance.setup.say import Problem

HERE = Path(__file__).resolve().parent
LIST = HERE / "vendor.json"  # [{"from": "node_modules/…", "to": "…"}]
ICONS = HERE / "icons.txt"  # one name of @tabler/icons per line
SVG = "http://www.w3.org/2000/svg"
SOURCE_MAP = re.compile(
    rb"^[ \t]*(?://[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=\S*\s*\*/)[ \t]*$", re.M
)
DRAWING = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin")


def build(checkout: Path, target: Path) -> None:
    """Make `target` anew: every listed file and `icons.svg`. Into another folder first, then in its place."""
    unfinished = target.with_name(target.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for entry in json.loads(LIST.read_text()):
        source, copy = checkout / entry["from"], unfinished / entry["to"]
        if not source.is_file():
            raise Problem(f"{entry['from']} is not there: {LIST.name} and package.json do not fit together.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in (".css", ".js"):
            # A named source map that is not served makes the manifest of the static files fail.
            copy.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))
        else:
            shutil.copyfile(source, copy)
    names = [line.strip() for line in ICONS.read_text().splitlines()]
    icons = checkout / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
    (unfinished / "icons.svg").write_text(sprite(icons, [name for name in names if name and name[0] != "#"]))
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished.rename(target)


def sprite(folder: Path, names: list[str]) -> str:
    """One SVG with a <symbol id="icon-NAME"> per icon; presentation attributes only (strict CSP)."""
    ET.register_namespace("", SVG)
    whole = ET.Element(f"{{{SVG}}}svg")
    for name in sorted(set(names)):
        path = folder / f"{name}.svg"
        if not path.is_file():
            raise Problem(f"There is no icon '{name}' in @tabler/icons; {ICONS.name} names it.")
        drawn = ET.fromstring(path.read_text())  # noqa: S314  a file of a package pinned by hash
        kept = {key: drawn.attrib[key] for key in ("viewBox", *DRAWING) if key in drawn.attrib}
        symbol = ET.SubElement(whole, f"{{{SVG}}}symbol", {"id": f"icon-{name}", **kept})
        for child in drawn:
            # The first path of each is an invisible square.
            if not (child.get("stroke") == "none" and child.get("d", "").startswith("M0 0h24v24H0")):
                child.tail = None
                symbol.append(child)
    return ET.tostring(whole, encoding="unicode") + "\n"
