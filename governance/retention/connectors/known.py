"""The people known here, as whoever looks for the owners of whole files and objects needs them."""

from datetime import UTC, datetime

from governance.lib.connectors import Scope
from governance.people.models import Person

FOREVER = datetime.max.replace(tzinfo=UTC)


def scopes() -> list[Scope]:
    """One for each person who has a number or an address; of no purpose, without a cut-off."""
    rows = (
        Person.objects.filter(forgotten_at__isnull=True).order_by("pk").values_list("pk", "number", "email")
    )
    return [
        Scope(pk, None, (), FOREVER, {"number": number or "", "email": email or ""})
        for pk, number, email in rows
        if number or email
    ]
