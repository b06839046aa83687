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
            "exports.view", "exports.advise",
            "purposes.view", "purposes.edit", "purposes.approve", "purposes.activate", "purposes.pause", "purposes.publish",
            "purposes.ask",
            "purposes.assign", "purposes.advise", "purposes.file_evidence", "purposes.import", "purposes.export",
            "purposes.view_processors", "purposes.edit_processors", "purposes.view_systems", "purposes.edit_systems",
            "purposes.view_packs",
            "retention.view_orders", "retention.view_causes", "retention.open_names", "retention.carry_on", "retention.check_task", "retention.pause", "retention.approve",
            "retention.advise", "capture.advise", "capture.answer_stop", "capture.relaunch", "capture.view_programmes", "capture.stop", "capture.view_counts", "capture.view_turned_away",
            "rights.view", "consents.opt_out_population", "consents.invalidate", "consents.import_legacy", "consents.record_acting", "consents.decide_objections", "consents.view_pressure", "consents.answer_pressure", "consents.issue_pin",
            "rights.answer", "incidents.view", "incidents.open", "reports.view", "reports.request", "reports.download",
            "audit.view", "people.view_entities", "people.confirm_address", "interfaces.view_clients", "interfaces.manage_clients",
        }
    ),
    "legal": frozenset(
        {
            "exports.view", "exports.second",
            "purposes.view", "purposes.file_evidence", "purposes.export", "purposes.view_processors", "purposes.view_systems", "purposes.view_packs",
            "retention.view_orders", "retention.open_names", "retention.hold", "retention.approve", "reports.view", "reports.request",
            "reports.download", "capture.view_programmes", "capture.file_act", "incidents.view", "people.view_entities",
        }
    ),
    "auditor": frozenset(
        {
            "exports.view",
            "audit.view", "audit.verify", "purposes.view", "purposes.export", "purposes.view_processors", "purposes.view_systems", "purposes.view_packs",
            "retention.view_orders", "capture.view_programmes",
            "reports.view", "incidents.view", "people.view_entities", "interfaces.view_clients",
        }
    ),
    "admin": frozenset({"people.view", "people.import", "people.grant_roles", "people.view_entities", "people.edit_entities"}),
    "owner": frozenset(
        {"capture.view_programmes", "capture.run", "capture.hand_out", "capture.relaunch", "capture.stop", "capture.view_counts", "capture.view_turned_away", "retention.decide", "exports.view", "exports.agree"}
    ),
    "representative": frozenset({"exports.view", "capture.view_programmes", "capture.file_act", "capture.ask_stop", "capture.view_counts", "capture.view_turned_away", "purposes.view", "consents.view_pressure", "consents.opt_out_population", "reports.request_works_pack"}),
    "exporter": frozenset({"exports.view", "exports.ask"}),
    "security": frozenset({"capture.view_programmes", "capture.sign_security", "capture.relaunch"}),
    # Hands worn cameras out and takes them back, at a site; never to those whom they manage.
    "steward": frozenset({"capture.view_programmes", "capture.hand_out"}),
    "manager": frozenset({"capture.view_programmes", "capture.view_counts"}),
}  # fmt: skip

# What a role gives only over things that the person is answerable for; the thing answers `kept_by(person_id)`.
OVER_THEIRS: dict[str, frozenset[str]] = {
    "owner": frozenset(
        {
            "purposes.view", "purposes.edit", "purposes.activate", "purposes.pause", "purposes.override", "purposes.ask",
            "purposes.file_evidence", "purposes.export",
        }
    ),
}  # fmt: skip

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
        "consents.view", "consents.give", "consents.withdraw", "consents.refuse", "consents.defer", "consents.act_for", "consents.opt_out", "consents.pause", "consents.receipt",
        "consents.object", "consents.report_pressure", "exports.view_own", "exports.own_content", "exports.hold_dataset",
        "retention.view_own_order", "retention.do_task", "reports.download_own", "rights.raise", "rights.view_own", "people.own_messages",
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
