"""Bring a programme back that an incident stopped: check the controls, sign, run."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from governance.audit import log, verifying
from governance.capture import programmes, streams
from governance.capture.models import Programme
from governance.incidents import rules_relaunch
from governance.incidents.models import Incident, Probe, Relaunch, RelaunchSignature
from governance.lib import clock, packs
from governance.lib.nudge import nudge
from governance.people.models import Person

Check = Callable[[], Sequence[str]]  # what is wrong, in words without personal data; nothing: green


def controls() -> list[dict[str, str]]:
    return packs.load("capture").content["control"]  # type: ignore[no-any-return]


def begin(incident: Incident) -> Relaunch:
    """The programme that this incident stopped has a way back; inside the caller's transaction."""
    return Relaunch.objects.create(incident=incident, programme=incident.programme)


def of(programme: Programme) -> Relaunch | None:
    return programme.relaunches.filter(done_at__isnull=True).first()  # type: ignore[no-any-return]


def parts_of(person: Person, programme: Programme) -> frozenset[str]:
    """Which parts this person may sign."""
    there = programme.entity_id
    found = {"dpo"} if person.holds("incidents.open", there) else set()
    found |= {"security"} if person.holds("capture.sign_security", there) else set()
    return frozenset(found | ({"owner"} if programme.owner_id == person.pk else set()))


@transaction.atomic
def ask(relaunch: Relaunch, *, by: Person) -> None:
    """The machine's controls are checked now, by the process that can."""
    Relaunch.objects.filter(pk=relaunch.pk, done_at__isnull=True).update(asked_at=Now())
    log.record("relaunch.asked", by=by, about=relaunch.programme, incident=relaunch.incident_id)
    nudge("incidents.check")


def check_waiting(more: Mapping[str, Check]) -> int:
    """Every relaunch that somebody asked about has its results; `more`: checks that only the roof can make."""
    waiting = Q(checked_at__isnull=True) | Q(checked_at__lt=F("asked_at"))
    rows = list(Relaunch.objects.filter(waiting, asked_at__isnull=False, done_at__isnull=True))
    if not rows:
        return 0
    checks: dict[str, Check] = {"log": _log, "keys": _keys, **more}
    found = {row["code"]: list(checks[row["code"]]()) for row in controls() if row["code"] in checks}
    for row in rows:
        results = {code: {"ok": not words, "found": words[:10]} for code, words in found.items()}
        with transaction.atomic():
            Relaunch.objects.filter(pk=row.pk).update(results=results, checked_at=Now())
            log.record(
                "relaunch.checked",
                about=row.programme,
                incident=row.incident_id,
                red=sorted(c for c, w in found.items() if w),
            )
    return len(rows)


def _log() -> list[str]:
    verdict = verifying.run(settings.CHECKPOINTS)
    return [] if verdict.holds else ["the log does not verify"]


def _keys() -> list[str]:
    told = streams.reconcile()
    wrong = {"keys without stream": told.keys_without_stream, "streams without key": told.streams_without_key}
    return [f"{words}: {number}" for words, number in wrong.items() if number]


def lines(relaunch: Relaunch) -> list[rules_relaunch.Line]:
    """Every required control as it stands now."""
    today = clock.law_date(relaunch.programme.entity.timezone)
    found = []
    for row in controls():
        code, how = row["code"], row["how"]
        if how == "evidence":
            papers = relaunch.programme.purpose.evidence.counting(today).filter(
                kind=row["kind"], filed_at__gte=relaunch.opened_at
            )
            paper = papers.order_by("-filed_at").first()
            found.append(rules_relaunch.Line(code, how, paper is not None, paper.filed_at if paper else None))
        elif code == "probe":
            run = Probe.objects.filter(at__gte=relaunch.opened_at).order_by("-at").first()
            green = run is not None and run.tried > 0 and run.tried == run.refused and not run.findings
            found.append(rules_relaunch.Line(code, "probe", green, run.at if run else None))
        else:
            told = relaunch.results.get(code)
            found.append(
                rules_relaunch.Line(code, how, bool(told and told["ok"]), relaunch.checked_at if told else None, told["found"] if told else ())
            )  # fmt: skip
    return found


def facts(relaunch: Relaunch) -> rules_relaunch.Facts:
    return rules_relaunch.Facts(
        lines=lines(relaunch), signed=dict(relaunch.signatures.values_list("part", "person_id")), now=clock.now(),
        fresh=timedelta(minutes=packs.load("capture").content["fresh_minutes"]), done=relaunch.done_at is not None,
    )  # fmt: skip


def _fresh(relaunch_id: UUID) -> Relaunch:
    return (
        Relaunch.objects.select_for_update(of=("self",))
        .select_related("programme__entity", "programme__purpose")
        .get(pk=relaunch_id)
    )


@transaction.atomic
def sign(relaunch: Relaunch, part: str, *, by: Person) -> RelaunchSignature:
    """This part is signed by this person. Raises Refused."""
    row = _fresh(relaunch.pk)
    rules_relaunch.check_sign(facts(row), part, by.pk, parts_of(by, row.programme))
    signature = RelaunchSignature.objects.create(relaunch=row, part=part, person=by)
    log.record("relaunch.signed", by=by, about=row.programme, part=part, incident=row.incident_id)
    return signature


@transaction.atomic
def go(relaunch: Relaunch, *, by: Person) -> Programme:
    """The programme runs again: every control is green at this moment and three have signed. Raises Refused."""
    row = _fresh(relaunch.pk)
    rules_relaunch.check_go(facts(row))
    programme = programmes.release(row.programme, by=by)
    Relaunch.objects.filter(pk=row.pk).update(done_at=Now())
    log.record("relaunch.done", by=by, about=programme, incident=row.incident_id)
    return programme
