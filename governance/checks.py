"""Start-up checks: a process that could do more than its role refuses to serve."""

from typing import Any

import structlog
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import OperationalError, ProgrammingError, connection

from governance import grants
from governance.capture import store_rights
from governance.purposes.policy import packs, sound

LOGIN_OF = {"web": grants.WEB, "worker": grants.WORKER, "eraser": grants.ERASER, "exporter": grants.EXPORTER}
QUIET = {
    "log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_statement": "none", "log_min_duration_statement": "-1",
    "log_min_messages": "log",
}  # fmt: skip


def standing_of_this_login() -> list[str]:
    """What is wrong with this process's own login; empty when it is as governance/grants.py says."""
    wrong = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, r.rolsuper, pg_has_role(current_user, d.datdba, 'MEMBER')"
            " FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()"
        )
        login, superuser, owner = cursor.fetchone()
        if superuser:
            wrong.append(f"{login} is a superuser")
        if owner:
            wrong.append(f"{login} owns the database")
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'vault'")
        if cursor.fetchone()[0] == 0:
            return [*wrong, "the database is not migrated"]
        wrong += grants.differences(cursor, LOGIN_OF[settings.PROCESS])
    return wrong


def differences_of_every_login() -> list[str]:
    """Where the real privileges of any login differ from the table; empty when all are the same."""
    with connection.cursor() as cursor:
        return [words for login in grants.LOGINS for words in grants.differences(cursor, login)]


@register(Tags.database)
def privileges(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Any]:
    """Error when the real privileges differ from the table; Warning when PostgreSQL's log would print refused values."""
    if settings.PROCESS == "owner" or not databases:
        return []
    try:
        wrong = standing_of_this_login()
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(QUIET)])
            loud = [name for name, value in cursor.fetchall() if value != QUIET[name]]
    except (OperationalError, ProgrammingError) as error:
        return [Error(f"The database did not answer: {type(error).__name__}.", id="sammati.E002")]
    found: list[Any] = []
    if wrong:
        hint = "Run `manage.py grants` as owner, or give this process its own login."
        found.append(
            Error(
                "This login is not what its role says: " + "; ".join(wrong[:10]), hint=hint, id="sammati.E001"
            )
        )
    if loud:
        found.append(
            Warning(
                f"PostgreSQL's log may print refused values: set {', '.join(loud)} as in the README.",
                id="sammati.W001",
            )
        )
    return found


@register(Tags.security)
def store_key(app_configs: Any, **kwargs: Any) -> list[Any]:
    """Error when this process's key to the object store may do more than its part; Warning when it may not even that."""
    if settings.PROCESS == "owner" or not settings.BLOBS_BUCKET:
        return []
    found = store_rights.look(settings.PROCESS)
    hint = f"`manage.py vault_objects --policy {settings.PROCESS}` prints what this process's key may do."
    if found.beyond:
        said = f"The key to the object store may do more than its part: {', '.join(found.beyond)}."
        return [Error(said, hint=hint, id="sammati.E003")]
    if found.missing:
        said = f"The key to the object store may not do its part: {', '.join(found.missing)}."
        return [Warning(said, hint=hint, id="sammati.W002")]
    if found.away:
        said = f"The object store did not say what this process's key may do: {found.away}."
        return [Warning(said, hint=hint, id="sammati.W003")]
    return []


def refuse_a_wrong_store_key() -> None:
    """End this process when its store key may do more than its part; say it when it may do less. A store that is away
    stops no start: batches wait, and are refused so long."""
    for found in store_key(None):
        if found.is_serious():
            raise SystemExit(f"{found.msg} {found.hint}")
        structlog.get_logger(__name__).warning("store.key", says=found.msg, id=found.id)


def refuse_broken_packs() -> None:
    """End this process with what is wrong with the organisation's own packs; called before it serves or works."""
    if not settings.PACKS:
        return  # ours are checked before they are shipped
    _pack, wrong = sound.examine(packs.place())
    if wrong:
        raise SystemExit("The packs of SAMMATI_PACKS cannot be used:\n" + "\n".join(wrong[:20]))
    structlog.get_logger(__name__).info(
        "packs.own", sha256=packs.default().sha256, version=packs.default().version
    )


def refuse_a_wrong_login() -> None:
    """End this process with a sentence when its login is not what its role says; called before it serves or works."""
    wrong = [found for found in privileges(None, databases=["default"]) if found.is_serious()]
    if wrong:
        raise SystemExit("\n".join(f"{found.msg} {found.hint or ''}".strip() for found in wrong))
