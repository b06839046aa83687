"""States built through the real verbs, so that no test lives in an impossible world."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from governance.capture import gate, streams
from governance.capture.shapes import DECODE
from governance.consents import ledger
from governance.consents.models import Receipt
from governance.demo import company
from governance.demo.company import Company
from governance.people.models import Person
from governance.purposes.models import Purpose


def cast(colleagues: int = 2, **more: Any) -> Company:
    """The company with a few colleagues; the rule of ten wants more."""
    return company.found(colleagues=colleagues, **more)


def consent(
    person: Person, purpose: Purpose, *signals: str, language: str = "en", open_streams: bool = True
) -> Receipt:
    """The person has switched these on; with `open_streams` their keys are made (needs the eraser's login)."""
    person = Person.objects.get(pk=person.pk)
    notice = purpose.published_notice()
    assert notice is not None
    receipt = ledger.give(
        purpose, signals or ("ui_event", "app_usage"), by=person, notice=notice, language=language
    )
    if open_streams:
        streams.open_waiting()
    return receipt


def event(user: str, signal: str = "ui_event", **more: Any) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(),
        "user": user,
        "signal": signal,
        "action": "click",
        "application": "Chrome",
    } | more


def batch(programme: str, device: str, events: list[dict[str, Any]], batch_id: UUID | None = None) -> bytes:
    return json.dumps(
        {"batch_id": str(batch_id or uuid4()), "programme": programme, "device": device, "events": events}
    ).encode()


def post(cast: Company, *events: dict[str, Any], batch_id: UUID | None = None) -> dict[str, Any]:
    """What the gate answers to these events on the Pune programme, in this process."""
    body = batch(cast.programme.number, cast.device.number, list(events), batch_id)
    sender = gate.sender(cast.keys[cast.programme.number])
    return gate.admit(DECODE.decode(body), body, client=sender)
