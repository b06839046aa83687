"""The data map of a host application's models: its shape, and in which order their rows are worked on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.sql import Query
from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused
from governance.retention.connectors import sqlmap

TEXTS = (models.CharField, models.TextField)
# Tables of Django itself in which nobody stands.
FRAMEWORK = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
)
# Apps that come with Sammati beside its own: the portal's connector looks after what they hold of a person.
BESIDE = (
    "allauth",
    "guardian",
    "django.contrib.sessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
)
GOES_ALONG = (models.CASCADE, models.RESTRICT, models.PROTECT)


@dataclass(frozen=True)
class Entry:
    """One model. Either `lookup` or `text` says how the person is found."""

    model: type[models.Model]
    action: str
    lookup: str = ""  # as filter() takes it, also through relations: order__customer__number
    is_: str = ""
    text: tuple[str, ...] = ()
    time: str = ""  # a lookup as well
    fields: tuple[str, ...] = ()
    anonymise: tuple[tuple[str, str], ...] | None = None

    @property
    def name(self) -> str:
        return self.model._meta.label


def read(data_map: Mapping[str, Any]) -> dict[str, Entry]:
    """Label → entry, the models that point to others before these. Raises Refused."""
    check(data_map)
    return _in_order(_entries(data_map))


def check(data_map: Mapping[str, Any]) -> None:
    """Raises Refused with the model and what is wrong with it."""
    keep = data_map.get("keep", {})
    if not isinstance(keep, Mapping) or not all(isinstance(w, str) and w.strip() for w in keep.values()):
        raise Refused(_("What is kept stands with its reason."), code="map_keeps_without_reason")
    rows = data_map.get("models")
    if set(data_map) - {"models", "keep"} or not isinstance(rows, list) or not rows:
        raise Refused(_("A map of an application names its models and what is kept."), code="map_wrong")
    labels = [str(row.get("model", "")).lower() for row in rows]
    for row in rows:
        why = _wrong(row, labels)
        if why:
            raise Refused(
                _("The map of “%(table)s” cannot be read: %(why)s."), code="map_wrong",
                table=row.get("model", "?"), why=why,
            )  # fmt: skip
    entries = _entries(data_map)
    for entry in entries.values():
        for other in goes_along(entry.model) if entry.action == "erase" else ():
            if other not in entries or entries[other].action != "erase":
                raise Refused(
                    _("Rows of “%(other)s” go with the rows of “%(model)s” that they point to: put them on the map, to be erased."),
                    code="map_cascades", model=entry.name, other=other,
                )  # fmt: skip
    _in_order(entries)


def _wrong(row: Mapping[str, Any], labels: list[str]) -> Any:
    find = row.get("find")
    model = model_of(str(row.get("model", "")))
    if model is None or labels.count(str(row["model"]).lower()) > 1:
        return _("each model stands once, as application.Model, and is one of this project")
    if row.get("action") not in sqlmap.ACTIONS:
        return _("the action is erase, null or replace")
    if not isinstance(find, Mapping) or set(find) not in ({"lookup", "is"}, {"text"}):
        return _("the person is found by a lookup or in text")
    if "text" in find and (row["action"] != "replace" or not find["text"]):
        return _("in free text the person is replaced; name the columns")
    if "lookup" in find and find["is"] not in sqlmap.KNOWN_BY:
        return _("the lookup holds a number, an email or a name")
    if set(row) - {"model", "find", "time", "action", "fields", "anonymise"}:
        return _("there are words in it that nobody knows")
    ways = row.get("anonymise", {})
    if not isinstance(ways, Mapping) or set(ways.values()) - set(sqlmap.WAYS):
        return _("to anonymise, name fields with null, replace or hash")
    if "anonymise" in row and "lookup" in find and find["lookup"] not in ways and "__" not in find["lookup"]:
        return _(
            "to anonymise, name columns with null, replace or hash, and among them the one that finds the person"
        )
    if "lookup" in find and row["action"] != "erase" and not row.get("fields"):
        return _("name the columns to empty or replace")
    emptied = [
        *(row.get("fields", ()) if row["action"] == "null" else ()),
        *(f for f in ways if ways[f] == "null"),
    ]
    written = [*find.get("text", ()), *(row.get("fields", ()) if row["action"] == "replace" else ()),
               *(f for f in ways if ways[f] != "null")]  # fmt: skip
    for lookup in (find.get("lookup"), row.get("time")):
        if lookup and final(model, lookup) is None:
            return _("it has a field or a lookup that the model does not know")
    for name, kinds in [*((n, None) for n in emptied), *((n, TEXTS) for n in written)]:
        field = final(model, name) if "__" not in name else None
        if field is None:
            return _("it has a field or a lookup that the model does not know")
        if kinds is None and not field.null:
            return _("a field that may not be empty cannot be emptied")
        if kinds is not None and not isinstance(field, kinds):
            return _("only a field of text can be replaced or hashed")
    return ""


def model_of(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def final(model: type[models.Model], lookup: str) -> Any:
    """The field to which a lookup leads; None where it leads nowhere."""
    try:
        field = Query(model).names_to_path(lookup.split("__"), model._meta, fail_on_missing=True)[1]
    except (FieldError, FieldDoesNotExist):
        return None
    return field


def sammatis() -> frozenset[str]:
    """The tables of Sammati's apps and of those that come with it."""
    tables = {
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name.split(".")[0] == "governance" or config.name.startswith(BESIDE)
        for model in config.get_models(include_auto_created=True)
    }
    return frozenset({*tables, *FRAMEWORK})


def goes_along(model: type[models.Model]) -> Iterator[str]:
    """Models whose rows cannot stay when the row goes that they point to."""
    for relation in model._meta.related_objects:
        other = relation.related_model
        own = other is model or issubclass(other, model)  # its further columns, in a table beside
        if relation.on_delete in GOES_ALONG and not other._meta.auto_created and not own:
            yield other._meta.label


def _entries(data_map: Mapping[str, Any]) -> dict[str, Entry]:
    entries = {}
    for row in data_map["models"]:
        model, find = model_of(row["model"]), row["find"]
        assert model is not None
        entries[model._meta.label] = Entry(
            model, row["action"], find.get("lookup", ""), find.get("is", ""), tuple(find.get("text", ())),
            row.get("time", ""), tuple(row.get("fields", ())),
            tuple(row["anonymise"].items()) if "anonymise" in row else None,
        )  # fmt: skip
    return entries


def _in_order(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Who points goes before whom it points to. A pointer that may be emptied holds nobody up."""
    left: dict[str, Entry] = dict(entries)
    ordered: dict[str, Entry] = {}
    while left:
        free = [name for name in left if not any(other in left for other in goes_along(left[name].model))]
        if not free:
            raise Refused(_("The tables of this map point to each other in a circle."), code="map_circle")
        ordered |= {name: left.pop(name) for name in free}
    return ordered


def keeps(data_map: Mapping[str, Any]) -> dict[str, str]:
    """Table, or table.column → why it stays. The map may also say application.Model and application.Model.field."""
    found = {}
    for place, why in data_map.get("keep", {}).items():
        parts = place.split(".")
        model = model_of(".".join(parts[:2])) if len(parts) > 1 else None
        if model is None:
            found[place] = why
            continue
        column = final(model, parts[2]) if len(parts) > 2 else None
        table = model._meta.db_table
        found[f"{table}.{column.column if column is not None else parts[2]}" if len(parts) > 2 else table] = (
            why
        )
    return found
