"""The program that drew a report is kept beside its facts, by its digest, so that it can be drawn again as it was.

A PDF is a function of facts and of the program: templates, words, packs, fonts, and the libraries beneath. An
archive holds the program, another the fonts; a new release adds the one that differs, and nothing is ever replaced.
Libraries are not kept: their releases are named, and whoever wants the same bytes sets them up.
"""

import gzip
import io
import platform
import tarfile
import zlib
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from governance.reports import paper, versions
from governance.reports.models import Edition, Report

ROOT = Path(__file__).resolve().parents[2]
ENTRY = "governance/reports/redrawing.py"
SECONDS = 3_600  # of processor time
NOT_DRAWING = frozenset({"migrations", "__pycache__"})
MOST = 256 << 20  # bytes that an archive may hold when it is unpacked


class NotKept(Exception):
    """It cannot be drawn as it was; the sentence says what is wanting."""


def keep() -> dict[str, Any]:
    """What draws here now is kept; returned is what a report notes of it: two digests and the releases of the libraries.

    Written once: the same program is the same row.
    """
    now = {"program": _archive("program", str(settings.BASE), str(settings.BUILD), str(settings.PACKS)),
           "fonts": _archive("fonts", str(settings.BASE), str(settings.BUILD), "")}  # fmt: skip
    there = set(
        Edition.objects.filter(pk__in=[digest for digest, _content in now.values()]).values_list(
            "pk", flat=True
        )
    )
    Edition.objects.bulk_create(
        (Edition(sha256=digest, content=content) for digest, content in now.values() if digest not in there),
        ignore_conflicts=True,  # two workers of a new release
    )
    return {name: digest for name, (digest, _content) in now.items()} | {"libraries": libraries()}


def libraries() -> dict[str, str]:
    """Name → release, of everything beneath our own program that has a say in the bytes and tells its release."""
    return {name: version(name) for name in versions.LIBRARIES} | {
        "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }  # fmt: skip


def draw(report: Report) -> bytes:
    """The PDF without its seal, drawn from the stored facts by the program that drew it first. Raises NotKept, paper.CannotDraw.

    The archives are read only when they have the digests that the report notes, and the log's entry of it too.
    """
    noted = report.drawn_by
    if not noted:
        raise NotKept(f"It was made with templates {report.template_version}, before they were kept.")
    other = [
        f"{name} {release}"
        for name, release in noted["libraries"].items()
        if libraries().get(name) != release
    ]
    if other:
        raise NotKept(
            f"Its templates {report.template_version} are kept, but it was drawn with {', '.join(other)}. "
            "Set up a machine with these releases to draw it again."
        )
    with paper.folder() as home:
        for name in ("program", "fonts"):
            _unpack(noted[name], home)
        order = {"facts": report.facts, "facts_sha256": report.facts_sha256, "seconds": SECONDS}
        return paper.run(home / ENTRY, order, home, seconds=SECONDS)


def _unpack(digest: str, home: Path) -> None:
    row = Edition.objects.filter(pk=digest).first()
    if row is None:
        raise NotKept(f"The program {digest[:12]} that drew it is not kept here.")
    content = bytes(row.content)
    if sha256(content).hexdigest() != digest:
        raise NotKept(f"The program {digest[:12]} that drew it was changed: it does not have its digest.")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = archive.getmembers()
        if sum(member.size for member in members) > MOST:
            raise NotKept(f"The program {digest[:12]} is larger than a program is.")
        archive.extractall(home, members, filter="data")


@cache
def _archive(what: str, base: str, build: str, packs: str) -> tuple[str, bytes]:
    """(SHA-256, bytes) of a tar archive: the same files give the same bytes, on every machine and day."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in sorted((_fonts(build) if what == "fonts" else _program(base, packs)).items()):
            content = path.read_bytes()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    packed = gzip.compress(plain.getvalue(), mtime=0)
    return sha256(packed).hexdigest(), packed


def _program(base: str, packs: str) -> dict[str, Path]:
    """Place in the archive → file."""
    home, found = Path(base), {}
    for path in ROOT.joinpath("governance").rglob("*"):
        part = path.relative_to(ROOT)
        if (
            path.suffix in (".py", ".toml", ".po", ".mo")
            and path.is_file()
            and not NOT_DRAWING & set(part.parts)
        ):
            found[part.as_posix()] = path
    for place in ("templates", "static/pdf"):
        found |= {
            path.relative_to(home).as_posix(): path
            for path in home.joinpath(place).rglob("*")
            if path.is_file()
        }
    if packs:
        found |= {
            f"own-packs/{path.relative_to(packs).as_posix()}": path for path in Path(packs).rglob("*.toml")
        }
    return found


def _fonts(build: str) -> dict[str, Path]:
    home = Path(build)
    return {
        f"build/vendor/fonts/{path.name}": path for path in home.joinpath("vendor", "fonts").glob("*.ttf")
    }
