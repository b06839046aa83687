"""Where the rows of the tracker come from: one query for each kind of duty, however many purposes there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from governance.consents.models import Objection
from governance.incidents import incidents
from governance.incidents.models import Incident
from governance.lib import packs
from governance.pages.tracker import FROM_ONE, Due, Source, cut, until
from governance.people.models import Person
from governance.purposes.models import Assessment, Evidence, Override, Processor, Purpose, PurposeVersion
from governance.purposes.policy import packs as policy
from governance.retention.models import ErasureOrder
from governance.rights.models import Request

# Which provision a paper of this kind serves; the others serve a condition of the rules engine.
PAPERS = {"dpia": ("gdpr.35", ""), "lia": ("gdpr.6-1", "(f)"), "worker_consultation": ("gdpr.35", "(9)")}


@dataclass(frozen=True)
class Desk:
    """Whose table it is, on which day; `mine` narrows rows of a purpose to those that this person looks after."""

    person: Person
    today: date
    now: datetime
    as_owner: bool = False

    def mine(self, prefix: str = "purpose__") -> Q:
        if self.as_owner:
            return Q(**{f"{prefix}owner": self.person})
        return Q(**{f"{prefix}entity_id__in": self.person.entities_where("purposes.approve")}) | Q(
            **{f"{prefix}unit_id__in": self.person.units_where("purposes.approve")}
        )

    def cite(self, provision: str, part: str = "") -> str:
        return packs.cite(provision, self.today, part)

    def laws(self, codes: list[str], **cited: tuple[str, str]) -> str:
        """The provisions of those laws that apply: EU=("gdpr.30", "(1)"), IN=…"""
        return "; ".join(self.cite(*cited[law]) for law in codes if law in cited)


def activity(purpose: Purpose | None) -> Any:
    if purpose is None:
        return _("everything")
    return {"text": f"{purpose.number} {purpose.name}", "url": reverse("purposes:purpose", args=[purpose.pk])}


def owner(purpose: Purpose | None) -> str:
    return str(purpose.owner) if purpose is not None and purpose.owner else ""


def step(words: str, to: str, *args: Any) -> dict[str, str]:
    return {"text": words, "url": reverse(to, args=args)}


def source(rows: QuerySet[Any], made: Callable[[Any], Due], words: str, url: str = "") -> Source:
    """The first rows of a query; it is asked how many there are only where there are more."""
    shown, more = cut(rows[: FROM_ONE + 1])
    return Source([made(row) for row in shown], rows.count() - FROM_ONE if more else 0, words, url)


def reviews(desk: Desk) -> Source:
    rows = Purpose.objects.filter(desk.mine(""), review_on__lte=until(desk.today)).exclude(state="retired")
    url = reverse("purposes:register") + "?sort=review" + ("&mine=yes" if desk.as_owner else "")
    return source(
        rows.select_related("owner").order_by("review_on", "ordinal"),
        lambda row: Due(
            _("Review the activity"), activity(row), row.review_on, owner=owner(row), step=step(_("Look through it"), "purposes:purpose", row.pk)
        ),
        _("reviews of activities"), url,
    )  # fmt: skip


def assessments(desk: Desk) -> Source:
    rows = Assessment.objects.filter(
        desk.mine(), ended_at__isnull=True, until__lte=until(desk.today)
    ).exclude(purpose__state="retired")
    return source(
        rows.select_related("purpose__owner").order_by("until"),
        lambda row: Due(
            _("Value assessment ends: %(item)s") % {"item": row.item}, activity(row.purpose), row.until, row.decided_on,
            desk.laws(row.purpose.jurisdictions, EU=("gdpr.5-1-c", ""), IN=("dpdp.s6", "(1)")), owner(row.purpose),
            step(_("Assess anew"), "purposes:assess", row.purpose_id, row.item),
        ),
        _("value assessments"),
    )  # fmt: skip


def papers(desk: Desk) -> Source:
    """Evidence that ends and that no newer paper of its kind outlives."""
    later = Evidence.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        purpose=OuterRef("purpose"), kind=OuterRef("kind"), withdrawn_at__isnull=True, outcome="approved",
    )  # fmt: skip
    rows = Evidence.objects.filter(
        desk.mine(),
        ~Exists(later),
        expires_on__lte=until(desk.today),
        withdrawn_at__isnull=True,
        outcome="approved",
    ).exclude(purpose__state="retired")
    names = policy.default().shared["evidence"]

    def made(row: Evidence) -> Due:
        law = desk.cite(*PAPERS[row.kind]) if row.kind in PAPERS and "EU" in row.purpose.jurisdictions else ""
        what = _("Evidence ends: %(paper)s") % {"paper": _spoken(names.get(row.kind, {}), row.kind)}
        url = reverse("purposes:file_evidence", args=[row.purpose_id]) + f"?kind={row.kind}"
        return Due(
            what,
            activity(row.purpose),
            row.expires_on,
            row.signed_on,
            law,
            owner(row.purpose),
            {"text": _("File the new one"), "url": url},
        )

    return source(rows.select_related("purpose__owner").order_by("expires_on"), made, _("papers"))


def _spoken(labels: dict[str, str], code: str) -> str:
    language = (get_language() or "en").split("-")[0]
    return str(labels.get(language) or labels.get("en") or code)


def contracts(desk: Desk) -> Source:
    rows = Processor.objects.filter(
        entity_id__in=desk.person.entities_where("purposes.edit_processors"),
        contract_until__lte=until(desk.today),
    )
    return source(
        rows.select_related("entity").order_by("contract_until"),
        lambda row: Due(
            _("Contract with a processor ends"), {"text": row.name, "url": reverse("purposes:processor", args=[row.pk])}, row.contract_until,
            row.contract_from, desk.cite("gdpr.28-3") if row.entity.country != "IN" else desk.cite("dpdp.s8-2"), row.entity.name,
            step(_("Record the new contract"), "purposes:change_processor", row.pk),
        ),
        _("contracts"), reverse("purposes:processors"),
    )  # fmt: skip


def versions(desk: Desk) -> Source:
    """Drafts that wait for a second person, and approved ones that wait for people to be told."""
    rows = PurposeVersion.objects.filter(desk.mine(), state__in=("in_review", "approved"))

    def made(row: PurposeVersion) -> Due:
        if row.state == "in_review":
            return Due(
                _("Version %(n)s waits for approval") % {"n": row.number}, activity(row.purpose), None, row.submitted_at, "",
                owner(row.purpose), step(_("Look at what changes"), "purposes:version", row.purpose_id, row.number),
            )  # fmt: skip
        law = desk.laws(row.purpose.jurisdictions, EU=("gdpr.13", "(3)"), IN=("dpdp.s5", ""))
        return Due(
            _("Version %(n)s waits for its notice") % {"n": row.number}, activity(row.purpose), None, row.approved_at, law,
            owner(row.purpose), step(_("Write the notice"), "purposes:purpose", row.purpose_id),
        )  # fmt: skip

    return source(rows.select_related("purpose__owner").order_by("changed_at"), made, _("versions"))


def requests(desk: Desk) -> Source:
    rows = Request.objects.filter(
        entity_id__in=desk.person.entities_where("rights.answer"),
        answered_at__isnull=True,
        due_on__lte=until(desk.today),
    )

    def made(row: Request) -> Due:
        what = _("Answer the request %(number)s: %(right)s") % {
            "number": row.number,
            "right": row.get_right_display(),
        }
        return Due(
            what, row.person.number or _("a person who was forgotten"), row.due_on, row.received_at,
            row.law or _("answered voluntarily"), row.entity.name, step(_("Answer"), "rights:answer", row.pk),
        )  # fmt: skip

    url = reverse("rights:requests")
    return source(rows.select_related("person", "entity").order_by("due_on"), made, _("requests"), url)


def objections(desk: Desk) -> Source:
    """Who objected is nobody's to see here: the row names the activity."""
    rows = Objection.objects.filter(
        purpose__entity_id__in=desk.person.entities_where("consents.decide_objections"),
        decided_at__isnull=True,
        due_on__lte=until(desk.today),
    )
    return source(
        rows.select_related("purpose__owner").order_by("due_on"),
        lambda row: Due(
            _("Decide an objection"), activity(row.purpose), row.due_on, row.at, desk.cite("gdpr.21-1"), owner(row.purpose),
            step(_("Decide"), "consents:objection", row.pk),
        ),
        _("objections"), reverse("consents:objections"),
    )  # fmt: skip


def breaches(desk: Desk) -> Source:
    """Every clock of an open incident that has not ended or has ended unobserved: whether it was kept is said by closing it."""
    rows = Incident.objects.filter(entity_id__in=desk.person.entities_where("incidents.open"), state="open")
    shown, more = cut(
        rows.select_related("entity", "programme__purpose").order_by("aware_at")[: FROM_ONE + 1]
    )
    made = [
        Due(
            str(clock.what), {"text": row.number, "url": reverse("incidents:incident", args=[row.pk])}, clock.due_at, row.aware_at,
            clock.law, row.entity.name, step(_("Go on with the incident"), "incidents:incident", row.pk),
        )
        for row in shown for clock in incidents.clocks_of(row)
    ]  # fmt: skip
    return Source(
        made, rows.count() - FROM_ONE if more else 0, _("incidents"), reverse("incidents:incidents")
    )


def orders(desk: Desk) -> Source:
    """Erasures that stopped half-way. The order's number stands for the person: why it was ordered is their own affair."""
    rows = ErasureOrder.objects.filter(
        entity_id__in=desk.person.entities_where("retention.carry_on"),
        state__in=("partly", "needs_attention", "retention_conflict"),
    )
    what = {
        "partly": _("Erasure done in part"), "needs_attention": _("Erasure needs somebody"),
        "retention_conflict": _("Two laws disagree on an erasure"),
    }  # fmt: skip

    def made(row: ErasureOrder) -> Due:
        law = desk.laws(row.jurisdictions, EU=("gdpr.17", ""), IN=("dpdp.s8-7", ""))
        words = _("Advise") if row.state == "retention_conflict" else _("See what is left")
        number = {"text": row.number, "note": row.purpose.name if row.purpose else _("everything")}
        return Due(
            what[row.state],
            number,
            None,
            row.created_at,
            law,
            owner(row.purpose),
            step(words, "retention:order", row.pk),
        )

    return source(
        rows.select_related("purpose__owner").order_by("created_at"),
        made,
        _("erasures"),
        reverse("retention:orders"),
    )


def disagreements(desk: Desk) -> Source:
    """RETENTION_CONFLICT of the register: a law that wants a category kept longer than another allows, with both sources."""
    rows = Purpose.objects.filter(desk.mine(""), ~Q(retention_conflicts=[])).exclude(state="retired")
    shown, more = cut(rows.select_related("owner").order_by("ordinal")[: FROM_ONE + 1])
    made = [
        Due(
            _("Two laws disagree on how long “%(category)s” is kept") % {"category": found["category"]}, activity(row), None, None,
            " ↔ ".join(found["sources"]), owner(row), step(_("Advise the owner"), "purposes:verdict", row.pk),
        )
        for row in shown for found in row.retention_conflicts
    ]  # fmt: skip
    return Source(
        made[:FROM_ONE], rows.count() - FROM_ONE if more else 0, _("activities on which two laws disagree")
    )


def overrides(desk: Desk) -> Source:
    """For the office: asked for, no advice yet, or ending. For the owner: advised, not decided."""
    open_ones = Override.objects.filter(desk.mine(), ended_at__isnull=True)
    ending = Q(relaxed=True, until__lte=until(desk.today))
    waiting = (
        Q(advised_by__isnull=False, decided_by__isnull=True) if desk.as_owner else Q(advised_by__isnull=True)
    )

    def made(row: Override) -> Due:
        if row.relaxed:
            what, by, since, words = (
                _("Override of %(rule)s ends"),
                row.until,
                row.decided_on,
                _("Look at it"),
            )
        elif desk.as_owner:
            what, by, since, words = (
                _("Decide on an override of %(rule)s"),
                None,
                row.advised_on,
                pgettext("verb", "Decide"),
            )
        else:
            what, by, since, words = _("Advise on an override of %(rule)s"), None, row.asked_at, _("Advise")
        return Due(
            what % {"rule": row.rule_id}, activity(row.purpose), by, since, desk.cite("gdpr.39-1", "(a)"), owner(row.purpose),
            step(words, "purposes:override", row.pk),
        )  # fmt: skip

    return source(
        open_ones.filter(waiting | ending)
        .select_related("purpose__owner")
        .order_by(F("until").asc(nulls_first=True), "asked_at"),
        made,
        _("overrides"),
    )


def sent_back(desk: Desk) -> Source:
    rows = PurposeVersion.objects.filter(desk.mine(), state="draft").exclude(sent_back_because="")
    return source(
        rows.select_related("purpose__owner").order_by("changed_at"),
        lambda row: Due(
            _("Version %(n)s was sent back: %(why)s") % {"n": row.number, "why": row.sent_back_because}, activity(row.purpose), None,
            row.submitted_at, "", owner(row.purpose), step(_("Write it anew"), "purposes:draft", row.purpose_id),
        ),
        _("versions"),
    )  # fmt: skip
