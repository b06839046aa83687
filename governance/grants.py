"""Who may do what in PostgreSQL: one table, applied by `manage.py grants`, compared with reality at every start.

Letters: S select, I insert, U update, D delete; `S(a,b)` and `U(a,b)` only these columns. What is not listed is not granted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WEB, WORKER, ERASER, EXPORTER = "sammati_web", "sammati_worker", "sammati_eraser", "sammati_exporter"
LOGINS = (WEB, WORKER, ERASER, EXPORTER)
APPEND_ONLY = (
    "consents_consentevent",
    "audit_entry",
    "audit_leaf",
    "audit_checkpoint",
    "retention_proof",
    "retention_tombstone",
    "retention_choiceread",
    "reports_edition",
)

# table → login → rights. "*" in the login's place: every login.
TABLES: dict[str, dict[str, str]] = {
    # floor 1
    "audit_entry": {"*": "S I"},
    "audit_leaf": {WEB: "S", WORKER: "S", ERASER: "S", EXPORTER: "S I"},
    "audit_checkpoint": {WEB: "S", WORKER: "S", ERASER: "S", EXPORTER: "S I"},
    # floor 2
    "people_entity": {"*": "S", WEB: "S I U"},
    "people_entitychange": {"*": "S", WEB: "S I U"},
    "people_site": {"*": "S", WEB: "S I U"},
    "people_unit": {"*": "S", WEB: "S I U"},
    "people_person": {"*": "S", WEB: "S I U", WORKER: "S U(is_active)", ERASER: "S U"},
    "people_person_groups": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "people_person_user_permissions": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "people_employment": {"*": "S", WEB: "S I U", ERASER: "S U"},
    "people_role": {"*": "S", WEB: "S I U"},
    "people_message": {"*": "S I", WEB: "S I U D", WORKER: "S I U", ERASER: "S I D"},
    "people_addresschange": {WEB: "S I U", ERASER: "S D"},
    "people_entityuserobjectpermission": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "people_entitygroupobjectpermission": {"*": "S", WEB: "S I D"},
    # floor 3
    "purposes_purpose": {"*": "S", WEB: "S I U", WORKER: "S U"},
    "purposes_purposeversion": {"*": "S", WEB: "S I U"},
    "purposes_processor": {"*": "S", WEB: "S I U"},
    "purposes_mandate": {"*": "S", WEB: "S I U"},
    "purposes_assessment": {"*": "S", WEB: "S I U"},
    "purposes_evidence": {"*": "S", WEB: "S I U"},
    "purposes_evidencefile": {WEB: "S I", WORKER: "S"},
    "purposes_override": {"*": "S", WEB: "S I U"},
    "purposes_evaluation": {"*": "S", WEB: "S I", WORKER: "S I"},
    "purposes_purpose_systems": {"*": "S", WEB: "S I D"},
    "purposes_signal": {
        "*": "S",
        WEB: "S I U D",
        WORKER: "S I U D",
    },  # the day's verdict drops what may not run any more
    "purposes_datasystem": {"*": "S", WEB: "S I U"},
    "purposes_retentionrule": {"*": "S", WEB: "S I U"},
    "purposes_notice": {"*": "S", WEB: "S I U"},
    "purposes_noticetext": {"*": "S", WEB: "S I U"},
    "purposes_purposeuserobjectpermission": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "purposes_purposegroupobjectpermission": {"*": "S", WEB: "S I D"},
    # floor 4
    "retention_connection": {"*": "S", WEB: "S I U"},
    "retention_datamap": {"*": "S", WEB: "S I U", ERASER: "S U(proposal,proposed_at)"},
    "retention_matter": {"*": "S", WEB: "S I U"},
    "retention_hold": {"*": "S", WEB: "S I U", ERASER: "S U(lapsed_at)"},
    "retention_erasureorder": {"*": "S", WEB: "S I U", WORKER: "S I U", ERASER: "S I U"},
    "retention_step": {"*": "S", ERASER: "S I U"},
    "retention_lot": {ERASER: "S I U"},
    "retention_proof": {"*": "S", ERASER: "S I"},
    "retention_tombstone": {ERASER: "S I"},
    "retention_choiceread": {"*": "S", WEB: "S I", WORKER: "S I"},
    "retention_readingprogram": {"*": "S", WEB: "S I"},
    "retention_nameopening": {"*": "S", WEB: "S I U", ERASER: "S U(reason)"},
    "retention_simulation": {"*": "S", WEB: "S I", ERASER: "S U(result,ready_at)"},
    "retention_manualtask": {"*": "S", WEB: "S I U", ERASER: "S I"},
    "retention_manualevidence": {
        WEB: "S I D"
    },  # what a proof shows is seen by two people, never by a machine
    # floor 5
    "consents_consentrecord": {"*": "S", WEB: "S I U", WORKER: "S I U"},
    "consents_consentevent": {"*": "S", WEB: "S I", WORKER: "S I"},
    "consents_stream": {
        "*": "S",
        WEB: "S I(id,person_id,purpose_id,event_id,signal,month,expires_on,state,public_key,opened_at,closed_at,destroyed_at) U(state,closed_at)",
        WORKER: "S I(id,person_id,purpose_id,event_id,signal,month,expires_on,state,public_key,opened_at,closed_at,destroyed_at) U(state,closed_at)",
        ERASER: "S U(state,public_key,opened_at,destroyed_at)",
    },
    "consents_runningprogramme": {"*": "S", WEB: "S I U", WORKER: "S I U"},
    "consents_optout": {"*": "S", WEB: "S I U", WORKER: "S U(told_at,told_lifted_at)"},
    "consents_representation": {"*": "S", WEB: "S I U", ERASER: "S D"},
    "consents_pause": {"*": "S", WEB: "S I U"},
    "consents_asking": {"*": "S", WEB: "S I", WORKER: "S U"},
    "consents_objection": {"*": "S", WEB: "S I U", ERASER: "S U(reasons,answer)"},
    "consents_receipt": {"*": "S", WEB: "S I", WORKER: "S I", EXPORTER: "S U(kid,jws,signed_at)"},
    "consents_pressurereport": {"*": "S", WEB: "S I U", ERASER: "S U(words,answer)"},
    "consents_pinslip": {WEB: "S I U", ERASER: "S D"},
    # floor 6
    "capture_programme": {"*": "S", WEB: "S I U", WORKER: "S U"},
    "capture_programmeuserobjectpermission": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "capture_programmegroupobjectpermission": {"*": "S", WEB: "S I D"},
    "capture_signature": {"*": "S", WEB: "S I", ERASER: "S U(words)"},
    "capture_act": {"*": "S", WEB: "S I"},
    "capture_stoprequest": {"*": "S", WEB: "S I U", ERASER: "S U(words,answer)"},
    "capture_wiped": {"*": "S", WEB: "S I"},
    "capture_client": {"*": "S", WEB: "S I U"},
    "capture_device": {"*": "S", WEB: "S I U"},
    "capture_binding": {"*": "S", WEB: "S I U", WORKER: "S U", ERASER: "S D"},
    "capture_handout": {"*": "S", WEB: "S I U", WORKER: "S U", ERASER: "S D"},
    "capture_clip": {"*": "S", WEB: "S I U(whole_at)", ERASER: "S D"},
    "capture_chunk": {"*": "S", WEB: "S I", ERASER: "S D"},
    "capture_intake": {WEB: "S I U", WORKER: "S U D", ERASER: "S(answer,excess)"},
    "capture_turnedaway": {"*": "S", WORKER: "S I U"},
    "capture_excess": {"*": "S", WORKER: "S I U"},
    "capture_arrival": {"*": "S", WEB: "S I", ERASER: "S U D"},
    "capture_opening": {ERASER: "S I U(asked_at)", EXPORTER: "S U(tried_at,opened)"},
    "capture_band": {"*": "S", WEB: "S I", WORKER: "S I"},
    # floor 7, 8
    "rights_request": {"*": "S", WEB: "S I U", ERASER: "S U(words,answer)"},
    "rights_request_orders": {"*": "S", WEB: "S I D"},
    "rights_nominee": {"*": "S", WEB: "S I U", ERASER: "S D"},
    "incidents_incident": {"*": "S", WEB: "S I U", WORKER: "S I U"},
    "incidents_relaunch": {"*": "S", WEB: "S I U", ERASER: "S U(results,checked_at)"},
    "incidents_relaunchsignature": {"*": "S", WEB: "S I"},
    "incidents_probe": {"*": "S", WEB: "S I", WORKER: "S I"},
    "exports_recipient": {"*": "S", WEB: "S I U"},
    "exports_export": {"*": "S", WEB: "S I U", EXPORTER: "S U"},
    "exports_exportedperson": {"*": "S", EXPORTER: "S I U D"},
    "exports_exportedsegment": {"*": "S", EXPORTER: "S I D"},
    "exports_packagepart": {WEB: "S", EXPORTER: "S I D"},  # sealed to the recipient
    "exports_download": {"*": "S", WEB: "S I"},
    "exports_dataset": {"*": "S", WEB: "S I U"},
    "exports_modelrun": {"*": "S", WEB: "S I"},
    "exports_exclusion": {"*": "S", WEB: "S U", WORKER: "S I U"},
    "exports_ownview": {
        WEB: "S I U(expires_at)",
        EXPORTER: "S U",
    },  # sealed to a key that only the browser has
    "exports_owndeletion": {"*": "S", WEB: "S I U", WORKER: "S U", ERASER: "S U"},
    "interfaces_apiclient": {"*": "S", WEB: "S I U"},
    "interfaces_apiclient_purposes": {"*": "S", WEB: "S I D"},
    "interfaces_answered": {WEB: "S I U", WORKER: "S D", ERASER: "S(answer,key_sha256,request_sha256)"},
    "interfaces_webhook": {"*": "S", WEB: "S I U", WORKER: "S U"},
    "interfaces_delivery": {"*": "S", WEB: "S U", WORKER: "S I U D"},
    "interfaces_cursor": {"*": "S", WORKER: "S I U"},
    "reports_report": {"*": "S", WEB: "S I U", WORKER: "S I U", EXPORTER: "S U"},
    "reports_reportfile": {WEB: "S", WORKER: "S I D", ERASER: "S(kind)", EXPORTER: "S I D"},
    "reports_edition": {WEB: "S", WORKER: "S I", ERASER: "S(sha256)"},  # program and fonts; of nobody
    "reports_schedule": {"*": "S", WEB: "S I U", WORKER: "S U"},
    "reports_schedule_recipients": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "reports_parcel": {WEB: "S I", WORKER: "S D", ERASER: "S(reports,manifest,jws,kid)", EXPORTER: "S U"},
    "reports_turn": {"*": "S", WORKER: "S I"},
    "reports_reportuserobjectpermission": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "reports_reportgroupobjectpermission": {"*": "S", WEB: "S I D"},
    # Django's and the libraries' own
    "django_content_type": {"*": "S"},
    "django_migrations": {"*": "S"},
    "django_session": {WEB: "S I U D", ERASER: "S D"},
    "auth_group": {"*": "S"},
    "auth_group_permissions": {"*": "S"},
    "auth_permission": {"*": "S"},
    "guardian_userobjectpermission": {"*": "S", WEB: "S I D", ERASER: "S D"},
    "guardian_groupobjectpermission": {"*": "S", WEB: "S I D"},
    "account_emailaddress": {WEB: "S I U D", ERASER: "S D"},
    "account_emailconfirmation": {WEB: "S I U D", ERASER: "S D"},
    # The silo: in, never out, for the web's login; ids only for the eraser; content for the exporter alone.
    "vault.segment": {
        WEB: "I",
        ERASER: "S(id,stream,person,purpose,programme,batch,signal,events,admitted_at,expires_on,blob_key) D",
        EXPORTER: "S",
    },
}
FUNCTIONS = {
    "vault.ensure_period(date)": (ERASER, WORKER),
    "vault.keep_apart(date, uuid[], integer)": (ERASER,),
    "vault.drop_period(date, uuid[])": (ERASER,),
}
# The second database: one table.
KEYS = {"stream_key": {ERASER: "S(stream) I D", EXPORTER: "S U(kek,wrapped)"}}

WORDS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}
RIGHT = re.compile(r"([SIUD])(?:\(([a-z_,]+)\))?")


@dataclass(frozen=True, order=True)
class Grant:
    table: str
    login: str
    right: str  # SELECT, INSERT, UPDATE, DELETE
    columns: tuple[str, ...] = ()  # empty: the whole table


def parse(tables: dict[str, dict[str, str]]) -> Iterator[Grant]:
    for table, rows in tables.items():
        for login in LOGINS:
            for letter, columns in RIGHT.findall(rows.get(login, rows.get("*", ""))):
                yield Grant(table, login, WORDS[letter], tuple(columns.split(",")) if columns else ())


def doors_sql(database: str, logins: tuple[str, ...]) -> Iterator[str]:
    """Who may connect to `database` at all; run as its owner."""
    yield f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC'
    for login in logins:
        yield f'GRANT CONNECT ON DATABASE "{database}" TO {login}'


def main_sql() -> Iterator[str]:
    """Statements for the main database, run as its owner after migrate; idempotent."""
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    for login in LOGINS:
        yield f"GRANT USAGE ON SCHEMA public TO {login}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {login}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {login}"
    yield "SET LOCAL ROLE vault_owner"
    for login in (WEB, ERASER, EXPORTER, WORKER):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM {login}"
        yield f"GRANT USAGE ON SCHEMA vault TO {login}"
    yield from _grants({name: rows for name, rows in TABLES.items() if name.startswith("vault.")})
    for function, logins in FUNCTIONS.items():
        for login in logins:
            yield f"GRANT EXECUTE ON FUNCTION {function} TO {login}"
    yield "RESET ROLE"
    yield from _grants({name: rows for name, rows in TABLES.items() if not name.startswith("vault.")})


def keys_sql() -> Iterator[str]:
    """Statements for the keys database, run as its owner."""
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    for login in (ERASER, EXPORTER):
        yield f"GRANT USAGE ON SCHEMA public TO {login}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {login}"
    yield from _grants(KEYS)


def _grants(tables: dict[str, dict[str, str]]) -> Iterator[str]:
    for grant in parse(tables):
        columns = f" ({', '.join(grant.columns)})" if grant.columns else ""
        yield f"GRANT {grant.right}{columns} ON {grant.table} TO {grant.login}"


def roles_sql(database: str = "sammati", keys: str = "sammati_keys") -> Iterator[str]:
    """What a database administrator runs once, as a superuser, before the first migrate. Passwords are theirs to set."""
    yield "CREATE ROLE vault_owner NOLOGIN"
    yield "CREATE ROLE sammati_owner LOGIN"
    yield "GRANT vault_owner TO sammati_owner"
    for login in LOGINS:
        yield f"CREATE ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
    for name in (database, keys):
        yield f"CREATE DATABASE {name} OWNER sammati_owner ENCODING 'UTF8'"
    yield from doors_sql(database, LOGINS)
    yield from doors_sql(keys, (ERASER, EXPORTER))


REAL_TABLES = """
SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,
       has_table_privilege(%(login)s, c.oid, 'SELECT'), has_any_column_privilege(%(login)s, c.oid, 'SELECT'),
       has_table_privilege(%(login)s, c.oid, 'INSERT'), has_any_column_privilege(%(login)s, c.oid, 'INSERT'),
       has_table_privilege(%(login)s, c.oid, 'UPDATE'), has_any_column_privilege(%(login)s, c.oid, 'UPDATE'),
       has_table_privilege(%(login)s, c.oid, 'DELETE'), has_table_privilege(%(login)s, c.oid, 'DELETE'),
       has_table_privilege(%(login)s, c.oid, 'TRUNCATE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""


def differences(cursor: object, login: str) -> list[str]:
    """Where the real privileges of `login` are wider or narrower than the table says; empty when they are the same."""
    wanted: dict[tuple[str, str], bool] = {}  # (table, right) → whole table?
    for grant in parse(TABLES):
        if grant.login == login:
            wanted[grant.table, grant.right] = not grant.columns
    found = []
    cursor.execute(REAL_TABLES, {"login": login})  # type: ignore[attr-defined]
    for table, *flags, truncate in cursor.fetchall():  # type: ignore[attr-defined]
        if truncate:
            found.append(f"{login} may TRUNCATE {table}")
        for i, right in enumerate(("SELECT", "INSERT", "UPDATE", "DELETE")):
            whole, some = flags[2 * i], flags[2 * i + 1]
            want = wanted.get((table, right))
            if want is None and (whole or some):
                found.append(f"{login} may {right} {table}")
            elif want is False and whole:
                found.append(f"{login} may {right} every column of {table}")
            elif want is not None and not some:
                found.append(f"{login} may not {right} {table}")
    return found
