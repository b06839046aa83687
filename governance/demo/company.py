"""The demo company, founded through the same verbs as a real one. Tests build their worlds from it too."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress

from governance.capture import deciding, programmes
from governance.capture.models import Client, Device, Programme
from governance.capture.terms import Application, Terms
from governance.demo import notices as tellings
from governance.demo import papers
from governance.lib import clock
from governance.people import roles
from governance.people.models import Employment, Entity, Person, Site, Unit
from governance.purposes import activity, lifecycle, lists, notices, processors, versions
from governance.purposes.models import Notice, Purpose

HERE = Path(__file__).parent
APPLICATIONS = [
    "Chrome",
    "Excel",
    "Desktop",
]  # not OS-Clipboard: the notice says that the clipboard is never recorded
BEGAN = date(2024, 4, 1)
TAKING_PART = [f"N-{number}" for number in range(1101, 1115)]  # colleagues who agreed before the demo begins


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
    "dara": ("N-1034", "Dara Irani", "en", "NSP", "Pune", "IN", ""),
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
READS_URDU = f"N-{1100 + len(COLLEAGUES)}"


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
        employ(person, home[code], where, units[code], country, cast.get(boss))
        cast[key] = person
    pune = Site.objects.get(entity=software, name="Pune")
    for i, name in enumerate(COLLEAGUES[:colleagues]):
        person = Person.objects.register(number=f"N-{1101 + i}", name=name, language="en")
        employ(person, software, pune, units["NSP"], "IN", cast["meera"])
    for entity in (software, gmbh):
        roles.appoint_first_admin(cast["ira"], entity)
    ira = Person.objects.get(pk=cast["ira"].pk)  # roles are read once per request; this one reads them anew
    for entity in (software, gmbh):
        roles.grant(cast["dev"], "dpo", entity, by=ira, second=cast["lata"])
        roles.grant(cast["dara"], "dpo", entity, by=ira, second=cast["lata"])
        roles.grant(cast["lata"], "legal", entity, by=ira, second=cast["dev"])
        roles.grant(cast["leon"], "legal", entity, by=ira, second=cast["dev"])
        roles.grant(cast["arun"], "auditor", entity, by=ira, second=cast["dev"])
        roles.grant(cast["omar"], "owner", entity, by=ira)
        roles.grant(cast["leon"], "security", entity, by=ira)
    roles.grant(cast["rupa"], "representative", software, by=ira)
    return {key: Person.objects.get(pk=person.pk) for key, person in cast.items()}


def one_who_reads_urdu() -> Person:
    """A colleague who can sign in and reads from right to left."""
    zoya = Person.objects.get(number=READS_URDU)
    zoya.language, zoya.email = "ur", "zoya@nirmaan.example"
    zoya.save(update_fields=["language", "email"])
    EmailAddress.objects.create(user=zoya, email=zoya.email, verified=True, primary=True)
    return zoya


def employ(
    person: Person, entity: Entity, site: Site, unit: Unit, country: str, manager: Person | None
) -> None:
    Employment.objects.create(
        person=person, entity=entity, site=site, unit=unit, country=country, manager=manager, starts_on=BEGAN
    )


def enter_register(
    home: dict[str, Entity], *, author: Person, approver: Person, owner: Person, on: date
) -> dict[str, Purpose]:
    """Every activity of register.toml, written by one, approved by another; "key:ENTITY" → purpose. None runs yet."""
    made: dict[str, Purpose] = {}
    for row in tomllib.loads((HERE / "register.toml").read_text())["activity"]:
        row = dict(row)
        key, codes, days, state = (
            row.pop("key"),
            row.pop("entities"),
            row.pop("review_in_days"),
            row.pop("state", "approved"),
        )
        for code in codes:
            purpose = versions.enter(
                home[code], activity.load(row), by=author, owner=owner, review_on=on + timedelta(days=days)
            )
            if state != "draft":
                version = versions.submit(purpose.versions.get().pk, by=author)
                if state == "approved":
                    versions.approve(version.pk, by=approver, on=on)
            made[f"{key}:{code}"] = Purpose.objects.get(pk=purpose.pk)
    return made


def name_processors(home: dict[str, Entity], *, by: Person) -> None:
    """Who processes for the two controllers, and for whom Nirmaan Software processes."""
    clauses = list(lists.codes("clause"))
    processors.enter(
        home["NSP"], by=by, code="samruddhi", name="Samruddhi Payroll Services LLP", country="IN", contact="dpo@samruddhi.example",
        contract="C-2025-11", contract_from=date(2025, 4, 1), contract_until=date(2028, 4, 1), clauses=clauses,
    )  # fmt: skip
    processors.enter(
        home["NG"], by=by, code="lohnwerk", name="Lohnwerk Rechenzentrum eG", country="DE", contact="datenschutz@lohnwerk.example",
        contract="AVV-2024-07", contract_from=date(2024, 7, 1), clauses=clauses,
    )  # fmt: skip
    processors.take_mandate(
        home["NSP"], by=by, controller_name="Nirmaan GmbH", controller_contact="datenschutz@nirmaan.example", controller_country="DE",
        dpo="Dev Kulkarni, dpo@nirmaan.example", categories="Hosting and support of the applicant portal and of this portal",
        countries=["IN"], safeguards="Standard contractual clauses (2021/914), module 2; transfer impact assessment of 2 October 2026",
        security=["access_control", "traceability", "backup", "encryption"], contract="DPA-2026-01", starts_on=date(2026, 1, 1),
    )  # fmt: skip


def tell(purpose: Purpose, *, author: Person, publisher: Person, on: date) -> Notice:
    """A published notice of the training purpose: one writes, others read, a second member of the DPO's office publishes."""
    texts = tellings.texts(purpose.entity)
    notice = notices.draft(purpose, texts, by=author)
    for language, text in texts.items():
        if text["reviewed_by"] and not text["is_demo"]:
            read_on = min(text["reviewed_on"], on)
            notices.review_text(
                notice, language, reviewer=text["reviewed_by"], on=read_on, today=on, by=publisher
            )
    return notices.publish(notice, by=publisher, on=on)


RUNNING = ("training:NSP", "training:NG", "sammati:NSP", "salaries:NSP", "leaks:NSP", "lohn:NG")


def capture_programme(
    purpose: Purpose, cast: dict[str, Person], *, device: str, on: date, name: str = "Reimbursement agent"
) -> tuple[Programme, Client, str, Device]:
    """Handed in by its owner, advised on, signed by security, agreed where the law wants it, approved, started."""
    omar = cast["omar"]
    programme = programmes.plan(
        purpose, f"{name}, {purpose.entity.name}", applications=[], by=omar, owner=omar,
        terms=Terms(applications=tuple(Application(name) for name in APPLICATIONS), ends_on=on + timedelta(days=365)),
    )  # fmt: skip
    deciding.assess(programme, by=omar)
    deciding.sign(programme, "advice", ADVICE, by=cast["dev"])
    deciding.sign(programme, "security", SECURITY, by=cast["leon"])
    agreement = purpose.evidence.filter(kind="works_agreement").first()
    if agreement is not None and deciding.acts_wanted(programme):
        deciding.file_act(
            programme,
            agreement,
            number="2026/3",
            resolution="Resolved by the works council on 9 October 2026, 7 to 0",
            by=cast["lata"],
        )
    programme = deciding.approve(programme, by=omar)
    client, key = programmes.give_key(programme, "Agent", by=omar)
    row = Device.objects.create(client=client, number=device)
    return programmes.start(programme, by=omar), client, key, row


ADVICE = (
    "In favour. Minimised events only, opt-in per signal, pause at any time; the impact assessment DPIA-2026-04 covers it. "
    "Look again when another application is added."
)
SECURITY = "Looked at the client, its key and its transport: keys are held by hash, content is sealed per person before it is stored."


def found(*, colleagues: int = len(COLLEAGUES), on: date | None = None) -> Company:
    """The whole company in an empty database: entities, people, roles, register, notices, running programmes."""
    on = on or clock.law_date()
    software, gmbh = entities()
    cast = people(software, gmbh, colleagues=colleagues)
    dev, omar = cast["dev"], cast["omar"]
    home = {"NSP": software, "NG": gmbh}
    name_processors(home, by=dev)
    register = enter_register(home, author=dev, approver=cast["dara"], owner=omar, on=on)
    papers.put_on_file(register, dpo=dev, owner=omar, on=on)
    for key in ("training:NSP", "training:NG"):
        tell(register[key], author=dev, publisher=cast["dara"], on=on)
    for key in RUNNING:
        register[key] = lifecycle.activate(register[key], by=dev, on=on)
    purpose, purpose_de = register["training:NSP"], register["training:NG"]
    programme, _client, key, device = capture_programme(purpose, cast, device="PUNE-0041", on=on)
    programme_de, _client, key_de, device_de = capture_programme(purpose_de, cast, device="MUC-0007", on=on)
    for name in ("asha", "bela"):
        programmes.bind(cast[name], device, by=omar)
    for name in ("emil", "nisha"):
        programmes.bind(cast[name], device_de, by=omar)
    return Company(
        software, gmbh, cast, purpose, purpose_de, programme, programme_de, device, device_de,
        keys={programme.number: key, programme_de.number: key_de},
    )  # fmt: skip
