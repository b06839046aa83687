"""The database and the broker of one running Sammati: given by URL, or our own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from governance.setup import places as folders
from governance.setup.broker import Broker, start_valkey
from governance.setup.environment import MAIN_URLS, STORE_URLS, given_urls
from governance.setup.places import Places
from governance.setup.postgres import Cluster, found_cluster, start_cluster
from governance.setup.processes import stop_survivors
from governance.setup.say import tell


@dataclass
class Servers:
    """What runs, and the URLs that lead there. `cluster` and `broker` are None where a URL was given."""

    places: Places
    urls: dict[str, str] = field(default_factory=dict)
    cluster: Cluster | None = None
    broker: Broker | None = None

    databases_given: bool = False

    def stop(self) -> None:
        """Stop what was started here; what was given by URL is left alone."""
        if self.broker:
            self.broker.stop()
        if self.cluster:
            self.cluster.stop()
        folders.leave_socket_folder(self.places.run)


def start(
    places: Places, *, environ: Mapping[str, str] | None = None, durable: bool = True, for_tests: bool = False
) -> Servers:
    """Start what was not given. Databases given, but not the demo company's store: only the store is ours."""
    given = given_urls(os.environ if environ is None else environ)
    places.make()
    servers = Servers(places, databases_given=any(name in given for name in MAIN_URLS))
    sockets = folders.socket_folder(places.run)
    try:
        if not all(name in given for name in (*MAIN_URLS, *STORE_URLS)):
            servers.cluster = start_cluster(
                places.postgres, secrets=places.secrets, sockets=sockets, durable=durable, for_tests=for_tests
            )
            servers.urls |= servers.cluster.urls()
        if "REDIS_URL" not in given:
            servers.broker = start_valkey(places.broker, sockets=sockets)
            servers.urls["REDIS_URL"] = servers.broker.url
    except BaseException:
        servers.stop()
        raise
    servers.urls |= given
    if servers.databases_given:
        tell(
            "  Using the databases given by URL. Their administrator runs what `./run manage grants "
            "--sql` prints."
        )
    return servers


def stop_all(places: Places) -> list[str]:
    """Stop whatever still runs from these folders; returns names of what was stopped."""
    stopped = stop_survivors(places.run)
    note = places.run / "sockets"
    sockets = Path(note.read_text().strip()) if note.exists() else places.run
    broker = Broker(places.broker, Path(), sockets / "valkey.sock")
    if broker.pid() is not None:
        broker.stop()
        stopped.append("broker")
    cluster = found_cluster(places.postgres, places.secrets)
    if cluster and cluster.is_running():
        cluster.stop()
        stopped.append("database")
    folders.leave_socket_folder(places.run)
    return stopped
