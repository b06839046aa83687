"""The locks: everything by hash, nothing that names a host or a folder of somebody's machine."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from governance.setup import vendor
from governance.setup.places import CHECKOUT


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-demo.txt", "requirements-dev.txt"])
def test_every_python_package_is_pinned_by_hash(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    packages = re.findall(r"^[a-zA-Z0-9][^ #]*", text, re.M)
    assert packages and all("==" in package for package in packages)
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert not re.search(r"https?:|file:/|--index|--find-links|^/", text, re.M)


def test_what_the_tests_install_is_what_the_demo_installs() -> None:
    """One environment holds both: the same package is never asked for in two versions."""

    def pins(name: str) -> dict[str, str]:
        found = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", (CHECKOUT / name).read_text(), re.M)
        return {package.lower().replace("_", "-"): version for package, version in found}

    demo = pins("requirements-demo.txt")
    for name in ("requirements.txt", "requirements-dev.txt"):
        both = pins(name)
        assert {p: v for p, v in demo.items() if p in both} == {p: v for p, v in both.items() if p in demo}
    assert "moto" in demo and "moto" not in pins("requirements.txt"), "a portal in earnest needs no S3 server"


def test_every_front_end_package_is_pinned_by_hash_and_names_no_host() -> None:
    text = (CHECKOUT / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert packages and all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert '"resolved"' not in text


def test_the_list_of_served_files_names_no_package_that_is_not_required() -> None:
    required = json.loads((CHECKOUT / "package.json").read_text())["dependencies"]
    for entry in json.loads(vendor.LIST.read_text()):
        parts = Path(entry["from"]).parts
        assert "/".join(parts[1:3]) in required, entry
        assert not Path(entry["to"]).is_absolute() and ".." not in Path(entry["to"]).parts


def test_an_icon_becomes_a_symbol_without_its_invisible_square(tmp_path: Path) -> None:
    (tmp_path / "dot.svg").write_text(
        f'<svg xmlns="{vendor.SVG}" width="24" viewBox="0 0 24 24" fill="none" stroke="currentColor">'
        '<path stroke="none" d="M0 0h24v24H0z" fill="none"/><path d="M1 1h2"/></svg>'
    )
    (symbol,) = ET.fromstring(vendor.sprite(tmp_path, ["dot", "dot"]))
    assert symbol.attrib == {
        "id": "icon-dot", "viewBox": "0 0 24 24", "fill": "none", "stroke": "currentColor",
    }  # fmt: skip
    assert [path.get("d") for path in symbol] == ["M1 1h2"]


def test_the_name_of_a_source_map_is_cut_out() -> None:
    css = b"a{color:red}\n/*# sourceMappingURL=a.min.css.map */\n"
    script = b'x="//# sourceMappingURL=kept";\n//# sourceMappingURL=a.js.map'
    assert vendor.SOURCE_MAP.sub(b"", css).strip() == b"a{color:red}"
    assert vendor.SOURCE_MAP.sub(b"", script) == b'x="//# sourceMappingURL=kept";\n'
