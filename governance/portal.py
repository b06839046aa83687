"""The portal's own tables as a system that forgets: what Sammati itself knows of a person, and where it looks for it again.

An order for one purpose touches nothing but free text that belongs to it. An order for everything about a person
forgets the person: the row stays as a stub with an opaque id, so that the register of events keeps its meaning.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from guardian.models import UserObjectPermission
from guardian.models.models import UserObjectPermissionBase
from psycopg import sql

from governance.audit import log
from governance.capture.models import Binding, HandOut, StopRequest
from governance.capture.vault import another_connection
from governance.consents.models import Objection, PinSlip, PressureReport, Representation
from governance.lib.connectors import Due, Erased, Kept, Residue, Scope
from governance.people.models import AddressChange, Message, Person
from governance.reports.models import Schedule
from governance.retention.connectors.mentions import Mentions
from governance.retention.models import NameOpening
from governance.rights.models import Nominee, Request

TEXT = (models.CharField, models.TextField, models.JSONField, ArrayField)
LIKE_SIGNS, ESCAPED = re.compile(r"([%_\\])"), r"\\\1"
SATELLITES, STUB, WORDS = "satellites", "the person's row", "free text"

# Where a name may stay, and why. Everything else that mentions the person is residue.
STAYS = {
    "purposes_noticetext": "published notices are evidence of what people were told, and are never edited",
    "purposes_purposeversion": "approved versions of the register are evidence of what was decided, and are never edited",
    "purposes_evidence": "papers on file name who signed them: evidence of why a purpose may run",
    "purposes_override": "advice and decision about a locked rule, both signed by name, are evidence",
    "reports_report": "facts of reports that were handed over",
    "retention_matter": "legal claims",
    "rights_nominee": "whom a person names to act for them is that person's own word, and theirs alone to take back",
    "consents_optout": "the act of a works council and why a no for many was taken back are evidence of who decided",
}


# Row → its words about a person, which go while the row stays as proof.
TOLD: dict[Any, tuple[str, ...]] = {
    Request: ("words", "answer"), Objection: ("reasons", "answer"), PressureReport: ("words", "answer"), NameOpening: ("reason",),
    StopRequest: ("words", "answer"),
}  # fmt: skip


class MentionedElsewhere(Exception):
    """The name still stands in other tables: the row by which it can be found is not blanked yet."""


class PortalConnector:
    """Options and data map are empty. For everything about a person it is the last: it holds name, e-mail and number."""

    name = "portal"
    version = "1"
    needs_map = False
    last = True
    tells_times = False

    def __init__(self, options: Mapping[str, Any], data_map: Mapping[str, Any]) -> None:
        pass

    @classmethod
    def check_map(cls, data_map: Mapping[str, Any]) -> None:
        pass

    def chunks(self, scope: Scope) -> list[str]:
        return [WORDS] if scope.purpose else [SATELLITES, STUB]

    def count(self, scope: Scope, chunk: str) -> int:
        if chunk == STUB:
            return int(_stub_is_full(scope.person))
        if chunk == WORDS:
            return _words(scope).count()
        rows = sum(queryset.count() for queryset in _satellites(scope.person))
        return rows + len(_sessions(scope.person)) + sum(said.count() for said in _said(scope.person))

    def erase(self, scope: Scope, chunk: str) -> Erased:
        if chunk == WORDS:
            return Erased(_words(scope).update(reasons="", answer=""), _register(), "free text emptied")
        if chunk == SATELLITES:
            return self._erase_satellites(scope)
        # The name is the only thread by which the rest is found: cut it only when nothing else hangs on it.
        left = _search(scope, leave_out=frozenset({"people_person"}))
        if left:
            raise MentionedElsewhere
        with transaction.atomic():
            person = Person.objects.select_for_update().get(pk=scope.person)
            if not _stub_is_full(person.pk):
                return Erased(0, _register(), "name, e-mail and number blanked")
            person.name = person.email = person.number = None
            person.is_active = False
            person.set_unusable_password()
            person.save(update_fields=["name", "email", "number", "is_active", "password"])
            Person.objects.filter(pk=person.pk, forgotten_at__isnull=True).update(forgotten_at=Now())
            log.record("person.forgotten", about=person)
        return Erased(1, _register(), "name, e-mail and number blanked")

    def _erase_satellites(self, scope: Scope) -> Erased:
        done = 0
        with transaction.atomic():
            for queryset in _satellites(scope.person):
                done += queryset.delete()[0]
            done += Session.objects.filter(pk__in=_sessions(scope.person)).delete()[0]
            for said in _said(scope.person):
                done += said.update(**dict.fromkeys(TOLD[said.model], ""))
        return Erased(done, _register(), "rows deleted, free text emptied")

    def residue(self, scope: Scope) -> Residue:
        """By a connection of its own. For everything: every text and JSON column of every table for number, name and
        e-mail, whatever app it belongs to. Once these are blanked they are known to nobody, and it looks by id."""
        if scope.purpose:
            left = _objections_by_another(scope)
            return Residue(
                left,
                ("consents_objection",) if left else (),
                ("consents_objection by person and purpose",),
                _register(),
            )
        found = _search(scope)
        if _stub_is_full(scope.person):
            found["people_person"] = 1
        for queryset in _satellites(scope.person):
            if queryset.exists():
                found[queryset.model._meta.db_table] = queryset.count()
        if _sessions(scope.person):
            found["django_session"] = len(_sessions(scope.person))
        by = (
            "number, name and e-mail"
            if Mentions(scope.identifiers)
            else "id (name, e-mail and number were blanked before)"
        )
        looked = tuple(f"every text and JSON column of {table} by {by}" for table in sorted(_text_columns()))
        stays = _search(scope, stays=True)
        kept = tuple(
            Kept(_("the name"), table, STAYS[table], count) for table, count in sorted(stays.items())
        )
        return Residue(sum(found.values()), tuple(sorted(found)), looked, kept + _register())

    def count_all(self, works: Sequence[tuple[Scope, str]]) -> list[int]:
        words = _words_of_all([scope for scope, chunk in works if chunk == WORDS])
        return [
            len(words[scope.person]) if chunk == WORDS else self.count(scope, chunk) for scope, chunk in works
        ]

    def erase_all(self, works: Sequence[tuple[Scope, str]]) -> list[Erased]:
        words = _words_of_all([scope for scope, chunk in works if chunk == WORDS])
        if rows := [pk for own in words.values() for pk in own]:
            Objection.objects.filter(pk__in=rows).update(reasons="", answer="")
        kept = _register()
        return [
            Erased(len(words[scope.person]), kept, "free text emptied")
            if chunk == WORDS
            else self.erase(scope, chunk)
            for scope, chunk in works
        ]

    def residues(self, scopes: Sequence[Scope]) -> list[Residue]:
        """Each as `residue` would say it; for one purpose, everybody is asked for at once."""
        if any(scope.purpose is None for scope in scopes):
            return [self.residue(scope) for scope in scopes]
        with another_connection() as other:
            rows = other.execute(
                "SELECT DISTINCT person_id FROM consents_objection WHERE person_id = ANY(%s) AND purpose_id = %s"
                " AND decided_at IS NOT NULL AND reasons || answer <> ''",
                [[scope.person for scope in scopes], scopes[0].purpose],
            )
            found, kept = {row[0] for row in rows}, _register()
        return [
            self.residue(scope)
            if scope.person in found
            else Residue(0, (), ("consents_objection by person and purpose",), kept)
            for scope in scopes
        ]

    def export(self, scope: Scope) -> Iterator[Mapping[str, Any]]:
        person = Person.objects.get(pk=scope.person)
        yield {
            "number": person.number,
            "name": person.name,
            "email": person.email,
            "language": person.language,
        }
        for job in person.employments.select_related("entity", "site"):
            yield {
                "entity": job.entity.name,
                "country": job.country,
                "from": job.starts_on,
                "to": job.ends_on,
            }

    def due(self, purpose: UUID, before: datetime) -> list[Due]:
        return []


def _register() -> tuple[Kept, ...]:
    """What is kept by design: the proof of what was consented to, withdrawn and erased."""
    why = _("proof of what was decided and done; holds opaque ids and codes, no name")
    return (Kept(_("register of consents, log and proofs"), "consents, audit, retention", why),)


def _stub_is_full(person: UUID) -> bool:
    full = models.Q(name__isnull=False) | models.Q(email__isnull=False) | models.Q(number__isnull=False)
    return Person.objects.filter(full, pk=person).exists()


def _satellites(person: UUID) -> list["models.QuerySet[Any]"]:
    """Rows that are only about the person: they go. Group memberships and assignments of every app are found by kind."""
    rows: list[models.QuerySet[Any]] = [
        Message.objects.filter(person_id=person), AddressChange.objects.filter(person_id=person), EmailAddress.objects.filter(user_id=person),
        Nominee.objects.filter(person_id=person), PinSlip.objects.filter(person_id=person),
        Representation.objects.filter(models.Q(person_id=person) | models.Q(holder_id=person)), Binding.objects.filter(person_id=person),
        HandOut.objects.filter(person_id=person),
        Person.groups.through.objects.filter(person_id=person), Person.user_permissions.through.objects.filter(person_id=person),
        UserObjectPermission.objects.filter(user_id=person), Schedule.recipients.through.objects.filter(person_id=person),
    ]  # fmt: skip
    for model in apps.get_models():
        if issubclass(model, UserObjectPermissionBase) and model is not UserObjectPermission:
            rows.append(model._default_manager.filter(user_id=person))
    return rows


def _sessions(person: UUID) -> list[str]:
    """Sessions are sealed envelopes: each is opened to see whose it is."""
    return [row.pk for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == str(person)]


def _said(person: UUID) -> list["models.QuerySet[Any]"]:
    """Rows that stay as proof of what was asked and decided, with words in them that go."""
    return [
        Request.objects.filter(person_id=person).exclude(words="", answer=""),
        # What they asked for somebody else, once it is answered: it may name them.
        Request.objects.filter(
            logged_by=person, representation_id__isnull=False, answered_at__isnull=False
        ).exclude(words="", answer=""),
        Objection.objects.filter(person_id=person, decided_at__isnull=False).exclude(reasons="", answer=""),
        PressureReport.objects.filter(person_id=person).exclude(words="", answer=""),
        StopRequest.objects.filter(asked_by=person, answered_at__isnull=False).exclude(words="", answer=""),
        NameOpening.objects.filter(person_id=person).exclude(reason=""),
    ]


def _words(scope: Scope) -> "models.QuerySet[Objection]":
    """Reasons in the person's own words, of objections that are decided; an open one is still needed."""
    rows = Objection.objects.filter(  # type: ignore[misc]
        person_id=scope.person, purpose_id=scope.purpose, at__lte=scope.before, decided_at__isnull=False
    )
    return rows.exclude(reasons="", answer="")


def _words_of_all(scopes: list[Scope]) -> dict[UUID, list[Any]]:
    """Person → rows of _words; `scopes` are of one purpose."""
    found: dict[UUID, list[Any]] = {scope.person: [] for scope in scopes}
    if scopes:
        before = {scope.person: scope.before for scope in scopes}
        rows = Objection.objects.filter(
            person_id__in=list(found), purpose_id=scopes[0].purpose, decided_at__isnull=False
        ).exclude(reasons="", answer="")
        for pk, person, at in rows.values_list("pk", "person_id", "at"):
            if at <= before[person]:
                found[person].append(pk)
    return found


def _objections_by_another(scope: Scope) -> int:
    with another_connection() as other:
        row = other.execute(
            "SELECT count(*) FROM consents_objection WHERE person_id = %s AND purpose_id = %s AND at <= %s"
            " AND decided_at IS NOT NULL AND reasons || answer <> ''",
            [scope.person, scope.purpose, scope.before],
        ).fetchone()
    return int(row[0]) if row else 0


def _text_columns() -> dict[str, list[str]]:
    """Table → its text and JSON columns, of every model of every app, those of the libraries too."""
    tables: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            columns = [str(field.column) for field in model._meta.concrete_fields if isinstance(field, TEXT)]
            if columns:
                tables.setdefault(model._meta.db_table, columns)
    return tables


def _search(scope: Scope, *, leave_out: frozenset[str] = frozenset(), stays: bool = False) -> dict[str, int]:
    """table.column → rows that mention the person; `stays`: table → rows where the name may stay.

    A column that cannot be read is an error of PostgreSQL and so a fault of the order, never taken for empty.
    """
    mentions = Mentions(scope.identifiers)
    found: dict[str, int] = {}
    if not mentions:
        return found
    with another_connection() as other:
        for table, columns in _text_columns().items():
            if table in leave_out or stays != (table in STAYS):
                continue
            for column in columns:
                hits = _rows(other, table, column, mentions)
                if hits:
                    place = table if stays else f"{table}.{column}"
                    found[place] = found.get(place, 0) + hits
    return found


def _rows(other: "psycopg.Connection[Any]", table: str, column: str, mentions: Mentions) -> int:
    patterns = [f"%{LIKE_SIGNS.sub(ESCAPED, piece)}%" for piece in mentions.fragments()]
    query = sql.SQL("SELECT {column}::text FROM {table} WHERE {column}::text ILIKE ANY(%s)").format(
        column=sql.Identifier(column), table=sql.Identifier(table)
    )
    return sum(1 for (text,) in other.execute(query, [patterns]) if mentions.count(text))
