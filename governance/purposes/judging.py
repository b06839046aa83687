"""Ask the rules about purposes: read what the facts are made of in few queries, judge, keep what was said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Subquery, TextField, When
from django.db.models.functions import Cast, Coalesce, JSONObject

from governance.people.models import Role
from governance.purposes import facts_of, judgement, notice_facts
from governance.purposes.activity import load
from governance.purposes.facts_of import Around, ProcessorFacts
from governance.purposes.judgement import Judgement
from governance.purposes.models import (
    Assessment,
    Evaluation,
    Evidence,
    Override,
    Processor,
    Purpose,
    PurposeVersion,
)
from governance.purposes.policy import facts as policy
from governance.purposes.policy import retention


@dataclass(frozen=True)
class Read:
    """One purpose with the version that is judged."""

    purpose: Purpose
    number: int
    judged: Judgement
    processors: Mapping[str, ProcessorFacts]  # code → row of the register of processors, of those it names
    overrides: list[dict[str, Any]]  # living ones, relaxed or not yet


def read(
    purposes: Iterable[Purpose], on: date, *, versions: Mapping[UUID, PurposeVersion] | None = None
) -> list[Read]:
    """The facts of these purposes on this day, in one query and, for purposes that ask, three more, however many there are.

    Purposes that come `with_papers` save the first one. `versions`: purpose id → version; without, the one in force, or the newest where none is in force yet.
    """
    wanted = list(purposes)
    papers = _papers(wanted)
    numbers, activities = {}, {}
    for purpose in wanted:
        version, shown = (versions or {}).get(purpose.pk), papers[purpose.pk].shown_there
        numbers[purpose.pk] = version.number if version else shown["number"] if shown else 0
        content = version.content if version else shown["content"] if shown else {"name": purpose.name}
        activities[purpose.pk] = load(content)
    codes = {r.processor for a in activities.values() for r in a.recipients if r.processor}
    processors = {p.code: _processor(p) for p in Processor.objects.filter(code__in=codes)} if codes else {}
    countries = {code: processor.country for code, processor in processors.items()}
    told = notice_facts.facts_for_rules(wanted, activities, on, countries)
    found = []
    for purpose in wanted:
        row, activity = papers[purpose.pk], activities[purpose.pk]
        around = Around(
            home=purpose.entity.country, processors=processors, notice=told[purpose.pk], representatives=frozenset(row.representatives_there),
            assessed={said["item"]: until for said in row.assessed_there if (until := _living_until(said, on))},
            evidence=tuple(_evidence(said) for said in row.evidence_there),
            overrides=tuple(_override(said) for said in row.overrides_there if said["relaxed"]),
        )  # fmt: skip
        judged = Judgement(activity, facts_of.facts(activity, around, on), on)
        found.append(Read(purpose, numbers[purpose.pk], judged, processors, row.overrides_there))
    return found


def _papers(wanted: list[Purpose]) -> dict[UUID, Any]:
    """Purpose id → the purpose with its papers, read now unless they came along."""
    if all(hasattr(purpose, "evidence_there") for purpose in wanted):
        return {purpose.pk: purpose for purpose in wanted}
    bare = Purpose.objects.filter(pk__in=[purpose.pk for purpose in wanted]).only("id")
    return {row.pk: row for row in with_papers(bare)}


def with_papers(purposes: Any) -> Any:
    """The same purposes with the version shown and all that lies around it, as lists of plain values, in their one query."""
    mine = {"purpose": OuterRef("pk")}
    first = Case(When(state="in_force", then=0), default=1)
    versions = PurposeVersion.objects.filter(**mine).exclude(state="discarded").order_by(first, "-number")
    evidence = Evidence.objects.filter(**mine, withdrawn_at__isnull=True).order_by("kind", "signed_on", "id")
    assessed = Assessment.objects.filter(**mine, ended_at__isnull=True)
    overrides = Override.objects.filter(**mine, ended_at__isnull=True)
    speakers = Role.objects.in_force().filter(entity=OuterRef("entity"), name="representative")
    return purposes.annotate(
        shown_there=Subquery(versions.values(row=JSONObject(number="number", content="content"))[:1]),
        assessed_there=ArraySubquery(
            assessed.order_by("item").values(row=JSONObject(item="item", justified="justified", decided="decided_on", until="until"))
        ),
        evidence_there=ArraySubquery(
            evidence.values(row=JSONObject(kind="kind", signed="signed_on", expires="expires_on", outcome="outcome", sha256="file_sha256"))
        ),
        overrides_there=ArraySubquery(
            overrides.order_by("rule_id", "signal").values(row=JSONObject(
                id="id", rule_id="rule_id", signal="signal", owner="decided_by", owner_name=named("decided_by"), reason="reason", decided_on="decided_on",
                dpo="advised_by", dpo_name=named("advised_by"), advice="advice", advised_on="advised_on", relaxed="relaxed", until="until",
            ))
        ),
        representatives_there=ArraySubquery(
            speakers.order_by("person").values(person_text=Cast("person_id", TextField()))
        ),
    )  # fmt: skip


def named(field: str) -> Any:
    """How a person is called on pages: by name, or by number once the name is forgotten."""
    return Coalesce(F(f"{field}__name"), F(f"{field}__number"))


def judge(purpose: Purpose, on: date, *, version: PurposeVersion | None = None) -> Judgement:
    """What the rules say of this purpose, or of this version of it, on this day."""
    (found,) = read([purpose], on, versions={purpose.pk: version} if version else None)
    return found.judged


def check_activate(purpose: Purpose, on: date) -> None:
    """Refused while the rules do not let it run; the sentence says which and what is missing."""
    judgement.check_activate(judge(purpose, on))


def check_approve(version: PurposeVersion, on: date, *, begins: bool) -> None:
    """Refused for what is defined wrongly and, where the version `begins` at once, for what would stop a running purpose."""
    judged = judge(version.purpose, on, version=version)
    judgement.check_approve(judged, runs_now=begins and version.purpose.state == "active")


def keep(found: Read, because: str) -> Evaluation | None:
    """The list shows this verdict; a row of its own is written when outcome, facts or pack differ from the last one."""
    judged, purpose = found.judged, found.purpose
    said = judged.evaluation
    show(found)
    sha256 = judged.facts.sha256
    last = Evaluation.objects.filter(purpose=purpose).order_by("-id").first()
    if last is not None and (last.outcome, last.facts_sha256, last.pack_sha256, last.version) == (
        said.outcome.name, sha256, said.pack_sha256, found.number,
    ):  # fmt: skip
        return None
    by_law = {law: under.outcome.name for law in judged.laws if (under := judged.under(law)) is not None}
    return Evaluation.objects.create(
        purpose=purpose, version=found.number, because=because, on=judged.on, outcome=said.outcome.name, by_law=by_law,
        result=said.as_dict(), facts_sha256=sha256, pack_version=said.pack_version, pack_sha256=said.pack_sha256,
    )  # fmt: skip


def show(found: Read) -> None:
    """Lists and filters read the verdict from the purpose's own row."""
    judged = found.judged
    shown = {
        "verdict": judged.outcome.name, "verdict_on": judged.on,
        "retention_conflicts": conflicts(judged),
        "verdict_next": [{"on": change.on.isoformat(), "outcome": change.outcome.name} for change in judged.changes],
    }  # fmt: skip
    Purpose.objects.filter(pk=found.purpose.pk).update(**shown)
    for name, value in shown.items():
        setattr(found.purpose, name, value)


def conflicts(judged: Judgement) -> list[dict[str, Any]]:
    """RETENTION_CONFLICT: each category that one law wants kept longer than another allows, with both sources. No query."""
    found: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
    for verdict in retention.judge_purpose(judged.facts, judged.on):
        for finding in verdict.conflicts:
            found[finding.category, finding.rows] = {
                "category": finding.category,
                "sources": list(finding.sources),
                "rows": list(finding.rows),
            }
    return list(found.values())


def _processor(row: Processor) -> ProcessorFacts:
    named = tuple((str(sub.get("name", "")), str(sub.get("country", ""))) for sub in row.subprocessors)
    return ProcessorFacts(
        row.name,
        row.country,
        row.contract,
        row.contract_from,
        row.contract_until,
        row.tool,
        row.assessed_on,
        named,
    )


def _evidence(said: dict[str, Any]) -> policy.Evidence:
    return policy.Evidence(
        said["kind"],
        date.fromisoformat(said["signed"]),
        _day(said["expires"]),
        said["outcome"] == "approved",
        said["sha256"],
    )


def _override(said: dict[str, Any]) -> policy.Override:
    return policy.Override(
        rule_id=said["rule_id"], owner=str(said["owner"]), reason=said["reason"], decided_on=date.fromisoformat(said["decided_on"]),
        dpo=str(said["dpo"]), advice=said["advice"], advised_on=date.fromisoformat(said["advised_on"]), until=_day(said["until"]),
        signal=said["signal"],
    )  # fmt: skip


def _living_until(said: dict[str, Any], on: date) -> date | None:
    """Until when this assessment counts, as `Assessment.objects.living` has it; None when it does not count today."""
    until = date.fromisoformat(said["until"])
    return until if said["justified"] and date.fromisoformat(said["decided"]) <= on < until else None


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def as_facts(row: Override) -> policy.Override:
    """An override that is being decided, as the rules will read it."""
    assert row.decided_on and row.advised_on  # the table sees to it
    return policy.Override(
        rule_id=row.rule_id, owner=str(row.decided_by_id), reason=row.reason, decided_on=row.decided_on, dpo=str(row.advised_by_id),
        advice=row.advice, advised_on=row.advised_on, until=row.until, signal=row.signal,
    )  # fmt: skip
