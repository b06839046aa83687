"""The demo's capture client, live: posts a little for everybody at the two devices, every few seconds, until stopped;
and the docking station of its press line.

It also plays the three people who bring the stopped programme back, once the self-test was refused everywhere, and those
who let content leave the vault for a model.
"""

import json
import os
import time
from argparse import ArgumentParser
from contextlib import suppress
from functools import cache
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from governance.capture.client.action_logger import read_action_logger
from governance.capture.client.agent import AWAY, over_http
from governance.capture.client.events import for_user
from governance.capture.client.poster import BatchRefused, GateAway, Poster
from governance.demo import at_source, bucket, comeback, company, filming, leaving, systems
from governance.demo.browser import Browser
from governance.lib import clock
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused
from governance.people.models import Person

LOG = Path(__file__).parents[2] / "demo" / "logs" / "expenses.csv"
logger = structlog.get_logger(__name__)
AT = {"CP-0001": ["N-1001", "N-1002", company.READS_URDU, *leaving.IN_IT], "CP-0002": ["N-2001", "N-2002"]}
# Of these one a round: enough for the week's figures, which need ten people, and hardly more to do.
IN_TURN = {"CP-0001": cycle([number for number in company.TAKING_PART if number not in leaving.IN_IT])}
ROUNDS = 25


def _policy(base_url: str, key: str) -> dict[str, Any] | None:
    """What may be recorded now; None where nothing may, or nobody answers: then the gate says it."""
    with suppress(*AWAY):
        status, body, _tag = over_http(base_url, key)("GET", "/api/v1/policy", b"", {})
        told: dict[str, Any] = json.loads(body) if status == 200 else {}
        return told if told.get("records") else None
    return None


class Command(BaseCommand):
    help = "Play the capture client and the data team of the demo company."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--every", type=float, default=4.0, help="seconds between two rounds")
        parser.add_argument("--events", type=int, default=12, help="events per person and round")

    def handle(self, *args: Any, **options: Any) -> None:
        logins = json.loads((settings.VAR / "demo" / "logins.json").read_text())
        rows = cycle(list(read_action_logger(LOG, on_unreadable=lambda row: None)))
        extracted: set[str] = set()
        sent = 0
        nudge(
            "capture.reconcile_keys"
        )  # every night; and now, so that it stands on the page from the first day on
        bucket.fill_if_empty()
        # Under EU law, whose period counts already: an order of the sweep stands on the page from the beginning.
        systems.forget_to_clear(os.environ["FEATURE_STORE_OWNER_URL"], Person.objects.get(number="N-2001"))
        docking = filming.Docking(options["base_url"], logins["docking"]) if "docking" in logins else None
        for turn in count():
            if turn == ROUNDS:  # everybody had a turn; a demo of a day to come (--on) has a week to count
                nudge("capture.count_bands")
            for programme, here in AT.items():
                numbers = here + list(islice(IN_TURN.get(programme, ()), 1))
                client = logins["clients"][programme]
                policy = _policy(options["base_url"], client["key"])
                with Poster(
                    options["base_url"],
                    client["key"],
                    programme=programme,
                    device=client["device"],
                    attempts=2,
                ) as poster:
                    for number in numbers:
                        try:
                            read = for_user(islice(rows, options["events"]), number)
                            got = poster.post(
                                at_source.cut(read, policy, clock.now(), sent) if policy else read
                            )
                            sent += options["events"]
                        except (BatchRefused, GateAway):
                            continue  # paused, or the portal is stopping
                        if got.admitted and number not in extracted:
                            # What was taken travels on: the data team's job makes features and extracts of it.
                            person = Person.objects.get(number=number)
                            systems.extract(
                                os.environ["FEATURE_STORE_OWNER_URL"], settings.VAR / systems.FOLDER, person
                            )
                            bucket.extract([person])
                            extracted.add(number)
                        elif not got.admitted:
                            extracted.discard(number)
            if docking:
                docking.dock()
            with suppress(Refused):  # a visitor has paused the programme, say: later, or never
                leaving.go_on()
            self._bring_back(options["base_url"], logins["people"])
            time.sleep(options["every"])

    def _bring_back(self, base_url: str, people: list[dict[str, str]]) -> None:
        relaunch = comeback.waiting()
        if relaunch is None or not comeback.is_probed(relaunch):
            return

        def someone(first_name: str) -> Browser:
            login = next(person for person in people if person["name"].startswith(first_name))
            browser = Browser(base_url)
            browser.sign_in(login["email"], login["password"])
            return browser

        try:
            comeback.bring_back(relaunch, cache(someone))
        except (LookupError, TimeoutError, PermissionError, OSError) as error:
            logger.warning("demo.not_brought_back", because=type(error).__name__)
