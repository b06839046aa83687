"""As whom PostgreSQL is started."""

from pathlib import Path

import pytest

from governance.setup import rungs


@pytest.mark.parametrize(
    ("euid", "has_name", "namespaces", "chosen"),
    [
        (1000, True, True, "self"),
        (1000, True, False, "self"),
        (0, True, True, "namespace"),
        (0, True, False, "nobody"),
        (4711, False, True, "namespace"),  # initdb refuses a number without a name
        (4711, False, False, "self"),
    ],
)
def test_the_ladder(euid: int, has_name: bool, namespaces: bool, chosen: str) -> None:
    rung = rungs.choose(euid=euid, has_name=has_name, may_unshare=lambda: namespaces)
    assert rung.name == chosen


def test_nobody_is_not_root() -> None:
    rung = rungs.choose(euid=0, has_name=True, may_unshare=lambda: False)
    assert rung.uid and rung.gid


def test_a_namespace_is_not_asked_for_when_it_is_not_needed() -> None:
    def never() -> bool:
        raise AssertionError("asked")

    assert rungs.choose(euid=1000, has_name=True, may_unshare=never).prefix == ()


def test_a_private_folder_on_the_way_closes_the_path(tmp_path: Path) -> None:
    inner = tmp_path / "private" / "inner"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert not rungs.open_to_all(inner)
    assert rungs.open_to_all(Path("/"))
