"""Reading back the database of a host application past its ORM, so that no manager and no model can hide a row."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from governance.lib.connectors import Scope
from governance.retention.connectors.sqlread import ReadBack
from governance.retention.connectors.sqlstore import Store


class Tables(ReadBack):
    """Every table but Sammati's own. `later`: table → keys of the person's rows collected after the cut-off."""

    def __init__(
        self, store: Store, keep: Mapping[str, str], scope: Scope, not_these: frozenset[str],
        later: Mapping[str, set[Any]],
    ) -> None:  # fmt: skip
        super().__init__(store, {}, keep, scope, None)
        self.not_these, self.later = not_these, later

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name not in self.not_these]

    def _texts(self, name: str, columns: list[str]) -> dict[str, int]:
        if not self.mentions or not columns:
            return {}
        key = list(self.store.table(name).primary_key.columns)
        later = self.later.get(name)
        return self._hits(name, columns, key[0].not_in(sorted(later)) if later and key else sa.true())
