"""A certificate says what was found, erased and read back, and what was not; less than done is never called one."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import translation

from governance.audit import merkle
from governance.audit.models import Entry
from governance.exports.models import Dataset, Export, ExportedPerson, ModelRun, Recipient
from governance.lib.canonical import digest
from governance.lib.connectors import Erased, Kept, Residue
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.reports import press, reports
from governance.reports.models import Report
from governance.retention import holds, journal, methods
from governance.retention import orders as raising
from governance.retention.models import Connection, ErasureOrder, Proof
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said

BEFORE, AFTER = date(2026, 11, 23), date(2027, 6, 1)
NOTES = Kept("notes without a date", "notes.body", "no time column (GDPR Art. 5(1)(d))", 2)


@pytest.fixture
def done(cast: Cast, undrawn: None) -> ErasureOrder:
    store, files = orders.system(cast, "store", "Feature store"), orders.system(cast, "files", "Team folders")
    warehouse = orders.system(cast, "bi", "Old warehouse")
    order = orders.withdrawn(cast)
    return orders.carry_out(order, [store, files], kept=(NOTES,), not_searched=[warehouse])


def certificate(cast: Cast, order: ErasureOrder, *, by: Person | None = None, language: str = "en") -> Report:
    return orders.made("certificate", cast, {"order": str(order.pk)}, by=by, language=language)


def test_it_says_everything_that_has_to_be_said(cast: Cast, done: ErasureOrder) -> None:
    text = said(certificate(cast, done))
    for words in (
        "Certificate of erasure", done.number, "N-1001", "Nirmaan Software Pvt Ltd", "A right was used or a period ended. Only the person concerned is told which.",
        "P-0001 Train an agent on the reimbursement workflow", "Clicks and form steps", "Ordered", "Last admitted before that",
        "Read back", "(IST, UTC+05:30)", "Feature store", "Team folders", "India", "every text column, by number and name", "rows deleted",
        "We looked in 2 of the 3 systems registered for what this order covers. Not searched: Old warehouse.",
        " 4 4 0 ", "notes without a date (2)", "Feature store: notes.body", "no time column (GDPR Art. 5(1)(d))",
        "How long backups are kept is not recorded", "It says nothing about copies", "DPDP Act s.8(7)", "with its own key: shows that nothing changed", "It is no qualified electronic signature.",
    ):  # fmt: skip
        assert words in text, words


def test_it_names_the_day_on_which_the_backups_of_each_system_end(cast: Cast, done: ErasureOrder) -> None:
    kept = dict(zip(("store", "files"), (35, 0), strict=True))
    for code, days in kept.items():
        Connection.objects.create(system=DataSystem.objects.get(code=code), kind="sql", backup_days=days)
    proof = Proof.objects.get(order=done, system__code="store")
    ends = proof.read_back_at.astimezone(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=35)
    text = said(certificate(cast, done))
    assert (
        f"overwritten at the latest on: Feature store {ends.day} {ends:%B %Y}. Until then nobody may restore"
        in text
    )
    assert "No backups are made of Team folders." in text and "how long backups" not in text
    Connection.objects.filter(system__code="files").update(backup_days=None)
    assert "It is not recorded how long backups of Team folders are kept." in said(certificate(cast, done))


def test_a_certificate_from_before_backups_were_said_of_each_system_is_still_read(
    cast: Cast, done: ErasureOrder
) -> None:
    report = certificate(cast, done)
    facts = report.facts
    del facts["content"]["backups"]
    facts["content"]["backup_days"] = 35
    assert "overwritten after 35 days at the latest" in press.html_of(report, facts)


def test_the_persons_own_says_that_they_withdrew(cast: Cast, done: ErasureOrder) -> None:
    scope = {"order": str(done.pk), "for": "person"}
    text = said(orders.made("certificate", cast, scope, by=cast.asha))
    assert "The person withdrew the consent." in text and "Consent withdrawn" in text


@pytest.mark.parametrize("language", ["en", "hi"])
def test_no_name_and_no_address_of_the_person_is_on_it(cast: Cast, done: ErasureOrder, language: str) -> None:
    report = certificate(cast, done, language=language)
    whole = press.twin_of(report, report.facts).decode() + press.html_of(report, report.facts)
    assert (
        "Deshmukh" not in whole
        and "asha@" not in whole
        and "Asha" not in whole
        and str(cast.asha.pk) not in whole
    )
    assert "Lata Menon" not in whole and "signed" not in said(report).lower()


def test_in_hindi_every_heading_is_hindi(cast: Cast, done: ErasureOrder) -> None:
    text = said(certificate(cast, done, language="hi"))
    for words in (
        "मिटाने का प्रमाणपत्र",
        "क्या नहीं मिटाया गया",
        "नहीं खोजा गया: Old warehouse",
        "कुंजियाँ और बैकअप",
        "भारत",
    ):
        assert words in text, words
    for words in ("What was", "Certificate", "Found before", "not recorded", "Nothing"):
        assert words not in text, words


def test_law_that_is_not_in_force_is_marked_on_every_mention(cast: Cast, done: ErasureOrder) -> None:
    text = said(certificate(cast, done))
    assert "applied voluntarily, in force from 13 May 2027" in text and "r.8(3)" not in text
    assert "Data Protection Board" not in text, "nobody can complain under a section that is not in force"


def test_the_proof_of_the_log_is_printed_and_holds_offline(cast: Cast, done: ErasureOrder) -> None:
    orders.seal()
    report = certificate(cast, done)
    kept = report.facts["content"]["log"]
    assert Entry.objects.get(pk=kept["entry"]).code == "order.done"
    proof = kept["proof"]
    root = merkle.root_from_proof(
        bytes.fromhex(proof["leaf"]), proof["index"], proof["size"], [bytes.fromhex(p) for p in proof["path"]]
    )
    assert root.hex() == proof["root"]
    text = said(report)
    assert proof["leaf"] in text and proof["root"] in text and proof["checkpoint_hash"] in text


def test_before_the_log_is_sealed_it_says_so(cast: Cast, done: ErasureOrder) -> None:
    assert "recorded, being sealed when this document was made" in said(certificate(cast, done))


def test_the_digest_of_the_proofs_is_printed(cast: Cast, done: ErasureOrder) -> None:
    wanted = digest(sorted(Proof.objects.filter(order=done).values_list("digest", flat=True)))
    assert wanted in said(certificate(cast, done))


def test_an_order_that_is_partly_done_gets_a_statement_with_what_is_left(cast: Cast, undrawn: None) -> None:
    store, files = orders.system(cast, "store", "Feature store"), orders.system(cast, "files", "Team folders")
    order = orders.carry_out(orders.withdrawn(cast), [store, files], left=store)
    assert order.state == "partly"
    text = said(certificate(cast, order))
    assert "Statement on an erasure order" in text and "Certificate" not in text
    assert (
        "This order is not complete." in text and "Feature store: notes.body" in text and "not empty" in text
    )
    assert "Nothing of what this order covers" not in text


@pytest.mark.parametrize(("name", "state"), [("asha", "restricted_hold"), ("nisha", "retention_conflict")])
def test_what_a_law_keeps_is_a_statement_that_says_until_when_and_who_decides(
    cast: Cast, undrawn: None, name: str, state: str
) -> None:
    person = cast.people[name]
    orders.system(cast, "store", "Feature store")
    order = orders.withdrawn(cast)
    outcome = raising.rules.decide(
        raising.rules.OrderFacts(raising.jurisdictions_of(person), order.because, AFTER), AFTER
    )
    assert outcome.state == state
    ErasureOrder.objects.filter(pk=order.pk).update(
        state=state, reasons=list(outcome.reasons), kept_until=outcome.kept_until, law_on=AFTER,
        jurisdictions=sorted(raising.jurisdictions_of(person)),
    )  # fmt: skip
    text = said(certificate(cast, order))
    assert "Statement on an erasure order" in text and "Certificate" not in text
    assert (
        "Nothing was erased under this order." in text
        and "DPDP Rules r.8(3)" in text
        and "voluntarily" not in text
    )
    assert "everything that this order covers" in text and "Feature store" in text
    if state == "restricted_hold":
        assert "1 June 2028" in text and "nobody: it ends by itself" in text
    else:
        assert "GDPR Art. 17(1)(b)" in text and "until it is decided" in text
        assert "the accountable owner of the purpose, after the written advice" in text
    assert "Data Protection Board of India (DPDP Act s.13)" in text


def test_a_held_order_names_no_matter(cast: Cast, undrawn: None) -> None:
    orders.system(cast, "store", "Feature store")
    order = orders.withdrawn(cast)
    matter = holds.open_matter(cast.software, "Deshmukh ./. Nirmaan", by=cast.lata)
    holds.place(because=matter, by=cast.lata, on=cast.asha)
    order.refresh_from_db()
    assert order.state == "held"
    report = certificate(cast, order)
    text = said(report) + press.twin_of(report, report.facts).decode()
    assert "because of a legal claim" in text and "two members of the legal team together" in text
    assert "Deshmukh" not in text and matter.number not in text


def test_a_forgotten_person_has_no_number_and_nothing_is_blank(cast: Cast, done: ErasureOrder) -> None:
    Person.objects.filter(pk=cast.asha.pk).update(number=None, name=None, email=None)
    assert "Person not recorded" in said(certificate(cast, done)).replace("○ ", "")


def test_the_person_gets_their_own_and_the_same_one_again(cast: Cast, done: ErasureOrder) -> None:
    first = reports.ask_for_own_certificate(done, by=cast.asha)
    assert first.language == "hi" and first.about_id == cast.asha.pk
    orders.finish(first)
    assert reports.ask_for_own_certificate(done, by=cast.asha).pk == first.pk


def test_a_statement_is_made_anew_because_the_order_moves_on(cast: Cast, undrawn: None) -> None:
    order = orders.withdrawn(cast)
    first = reports.ask_for_own_certificate(order, by=cast.asha)
    orders.finish(first)
    order.refresh_from_db()
    assert reports.ask_for_own_certificate(order, by=cast.asha).pk != first.pk


def test_an_order_of_another_entity_is_not_certified_by_this_one(cast: Cast, done: ErasureOrder) -> None:
    with pytest.raises(raising.rules.Refused, match="must belong to this entity"):
        reports.ask("certificate", cast.gmbh, {"order": str(done.pk)}, by=cast.lata)


def test_a_certificate_fits_on_two_pages(cast: Cast, drawn: None) -> None:
    systems = [orders.system(cast, f"s{i}", f"System number {i}") for i in range(4)]
    order = orders.carry_out(orders.withdrawn(cast), systems, kept=(NOTES,))
    orders.seal()
    assert [certificate(cast, order, language=code).pages for code in ("en", "hi")] == [2, 2]


@pytest.mark.parametrize("language", ["hi", "de"])
def test_how_it_was_erased_is_said_in_the_readers_language(language: str) -> None:
    with translation.override(language):
        for way in (*methods.WORDS, "rows deleted, by the application's own models; mentions replaced in free text", "asked for by DELETE"):  # fmt: skip
            assert methods.told(way) != way
        assert "; " in methods.told("files deleted; rows taken out of files") and methods.told("") == ""
        assert methods.told("a way that nobody knows") == "a way that nobody knows"


def test_every_way_that_a_connector_names_has_words() -> None:
    named = set()
    for place in ("retention/connectors", "capture/vault.py", "portal.py"):
        path = Path(settings.BASE) / "governance" / place
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text())):
                named |= set(_ways(node))
    assert len(named) > 12 and named <= set(methods.WORDS), named - set(methods.WORDS)


def _ways(node: ast.AST) -> Iterator[str]:
    """What this part of a connector's code says of how it erased: in an Erased(…), in METHODS, or by its `_method`."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Erased":
        said: list[ast.AST] = [*node.args, *(word.value for word in node.keywords)]
    elif (
        isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "METHODS"
        and isinstance(node.value, ast.Dict)
    ):
        said = list(node.value.values)
    elif isinstance(node, ast.FunctionDef) and node.name == "_method":
        said = [one for one in ast.walk(node) if isinstance(one, ast.Return)]
    else:
        return
    while said:
        one = said.pop()
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value:
            yield one.value
        elif not isinstance(
            one, ast.JoinedStr | ast.Compare
        ):  # put together when it runs; what it is asked for
            said += ast.iter_child_nodes(one)


# What the connectors of the demo company really say of where they looked.
LOOKED = {
    "Feature store": ("sessions (id, person_number, workflow)", "features (id, session_id, name)", "notes (id, body)", "models (id, name, trained_on)"),
    "Sammati vault": ("vault.segment, capture_arrival and capture_clip by person and purpose", "stream_key by stream", "1 kept sealed copies, tried with the exporter's door: 0 opened"),
    "Files of the automation team": ("1184 files, every byte, as UTF-8, UTF-16 and escaped JSON, Parquet by its values", "minutes/*.txt: text knows no times, so every mention was replaced"),
    "Recordings of the workshop": ("210 versions of objects, every byte", "remarks/*.txt: text knows no times, so every mention was replaced"),
    "Sammati portal": ("consents_objection by person and purpose",),
}  # fmt: skip
REGISTER = Kept("register of consents, log and proofs", "consents, audit, retention", "proof of what was decided and done; holds opaque ids and codes, no name")  # fmt: skip


HOW = (
    "rows deleted; mentions replaced in free text", "rows deleted, stream key destroyed",
    "files deleted; rows taken out of files; mentions replaced in text",
    "every version deleted; rows taken out of objects, older versions deleted; mentions replaced in text, older versions deleted",
    "free text emptied",
)  # fmt: skip


def _left(cast: Cast) -> None:
    """Something of hers went into a dataset before, and a model was trained with it."""
    recipient = Recipient.objects.create(
        entity=cast.software,
        name="Model team, Pune",
        public_key=b"0" * 32,
        fingerprint="0" * 64,
        registered_by=cast.bela,
    )
    today = date.today()
    export = Export.objects.create(
        number="X-2026-000001", entity=cast.software, programme=cast.programme, recipient=recipient, why="To train.", fields={},
        since=today, until=today, asked_by=cast.bela,
    )  # fmt: skip
    ExportedPerson.objects.create(export=export, person=cast.asha, subject="a" * 32, events=1)
    dataset = Dataset.objects.create(
        number="D-2026-000001", export=export, entity=cast.software, name="Steps of reimbursements, first set", holder=cast.bela,
        registered_by=cast.bela, registered_at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    ModelRun.objects.create(
        dataset=dataset,
        name="Reimbursement agent",
        version="0.3",
        trained_at=datetime(2026, 11, 2, tzinfo=UTC),
        registered_by=cast.bela,
    )


@pytest.mark.parametrize("language", ["hi", "de"])
def test_where_was_looked_is_said_in_the_readers_language(language: str) -> None:
    blanks = {"n": "7", "opened": "0", "place": "minutes/*.txt", "digest": "ab12"}
    with translation.override(language):
        for said, _words in methods.PLACES:
            english = said.format(**blanks)
            told = methods.looked(english)
            assert told != english and all(
                value in told for name, value in blanks.items() if f"{{{name}}}" in said
            ), said
        assert methods.looked("notes (id, body)") == "notes (id, body)"
    with translation.override("en"):
        for said, _words in methods.PLACES:
            assert methods.looked(said.format(**blanks)) == said.format(**blanks).replace("'", "’")


@pytest.mark.parametrize("language", ["en", "hi", "de"])
def test_five_systems_fit_on_two_pages(cast: Cast, drawn: None, language: str) -> None:
    order = orders.withdrawn(cast)
    claim = journal.claim(order.pk)
    assert claim is not None
    searched = []
    _left(cast)
    for i, (name, looked) in enumerate(LOOKED.items()):
        system = orders.system(cast, f"s{i}", name)
        for step in journal.plan(claim, system, ["all"]):
            journal.begin(claim, step, 13)
            journal.erased(claim, step, Erased(13, method=HOW[i]), 0)
        kept = (REGISTER,) if i == 4 else (NOTES,) if i == 0 else ()
        journal.proved(claim, system, orders.Answering(), Residue(0, looked_at=looked, kept=kept))  # type: ignore[arg-type]
        searched.append(system)
    journal.settle(claim, searched, [])
    orders.seal()
    report = certificate(cast, order, language=language)
    assert report.pages == 2
