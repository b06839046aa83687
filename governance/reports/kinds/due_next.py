"""What falls due in the months after a day: reviews, papers, assessments, contracts, and data that a rule or a law lets go."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum

from governance.capture.models import Arrival
from governance.consents.models import ConsentRecord, Stream
from governance.lib.bands import band
from governance.people.models import Entity
from governance.purposes.models import Assessment, Evidence, Processor, Purpose, RetentionRule
from governance.retention.models import ErasureOrder

AHEAD = timedelta(days=92)


def papers(entity: Entity, today: date) -> list[dict[str, Any]]:
    """[{"on", "code", "what", "of"}], the earliest first; what is past is there too. Of no person."""
    until = today + AHEAD
    found: list[dict[str, Any]] = []

    def add(on: date, code: str, what: str, of: str) -> None:
        found.append({"on": on, "code": code, "what": what, "of": of})

    living = Purpose.objects.filter(entity=entity).exclude(state="retired")
    for purpose in living.filter(review_on__lte=until):
        if purpose.review_on:
            add(purpose.review_on, "review", purpose.name, purpose.number)
    for paper in Evidence.objects.filter(
        purpose__in=living, withdrawn_at__isnull=True, expires_on__lte=until
    ).select_related("purpose"):
        if paper.expires_on:
            add(paper.expires_on, "paper", paper.kind, paper.purpose.number)
    for row in Assessment.objects.filter(purpose__in=living, ended_at__isnull=True, until__lte=until).select_related("purpose"):  # fmt: skip
        if row.until:
            add(row.until, "assessment", row.item, row.purpose.number)
    for processor in Processor.objects.filter(entity=entity, contract_until__lte=until):
        if processor.contract_until:
            add(processor.contract_until, "contract", processor.name, processor.code)
    rules = RetentionRule.objects.living().filter(
        purpose__in=living, applies_from__gt=today, applies_from__lte=until
    )
    for rule in rules.select_related("purpose"):
        if rule.applies_from:
            add(rule.applies_from, "rule", rule.category, rule.purpose.number)
    return sorted(found, key=lambda one: (one["on"], one["code"], one["of"], one["what"]))


def records(entity: Entity, today: date, staff: int) -> list[dict[str, Any]]:
    """[{"month", "code", "purpose", "people", "events"}] of the next months: how many people's records fall due, as a
    band. `recordings`: sealed content whose day comes; `consents`: what ends by time; `kept`: orders that a law held.

    What stands behind fewer than ten people is left out. Other systems are asked by the simulator, not here.
    """
    until = today + AHEAD
    people: dict[tuple[str, str, str], set[Any]] = defaultdict(set)
    streams: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for stream in Stream.objects.filter(purpose__entity=entity, expires_on__gte=today, expires_on__lte=until).exclude(
        state="destroyed"
    ).select_related("purpose"):  # fmt: skip
        key = (f"{stream.expires_on:%Y-%m}", "recordings", stream.purpose.number)
        people[key].add(stream.person_id)
        streams[key].append(stream.pk)
    first, last = (datetime.combine(day, time(), UTC) for day in (today, until + timedelta(days=1)))
    consents = ConsentRecord.objects.filter(
        purpose__entity=entity, ended_at__isnull=True, expires_at__gte=first, expires_at__lt=last
    ).select_related("purpose")
    for record in consents:
        people[f"{record.expires_at:%Y-%m}", "consents", record.purpose.number].add(record.person_id)
    for order in ErasureOrder.objects.filter(
        entity=entity, done_at__isnull=True, kept_until__gte=today, kept_until__lte=until
    ).select_related("purpose"):
        number = order.purpose.number if order.purpose else ""
        people[f"{order.kept_until:%Y-%m}", "kept", number].add(order.person_id)
    rows = []
    for key in sorted(people):
        text = band(len(people[key]), staff)
        if not text:  # that there is such a row would itself tell of somebody
            continue
        events = Arrival.objects.filter(stream__in=streams[key]).aggregate(n=Sum("events"))["n"]
        rows.append({"month": key[0], "code": key[1], "purpose": key[2], "people": text, "events": events})  # fmt: skip
    return rows
