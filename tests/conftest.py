"""Fixtures: a migrated and granted test database, fresh databases for races and crashes, the cast, acting as a login."""

import fcntl
import gc
import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from whitenoise.middleware import WhiteNoiseMiddleware

from governance import grants
from governance.setup.passwords import password
from tests import make
from tests.cast import Cast
from tests.servers import cluster, folder

LOGINS = {
    "web": "sammati_web",
    "worker": "sammati_worker",
    "eraser": "sammati_eraser",
    "exporter": "sammati_exporter",
    "owner": "sammati_owner",
}


# Begun first, in this order, so that all workers end together: a file stays on one worker.
LONGEST = (
    "demo/test_main_job.py", "races/test_narrowing_is_linear.py", "browser/test_walks.py", "reports/test_bound.py",
    "faults/test_worker_and_broker_die.py", "faults/test_many_deaths.py", "browser/test_office.py",
    "browser/test_import_to_running.py", "browser/test_legal_home_walk.py", "interfaces/test_schemas.py",
    "retention/test_connectors_conform.py", "demo", "races", "browser", "faults", "reports", "retention", "selftest",
    "interfaces",
)  # fmt: skip


class Company:
    """The company is founded once in each worker and committed to databases of its own; a test of the cast runs in them.

    What a test does there is rolled back, as everywhere, and it gets a copy of the rows in memory.
    """

    names: ClassVar[dict[str, str]] = {}  # alias → database in which the company was founded
    empty: ClassVar[dict[str, str]] = {}  # alias → database in which nothing was
    cast: ClassVar[Cast | None] = None
    wanted = False
    worlds = 0  # fresh ones that are open: then the connections are theirs

    @classmethod
    def settle(cls) -> None:
        """The connections lead where the running test wants to be."""
        if not cls.names or cls.worlds:
            return
        for alias, name in (cls.names if cls.wanted else cls.empty).items():
            if connections[alias].settings_dict["NAME"] != name:
                connections[alias].close()
                connections[alias].settings_dict["NAME"] = name

    @classmethod
    def found(cls) -> None:
        for alias, name in cls.names.items():
            connections[alias].settings_dict["NAME"] = name
        with transaction.atomic():
            cls.cast = make.cast()
            connection.run_on_commit = []  # nobody waits for its nudges
        connections.close_all()


def look_at_static_files_once() -> None:
    """Each test client loads the middleware anew, and whitenoise would look at 370 files each time: a fifth of a page."""
    found: dict[str, dict[str, Any]] = {}

    def once(scan: Callable[..., None]) -> Callable[..., None]:
        def look(self: WhiteNoiseMiddleware, *where: str) -> None:
            known = f"{scan.__name__} {where} {settings.STATIC_URL} {settings.STATICFILES_DIRS}"
            if known not in found:
                before, self.files = self.files, {}
                scan(self, *where)
                found[known], self.files = self.files, before
            self.files |= found[known]

        return look

    for name in ("update_files_dictionary", "add_files_from_finders"):
        setattr(WhiteNoiseMiddleware, name, once(getattr(WhiteNoiseMiddleware, name)))


look_at_static_files_once()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    Company.wanted = "cast" in getattr(item, "fixturenames", ())
    Company.settle()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the cast may reach both databases; the longest files and folders come first."""
    places = {name: i for i, name in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        folder, most = item.path.parent.name, len(LONGEST)
        return min(places.get(f"{folder}/{item.path.name}", most), places.get(folder, most))

    items.sort(key=place)
    for item in items:
        if "cast" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default", "keys"]))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    """Both test databases with the privileges of the real ones, and a pristine twin from which fresh ones are copied.

    Of several workers one migrates and founds the company, the others take copies.
    They go with the throw-away cluster at the end of the run.
    """
    with django_db_blocker.unblock():
        for alias in ("default", "keys"):
            _migrate(alias)
        main, keys = (connections[alias].settings_dict["NAME"] for alias in ("default", "keys"))
        Company.empty = {"default": main, "keys": keys}
        Company.names = {alias: f"{name}_company" for alias, name in Company.empty.items()}
        with _alone("company"):
            call_command("grants", verbosity=0)
            connections.close_all()
            with _maintenance() as admin:
                for name in (main, keys):
                    _copy(admin, name, f"{name}_twin")
                _found(admin)
        Company.settle()
    gc.collect()
    gc.freeze()  # what the imports and the company made stays anyway: no need to look at it again and again


def _migrate(alias: str) -> None:
    """The test database of this worker: migrated here, or copied from the worker that did it.

    The keys' database has no table of Django: what stands there is made by `grants`.
    """
    own = connections[alias].creation._get_test_db_name()
    with _alone(alias):
        done = folder() / f"migrated-{alias}"
        if alias == "default" and not done.exists():
            connections[alias].creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connections.close_all()
            with _maintenance() as admin:
                _copy(admin, own, f"test_migrated_{alias}")
            done.touch()
            return
    with _maintenance() as admin:
        _copy(admin, f"test_migrated_{alias}" if alias == "default" else "template1", own)
        for statement in _doors(alias, own):
            admin.execute(statement)
    connections[alias].close()
    connections[alias].settings_dict["NAME"] = own
    settings.DATABASES[alias]["NAME"] = own


def _found(admin: "psycopg.Connection[Any]") -> None:
    """The databases of the company, and the company in memory."""
    told = folder() / "company.pickle"
    for alias, name in Company.names.items():
        _copy(admin, f"test_founded_{alias}" if told.exists() else Company.empty[alias], name)
    for statement in _doors("default", Company.names["default"]):
        admin.execute(statement)
    if told.exists():
        Company.cast = pickle.loads(told.read_bytes())
        return
    Company.found()
    for alias, name in Company.names.items():
        _copy(admin, name, f"test_founded_{alias}")
    told.write_bytes(pickle.dumps(Company.cast))


def _copy(admin: "psycopg.Connection[Any]", template: str, name: str) -> None:
    admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _doors(alias: str, name: str) -> list[str]:
    """Who may enter this database: a template does not pass it on."""
    logins = grants.LOGINS if alias == "default" else (grants.ERASER, grants.EXPORTER)
    return list(grants.doors_sql(name, logins))


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """One worker at a time."""
    with (folder() / f"{what}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextmanager
def _maintenance() -> Iterator["psycopg.Connection[Any]"]:
    """As owner, outside of any of our databases."""
    with psycopg.connect(cluster().url("owner", "postgres"), autocommit=True) as admin:
        yield admin


@contextmanager
def as_login(name: str) -> Iterator[None]:
    """Until the end of the block PostgreSQL treats this connection as that login."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {LOGINS[name]}")
        yield
        if not connection.needs_rollback:
            cursor.execute("RESET ROLE")


@pytest.fixture
def cast(db: None) -> Cast:
    """The company, inside this test's transaction."""
    if connection.settings_dict["NAME"] == Company.names["default"]:
        return deepcopy(Company.cast)  # type: ignore[return-value]
    return make.cast()


@dataclass
class World:
    """A fresh pair of databases. In this process Django is signed in as `login`; the URLs are for other processes."""

    main: str
    keys: str
    urls: dict[str, str]

    def sign_in(self, name: str) -> None:
        """This thread now has the real login `name`: superuser, owner and SET ROLE play no part."""
        for alias, database in (("default", self.main), ("keys", self.keys)):
            connections[alias].close()
            connections[alias].settings_dict = connections.settings[alias] | {
                "NAME": database, "USER": LOGINS[name], "PASSWORD": password(cluster().secrets, LOGINS[name]),
            }  # fmt: skip

    def company(self) -> Cast:
        """The company stands in these databases: copied from where it was founded once, which takes a second and not ten.

        Whatever stood here is gone; this thread keeps its login.
        """
        names = {"default": self.main, "keys": self.keys}
        connections.close_all()
        with _maintenance() as admin:
            for alias, name in names.items():
                _copy(admin, f"test_founded_{alias}", name)
                for statement in _doors(alias, name):
                    admin.execute(statement)
        return deepcopy(Company.cast)  # type: ignore[return-value]

    def environment(self, process: str) -> dict[str, str]:
        """For a subprocess of that trust level: its own URL and no other."""
        own = {
            "owner": ("OWNER_DATABASE_URL", "KEYS_DATABASE_URL"),
            "web": ("DATABASE_URL",),
            "worker": ("WORKER_DATABASE_URL",),
            "eraser": (
                "ERASER_DATABASE_URL",
                "KEYS_DATABASE_URL",
                "FEATURE_STORE_URL",
                "FEATURE_STORE_READ_URL",
            ),
            "exporter": ("EXPORTER_DATABASE_URL", "KEYS_DATABASE_URL"),
        }[process]
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.endswith("_URL") and name != "DATABASE_URL"
        }
        return (
            ours
            | {name: self.urls[name] for name in own}
            | {"SAMMATI_PROCESS": process, "REDIS_URL": os.environ["REDIS_URL"]}
        )


@contextmanager
def fresh_world(django_db_blocker: Any, templates: dict[str, str] | None = None) -> Iterator[World]:
    """A World copied from the empty twins, or from the databases named by alias in `templates`."""
    originals = {alias: connections[alias].settings_dict for alias in ("default", "keys")}
    Company.worlds += 1
    tag = uuid.uuid4().hex[:10]
    names = {alias: f"test_world_{alias}_{tag}" for alias in originals}
    with django_db_blocker.unblock():
        with _maintenance() as admin:
            for alias, name in names.items():
                template = templates[alias] if templates else f"{Company.empty[alias]}_twin"
                admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                for statement in _doors(alias, name):
                    admin.execute(statement)
        url = cluster().url
        world = World(
            names["default"], names["keys"],
            {
                "OWNER_DATABASE_URL": url("owner", names["default"]),
                "DATABASE_URL": url("web", names["default"]),
                "WORKER_DATABASE_URL": url("worker", names["default"]),
                "ERASER_DATABASE_URL": url("eraser", names["default"]),
                "EXPORTER_DATABASE_URL": url("exporter", names["default"]),
                "KEYS_DATABASE_URL": url("owner", names["keys"]),
                "FEATURE_STORE_URL": os.environ.get("FEATURE_STORE_URL", ""),
                "FEATURE_STORE_READ_URL": os.environ.get("FEATURE_STORE_READ_URL", ""),
            },
        )  # fmt: skip
        try:
            yield world
        finally:
            for alias, settings in originals.items():
                connections[alias].close()
                connections[alias].settings_dict = settings
            Company.worlds -= 1
            with _maintenance() as admin:
                for name in names.values():
                    admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Fresh databases for this one test: commits are real, other processes and logins see them."""
    with fresh_world(django_db_blocker) as made:
        yield made


@pytest.fixture(scope="module")
def module_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Fresh databases for all tests of a module."""
    with fresh_world(django_db_blocker) as made:
        yield made
