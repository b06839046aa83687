"""A step is repeated when its contents changed, and only then."""

from pathlib import Path

from governance.setup.stamps import Stamps, fingerprint


def test_a_step_is_done_once_for_the_same_contents(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("one")
    stamps = Stamps(tmp_path / "stamps")
    mark = fingerprint([tmp_path / "list.txt"])
    assert not stamps.holds("step", mark)
    stamps.put("step", mark)
    assert stamps.holds("step", fingerprint([tmp_path / "list.txt"]))


def test_any_change_below_a_folder_repeats_the_step(tmp_path: Path) -> None:
    (tmp_path / "code" / "deep").mkdir(parents=True)
    (tmp_path / "code" / "deep" / "a.py").write_text("1")
    seen = {fingerprint([tmp_path / "code"])}
    (tmp_path / "code" / "deep" / "a.py").write_text("2")
    seen.add(fingerprint([tmp_path / "code"]))
    (tmp_path / "code" / "b.py").write_text("")
    seen.add(fingerprint([tmp_path / "code"]))
    (tmp_path / "code" / "b.py").rename(tmp_path / "code" / "c.py")
    seen.add(fingerprint([tmp_path / "code"]))
    seen.add(fingerprint([tmp_path / "code"], "another fact"))
    seen.add(fingerprint([tmp_path / "gone"]))
    assert len(seen) == 6


def test_compiled_python_repeats_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = fingerprint([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x")
    assert fingerprint([tmp_path]) == before


def test_two_facts_are_not_their_join() -> None:
    assert fingerprint([], "ab", "c") != fingerprint([], "a", "bc")
