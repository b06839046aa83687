"""How a programme is decided: handed in, advised on, signed by security, agreed with the representation, approved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.capture import places, rules_life, rules_worn, states
from governance.capture import terms as documents
from governance.capture.models import Act, Programme, Signature
from governance.capture.terms import Terms
from governance.lib import clock, locks, packs
from governance.lib.refusals import Refused
from governance.people.models import Employment, Person
from governance.purposes.models import Evidence, Signal


def terms_of(programme: Programme) -> Terms:
    return documents.load(programme.terms)


def projected(terms: Terms) -> dict[str, Any]:
    """The columns that the gate reads."""
    plain = documents.plain(terms)
    return {
        "terms": plain,
        "applications": [a.name for a in terms.applications],
        "permissions": {a.name: a.permission for a in terms.applications if a.client},
        "population": plain.get("population", {}),
        "hours": plain.get("hours", []),
        "sampling": terms.sampling,
        "ends_on": terms.ends_on,
    }


def recorded_now(programme: Programme) -> dict[str, tuple[str, ...]]:
    """What the minimiser keeps of the purpose now: signal → fields."""
    return {
        s.code: tuple(s.fields) for s in Signal.objects.filter(purpose=programme.purpose_id).order_by("code")
    }


def acts_wanted(programme: Programme) -> Mapping[str, list[str]]:
    """Country or site → kinds of act, of which one is needed: of the places where its population works."""
    pack = packs.load("capture").content
    who = terms_of(programme).population
    jobs = Employment.objects.current().filter(entity=programme.entity)
    if who.sites:
        jobs = jobs.filter(site__in=who.sites)
    if who.units:
        jobs = jobs.filter(unit__in=who.units)
    if who.countries:
        jobs = jobs.filter(country__in=who.countries)
    places = set(jobs.values_list("country", "site__name"))
    countries = {country for country, _site in places} | set(who.countries)
    if not who.sites and not who.countries:
        countries.add(programme.entity.country)
    wanted = {country: list(row["kinds"]) for country, row in pack["act"].items() if country in countries}
    for row in pack.get("site", []):
        if row["entity"] == programme.entity.code and any(site == row["name"] for _country, site in places):
            wanted[row["name"]] = list(row["kinds"])
    return dict(sorted(wanted.items()))


def act_facts(act: Act, now: Terms, on: date) -> rules_life.ActFacts:
    paper = act.evidence
    return rules_life.ActFacts(
        kind=paper.kind, counts=_counts(paper, on), complete=bool(paper.file_sha256 and act.number and act.resolution),
        wider=documents.wider(documents.load(act.terms), now), filed_by=act.filed_by_id,
    )  # fmt: skip


def _counts(paper: Evidence, on: date) -> bool:
    return Evidence.objects.counting(on).filter(pk=paper.pk).exists()


def facts(programme: Programme, *, by: Person, on: date | None = None) -> rules_life.LifeFacts:
    """Everything the rules ask, as it is now. Signatures count only for the terms as they are."""
    today = on or clock.law_date(programme.entity.timezone)
    terms = terms_of(programme)
    signed = {s.part: s for s in programme.signatures.filter(terms_sha256=documents.digest(terms))}
    return rules_life.LifeFacts(
        owner=programme.owner_id, by=by.pk, today=today, ends_on=terms.ends_on, signals=len(terms.signals),
        applications=len(terms.applications), purpose_state=programme.purpose.state,
        signed={part: s.person_id for part, s in signed.items()},
        against=frozenset(part for part, s in signed.items() if not s.in_favour),
        acts_wanted=acts_wanted(programme),
        acts=[act_facts(act, terms, today) for act in programme.acts.select_related("evidence")],
        relaunch=programme.relaunch,
    )  # fmt: skip


def _fresh(programme_id: UUID) -> Programme:
    """The row, under the programme's lock."""
    locks.exclusively(locks.programme(programme_id))
    return Programme.objects.select_related("entity", "purpose").get(pk=programme_id)


def _move(programme: Programme, verb: str, *, by: Person, **more: Any) -> Programme:
    new = states.follow(programme.state, verb)
    for name, value in {"state": new, "changed_at": clock.now(), **more}.items():
        setattr(programme, name, value)
    programme.save(update_fields=["state", "changed_at", *more])
    log.record(f"programme.{new}", by=by, about=programme, terms=documents.digest(terms_of(programme)))
    return programme


@transaction.atomic
def set_terms(programme: Programme, terms: Terms, *, by: Person) -> Programme:
    """These are its terms now; it stands as a draft again, because what was signed was another document. Raises Refused."""
    row = _fresh(programme.pk)
    if row.owner_id != by.pk:
        raise Refused(_("Only the owner of this programme changes its terms."), code="not_the_owner")
    if not 1 <= terms.sampling <= 100:
        raise Refused(_("Sampling is a share from 1 to 100 per cent."), code="sampling")
    rules_worn.check_places(replace(places.of(row, terms), films=False))
    if row.state != "draft":
        return _move(row, "change", by=by, **projected(terms))
    for name, value in projected(terms).items():
        setattr(row, name, value)
    row.save(update_fields=list(projected(terms)))
    log.record("programme.terms_set", by=by, about=row, terms=documents.digest(terms))
    return row


@transaction.atomic
def assess(programme: Programme, *, by: Person) -> Programme:
    """Handed in: what its purpose records now is written into its terms, and others may sign. Raises Refused."""
    row = _fresh(programme.pk)
    content = row.terms | {"signals": recorded_now(row), "trains_ai": row.purpose.trains_ai}
    row.terms = documents.plain(documents.load(content))
    rules_life.check_assess(facts(row, by=by))
    rules_worn.check_places(places.of(row, terms_of(row)))
    return _move(row, "assess", by=by, terms=row.terms)


@transaction.atomic
def send_back(programme: Programme, *, by: Person) -> Programme:
    """A draft again."""
    return _move(_fresh(programme.pk), "send_back", by=by)


@transaction.atomic
def sign(programme: Programme, part: str, words: str, *, by: Person, in_favour: bool = True) -> Signature:
    """The advice ("advice") or the sign-off of security ("security") on the terms as they are. Raises Refused."""
    row = _fresh(programme.pk)
    rules_life.check_sign(part, row.state, words, facts(row, by=by))
    return _sign(row, part, by=by, words=words.strip(), in_favour=in_favour)


def _sign(row: Programme, part: str, *, by: Person, words: str = "", in_favour: bool = True) -> Signature:
    signature = Signature.objects.create(
        programme=row,
        part=part,
        person=by,
        words=words,
        in_favour=in_favour,
        terms_sha256=documents.digest(terms_of(row)),
    )
    log.record(
        "programme.signed", by=by, about=row, part=part, in_favour=in_favour, terms=signature.terms_sha256
    )
    return signature


@transaction.atomic
def file_act(programme: Programme, paper: Evidence, *, number: str, resolution: str, by: Person) -> Act:
    """The representation's act is on file for the terms as they are. Raises Refused."""
    row = _fresh(programme.pk)
    if paper.purpose_id != row.purpose_id:
        raise Refused(_("This paper is on file for another purpose."), code="other_purpose")
    act = Act(
        programme=row,
        evidence=paper,
        number=number.strip(),
        resolution=resolution.strip(),
        terms=row.terms,
        filed_by=by,
    )
    now = facts(row, by=by)
    people = Person.objects.filter(pk__in=[*now.signed.values(), *([now.owner] if now.owner else [])])
    rules_life.check_file_act(
        now, act_facts(act, terms_of(row), now.today), paper.signer, [p.name or "" for p in people]
    )
    act.save()
    log.record(
        "programme.act_filed", by=by, about=row, evidence=paper.pk, sha256=paper.file_sha256, kind=paper.kind
    )
    return act


@transaction.atomic
def approve(programme: Programme, *, by: Person) -> Programme:
    """The owner has decided on exactly these terms; it may be started. Raises Refused."""
    row = _fresh(programme.pk)
    states.follow(row.state, "approve")
    rules_life.check_approve(facts(row, by=by))
    _sign(row, "owner", by=by)
    return _move(row, "approve", by=by)
