"""What a database says of its own tables: the ground of a proposed map."""

import re

import sqlalchemy as sa

TIMES = re.compile(
    r"(created|collected|started|written|inserted|logged|recorded|event|at|time|date|on)(_at|_on|_time)?$"
)


class Table:
    """What a schema says of one table, with a few values of its short columns, which are compared and thrown away."""

    def __init__(
        self, inspector: sa.Inspector, connection: sa.Connection, name: str, schema: str | None, most: int
    ) -> None:
        columns = inspector.get_columns(name, schema=schema)
        self.columns = [column["name"] for column in columns]
        self.keys = set(inspector.get_pk_constraint(name, schema=schema).get("constrained_columns") or ())
        self.points = [
            (key["constrained_columns"][0], key["referred_table"], key["referred_columns"][0])
            for key in inspector.get_foreign_keys(name, schema=schema)
            if len(key["constrained_columns"]) == 1
        ]
        strings = [
            c["name"] for c in columns if isinstance(c["type"], sa.String) and c["name"] not in self.keys
        ]
        moments = [c["name"] for c in columns if isinstance(c["type"], (sa.DateTime, sa.Date))]
        self.time = next(
            (name for name in moments if TIMES.search(name.lower())), moments[0] if moments else ""
        )
        held = sa.Table(name, sa.MetaData(), *(sa.Column(c["name"]) for c in columns), schema=schema)
        self.samples = {
            column: [
                str(value)
                for value in connection.scalars(
                    sa.select(held.c[column]).where(held.c[column].is_not(None)).distinct().limit(most)
                )
            ]
            for column in strings
        }
        self.texts = [name for name in strings if name not in {point[0] for point in self.points}]
