"""What each role may do, which roles exclude each other, and who may give them."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.lib.refusals import Refused

ROLES = {
    "dpo": _("Data protection officer"),
    "legal": _("Legal"),
    "auditor": _("Auditor"),
    "admin": _("Administrator"),
    "owner": _("Programme owner"),
    "representative": _("Worker representative"),
    "exporter": _("Exporter"),
}

# Every permission stands in this table or in OVER_OWN; tests/people/test_permissions.py reads it as a table.
PERMISSIONS: dict[str, frozenset[str]] = {
    "dpo": frozenset(
        {
            "purposes.view", "purposes.edit", "purposes.publish", "retention.view_orders", "retention.carry_on",
            "retention.advise", "capture.view_programmes", "capture.stop", "capture.view_counts", "capture.view_turned_away",
            "rights.view",
            "rights.answer", "incidents.view", "incidents.open", "reports.view", "reports.request", "reports.download",
            "audit.view", "people.view_entities",
        }
    ),
    "legal": frozenset(
        {
            "purposes.view", "retention.view_orders", "retention.hold", "reports.view", "reports.request",
            "reports.download", "capture.view_programmes", "incidents.view", "people.view_entities",
        }
    ),
    "auditor": frozenset(
        {
            "audit.view", "audit.verify", "purposes.view", "retention.view_orders", "capture.view_programmes",
            "reports.view", "incidents.view", "people.view_entities",
        }
    ),
    "admin": frozenset({"people.view", "people.import", "people.grant_roles", "people.view_entities", "people.edit_entities"}),
    "owner": frozenset(
        {"purposes.view", "capture.view_programmes", "capture.run", "capture.stop", "capture.view_counts", "capture.view_turned_away", "retention.decide"}
    ),
    "representative": frozenset({"capture.view_programmes", "capture.view_counts", "capture.view_turned_away", "purposes.view"}),
    "exporter": frozenset(),
    "manager": frozenset({"capture.view_programmes", "capture.view_counts"}),
}  # fmt: skip

# What everybody may do with what is their own; the thing answers `belongs_to(person_id)`.
OVER_OWN = frozenset(
    {
        "consents.view", "consents.give", "consents.withdraw", "consents.refuse", "consents.opt_out", "consents.receipt",
        "retention.view_own_order", "reports.download_own", "rights.raise", "rights.view_own", "people.own_messages",
        "people.own_account", "pages.home",
    }
)  # fmt: skip

# Art. 38(6) GDPR: a data protection officer does not decide the purposes they watch over. An administrator reaches
# accounts, therefore nothing else.
INCOMPATIBLE = [{"dpo", "owner"}, {"dpo", "representative"}] + [
    {"admin", other} for other in ROLES if other != "admin"
]
NEED_A_SECOND = frozenset({"dpo", "legal", "auditor", "exporter"})


@dataclass(frozen=True)
class GrantFacts:
    role: str
    to: UUID
    by: UUID
    held: frozenset[str]  # roles in force of the one who shall get it, at any entity
    by_may_grant: bool
    second: UUID | None
    second_is_admin: bool


def check_grant(facts: GrantFacts) -> None:
    """Who gives a role to whom: four eyes where the role sees much, nobody to themselves."""
    if facts.role not in ROLES:
        raise Refused(_("There is no such role."), code="no_such_role")
    if not facts.by_may_grant:
        raise Refused(_("Only an administrator of this entity gives roles."), code="not_an_admin")
    if facts.to == facts.by:
        raise Refused(_("You cannot give a role to yourself. Ask another administrator."), code="own_role")
    clash = next(
        (
            other
            for pair in INCOMPATIBLE
            for other in pair - {facts.role}
            if facts.role in pair and other in facts.held
        ),
        None,
    )
    if clash:
        raise Refused(
            _("Nobody is %(role)s and %(other)s at once. End the other role first."),
            code="incompatible_roles", role=ROLES[facts.role], other=ROLES[clash],
        )  # fmt: skip
    if facts.role in NEED_A_SECOND:
        if facts.second is None or facts.second in (facts.by, facts.to):
            raise Refused(
                _("This role needs a second person who agrees: neither you nor the one who gets it."),
                code="second_needed",
            )
        if facts.second_is_admin:
            raise Refused(_("The second person must not be an administrator."), code="second_is_admin")


def check_answer(asked_of_them: bool, answered: str) -> None:
    """Who was asked to agree to a role answers, once."""
    if not asked_of_them:
        raise Refused(_("Somebody else was asked this."), code="not_asked")
    if answered:
        raise Refused(_("You have answered this already."), code="answered")
