"""States built through the real verbs, so that no test lives in an impossible world."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from governance.capture import gate, streams
from governance.capture.api import parse
from governance.consents import ledger
from governance.consents.models import Receipt
from governance.consents.rules_populations import Act
from governance.demo import company
from governance.demo import papers as demo_papers
from governance.demo.company import Company
from governance.lib import clock
from governance.people.models import Person
from governance.purposes import evidence, judging, rules_papers
from governance.purposes.models import Purpose
from governance.purposes.policy import packs


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


def act() -> Act:
    """What a works council's no rests on."""
    return Act("Minutes of the works council", "WC 7/2026", date(2026, 11, 2))


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
    return gate.admit(parse(body), body, client=sender)


def papers(purpose: Purpose, *, dpo: Person, owner: Person, on: date | None = None) -> Purpose:
    """Everything that the rules wait for and that is a paper is on file, and every recorded item is assessed."""
    on = on or clock.law_date(purpose.entity.timezone)
    demo_papers.assess_items(purpose, on=on, by=owner)
    missing = {m.kind for m in judging.judge(purpose, on).evaluation.missing} & set(
        rules_papers.fileable(packs.default())
    )
    filed = [
        evidence.Paper(kind, b"Signed.", f"{kind}.txt", "Somebody", date(2026, 1, 1))
        for kind in sorted(missing)
    ]
    evidence.file_all(purpose, filed, on=on, by=dpo)
    return Purpose.objects.select_related("entity").get(pk=purpose.pk)
