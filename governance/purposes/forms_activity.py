"""One form for each section of an entry; a field is called as in the Activity, so that both fit by name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.purposes import headings
from governance.purposes.forms_fields import Countries, Day, Lines, Many, One, Tick, Words, YesNo

H = headings.FIELDS


class About(forms.Form):
    name = Words(
        label=H["name"], long=200, required=True, help_text=_("Short, as people in the company call it.")
    )
    function = One("function", label=H["function"])
    kind = One(
        "kind",
        empty=None,
        required=True,
        label=H["kind"],
        help_text=_("The rules of both laws look at the kind first."),
    )
    description = Words(
        label=H["description"],
        rows=4,
        long=4000,
        help_text=_(
            "What is done and what for, so that a colleague could tell whether a new use is covered."
        ),
    )
    objectives = Lines(label=H["objectives"])
    uses = Words(
        label=H["uses"], rows=2, help_text=_("The goods, services or uses that it makes possible for people.")
    )


class People(forms.Form):
    people = Many("people", label=H["people"])
    people_note = Words(label=H["people_note"], rows=2)
    countries = Countries(label=H["countries"])
    laws = Many(
        "law",
        label=H["laws"],
        help_text=_(
            "India and the EU follow from the countries. Tick a law here only if it applies besides."
        ),
    )


class Grounds(forms.Form):
    basis_eu = One("basis_eu", explain=True, label=H["basis_eu"])
    art9 = One(
        "art9",
        explain=True,
        label=H["art9"],
        help_text=_("Only for health, biometrics, union membership and the other kinds of Art. 9(1)."),
    )
    ground_in = One("ground_in", explain=True, label=H["ground_in"])
    limb_in = One("limb_in", explain=True, label=H["limb_in"], help_text=_("Only for s.7(i)."))
    ground_note = Words(
        label=H["ground_note"], rows=2, help_text=_("The law with its section, the contract, the interest.")
    )
    interests = Words(
        label=H["interests"], rows=2, help_text=_("Only for Art. 6(1)(f): whose interest, and which.")
    )
    interests_link = Words(
        label=H["interests_link"],
        help_text=_("Its reference. The signed assessment itself is filed as evidence."),
    )
    rights_note = Words(label=H["rights_note"], rows=2)


class Recipients(forms.Form):
    transfers_note = Words(label=H["transfers_note"], rows=2)


class Retention(forms.Form):
    retention_note = Words(label=H["retention_note"], rows=2)
    policy_link = Words(label=H["policy_link"])
    policy_followed = YesNo(label=H["policy_followed"])
    policy_why_not = Words(label=H["policy_why_not"], rows=2)


class Security(forms.Form):
    security = Many("security", label=H["security"])
    security_note = Words(label=H["security_note"], rows=4, long=4000)


class Systems(forms.Form):
    software = Lines(label=H["software"])
    location = Words(label=H["location"])


class Machines(forms.Form):
    automated = Words(
        label=H["automated"],
        rows=2,
        help_text=_(
            "Which decisions, how a machine takes part, and what that means for people. Write “None” where there is none."
        ),
    )
    art22 = One(
        "art22",
        explain=True,
        label=H["art22"],
        help_text=_("Only where a machine alone decides with legal or similar effect."),
    )
    effects = Many("effect", label=H["effects"])
    ai_system = Words(label=H["ai_system"])
    ai_role = One("ai_role", radio=True, label=H["ai_role"])
    ai_class = One("ai_class", radio=True, label=H["ai_class"])
    worker_notice_on = Day(label=H["worker_notice_on"])
    training_allowed = Tick(
        label=H["training_allowed"],
        help_text=_(
            "Training an AI system with these data is a purpose of its own. Ticking it later is a material change."
        ),
    )
    datasets = Lines(label=H["datasets"])
    models = Lines(label=H["models"])


class Assessments(forms.Form):
    dpia = One("dpia", radio=True, label=H["dpia"])
    dpia_link = Words(
        label=H["dpia_link"], help_text=_("Its reference. The signed paper itself is filed as evidence.")
    )
    works_note = Words(
        label=H["works_note"], rows=2, help_text=_("Which agreement or consultation, and its date.")
    )


class Circumstances(forms.Form):
    circumstances = Many("circumstance", label=_("What is so"))


class Other(forms.Form):
    contract_link = Words(label=H["contract_link"])
    consent_link = Words(label=H["consent_link"])
    breach = YesNo(label=H["breach"])
    breach_link = Words(label=H["breach_link"])
    schedule_1 = Words(label=H["schedule_1"])


FORMS: dict[str, type[forms.Form]] = {
    "about": About, "people": People, "grounds": Grounds, "recipients": Recipients, "retention": Retention, "security": Security,
    "systems": Systems, "machines": Machines, "assessments": Assessments, "circumstances": Circumstances, "other": Other,
}  # fmt: skip
