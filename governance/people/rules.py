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
    "security": _("Security officer"),
    "steward": _("Camera steward"),
}

# Every permission stands in this table, in OVER_THEIRS or in OVER_OWN; tests read them as tables.
PERMISSIONS: dict[str, frozenset[str]] = {
    "dpo": frozenset(
        {
            "audit.view",
            "capture.advise",
            "capture.answer_stop",
            "capture.relaunch",
            "capture.stop",
            "capture.view_counts",
            "capture.view_programmes",
            "capture.view_turned_away",
            "consents.answer_pressure",
            "consents.decide_objections",
            "consents.import_legacy",
            "consents.invalidate",
            "consents.issue_pin",
            "consents.opt_out_population",
            "consents.record_acting",
            "consents.view_pressure",
            "exports.advise",
            "exports.view",
            "incidents.open",
            "incidents.view",
            "interfaces.manage_clients",
            "interfaces.view_clients",
            "people.confirm_address",
            "people.view_entities",
            "purposes.activate",
            "purposes.advise",
            "purposes.approve",
            "purposes.ask",
            "purposes.assign",
            "purposes.edit",
            "purposes.edit_processors",
            "purposes.edit_systems",
            "purposes.export",
            "purposes.file_evidence",
            "purposes.import",
            "purposes.pause",
            "purposes.publish",
            "purposes.view",
            "purposes.view_packs",
            "purposes.view_processors",
            "purposes.view_systems",
            "reports.download",
            "reports.request",
            "reports.view",
            "retention.advise",
            "retention.approve",
            "retention.carry_on",
            "retention.check_task",
            "retention.open_names",
            "retention.pause",
            "retention.view_causes",
            "retention.view_orders",
            "rights.answer",
            "rights.view",
        }
    ),
    "legal": frozenset(
        {
            "capture.file_act",
            "capture.view_programmes",
            "exports.second",
            "exports.view",
            "incidents.view",
            "people.view_entities",
            "purposes.export",
            "purposes.file_evidence",
            "purposes.view",
            "purposes.view_packs",
            "purposes.view_processors",
            "purposes.view_systems",
            "reports.download",
            "reports.request",
            "reports.view",
            "retention.approve",
            "retention.hold",
            "retention.open_names",
            "retention.view_orders",
        }
    ),
    "auditor": frozenset(
        {
            "audit.verify",
            "audit.view",
            "capture.view_programmes",
            "exports.view",
            "incidents.view",
            "interfaces.view_clients",
            "people.view_entities",
            "purposes.export",
            "purposes.view",
            "purposes.view_packs",
            "purposes.view_processors",
            "purposes.view_systems",
            "reports.view",
            "retention.view_orders",
        }
    ),
    "admin": frozenset(
        {
            "people.edit_entities",
            "people.grant_roles",
            "people.import",
            "people.view",
            "people.view_entities",
        }
    ),
    "owner": frozenset(
        {
            "capture.hand_out",
            "capture.relaunch",
            "capture.run",
            "capture.stop",
            "capture.view_counts",
            "capture.view_programmes",
            "capture.view_turned_away",
            "exports.agree",
            "exports.view",
            "retention.decide",
        }
    ),
    "representative": frozenset(
        {
            "capture.ask_stop",
            "capture.file_act",
            "capture.view_counts",
            "capture.view_programmes",
            "capture.view_turned_away",
            "consents.opt_out_population",
            "consents.view_pressure",
            "exports.view",
            "purposes.view",
            "reports.request_works_pack",
        }
    ),
    "exporter": frozenset(
        {
            "exports.ask",
            "exports.view",
        }
    ),
    "security": frozenset(
        {
            "capture.relaunch",
            "capture.sign_security",
            "capture.view_programmes",
        }
    ),
    # Hands worn cameras out and takes them back, at a site; never to those whom they manage.
    "steward": frozenset(
        {
            "capture.hand_out",
            "capture.view_programmes",
        }
    ),
    "manager": frozenset(
        {
            "capture.view_counts",
            "capture.view_programmes",
        }
    ),
}

# What a role gives only over things that the person is answerable for; the thing answers `kept_by(person_id)`.
OVER_THEIRS: dict[str, frozenset[str]] = {
    "owner": frozenset(
        {
            "purposes.activate",
            "purposes.ask",
            "purposes.edit",
            "purposes.export",
            "purposes.file_evidence",
            "purposes.override",
            "purposes.pause",
            "purposes.view",
        }
    ),
}

# Roles that can be given for one department alone. There they give what stands in the register and nothing else: only
# its rows have a department, and the log or a request of the whole entity is not one department's.
FOR_A_UNIT = frozenset({"dpo", "legal", "auditor", "owner", "representative"})
IN_A_UNIT = frozenset(
    code
    for table in (PERMISSIONS, OVER_THEIRS)
    for role, codes in table.items()
    if role in FOR_A_UNIT
    for code in codes
    if code.startswith("purposes.") and not code.endswith(("_processors", "_systems", "_packs"))
)


def gives(role: str, permission: str, *, for_a_unit: bool = False) -> bool:
    """Over everything at its entity or, given for a department, over what is that department's."""
    return permission in PERMISSIONS.get(role, frozenset()) and (not for_a_unit or permission in IN_A_UNIT)


def gives_over_theirs(role: str, permission: str, *, for_a_unit: bool = False) -> bool:
    """Over what the person is answerable for."""
    return permission in OVER_THEIRS.get(role, frozenset()) and (not for_a_unit or permission in IN_A_UNIT)


# What everybody may do with what is their own; the thing answers `belongs_to(person_id)`.
OVER_OWN = frozenset(
    {
        "consents.act_for",
        "consents.defer",
        "consents.give",
        "consents.object",
        "consents.opt_out",
        "consents.pause",
        "consents.receipt",
        "consents.refuse",
        "consents.report_pressure",
        "consents.view",
        "consents.withdraw",
        "exports.hold_dataset",
        "exports.own_content",
        "exports.view_own",
        "pages.home",
        "people.own_account",
        "people.own_messages",
        "reports.download_own",
        "retention.do_task",
        "retention.view_own_order",
        "rights.raise",
        "rights.view_own",
    }
)

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
    for_a_unit: bool = False
    unit_is_there: bool = True  # the department is one of this entity


def check_grant(facts: GrantFacts) -> None:
    """Who gives a role to whom: four eyes where the role sees much, nobody to themselves."""
    if facts.role not in ROLES:
        raise Refused(_("There is no such role."), code="no_such_role")
    if not facts.by_may_grant:
        raise Refused(_("Only an administrator of this entity gives roles."), code="not_an_admin")
    if facts.to == facts.by:
        raise Refused(_("You cannot give a role to yourself. Ask another administrator."), code="own_role")
    if facts.for_a_unit and facts.role not in FOR_A_UNIT:
        raise Refused(
            _("%(role)s is a role for a whole entity. Leave the department empty."),
            code="not_for_a_department", role=ROLES[facts.role],
        )  # fmt: skip
    if not facts.unit_is_there:
        raise Refused(
            _("This department is not one of this entity. Choose another, or none."),
            code="department_elsewhere",
        )
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
