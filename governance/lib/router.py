"""Nothing of Django's lives in the keys database: its one table is reached by hand, in capture/keys.py."""

from typing import Any


class KeysStayAway:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
