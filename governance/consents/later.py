"""Two rarer words: a person decides later; the data protection officer finds that a consent was none."""

from governance.audit import log
from governance.consents import ledger, receipts, rules, standing
from governance.consents.models import ConsentEvent, ConsentRecord, Receipt
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Notice, Purpose


def defer(
    purpose: Purpose, *, by: Person, notice: Notice, language: str, method: str = "portal", evidence: str = ""
) -> list[ConsentEvent]:
    """What the person was asked for stays off, and nobody asks again for a while. Raises Refused where nothing waits."""
    with standing.changing(by.pk, purpose.pk):
        asked = ConsentRecord.objects.filter(person=by, purpose=purpose, status="requested", ended_at=None)
        text = notice.texts.filter(language=language).first()
        events = []
        for record in asked.select_related("person", "purpose").order_by("signal"):
            rules.check_move(record.status, "deferred", "person")
            events.append(
                ledger.append(
                    record, "deferred", by=by, by_kind="person", method=method, notice=notice, text=text, evidence=evidence
                )
            )  # fmt: skip
            ConsentRecord.objects.filter(pk=record.pk).update(status="deferred", notice=notice)
        if not events:
            raise rules.Refused(rules._("Nothing waits for your answer here."), code="nothing_asked")
        log.record("consent.deferred", by=by, about=purpose, events=[e.pk for e in events])
        return events


def invalidate(person: Person, purpose: Purpose, why: str, *, by: Person) -> Receipt | None:
    """Whatever this person had switched on for this purpose was no consent: it has ended and is erased. Raises Refused.

    None where nothing was on; the caller says the same for both, because the officer need not know which it was.
    """
    rules.check_invalid(by.holds("consents.invalidate", purpose.entity_id), person.pk == by.pk, why)
    with standing.changing(person.pk):
        on = ConsentRecord.objects.on().filter(person=person, purpose=purpose).order_by("signal")
        events = [
            ledger.end(
                record, "invalidated", by=by, by_kind="controller", method=f"not valid: {why}", evidence=f"office:{by.pk}"
            )
            for record in on.select_related("person", "purpose")
        ]  # fmt: skip
        waiting = ConsentRecord.objects.to_renew().filter(person=person, purpose=purpose)
        ledger.erase_unrenewed(person, purpose, list(waiting.values_list("signal", flat=True)))
        if not events:
            log.record("consent.found_invalid", by=by, about=purpose)
            return None
        order = ledger.order_erasure(person, purpose, events)
        entry = log.record(
            "consent.invalidated",
            by=by,
            about=purpose,
            because=why,
            events=[e.pk for e in events],
            order=order.pk,
        )
        receipt = receipts.issue(
            "invalid", events, text=None, entry=entry, person=person, purpose=purpose, order=order
        )
        if person.forgotten_at is None:
            notify.tell(
                person, "consent_invalidated", purpose=purpose.pk, number=purpose.number, receipt=receipt.pk
            )
        return receipt
