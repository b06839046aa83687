"""Fill an empty database with the demo company; the last line printed is one JSON object with the logins."""

import json
import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.capture import bands, programmes
from governance.consents import ledger
from governance.demo import company, factory, leaving, lives, made_regularly, unasked
from governance.lib import clock
from governance.people.models import Entity, Person

SHOWN = {
    "asha": "employee in Pune; decides for herself",
    "bela": "employee in Pune; was never asked",
    "meera": "their manager",
    "dev": "data protection officer",
    "dara": "data protection officer too: nobody approves their own",
    "lata": "legal",
    "leon": "legal too: two lawyers release a hold",
    "arun": "auditor",
    "ira": "administrator",
    "rupa": "worker representative",
    "omar": "programme owner",
    "emil": "employee in Munich (EU law)",
    "nisha": "employee of the Munich company in Pune (both laws)",
}
WORDS = [
    "amber",
    "basil",
    "cedar",
    "coral",
    "delta",
    "ember",
    "fable",
    "fern",
    "grain",
    "hazel",
    "indigo",
    "ivory",
    "jade",
    "kite",
    "lagoon",
    "lemon",
    "linen",
    "lotus",
    "maple",
    "mango",
    "meadow",
    "mint",
    "olive",
    "onyx",
    "opal",
    "orbit",
    "pearl",
    "pepper",
    "plum",
    "quartz",
    "raven",
    "reed",
    "saffron",
    "sage",
    "silk",
    "slate",
    "sparrow",
    "teal",
    "tulip",
    "velvet",
    "walnut",
    "willow",
]


def passphrase() -> str:
    """Four words and two digits: about 28 bits, for a demo on one's own machine."""
    return "-".join(secrets.choice(WORDS) for _ in range(4)) + f"-{secrets.randbelow(90) + 10}"


class Command(BaseCommand):
    help = "Found the demo company, once; later calls only print the logins again."

    def handle(self, *args: Any, **options: Any) -> None:
        home = settings.VAR / "demo" / "logins.json"
        if Entity.objects.exists():
            if not home.exists():
                raise SystemExit(
                    f"The company is there, but {home} is gone: the passwords cannot be told again."
                )
            self.stdout.write(home.read_text().strip())
            return
        made = company.found()
        unasked.tell(made)
        reader = company.one_who_reads_urdu()
        programmes.bind(reader, made.device, by=made.people["omar"])
        people = [self._password(made.people[key], what) for key, what in SHOWN.items()]
        people.append(self._password(reader, "employee in Pune; reads Urdu, and has not decided yet"))
        self._colleagues_agree(made)
        self._systems(made)
        lives.show(made)
        line, filmed = factory.show(made)
        people += [self._password(filmed[key], what) for key, what in factory.SHOWN.items()]
        leaving.prepare(made, home.parent)
        people += [
            self._password(Person.objects.get(number=leaving.NUMBERS[key]), what)
            for key, what in leaving.SHOWN.items()
        ]
        made_regularly.put(made)
        bands.count(clock.law_date())
        clients = {
            number: {"key": key, "device": device}
            for (number, key), device in zip(
                made.keys.items(), (made.device.number, made.device_de.number), strict=True
            )
        }
        docking = {"key": line.key, "programme": line.programme.number}
        home.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"people": people, "clients": clients, "docking": docking}, ensure_ascii=False)
        handle = os.open(home, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(line + "\n")
        self.stdout.write(line)

    def _password(self, person: Person, what: str) -> dict[str, str]:
        password = passphrase()
        person.set_password(password)
        person.save(update_fields=["password"])
        return {"name": str(person.name), "email": str(person.email), "password": password, "who": what}

    def _colleagues_agree(self, made: company.Company) -> None:
        """Fourteen colleagues take part and are at a device, so that the rule of ten lets bands be shown, those of what was
        taken too, once a week is over."""
        notice = made.purpose.published_notice()
        assert notice is not None
        for person in Person.objects.filter(number__in=company.TAKING_PART):
            signals = ["ui_event", "app_usage"] if person.number != "N-1107" else ["ui_event"]
            ledger.give(made.purpose, signals, by=person, notice=notice, language="en", method="portal")
            programmes.bind(person, made.device, by=made.people["omar"])

    def _systems(self, made: company.Company) -> None:
        from governance.demo import bucket, stubborn, systems

        systems.build(made)
        bucket.build(made)
        stubborn.build(made)
