"""The broker: one per folder, and what it was given survives kill -9."""

from pathlib import Path

import redis

from governance.setup.broker import start_valkey


def test_it_is_never_started_twice_and_keeps_what_it_was_given(tmp_path: Path) -> None:
    broker = start_valkey(tmp_path / "valkey")
    try:
        first = broker.pid()
        assert start_valkey(tmp_path / "valkey").pid() == first
        client = redis.Redis.from_url(broker.url)
        client.rpush("queue", "a", "b")
        client.execute_command("WAITAOF", 1, 0, 3000)
        client.close()
        broker.kill()
        assert not broker.is_running()
        broker.start()
        assert broker.pid() != first
        assert redis.Redis.from_url(broker.url).lrange("queue", 0, -1) == [b"a", b"b"]
    finally:
        broker.stop()
    assert not broker.is_running() and not broker.socket.exists()
