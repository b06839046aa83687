"""Relax a locked default: the owner asks, the DPO advises in writing, the owner decides; both names and texts stay.

GDPR Art. 38(6), CJEU C-453/21: who advises does not decide. Express prohibitions are refused to everybody.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import locks
from governance.lib.access import may
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes import judging, rules_papers, verdicts
from governance.purposes.models import Override, Purpose
from governance.purposes.policy import packs
from governance.purposes.policy.overrides import check_override, check_rule


def _represents(person: Person, purpose: Purpose) -> bool:
    return person.roles.in_force().filter(entity=purpose.entity_id, name="representative").exists()


def _take(override_id: UUID) -> Override:
    """The purpose's lock, then a fresh row."""
    purpose_id = Override.objects.values_list("purpose_id", flat=True).get(pk=override_id)
    locks.exclusively(locks.purpose(purpose_id))
    return (
        Override.objects.select_for_update(of=("self",)).select_related("purpose__entity").get(pk=override_id)
    )


@transaction.atomic
def ask(purpose: Purpose, rule_id: str, *, signal: str = "", on: date, by: Person) -> Override:
    """The DPO is asked for written advice on relaxing this rule, for one item or for all. An open question is given back."""
    judged = judging.judge(purpose, on)
    check_rule(rule_id, packs.default().by_id.get(rule_id), judged.facts.countries)
    if signal and judged.activity.item(signal) is None:
        raise Refused(_("This purpose has no data item “%(item)s”."), code="no_such_item", item=signal)
    if not any(
        fired.rule_id == rule_id and signal in ("", fired.signal) for fired in judged.evaluation.fired
    ):
        raise Refused(
            _("This rule does not stand in the way of this purpose: there is nothing to relax."),
            code="does_not_apply",
        )
    locks.exclusively(locks.purpose(purpose.pk))
    living = Override.objects.filter(
        purpose=purpose, rule_id=rule_id, signal=signal, ended_at__isnull=True
    ).first()
    if living is not None:
        return living
    override = Override.objects.create(purpose=purpose, rule_id=rule_id, signal=signal, asked_by=by)
    log.record("override.asked", by=by, about=purpose, override=override.pk, rule=rule_id, item=signal)
    return override


@transaction.atomic
def advise(override_id: UUID, advice: str, *, on: date, by: Person) -> Override:
    """The DPO's words stand beside the question. Until the owner decides, the DPO may write them anew."""
    override = _take(override_id)
    purpose = override.purpose
    rules_papers.check_advise(
        is_dpo=may(by, "purposes.advise", purpose), is_owner=purpose.owner_id == by.pk, is_representative=_represents(by, purpose),
        decided=override.decided_on is not None, ended=override.ended_at is not None, advice=advice,
    )  # fmt: skip
    Override.objects.filter(pk=override_id).update(advice=advice.strip(), advised_by=by, advised_on=on)
    log.record("override.advised", by=by, about=purpose, override=override_id, rule=override.rule_id)
    override.refresh_from_db()
    return override


@transaction.atomic
def decide(override_id: UUID, *, relax: bool, reason: str, until: date, on: date, by: Person) -> Override:
    """The accountable owner has decided, until a day; the purpose is judged anew."""
    override = _take(override_id)
    purpose = override.purpose
    rules_papers.check_decide(
        is_owner=purpose.owner_id == by.pk, is_adviser=override.advised_by_id == by.pk, is_representative=_represents(by, purpose),
        advised=override.advised_on is not None, decided=override.decided_on is not None, ended=override.ended_at is not None,
        reason=reason,
    )  # fmt: skip
    rules_papers.check_until(until, on)
    override.decided_by, override.decided_on, override.reason = by, on, reason.strip()
    override.relaxed, override.until = relax, until
    if relax:
        judged = judging.judge(purpose, on)
        check_override(
            judging.as_facts(override), packs.default().by_id.get(override.rule_id), judged.facts, on
        )
    override.save(update_fields=["decided_by", "decided_on", "reason", "relaxed", "until"])
    log.record(
        "override.decided",
        by=by,
        about=purpose,
        override=override_id,
        rule=override.rule_id,
        relaxed=relax,
        until=until,
    )
    verdicts.settle(purpose, because="override", on=on, by=by)
    override.refresh_from_db()
    return override


@transaction.atomic
def end(override_id: UUID, *, on: date, by: Person) -> Override:
    """The rule holds again in full, from the commit on. Owner and DPO may both do it: it only narrows."""
    override = _take(override_id)
    if override.ended_at is None:
        Override.objects.filter(pk=override_id).update(ended_at=Now(), ended_by=by)
        log.record(
            "override.ended", by=by, about=override.purpose, override=override_id, rule=override.rule_id
        )
        verdicts.settle(override.purpose, because="override", on=on, by=by)
        override.refresh_from_db()
    return override
