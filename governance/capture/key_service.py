"""Who wraps the private keys of streams: one interface, chosen by setting. Files of one pair a month, or Vault/OpenBao transit.

Whoever wraps needs only what is public, whoever unwraps is the exporter alone: so the eraser makes and destroys, and
opens none. Each wrapped key remembers the name of what wrapped it, so that both services may stand behind one table
while keys are rewrapped from one to the other.
"""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings

from governance.capture.keys_file import FileKeys
from governance.capture.keys_transit import TransitKeys


class KeyService(Protocol):
    """Every method raises SystemAway when the service does not answer or refuses this process; nothing is guessed."""

    def prepare(self, day: date) -> None:
        """The key-encryption key of this month is there."""

    def new(self) -> str:
        """One more, which is the newest from now on; its name."""

    def newest(self) -> str:
        """The name of the one that wraps now."""

    def made_at(self, kek: str) -> datetime: ...
    def wrap(self, stream: UUID, private: bytes) -> tuple[str, bytes]:
        """(name of what wrapped it, the wrapped key), bound to its stream."""

    def unwrap(self, kek: str, stream: UUID, wrapped: bytes) -> bytes:
        """Raises sealing.CannotOpen when that key-encryption key is gone, or this was not wrapped for that stream."""

    def can_open(self) -> bool: ...
    def destroy(self, kek: str) -> None:
        """What it wrapped opens for nobody any more."""


def chosen() -> KeyService:
    """The one that wraps from now on."""
    return TransitKeys() if settings.KEY_SERVICE == "transit" else FileKeys()


def of(kek: str) -> KeyService:
    """The one that had wrapped by that name."""
    return TransitKeys() if ":v" in kek else FileKeys()
