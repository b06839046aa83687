"""Rows that are written once: privileges first (governance/grants.py), this trigger second, Python last."""

from typing import Any

from django.db import models


class WrittenOnce(Exception):
    pass


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise WrittenOnce(f"{self.model.__name__} is written once.")

    def delete(self) -> Any:
        raise WrittenOnce(f"{self.model.__name__} is never deleted.")


class AppendOnly(models.Model):
    """A row of memory: it holds opaque ids and codes, so that people can be forgotten and memory stays."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce(f"{type(self).__name__} is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise WrittenOnce(f"{type(self).__name__} is never deleted.")


def forbid_changes(table: str) -> str:
    """SQL: a trigger that refuses UPDATE and DELETE on `table` for every login.

    Hand-written on purpose: a pgtrigger can be switched off by one SET. No TRUNCATE trigger: it would break the
    flushes of tests; TRUNCATE is refused by privilege.
    """
    return f"""
    CREATE OR REPLACE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'written once: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION written_once();
    """
