"""The same request under the same key is carried out once: row and write commit together, a retry hears the stored answer."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DeadlockDetected

from governance.interfaces.callers import Caller, Problem, hashed
from governance.interfaces.models import Answered
from governance.interfaces.rules import ANSWERS_FOR
from governance.lib.canonical import digest

ENTER = """
INSERT INTO interfaces_answered (client_id, key_sha256, request_sha256) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


def once(
    caller: Caller, key: str, request: dict[str, Any], write: Callable[[], dict[str, Any]], *, status: int = 201
) -> tuple[int, dict[str, Any], bool]:  # fmt: skip
    """(status, answer, was it answered before). What is refused leaves nothing behind, and may be tried again.

    A twin that is under way is waited for. Raises Problem: no key (400), the key stands for another request (422).
    """
    if not key or len(key) > 200:
        raise Problem(
            400, "idempotency_key_required",
            _("Send a header Idempotency-Key of at most 200 characters, the same one when you try again."),
        )  # fmt: skip
    body = digest(request)
    try:
        return _once(caller, key, body, write, status)
    except OperationalError as error:
        # Its twin goes the short way (short_yes.py), which has the person's lock before it writes the key. PostgreSQL has
        # ended this one, so that the twin stands by now, or nothing does.
        if not isinstance(error.__cause__, DeadlockDetected) or connection.in_atomic_block:
            raise
        return _once(caller, key, body, write, status)


def _once(
    caller: Caller, key: str, body: str, write: Callable[[], dict[str, Any]], status: int
) -> tuple[int, dict[str, Any], bool]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ENTER, [caller.id, hashed(key), body])
            if not cursor.rowcount:
                row = Answered.objects.filter(client_id=caller.id, key_sha256=hashed(key)).get()
                if row.request_sha256 != body:
                    raise Problem(
                        422, "idempotency_key_reused", _("This Idempotency-Key stands for another request. Use a new one.")
                    )  # fmt: skip
                return row.status or status, row.answer or {}, True
        answer = write()
        Answered.objects.filter(client_id=caller.id, key_sha256=hashed(key)).update(
            status=status, answer=answer
        )
    return status, answer, False


def forget_old() -> int:
    """Answers older than a day are gone."""
    return Answered.objects.filter(at__lt=Now() - ANSWERS_FOR).delete()[0]
