"""A program with every scope, and ways to ask as it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from governance.audit import sealer
from governance.interfaces import clients, rules
from governance.interfaces.models import ApiClient
from governance.lib import clock
from tests.cast import Cast


@dataclass
class Program:
    """A client of the API; `client` is its row, `key` what it was given."""

    client: ApiClient
    key: str

    def ask(self, method: str, path: str, body: Any = None, *, again: str = "", **headers: str) -> Any:
        head = {"Authorization": f"Bearer {self.key}", **headers}
        if method == "post" and path in ("/api/v1/consents", "/api/v1/withdrawals"):
            head["Idempotency-Key"] = again or uuid4().hex
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(Client(headers=head), method)(path, **content)


Make = Callable[..., Program]


@pytest.fixture
def program(cast: Cast) -> Make:
    """A program of the DPO's for the training purpose, with these scopes (all where none is named)."""
    cache.clear()

    def make(
        *scopes: str, purposes: Any = None, entity: Any = None, name: str = "", per_minute: int = 100_000
    ) -> Program:
        row, key = clients.let_in(
            entity or cast.software, name or f"Program {uuid4().hex[:6]}", purposes=purposes or [cast.purpose],
            scopes=scopes or list(rules.SCOPES), by=cast.dev, per_minute=per_minute,
        )  # fmt: skip
        return Program(row, key)

    return make


@pytest.fixture
def sealed(tmp_path: Any) -> Callable[[], None]:
    """Seal what the log holds, as the signer's process does."""

    def seal() -> None:
        sealer.seal(clock.now(), sign=lambda _hash: ("test", b""), home=tmp_path)

    return seal


def yes(cast: Cast, person: str = "N-1001", *signals: str, language: str = "en") -> dict[str, Any]:
    """A consent as a kiosk passes it on: to the exact words."""
    notice = cast.purpose.published_notice()
    text = notice.texts.get(language=language)
    return {
        "person": person, "purpose": cast.purpose.number, "signals": list(signals) or ["ui_event"],
        "notice_version": notice.version, "language": language, "text_sha256": text.sha256,
    }  # fmt: skip
