"""Content that left the vault by purpose, for the demo company: an exporter asked, three agreed, a package was made, a model
was trained with it; then one of the two people in it withdrew, and the dataset's holder owes an answer.

Founding gives the exporter her role and the recipient its key. The rest happens at the running portal, step by step, because
only the exporter's process packs and only what the gate admitted can be packed.
"""

import base64
import os
from datetime import timedelta
from pathlib import Path

from allauth.account.models import EmailAddress

from governance.capture import programmes
from governance.capture.models import Arrival, Programme
from governance.consents import ledger
from governance.consents.models import ConsentRecord
from governance.demo import company
from governance.exports import asking, datasets, recipients
from governance.exports.models import Recipient
from governance.lib import clock, sealing
from governance.people import roles
from governance.people.models import Person

IN_IT = ("N-1103", "N-1104")  # both take part; the second withdraws afterwards
EXPORTER = "N-1121"
PROGRAMME = "CP-0001"
TEAM = "Model team, Pune"
VOICES = ("N-1030", "N-1010", "N-1031")  # adviser, owner, second person
KEY = "model-team.key"
SHOWN = {
    "uma": "data team; asks for exports and holds a dataset",
    "chetan": "employee in Pune; what was recorded of him went into a model",
    "divya": "employee in Pune; hers went there too, then she withdrew",
}
NUMBERS = {"uma": EXPORTER, "chetan": IN_IT[0], "divya": IN_IT[1]}
FIELDS = {"ui_event": ["role", "kind"]}
WHY = "To train the reimbursement agent on the order of steps. Made-up sequences were tried in October and did not suffice."
ADVICE = "In favour: roles and kinds of elements only, no site and no window. Whoever withdraws comes out of the dataset within 30 days."


def prepare(made: company.Company, folder: Path) -> Person:
    """The exporter with her role, the recipient with a confirmed key, whose private half lies in `folder`; two people at a device,
    who can sign in and read where it went.

    Returns the exporter.
    """
    cast = made.people
    for key, number in NUMBERS.items():
        person = Person.objects.get(number=number)
        person.email = f"{key}@nirmaan.example"
        person.save(update_fields=["email"])
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    uma = Person.objects.get(number=EXPORTER)
    roles.grant(uma, "exporter", made.software, by=Person.objects.get(pk=cast["ira"].pk), second=cast["dara"])
    uma = Person.objects.get(pk=uma.pk)  # roles are read once
    pair = sealing.new_pair()
    recipient = recipients.register(made.software, TEAM, pair.public, by=uma)
    recipients.confirm(recipient.pk, by=cast["dara"])
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / KEY, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(base64.b64encode(pair.private).decode())  # as client/package.py reads it
    for person in Person.objects.filter(number__in=IN_IT):
        programmes.bind(person, made.device, by=cast["omar"])
    return uma


def go_on() -> str:
    """The next step that is possible now is taken: "agreed", "registered" or "withdrawn"; "" when there is none."""
    recipient = Recipient.objects.filter(name=TEAM).select_related("registered_by").first()
    if recipient is None:
        return ""
    uma = recipient.registered_by
    export = recipient.exports.filter(asked_by=uma).order_by("asked_at").first()
    if export is None:
        return _ask(recipient, uma) if _has_come() else ""
    if export.packed_at is None:
        return ""
    if not export.datasets.exists():
        dataset = datasets.register(export, "Steps of reimbursements, first set", holder=uma, by=uma)
        datasets.train(dataset, "Reimbursement agent", "0.3", trained_at=clock.now(), by=uma)
        return "registered"
    leaver = Person.objects.get(number=IN_IT[1])
    purpose = export.programme.purpose
    if not any(record.is_on for record in ConsentRecord.objects.filter(person=leaver, purpose=purpose)):
        return ""
    ledger.withdraw_purpose(purpose, by=leaver)
    return "withdrawn"


def _has_come() -> bool:
    """The gate has admitted of both what will be asked for."""
    here = Arrival.objects.filter(person__number__in=IN_IT, signal__in=FIELDS)
    return here.order_by().values("person").distinct().count() == len(IN_IT)


def _ask(recipient: Recipient, uma: Person) -> str:
    today = clock.now().date()
    programme = Programme.objects.get(number=PROGRAMME)
    export = asking.ask(
        programme, recipient, why=WHY, fields=FIELDS, since=today - timedelta(days=1), until=today, by=uma
    )
    dev, omar, lata = (Person.objects.get(number=number) for number in VOICES)
    asking.advise(export.pk, ADVICE, favourable=True, by=dev)
    asking.agree(export.pk, by=omar)
    asking.agree(export.pk, by=lata)
    return "agreed"
