"""The logins and databases of our own cluster: what only its superuser can do. The rest: grants.py."""

from governance.setup.passwords import scram_verifier

LOGINS = ("owner", "web", "worker", "eraser", "exporter")
STORE_LOGINS = ("store_owner", "store_eraser", "store_reader")  # the demo company's own system

WHO_ENTERS = {
    "sammati": ("web", "worker", "eraser", "exporter"),
    "sammati_keys": ("eraser", "exporter"),
    "feature_store": ("store_eraser", "store_reader"),
}
WHO_OWNS = {"sammati": "owner", "sammati_keys": "owner", "feature_store": "store_owner"}


def name_of(login: str) -> str:
    """The role's name in the cluster: `web` is sammati_web; the store's and the superuser keep theirs."""
    return f"sammati_{login}" if login in LOGINS else login


def text(for_tests: bool, *, major: int) -> str:
    """The SQL, with `<role>` where a verifier goes. Running it twice changes nothing."""
    lines = [_if_absent("CREATE ROLE vault_owner NOLOGIN", "pg_roles WHERE rolname = 'vault_owner'")]
    for login in (*LOGINS, *STORE_LOGINS):
        name, makes = name_of(login), "CREATEDB" if for_tests and login == "owner" else "NOCREATEDB"
        lines += [
            _if_absent(f"CREATE ROLE {name}", f"pg_roles WHERE rolname = '{name}'"),
            f"ALTER ROLE {name} LOGIN NOSUPERUSER {makes} "
            f"NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '<{name}>';",
        ]
    # The owner makes the vault's tables; what is in them afterwards belongs to nobody who can sign in.
    lines.append("GRANT vault_owner TO sammati_owner;")
    for database, owner in WHO_OWNS.items():
        lines += [
            _if_absent(
                f"CREATE DATABASE {database} OWNER {name_of(owner)}",
                f"pg_database WHERE datname = '{database}'",
            ),
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {database} TO {', '.join(map(name_of, WHO_ENTERS[database]))};",
        ]
    lines += [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;" for database in ("postgres", "template1")]
    if for_tests:
        # Tests make databases, act as each role by SET LOCAL ROLE, and end sessions in the middle of a write.
        lines.append("GRANT CONNECT ON DATABASE postgres TO sammati_owner;")
        lines.append("GRANT pg_signal_backend TO sammati_owner;")
        how = " WITH INHERIT FALSE, SET TRUE" if major >= 16 else ""
        lines += [f"GRANT {name_of(login)} TO sammati_owner{how};" for login in LOGINS if login != "owner"]
    return "\n".join(lines) + "\n"


def with_verifiers(sql: str, clear: dict[str, str]) -> str:
    """The same SQL with each `<role>` replaced by the SCRAM verifier of its password."""
    for name, password in clear.items():
        sql = sql.replace(f"'<{name}>'", f"'{scram_verifier(password)}'")
    return sql


def _if_absent(statement: str, where: str) -> str:
    # CREATE DATABASE and CREATE ROLE know no IF NOT EXISTS; psql runs what the query returns.
    return f"SELECT '{statement}' WHERE NOT EXISTS (SELECT FROM {where}) \\gexec"  # noqa: S608  our own words
