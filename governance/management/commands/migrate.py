"""Django's migrate, where a new table costs what it is itself and not what stands around it.

For each table that is made, Django's state of the migrations draws again the class of every model that any relation
leads to: some 6,600 classes for our 160 tables, most of the time that an empty database takes. Where a table is added
and nothing else changes, only its own class is drawn here. What changes a table that stands there already begins with
all classes drawn anew, so that it sees every relation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db.migrations import AddConstraint, AddIndex, CreateModel, Migration, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

# They look at no table but their own, or at none.
ALONE = (CreateModel, AddIndex, AddConstraint, RunSQL)


def stands_alone(operation: Operation) -> bool:
    """It needs no class but that of its own table. A RunSQL may tell of changes to other tables: then it does."""
    return type(operation) in ALONE and not getattr(operation, "state_operations", ())


@contextmanager
def only_what_is_new() -> Iterator[None]:
    """Until the end of the block migrations are applied like this."""
    add_model, apply = ProjectState.add_model, Migration.apply

    def add(state: ProjectState, model: ModelState) -> None:
        drawn = state.__dict__.pop("apps", None)  # without it Django keeps to the facts
        add_model(state, model)
        if drawn is not None:
            state.__dict__["apps"] = drawn
            drawn.render_multiple([model])

    def applied(migration: Migration, state: ProjectState, *args: Any, **more: Any) -> ProjectState:
        operations = migration.operations
        try:
            for alone, some in groupby(operations, key=stands_alone):
                if not alone:
                    state.__dict__.pop("apps", None)
                migration.operations = list(some)
                state = apply(migration, state, *args, **more)
        finally:
            migration.operations = operations
        return state

    ProjectState.add_model, Migration.apply = add, applied  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.add_model, Migration.apply = add_model, apply  # type: ignore[method-assign]


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> Any:
        with only_what_is_new():
            return super().handle(*args, **options)
