"""Each process is told its own database and nothing that opens another one's."""

import pytest

from governance.setup import commands, environment
from governance.setup.environment import ALL_URLS, MAIN_URLS, READS, for_process, given_urls
from governance.setup.places import Places
from governance.setup.say import Problem

URLS = {name: f"value-of-{name}" for name in ALL_URLS}


@pytest.mark.parametrize("process", list(READS))
def test_a_process_sees_only_its_own_database(process: str, tmp_path, monkeypatch) -> None:
    for name in ALL_URLS:
        monkeypatch.setenv(name, "inherited")
    told = for_process(process, URLS, Places(tmp_path))
    databases = {name for name in environment.DATABASE_OF.values() if name in told}
    assert databases == {environment.DATABASE_OF[process]}
    assert "inherited" not in told.values()
    assert ("KEYS_DATABASE_URL" in told) == (process in ("owner", "eraser", "exporter"))
    for theirs in ("FEATURE_STORE_URL", "BADGES_URL", "TRAINING_SETS_KEY"):
        assert (theirs in told) == (process == "eraser")
    assert "TRAINING_SETS_OWNER_KEY" not in told
    assert told["SAMMATI_PROCESS"] == process


def test_the_seed_is_the_web_with_the_store_of_the_company(tmp_path) -> None:
    told = for_process("web", URLS, Places(tmp_path), reads=environment.SEED_READS)
    assert {name for name in ALL_URLS if name in told} == {
        "DATABASE_URL",
        "REDIS_URL",
        "FEATURE_STORE_OWNER_URL",
        "TRAINING_SETS_ENDPOINT",
        "TRAINING_SETS_OWNER_KEY",
    }


def test_what_a_process_spills_stays_in_our_folder(tmp_path) -> None:
    told = for_process("web", URLS, Places(tmp_path))
    assert all(
        told[name].startswith(str(tmp_path)) for name in ("TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE")
    )


def test_half_of_the_databases_is_refused_by_name() -> None:
    with pytest.raises(Problem, match="KEYS_DATABASE_URL"):
        given_urls({name: "x" for name in MAIN_URLS if name != "KEYS_DATABASE_URL"})


def test_given_urls_are_taken_as_they_are() -> None:
    given = dict.fromkeys((*MAIN_URLS, "REDIS_URL"), "x")
    assert given_urls({**given, "HOME": "/"}) == given
    assert given_urls({"DATABASE_URL": ""}) == {}
    assert given_urls({"TRAINING_SETS_KEY": "x"}) == {}, "the demo's bucket is its own"


def test_an_unknown_process_is_a_sentence(tmp_path) -> None:
    with pytest.raises(Problem, match="There are owner, web"):
        for_process("admin", URLS, Places(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "process"),
    [
        (["check_maps"], "eraser"), (["replay_erasures", "badges"], "eraser"), (["migrate"], "owner"), (["verify_log"], "web"),
        (["--as", "worker", "check_maps"], "worker"), ([], "web"),
    ],
)  # fmt: skip
def test_a_command_runs_as_the_process_that_has_what_it_needs(arguments: list[str], process: str) -> None:
    """check_maps once ran as the web, which has no login of a connected system, and called every system away."""
    assert commands.who(arguments)[0] == process
