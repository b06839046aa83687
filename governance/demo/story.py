"""The main job from end to end, against the running portal, as the people and the client would do it.

It signs in, reads pages and submits forms over HTTP; it looks into the database only to see when something is done and
what is left. Every step holds or raises Broken.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from governance.audit import keys as log_keys
from governance.audit import sealer
from governance.audit.models import Entry, Leaf
from governance.capture import vault
from governance.capture.client.action_logger import read_action_logger
from governance.capture.client.balabit import mouse_files, read_balabit
from governance.capture.client.events import deal, for_user
from governance.capture.client.poster import Poster, Totals
from governance.capture.models import Arrival, Programme
from governance.consents.models import ConsentRecord, Stream
from governance.demo import bucket, canaries, comeback, leaks, systems
from governance.demo.browser import Browser, Page, until
from governance.incidents.models import Probe
from governance.lib import packs
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.reports.models import Report
from governance.retention.models import ErasureOrder, Proof, Step

ENDED = ("done", "partly", "needs_attention", "restricted_hold", "retention_conflict", "held")


class Broken(Exception):
    """A step of the job did not hold."""


def hold(true: Any, otherwise: str) -> None:
    if not true:
        raise Broken(otherwise)


@dataclass
class Story:
    base_url: str
    logins: dict[str, Any]
    ui_log: Path
    mouse_log: Path | None
    on: date
    say: Callable[[str], None]
    relaunch: bool = False  # the self-test runs beside the story, and takes some minutes
    plant_leak: bool = False  # the test of the hunter: one refused value is written into a log on purpose
    seconds: dict[str, float] = field(default_factory=dict)
    posted: Totals = field(default_factory=Totals)
    found: leaks.Findings | None = None
    reports: list[str] = field(default_factory=list)
    orders: list[ErasureOrder] = field(default_factory=list)
    log_verified: bool = False
    relaunched: str = ""

    def __post_init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.hunter = leaks.Hunter.for_logs([self.ui_log])
        self.planted: list[canaries.Canary] = []
        self.opened: list[bytes] = []
        self.early = self.on < packs.provisions()["dpdp.r8-3"].from_

    # -- people ----------------------------------------------------------------------------------------------

    def someone(self, first_name: str) -> Browser:
        """This person's browser, signed in."""
        if first_name not in self.browsers:
            login = next(p for p in self.logins["people"] if p["name"].startswith(first_name))
            browser = Browser(self.base_url)
            browser.sign_in(login["email"], login["password"])
            self.browsers[first_name] = browser
        return self.browsers[first_name]

    def person(self, first_name: str) -> Person:
        return Person.objects.get(name__startswith=first_name)

    @contextmanager
    def step(self, name: str, words: str) -> Iterator[None]:
        began = time.monotonic()
        self.say(f"· {words}")
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)

    # -- the job ---------------------------------------------------------------------------------------------

    def tell(self) -> dict[str, Any]:
        with self.step(
            "register", "Dev opens the register: one purpose, two laws, a notice in English and Hindi"
        ):
            self.the_register_is_there()
        with self.step(
            "consent", "Asha reads the notice in Hindi, switches two signals on and keeps her receipt"
        ):
            self.gives("Asha", ["ui_event", "app_usage"], "hi")
            self.bela_was_never_asked()
        with self.step(
            "capture", "Agent posts both people's events; the gate keeps what Asha allowed, cut down"
        ):
            self.post_everything()
        with self.step("withdrawal", "Asha withdraws with one click; the next batch is refused"):
            self.withdraws("Asha")
            self.the_next_batch_is_refused()
        with self.step(
            "erasure", "The eraser carries the order out in every system, and reads each one back"
        ):
            self.is_carried_out("Asha", "done" if self.early else "restricted_hold")
        if not self.early:
            with self.step("both_laws", "Emil (EU law) and Nisha (both laws) withdraw too"):
                self.others_withdraw()
        if self.relaunch:
            with self.step(
                "relaunch",
                "A programme that an incident stopped comes back: every control shown, three signatures",
            ):
                self.a_programme_comes_back()
        with self.step("reports", "Lata asks for two PDFs; those who may get them, others do not"):
            self.lata_gets_two_pdfs()
        with self.step("log", "Arun verifies the log; Meera sees a band and no names; Ira sees no content"):
            self.the_log_holds()
            self.nobody_sees_too_much()
        with self.step("leaks", "Search everything that was written for what was refused"):
            self.search()
        return self.result()

    def the_register_is_there(self) -> None:
        purpose = Purpose.objects.get(number="P-0001")
        page = self.someone("Dev").get(f"/register/{purpose.pk}/")
        hold(
            page.status == 200 and "reimbursement" in page.text, "The purpose does not stand in the register."
        )
        notice = purpose.published_notice()
        hold(
            notice and {"en", "hi"} <= set(notice.texts.values_list("language", flat=True)),
            "The notice is not there.",
        )
        hold(
            purpose.retention_rules.exists() and purpose.systems.exists(),
            "It has no retention rule or no systems.",
        )

    def choices(self, who: str, language: str = "en") -> Page:
        page = self.someone(who).get(f"/me/?lang={language}")
        hold(page.status == 200, f"{who}'s page answered {page.status}.")
        return page

    def gives(self, who: str, signals: list[str], language: str) -> None:
        """Gives in the browser, and waits until the streams have their keys."""
        page = self.choices(who, language)
        form = page.form("/give/")
        hold(
            not [n for n, _v in form.fields if n == "signals"],
            "Something was switched on before anybody chose.",
        )
        hold(
            set(form.offered["signals"]).isdisjoint({"typed_text", "screen_content"}),
            "A blocked signal was offered.",
        )
        receipt = self.someone(who).submit(page, form, signals=signals)
        hold("/receipts/" in receipt.url, f"{who} got no receipt.")
        person = self.person(who)
        on = set(
            ConsentRecord.objects.filter(person=person, status="given", ended_at=None).values_list(
                "signal", flat=True
            )
        )
        hold(on == set(signals), "Other signals are on than were chosen.")
        asked = self.someone(who).submit(receipt, receipt.form("/reports/"))
        pdf = self._download(self.someone(who), asked.url, "pdf")
        hold(pdf.startswith(b"%PDF"), "The receipt is no PDF.")
        wanted = len(signals)
        until(
            lambda: Stream.objects.filter(person=person, state="open").count() >= wanted,
            what="the streams' keys",
        )

    def bela_was_never_asked(self) -> None:
        page = self.choices("Bela")
        hold(
            "Nothing is recorded about you" in page.text, "Bela's page does not say that nothing is recorded."
        )
        hold(not ConsentRecord.objects.filter(person=self.person("Bela")).exists(), "Bela has a record.")

    def poster(self, programme: str = "CP-0001") -> Poster:
        client = self.logins["clients"][programme]
        return Poster(self.base_url, client["key"], programme=programme, device=client["device"])

    def post_everything(self) -> None:
        """The UI log for both people, the mouse logs dealt to them in turn, and fifty canaries."""
        both = [self.person("Asha").number or "", self.person("Bela").number or ""]
        client = self.logins["clients"]["CP-0001"]
        self.planted = list(
            canaries.canaries(
                programme="CP-0001", device=client["device"], consenting=both[0], never_asked=both[1], key=client["key"],
                other_key=self.logins["clients"]["CP-0002"]["key"],
            )
        )  # fmt: skip
        self.hunter = leaks.Hunter.for_logs([self.ui_log], planted=[c.wanted for c in self.planted])
        self.hunter.learn(
            [
                settings.VAR,
                *(settings.BASE / name for name in ("governance", "templates", "static")),
                settings.BUILD,
            ]
        )
        with self.poster() as poster:
            for number in both:
                poster.post(for_user(read_action_logger(self.ui_log, on_unreadable=lambda row: None), number))
            if self.mouse_log:
                for path, number in deal(mouse_files(self.mouse_log), both):
                    poster.post(for_user(read_balabit(path, on_unreadable=lambda row: None), number))
            self.posted = poster.totals
        totals = self.posted
        hold(
            totals.posted == totals.admitted + sum(totals.turned_away.values()),
            "The gate's counts do not add up.",
        )
        hold(
            totals.admitted > 0 and totals.turned_away.get("not_permitted", 0) > 0,
            "The gate decided nothing.",
        )
        hold(
            not Arrival.objects.filter(person__name__startswith="Bela").exists(),
            "Something of Bela's was kept.",
        )
        for canary in self.planted:
            status = canaries.send(canary, self.base_url)
            hold(
                status is None or status in canary.answers,
                f"The canary in “{canary.name}” was answered with {status}.",
            )
        self.data_team("Asha")
        streams = list(Stream.objects.filter(person=self.person("Asha")).values_list("pk", flat=True))
        self.opened = [json.dumps(event, ensure_ascii=False).encode() for event in vault.opened(streams)]
        hold(len(self.opened) >= totals.admitted, "The vault holds fewer events than were admitted.")
        self.say(
            f"  {totals.posted:,} posted, {totals.admitted:,} admitted, {sum(totals.turned_away.values()):,} turned away"
        )

    def data_team(self, who: str) -> None:
        """What was taken travels on, as in every company: features and extracts made of it lie in other systems."""
        systems.extract(
            os.environ["FEATURE_STORE_OWNER_URL"], settings.VAR / systems.FOLDER, self.person(who)
        )
        bucket.extract([self.person(who)])

    def withdraws(self, who: str) -> None:
        page = self.choices(who)
        receipt = self.someone(who).submit(page, page.form("/withdraw/"))
        hold("/receipts/" in receipt.url, f"{who} got no receipt for the withdrawal.")

    def the_next_batch_is_refused(self) -> None:
        with self.poster() as poster:
            number = self.person("Asha").number or ""
            again = poster.post(
                for_user(read_action_logger(self.ui_log, on_unreadable=lambda row: None), number)
            )
        hold(again.admitted == 0, "Something was admitted after the withdrawal.")
        hold(
            set(again.turned_away) <= {"not_permitted", "not_declared", "application_not_listed"},
            "Another code was heard.",
        )
        for code, count in again.turned_away.items():
            self.posted.turned_away[code] = self.posted.turned_away.get(code, 0) + count
        self.posted.posted += again.posted

    def is_carried_out(self, who: str, state: str) -> ErasureOrder:
        order = ErasureOrder.objects.filter(person=self.person(who)).latest("created_at")
        until(
            lambda: ErasureOrder.objects.get(pk=order.pk).state in ENDED,
            seconds=120,
            what=f"order {order.number}",
        )
        order.refresh_from_db()
        left = "; ".join(
            f"{s.system.code}: {s.fault or s.residue}"
            for s in Step.objects.filter(order=order)
            if s.state != "verified"
        )
        hold(order.state == state, f"Order {order.number} is {order.state}, not {state}. {left}")
        if state == "done":
            proofs = Proof.objects.filter(order=order).count()
            hold(
                proofs == order.purpose.systems.count(),
                f"{proofs} proofs for {order.purpose.systems.count()} systems.",
            )  # type: ignore[union-attr]
            streams = Stream.objects.filter(pk__in=order.streams)
            hold(not streams.exclude(state="destroyed").exists(), "A stream's key is still there.")
        self.orders.append(order)
        self.say(
            f"  order {order.number} for {who}: {order.get_state_display()}; {'; '.join(r for r in order.reasons if isinstance(r, str))}"
        )
        return order

    def others_withdraw(self) -> None:
        for who, language, state in (("Emil", "de", "done"), ("Nisha", "en", "retention_conflict")):
            self.gives(who, ["ui_event"], language)
            with self.poster("CP-0002") as poster:
                got = poster.post(
                    for_user(
                        read_action_logger(self.ui_log, on_unreadable=lambda row: None),
                        self.person(who).number or "",
                    )
                )
            hold(got.admitted > 0, f"Nothing of {who}'s was admitted.")
            self.data_team(who)
            self.withdraws(who)
            self.is_carried_out(who, state)

    def a_programme_comes_back(self) -> None:
        relaunch = comeback.waiting()
        if relaunch is None:
            raise Broken("No programme waits to be brought back.")
        home = f"/programmes/{relaunch.programme_id}/"
        page = self.someone("Omar").get(home)
        self.someone("Omar").submit(page, page.form(f"{home}start/"))
        hold(Programme.objects.get(pk=relaunch.programme_id).state == "paused", "It could simply be started.")
        until(
            lambda: comeback.is_probed(relaunch),
            seconds=900,
            what="the exposure self-test to be refused everywhere",
        )
        programme = comeback.bring_back(relaunch, self.someone)
        states = sorted(Programme.objects.values_list("state", flat=True))
        hold(states.count("running") >= 3 and states.count("paused") == 2, f"Programmes are {states}.")
        self.relaunched = programme.number
        self.say(
            f"  {programme.number} runs again; its self-test: {Probe.objects.order_by('-at')[0].tried} tries, all refused"
        )

    # -- papers ----------------------------------------------------------------------------------------------

    def lata_gets_two_pdfs(self) -> None:
        lata, home = self.someone("Lata"), settings.VAR / "demo" / "reports"
        home.mkdir(parents=True, exist_ok=True)
        entity = Purpose.objects.get(number="P-0001").entity_id
        for kind, chosen in (("register", {"entity": entity}), ("certificate", {"order": self.orders[0].pk})):
            page = lata.get(f"/reports/new?kind={kind}")
            asked = lata.submit(page, page.form("/reports/new"), language="en", **chosen)
            hold(asked.url.rsplit("/", 1)[-1].count("-") == 4, f"The report “{kind}” was not asked for.")
            pdf = self._download(lata, asked.url, "pdf")
            path = home / f"{kind}.pdf"
            path.write_bytes(pdf)
            self.reports.append(
                str(path.relative_to(settings.BASE) if path.is_relative_to(settings.BASE) else path)
            )
            report = Report.objects.get(pk=asked.url.rstrip("/").rsplit("/", 1)[-1])
            for stranger in ("Bela", "Ira", "Meera"):
                refused = self.someone(stranger).get(f"/reports/{report.pk}/pdf")
                hold(refused.status in (403, 404), f"{stranger} could download {kind}.")

    def _download(self, browser: Browser, url: str, kind: str) -> bytes:
        """Wait on the report's own page until it is ready, then download it."""
        number = url.rstrip("/").rsplit("/", 1)[-1]
        until(
            lambda: Report.objects.get(pk=number).state in ("ready", "failed"), seconds=120, what="the report"
        )
        page = browser.get(f"/reports/{number}/{kind}")
        hold(page.status == 200, f"The download answered {page.status}.")
        return page.body

    # -- those who watch -------------------------------------------------------------------------------------

    def the_log_holds(self) -> None:
        until(lambda: Leaf.objects.count() == Entry.objects.count(), what="the log to be sealed")
        findings = list(
            sealer.verify(settings.CHECKPOINTS, check_signature=log_keys.checker(settings.CHECKPOINTS))
        )
        hold(not findings, f"The log does not verify: {findings[:1]}")
        arun = self.someone("Arun")
        hold(arun.get("/log/").status == 200, "The auditor does not see the log.")
        page = arun.get("/log/verify/")
        checked = arun.submit(page, page.form("verify"))
        hold(checked.status == 200, "The auditor cannot verify the log on the page.")
        self.log_verified = True

    def nobody_sees_too_much(self) -> None:
        meera = self.someone("Meera").get("/programmes/")
        hold(meera.status == 200 and "Asha" not in meera.text, "The manager's page names somebody.")
        programme = Purpose.objects.get(number="P-0001").programmes.get(number="CP-0001")
        detail = self.someone("Meera").get(f"/programmes/{programme.pk}/")
        hold(
            detail.status == 200 and not any(n in detail.text for n in ("Asha", "Bela", "N-1001")),
            "The manager learns who.",
        )
        for path in ("/erasures/", "/reports/", "/log/", f"/register/{programme.purpose_id}/"):
            hold(self.someone("Ira").get(path).status in (403, 404), f"The administrator reaches {path}.")

    def search(self) -> None:
        time.sleep(1.2)  # the broker writes its append file once a second
        blobs = [("decrypted vault", b"\n".join(self.opened))]
        self.found = self.hunter.search([settings.VAR], blobs)
        if self.plant_leak:
            hold(self.found.leaks == 0, "Something lay there before it was planted.")
            (settings.VAR / "log" / "planted.log").write_text(f"oops {self.planted[0].value}\n")
            self.found = self.hunter.search([settings.VAR], blobs)
        self.say(
            f"  {self.found.searched} refused values and canaries, {self.found.not_distinctive} not distinctive,"
            f" in {self.found.files} files, {self.found.bytes / 1e6:,.0f} MB: {self.found.leaks} found"
        )
        for leak in self.found.found[:10]:
            places = ", ".join(f"{place.where}" for place in leak.places[:3])
            self.say(f"  leak: {leak.label} in {places}")

    def result(self) -> dict[str, Any]:
        steps = Step.objects.filter(order__in=[order.pk for order in self.orders]).select_related("system")
        erased: dict[str, int] = {}
        residue: dict[str, int] = {}
        for row in steps:
            erased[row.system.code] = erased.get(row.system.code, 0) + row.erased
            residue[row.system.code] = max(residue.get(row.system.code, 0), row.found_after or 0)
        return {
            "posted": self.posted.posted,
            "admitted": self.posted.admitted,
            "turned_away": self.posted.turned_away,
            "bytes_kept": self.posted.bytes_kept,
            "leaks": self.found.leaks if self.found else -1,
            "searched": self.found.searched if self.found else 0,
            "erased": erased,
            "residue": residue,
            "orders": {order.number: order.state for order in self.orders},
            "reports": self.reports,
            "relaunched": self.relaunched,
            "log_verified": self.log_verified,
            "seconds": self.seconds,
            "law_on": self.on.isoformat(),
        }

    def holds(self) -> bool:
        """Did everything hold, the leak search included?"""
        done = all(count == 0 for count in self.result()["residue"].values())
        return bool(
            self.found and self.found.leaks == 0 and self.found.complete and self.log_verified and done
        )
