"""A company whose systems are really there: a database of its own as feature store, a folder of files, the vault."""

import copy
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections, router

from governance.capture import streams
from governance.demo import systems as demo
from governance.demo.company import Company
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.retention import erasure
from governance.retention.models import ErasureOrder
from tests import make
from tests.conftest import World, fresh_world
from tests.retention import at_hand, service
from tests.servers import cluster


@dataclass
class FeatureStore:
    """A fresh database with the demo company's tables, filled by its owner."""

    name: str

    @property
    def owner_url(self) -> str:
        return cluster().url("owner", self.name)

    def ask(self, query: str, *values: Any) -> Any:
        """The first value of the first row, as the store's owner."""
        with psycopg.connect(self.owner_url) as store:
            row = store.execute(query, values).fetchone()
            return row[0] if row else None

    def do(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.owner_url) as store:
            store.execute(statement, values)

    def rows_of(self, person: Person) -> int:
        """Sessions, their features, and notes that name the person."""
        return sum(
            self.ask(query, value)
            for query, value in (
                ("SELECT count(*) FROM sessions WHERE person_number = %s", person.number),
                (
                    "SELECT count(*) FROM features f JOIN sessions s ON s.id = f.session_id WHERE s.person_number = %s",
                    person.number,
                ),
                ("SELECT count(*) FROM notes WHERE body LIKE '%%' || %s || '%%'", person.name),
            )
        )


@pytest.fixture
def store(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeatureStore]:
    made = FeatureStore(f"test_store_{uuid.uuid4().hex[:10]}")
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{made.name}"')
        admin.execute(f'REVOKE ALL ON DATABASE "{made.name}" FROM PUBLIC')
        admin.execute(f'GRANT CONNECT ON DATABASE "{made.name}" TO store_eraser, store_reader')
    monkeypatch.setenv("FEATURE_STORE_URL", cluster().url("store_eraser", made.name))
    monkeypatch.setenv("FEATURE_STORE_READ_URL", cluster().url("store_reader", made.name))
    demo.build_store(made.owner_url)
    try:
        yield made
    finally:
        with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{made.name}" WITH (FORCE)')


@dataclass
class Stage:
    """The company with its systems, on real logins."""

    world: World
    cast: Company
    store: FeatureStore
    folder: Path
    systems: dict[str, DataSystem]

    def consent(self, name: str, *signals: str, events: int = 3) -> None:
        """The person agrees, the keys are made, and the gate has let in some events."""
        person, german = self.cast.people[name], name in ("emil", "nisha")
        self.world.sign_in("web")
        make.consent(
            person, self.cast.purpose_de if german else self.cast.purpose, *signals, open_streams=False
        )
        self.world.sign_in("eraser")
        streams.open_waiting()
        self.world.sign_in("web")
        if not german and events:
            answer = make.post(self.cast, *(make.event(person.number) for _ in range(events)))
            assert answer["admitted"] == events

    def withdraw(self, name: str) -> ErasureOrder:
        from governance.consents import ledger

        person, german = self.cast.people[name], name in ("emil", "nisha")
        self.world.sign_in("web")
        ledger.withdraw_purpose(self.cast.purpose_de if german else self.cast.purpose, by=person)
        return ErasureOrder.objects.filter(person=person).latest("created_at")

    def withdraw_without_capture(self, name: str) -> ErasureOrder:
        """A yes of which nothing was admitted yet, and its withdrawal; the systems hold what the data team took."""
        self.consent(name, events=0)
        return self.withdraw(name)

    def carry_out(self, order: ErasureOrder) -> str | None:
        """As the eraser's real login."""
        self.world.sign_in("eraser")
        state = erasure.carry_out(order.pk)
        order.refresh_from_db()
        return state

    def due_again(self, order: ErasureOrder) -> None:
        """As if the pause before the next attempt, and a dead worker's lease, were over."""
        self.world.sign_in("owner")
        ErasureOrder.objects.filter(pk=order.pk).update(try_after=order.created_at, lease_until=None)


@dataclass
class Founded:
    """The company once founded, with its systems registered: each test gets a copy of these databases."""

    templates: dict[str, str]
    cast: Company
    systems: dict[str, DataSystem]


@pytest.fixture(scope="session")
def founded(django_db_setup: None, django_db_blocker: Any) -> Founded:
    """Goes with the throw-away cluster at the end of the run."""
    tag = uuid.uuid4().hex[:10]
    templates = {alias: f"test_founded_{alias}_{tag}" for alias in ("default", "keys")}
    with fresh_world(django_db_blocker) as base:
        base.sign_in("web")
        cast = make.cast(colleagues=2)
        systems = demo.register(cast)
        connections.close_all()
        with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{templates["default"]}" TEMPLATE "{base.main}"')
            admin.execute(f'CREATE DATABASE "{templates["keys"]}" TEMPLATE "{base.keys}"')
    return Founded(templates, cast, systems)


@pytest.fixture
def stage(
    founded: Founded,
    django_db_blocker: Any,
    store: FeatureStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    cast, systems = copy.deepcopy((founded.cast, founded.systems))
    people = [cast.people[name] for name in ("asha", "bela", "emil", "nisha")]
    folder = tmp_path / demo.FOLDER
    demo.fill_store(store.owner_url, people)
    demo.fill_folder(folder, people)
    with fresh_world(django_db_blocker, founded.templates) as world:
        world.urls |= {
            "FEATURE_STORE_URL": cluster().url("store_eraser", store.name),
            "FEATURE_STORE_READ_URL": cluster().url("store_reader", store.name),
        }
        world.sign_in("web")
        try:
            yield Stage(world, cast, store, folder, systems)
        finally:
            connections.close_all()


@pytest.fixture(scope="session")
def maria() -> Iterator[str]:
    """Where the machine has a MariaDB."""
    if at_hand.mariadbd() is None:
        pytest.skip(
            "there is no mariadbd on this machine: apt-get install mariadb-server-core, or SAMMATI_MARIADBD=path"
        )
    with at_hand.mariadb() as url:
        yield url


@pytest.fixture(scope="session")
def keystore() -> Iterator[str]:
    with at_hand.valkey() as path:
        yield path


class Shop:
    """The host's router: its models lie in a database of their own."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "shop" if model._meta.app_label == "shop" else None

    db_for_write = db_for_read


@pytest.fixture
def host_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[AppConfig]:
    """The host's application is one of this project's for the test, as if it stood in INSTALLED_APPS."""
    monkeypatch.setattr(router, "routers", [Shop(), *router.routers])
    config = AppConfig.create("tests.retention.shop")
    config.apps = apps
    apps.app_configs[config.label] = config
    config.import_models()
    apps.clear_cache()
    try:
        yield config
    finally:
        del apps.app_configs[config.label]
        apps.clear_cache()


@pytest.fixture
def host_file(django_db_blocker: Any) -> Iterator[Callable[[str], None]]:
    """The host's database as a file, known to Django by its alias."""

    def known(path: str) -> None:
        like = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {}, "USER": "", "HOST": ""}
        connections.databases["shop"] = {**connections.databases["default"], **like}

    with django_db_blocker.unblock():
        yield known
        connections["shop"].close()
        del connections["shop"]
        del connections.databases["shop"]


@pytest.fixture
def web_service() -> Iterator[service.Service]:
    with service.serving() as made:
        yield made


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """An S3 store that speaks over HTTP as others do."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
