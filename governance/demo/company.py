"""The demo company, founded through the same verbs as a real one. Tests build their worlds from it too."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress

from governance.capture import programmes
from governance.capture.models import Client, Device, Programme
from governance.lib import clock
from governance.people import roles
from governance.people.models import Employment, Entity, Person, Site, Unit
from governance.purposes import register
from governance.purposes.models import Notice, Purpose

HERE = Path(__file__).parent
TEXTS = tomllib.loads((HERE / "notice.toml").read_text())
APPLICATIONS = ["Chrome", "Excel", "OS-Clipboard", "Desktop"]
BEGAN = date(2024, 4, 1)


@dataclass
class Company:
    """The cast and what they work with. `keys`: programme number → client key, shown this once."""

    software: Entity
    gmbh: Entity
    people: dict[str, Person]
    purpose: Purpose
    purpose_de: Purpose
    programme: Programme
    programme_de: Programme
    device: Device
    device_de: Device
    keys: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        people = self.__dict__.get("people", {})
        if name in people:
            return people[name]
        raise AttributeError(name)


# name → (number, full name, language, entity, site, country of work, manager)
CAST = {
    "ira": ("N-1000", "Ira Nair", "en", "NSP", "Pune", "IN", ""),
    "omar": ("N-1010", "Omar Sheikh", "en", "NSP", "Pune", "IN", ""),
    "meera": ("N-1020", "Meera Iyer", "en", "NSP", "Pune", "IN", "omar"),
    "asha": ("N-1001", "Asha Deshmukh", "hi", "NSP", "Pune", "IN", "meera"),
    "bela": ("N-1002", "Bela Fernandes", "en", "NSP", "Pune", "IN", "meera"),
    "dev": ("N-1030", "Dev Kulkarni", "en", "NSP", "Pune", "IN", ""),
    "lata": ("N-1031", "Lata Menon", "en", "NSP", "Pune", "IN", ""),
    "leon": ("N-1033", "Leon D’Souza", "en", "NSP", "Pune", "IN", ""),
    "arun": ("N-1032", "Arun Bose", "en", "NSP", "Pune", "IN", ""),
    "rupa": ("N-1040", "Rupa Kadam", "hi", "NSP", "Pune", "IN", "meera"),
    "emil": ("N-2001", "Emil Brandt", "de", "NG", "München", "DE", "omar"),
    "nisha": ("N-2002", "Nisha Pillai", "en", "NG", "Pune office", "IN", "omar"),
}
COLLEAGUES = [
    "Anil Pawar", "Bharti Sawant", "Chetan Rao", "Divya Kale", "Eknath More", "Farah Khan", "Gauri Shinde", "Harish Patil",
    "Indu Thomas", "Jatin Mehta", "Kiran Gokhale", "Leela Varma", "Manoj Tiwari", "Neha Jadhav", "Ojas Bhat", "Pooja Nene",
    "Quresh Ali", "Ravi Desai", "Smita Joshi", "Tarun Gill", "Uma Krishnan", "Varun Seth", "Yash Lele", "Zoya Mirza",
]  # fmt: skip


def entities() -> tuple[Entity, Entity]:
    """Two controllers of one group."""
    software, _made = Entity.objects.get_or_create(
        code="NSP",
        defaults={
            "name": "Nirmaan Software Pvt Ltd",
            "address": "14 Senapati Bapat Road, Pune 411016, India",
            "country": "IN",
            "timezone": "Asia/Kolkata",
            "contact_name": "Dev Kulkarni",
            "contact_email": "privacy@nirmaan.example",
            "dpo_name": "Dev Kulkarni",
            "dpo_email": "dpo@nirmaan.example",
            "eu_representative": "Nirmaan GmbH, Sonnenstraße 8, 80331 München, Germany",
        },
    )
    gmbh, _made = Entity.objects.get_or_create(
        code="NG",
        defaults={
            "name": "Nirmaan GmbH",
            "address": "Sonnenstraße 8, 80331 München, Germany",
            "country": "DE",
            "timezone": "Europe/Berlin",
            "contact_name": "Dev Kulkarni",
            "contact_email": "datenschutz@nirmaan.example",
            "dpo_name": "Dev Kulkarni",
            "dpo_email": "dpo@nirmaan.example",
        },
    )
    return software, gmbh


def people(software: Entity, gmbh: Entity, *, colleagues: int = len(COLLEAGUES)) -> dict[str, Person]:
    """The cast, their colleagues, who manages whom, and their roles, each given as it would be in earnest."""
    home = {"NSP": software, "NG": gmbh}
    units = {
        e.code: Unit.objects.get_or_create(entity=e, name=f"{site} staff")[0]
        for e, site in ((software, "Pune"), (gmbh, "München"))
    }
    cast: dict[str, Person] = {}
    for key, (number, name, language, code, site, country, boss) in CAST.items():
        email = f"{key}@nirmaan.example"
        person = Person.objects.register(number=number, name=name, email=email, language=language)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        where, _made = Site.objects.get_or_create(entity=home[code], name=site, defaults={"country": country})
        _employ(person, home[code], where, units[code], country, cast.get(boss))
        cast[key] = person
    pune = Site.objects.get(entity=software, name="Pune")
    for i, name in enumerate(COLLEAGUES[:colleagues]):
        person = Person.objects.register(number=f"N-{1101 + i}", name=name, language="en")
        _employ(person, software, pune, units["NSP"], "IN", cast["meera"])
    for entity in (software, gmbh):
        roles.appoint_first_admin(cast["ira"], entity)
    ira = Person.objects.get(pk=cast["ira"].pk)  # roles are read once per request; this one reads them anew
    for entity in (software, gmbh):
        roles.grant(cast["dev"], "dpo", entity, by=ira, second=cast["lata"])
        roles.grant(cast["lata"], "legal", entity, by=ira, second=cast["dev"])
        roles.grant(cast["leon"], "legal", entity, by=ira, second=cast["dev"])
        roles.grant(cast["arun"], "auditor", entity, by=ira, second=cast["dev"])
        roles.grant(cast["omar"], "owner", entity, by=ira)
    roles.grant(cast["rupa"], "representative", software, by=ira)
    return {key: Person.objects.get(pk=person.pk) for key, person in cast.items()}


def _employ(
    person: Person, entity: Entity, site: Site, unit: Unit, country: str, manager: Person | None
) -> None:
    Employment.objects.create(
        person=person, entity=entity, site=site, unit=unit, country=country, manager=manager, starts_on=BEGAN
    )


def texts(entity: Entity) -> dict[str, dict[str, Any]]:
    """The notice in English, Hindi and German for this entity."""
    about = {
        "name": entity.name, "address": entity.address, "contact_email": entity.contact_email,
        "dpo": f"{entity.dpo_name}, {entity.dpo_email}",
    }  # fmt: skip
    for language, key in (("en", "complaint"), ("hi", "complaint_hi"), ("de", "complaint_de")):
        about[key] = TEXTS["complaint"][f"{language}_{entity.country}"].format(**about)
    return {
        language: {
            "title": TEXTS[language]["title"],
            "elements": {
                k: v.format(**about) for k, v in TEXTS[language].items() if k not in ("title", "reviewed_by")
            },
            "reviewed_by": TEXTS[language]["reviewed_by"],
            "reviewed_on": TEXTS["reviewed_on"],
        }
        for language in ("en", "hi", "de")
    }


SIGNALS = [
    ("ui_event", ["site", "role", "element", "kind", "x", "y"], "The agent has to learn which step follows which. Recordings of the screen would show far more than that."),
    ("app_usage", ["quarter"], "Tells where a task begins and ends when it runs through two applications. Quarters of an hour are enough."),
    ("mouse_path", ["x", "y"], "Helps with menus that open on hovering. The programme works without it, so it is off unless wanted."),
]  # fmt: skip


def training_purpose(entity: Entity, *, dev: Person, omar: Person, on: date) -> tuple[Purpose, Notice]:
    """The purpose of the main job, with its signals, rules and a published notice; active."""
    purpose = register.enter(
        entity, by=dev,
        name="Train an agent on the reimbursement workflow",
        description="Record how reimbursement forms are filled in, in order to train a software agent on the steps.",
        uses="An internal software agent that fills in reimbursement forms",
        people_concerned="Employees who file or handle reimbursements; nobody under 18",
        jurisdictions=["IN", "EU"], grounds={"IN": "DPDP s.6", "EU": "GDPR 6(1)(a)"}, asks_consent=True, trains_ai=True,
        recipients=[{"name": f"Automation team of {entity.name}", "kind": "internal", "country": entity.country}],
        transfers="None outside the group. Within the group: standard contractual clauses (2021/914), transfer impact assessment of 2 October 2026.",
        security="Sealed to a public key per person, consent and month; own schema and owner; the web process can only insert; reads only by approved export.",
        source="Capture client on the person's own workstation", automated_decisions="None; no scoring of people",
        assessment="DPIA-2026-04, approved 6 October 2026",
        works_council="Works agreement 2026/3 of 9 October 2026 (Munich); consultation of 8 October 2026 (Pune)",
        owner=omar, review_on=on + timedelta(days=180),
    )  # fmt: skip
    for position, (code, fields, why) in enumerate(SIGNALS):
        register.declare(purpose, code, fields=fields, why=why, by=dev, position=position)
    register.keep_for(
        purpose, by=dev, category="Sealed capture data", jurisdiction="EU", start_event="collected", maximum="P12M", action="erase",
        source="GDPR Art. 5(1)(e); works agreement 2026/3",
    )  # fmt: skip
    register.keep_for(
        purpose, by=dev, category="Sealed capture data", jurisdiction="IN", start_event="collected", minimum="P1Y", maximum="P12M",
        action="restrict", source="DPDP Rules r.8(3): at least one year from the processing", applies_from=date(2027, 5, 13),
    )  # fmt: skip
    notice = register.draft_notice(purpose, texts(entity), by=dev)
    notice = register.publish(notice, by=dev, on=on)
    return register.activate(purpose, by=dev), notice


def other_purposes(software: Entity, *, dev: Person, omar: Person, on: date) -> list[Purpose]:
    """Sammati's own processing stands in the register like any other, and so does what every company does."""
    rows: list[dict[str, Any]] = [
        dict(
            name="Keep consents, opt-outs and proofs of erasure (Sammati)",
            description="The processing of this portal itself: who decided what, what was erased, who read what.",
            people_concerned="All employees", data_items=["number, name, e-mail, employment", "consent events", "log entries by opaque id"],
            jurisdictions=["IN", "EU"], grounds={"IN": "DPDP s.6(10) burden of proof", "EU": "GDPR 6(1)(c) with 5(2), 7(1)"},
            security="Append-only log sealed in Merkle batches; names in ordinary tables that can forget", source="Roster import; the person",
            recipients=[{"name": "Auditor, on request", "kind": "internal", "country": "IN"}],
        ),
        dict(
            name="Pay salaries", description="Calculate and pay salaries, and file what the tax law asks for.",
            people_concerned="All employees", data_items=["name", "bank account", "salary", "tax number", "attendance"],
            jurisdictions=["IN"], grounds={"IN": "DPDP s.7(i)"}, source="The person; attendance system",
            recipients=[{"name": "Samruddhi Payroll Services LLP", "kind": "processor", "country": "IN", "contract": "C-2025-11"}],
        ),
        dict(
            name="Detect leaks of trade secrets", description="Security logs of file transfers, to find and stop leaks.",
            people_concerned="All employees with a company device", data_items=["user id", "file name hash", "destination domain", "time"],
            jurisdictions=["IN"], grounds={"IN": "DPDP s.7(i) loss or liability"}, source="Endpoint agent",
        ),
    ]  # fmt: skip
    made = []
    for i, fields in enumerate(rows):
        purpose = register.enter(
            software, by=dev, owner=omar, review_on=on + timedelta(days=30 * (i + 1)), **fields
        )
        register.keep_for(
            purpose, by=dev, category="All data of this activity", jurisdiction="IN",
            start_event="employment_ended" if i else "consent_ended", maximum="P7Y" if i < 2 else "P180D",
            source=("DPDP Rules First Schedule B4(c), as a benchmark", "Wage registers: Code on Wages rules", "CERT-In Directions 2022")[i],
        )  # fmt: skip
        made.append(register.activate(purpose, by=dev))
    return made


def capture_programme(
    purpose: Purpose, *, dev: Person, omar: Person, device: str
) -> tuple[Programme, Client, str, Device]:
    programme = programmes.plan(
        purpose, f"Reimbursement agent, {purpose.entity.name}", applications=APPLICATIONS, by=omar, owner=omar
    )
    client, key = programmes.give_key(programme, "Agent", by=omar)
    row = Device.objects.create(client=client, number=device)
    return programmes.start(programme, by=omar), client, key, row


def found(*, colleagues: int = len(COLLEAGUES), on: date | None = None) -> Company:
    """The whole company in an empty database: entities, people, roles, register, notices, running programmes."""
    on = on or clock.law_date()
    software, gmbh = entities()
    cast = people(software, gmbh, colleagues=colleagues)
    dev, omar = cast["dev"], cast["omar"]
    purpose, _notice = training_purpose(software, dev=dev, omar=omar, on=on)
    purpose_de, _notice = training_purpose(gmbh, dev=dev, omar=omar, on=on)
    other_purposes(software, dev=dev, omar=omar, on=on)
    programme, _client, key, device = capture_programme(purpose, dev=dev, omar=omar, device="PUNE-0041")
    programme_de, _client, key_de, device_de = capture_programme(
        purpose_de, dev=dev, omar=omar, device="MUC-0007"
    )
    for name in ("asha", "bela"):
        programmes.bind(cast[name], device, by=omar)
    for name in ("emil", "nisha"):
        programmes.bind(cast[name], device_de, by=omar)
    return Company(
        software, gmbh, cast, purpose, purpose_de, programme, programme_de, device, device_de,
        keys={programme.number: key, programme_de.number: key_de},
    )  # fmt: skip
