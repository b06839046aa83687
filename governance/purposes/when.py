"""When a ground fits, in a sentence each: beside the choices of the form. (list, code) → sentence."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WHEN: dict[tuple[str, str], Any] = {
    ("basis_eu", "a"): _("The person says yes, could say no without harm, and can take it back. At work that is rare."),
    ("basis_eu", "b"): _("Without it the employment contract could not be carried out. What is only useful does not count."),
    ("basis_eu", "c"): _("A law of the EU or a member state orders it. Name the section in the note."),
    ("basis_eu", "d"): _("Somebody’s life is in danger and nothing else helps."),
    ("basis_eu", "e"): _("A task in the public interest that a law gave to this controller."),
    ("basis_eu", "f"): _("An interest that weighs more than the person’s. It needs an assessment on file, and people may object."),
    ("art9", "a"): _("The person says yes to exactly this, in words."),
    ("art9", "b"): _("Employment or social-security law, or a works agreement, provides for it and for safeguards."),
    ("art9", "c"): _("The person cannot say anything, and life is in danger."),
    ("art9", "d"): _("Only for foundations, unions, parties and churches, about their own members."),
    ("art9", "e"): _("The person made it public on purpose. What can be found is not yet made public."),
    ("art9", "f"): _("To make or meet a legal claim, as far as that needs it."),
    ("art9", "g"): _("A law names the public interest and the safeguards."),
    ("art9", "h"): _("By or under a professional who keeps medical secrecy: fitness for work, for example."),
    ("art9", "i"): _("A law on public health orders it."),
    ("art9", "j"): _("A law on research or statistics provides for it, with safeguards under Art. 89(1)."),
    ("ground_in", "s6"): _("The person says yes: free, specific, informed, unconditional, by a clear act, and can take it back as easily."),
    ("ground_in", "s7a"): _("The person gave the data for this purpose unasked and has not said no to it."),
    ("ground_in", "s7b"): _("Only for the State and what acts for it."),
    ("ground_in", "s7c"): _("Only for the State and what acts for it, under a law in force."),
    ("ground_in", "s7d"): _("A law in force in India obliges to tell the State."),
    ("ground_in", "s7e"): _("A court, or an authority under law, ordered it."),
    ("ground_in", "s7f"): _("A medical emergency that threatens life or health."),
    ("ground_in", "s7g"): _("Treatment or health service in an epidemic."),
    ("ground_in", "s7h"): _("Safety or help in a disaster or a breakdown of public order."),
    ("ground_in", "s7i"): _("Purposes of employment: read narrowly. Choose which of them below; what goes further needs consent."),
    ("limb_in", "employment"): _("What every employer needs to employ somebody: pay, attendance, contact."),
    ("limb_in", "loss"): _("To prevent corporate espionage, keep trade secrets, or to save the employer from loss or liability."),
    ("limb_in", "benefit"): _("A service or benefit that the employee asked for."),
    ("art22", "contract"): _("The contract with the person cannot be made or carried out without it, and a human can be asked."),
    ("art22", "law"): _("A law allows it and names safeguards."),
    ("art22", "explicit_consent"): _("The person says yes to exactly this, and a human can be asked."),
}  # fmt: skip
