"""Legal finds, previews, compares and takes away; what stands in no URL, and what nobody's eyes reach."""

import dataclasses
import json
from typing import Any

import pytest

from governance.audit.models import Entry
from governance.purposes import versions
from governance.purposes.activity import Activity
from governance.reports import differences, reports
from governance.reports.models import Report
from tests import make
from tests.cast import Cast
from tests.reports import orders
from tests.visits import visit, words


@pytest.fixture
def shelf(cast: Cast, undrawn: None) -> dict[str, Report]:
    order = orders.carry_out(orders.withdrawn(cast), [orders.system(cast, "store", "Feature store")])
    return {
        "register": orders.made("register", cast),
        "evaluation": orders.made("evaluation", cast, {"purpose": str(cast.purpose.pk)}),
        "requests": orders.made("requests", cast, {"period": "2026-11"}, by=cast.dev),
        "certificate": orders.made("certificate", cast, {"order": str(order.pk)}),
        "hindi": orders.made("register", cast, language="hi"),
    }


def listed(page: Any, shelf: dict[str, Report]) -> set[str]:
    text = page.content.decode().split('id="kinds"')[0].split('id="due"')[0]
    return {name for name, report in shelf.items() if report.number in text}


def test_words_are_searched_for_by_post_and_stand_in_no_address(cast: Cast, shelf: dict[str, Report]) -> None:
    order = Report.objects.get(pk=shelf["certificate"].pk).facts["content"]["order"]["number"]
    with visit(cast.dev) as dev:
        for sought, found in (
            (shelf["register"].number, {"register"}), ("purpose register", {"register", "hindi"}), ("P-0001", {"evaluation"}),
            ("reimbursement", {"evaluation"}), (order, {"certificate"}), ("nothing like it", set()), ("' OR 1=1 --", set()), ("%", set()),
        ):  # fmt: skip
            page = dev.post("/reports/", {"words": sought})
            assert page.status_code == 200 and listed(page, shelf) == found, sought
        assert dev.post("/reports/", {"words": ""}).status_code == 200
    with visit(cast.lata) as lata:
        page = lata.post("/reports/", {"words": "request log"})
        assert "requests" not in listed(page, shelf), "her role shows no requests"


def test_codes_of_filters_stand_in_the_address(cast: Cast, shelf: dict[str, Report]) -> None:
    with visit(cast.dev) as dev:
        assert (
            listed(dev.get("/reports/?period=2026-11"), shelf) == {"requests"}
            or not shelf["requests"].ready_at
        )
        assert listed(dev.get("/reports/?language=hi"), shelf) == {"hindi"}
        assert listed(dev.get("/reports/?kind=register&language=en"), shelf) == {"register"}
        for old in ("kind=nonsense", "period=1999-01", "entity=GONE", "language=xx"):
            assert listed(dev.get(f"/reports/?{old}"), shelf) == set(), (
                "what a filter does not know widens nothing"
            )
    with visit(cast.lata) as lata:
        refused = lata.post("/reports/pack", {"kind": "nonsense"}, follow=True)
        assert "so there is nothing to pack" in words(refused)


def test_what_changed_is_told_in_words_and_numbers(cast: Cast, undrawn: None) -> None:
    before = orders.made("register", cast)
    with visit(cast.lata) as lata:
        assert "no other one to compare with" in words(lata.get(f"/reports/{before.pk}/changes"))
    entered = versions.enter(cast.software, Activity(name="Brand new"), by=cast.dev)
    number = getattr(entered, "number", None) or entered.purpose.number
    after = orders.made("register", cast)
    n = len(before.facts["content"]["activities"])
    with visit(cast.lata) as lata:
        page = words(lata.get(f"/reports/{after.pk}/changes"))
        assert f"activities: {n} → {n + 1}; 1 new" in page
        assert str(number) in page and before.number in page and after.number in page
        assert lata.get(f"/reports/{after.pk}/changes?with=G-0000-000000").status_code == 200
    with visit(cast.asha) as asha:
        assert asha.get(f"/reports/{after.pk}/changes").status_code == 404


def test_the_same_twice_differs_in_nothing(cast: Cast, undrawn: None) -> None:
    orders.made("register", cast)
    again = orders.made("register", cast)
    with visit(cast.lata) as lata:
        assert "Nothing: both say the same" in words(lata.get(f"/reports/{again.pk}/changes"))


def test_rows_belong_together_by_what_names_them_and_not_by_their_place() -> None:
    before = {
        "rows": [{"number": "P-1", "name": "A"}, {"number": "P-2", "name": "B"}],
        "count": 2,
        "read_at": "x",
    }
    after = {
        "rows": [{"number": "P-3", "name": "C"}, {"number": "P-2", "name": "Z"}],
        "count": 2,
        "read_at": "y",
    }
    found = differences.between(before, after)
    assert [(c.path, c.kind, c.before, c.after) for c in found.changes] == [
        (("rows", "P-1"), "removed", "number: P-1; name: A", ""),
        (("rows", "P-3"), "added", "", "number: P-3; name: C"),
        (("rows", "P-2", "name"), "changed", "B", "Z"),
    ]
    (count,) = found.counts
    assert (count.before, count.after, count.added, count.removed, count.changed) == (2, 2, 1, 1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, {}), ({"a": []}, {"a": [{"b": 1}]}), ({"a": None}, {"a": {"b": [1, 2]}}), ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": [{}, {}]}, {"a": [{}]})],
)  # fmt: skip
def test_odd_facts_can_be_compared_too(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = differences.between(before, after)
    assert bool(found.changes) == (before != after)


def test_a_preview_says_what_it_would_say_and_leaves_nothing(cast: Cast, undrawn: None) -> None:
    before = Entry.objects.count()
    with visit(cast.lata) as lata:
        for kind, data in (
            ("register", {"entity": cast.software.pk}), ("evaluation", {"purpose": cast.purpose.pk}), ("changes", {"entity": cast.software.pk, "since": "2026-01-01"}),
            ("ledger", {"purpose": cast.purpose.pk, "period": _period()}), ("retention", {"entity": cast.software.pk, "period": _period()}),
        ):  # fmt: skip
            page = lata.post(f"/reports/new?kind={kind}", data | {"language": "en", "preview": "1"})
            text = words(page)
            assert page.status_code == 200 and "What it would say now" in text, (kind, text[:2000])
        page = words(
            lata.post(
                "/reports/new?kind=register", {"entity": cast.software.pk, "language": "en", "preview": "1"}
            )
        )
        assert "Train an agent on the reimbursement workflow" in page
        bad = lata.post("/reports/new?kind=register", {"entity": "", "language": "en", "preview": "1"})
        assert "What it would say now" not in words(bad)
    assert not Report.objects.exists() and Entry.objects.count() == before


def test_every_kind_can_be_previewed_with_the_rights_of_the_web_process(cast: Cast, undrawn: None) -> None:
    with visit(cast.dev) as dev:
        for kind, data in (
            ("requests", {"entity": cast.software.pk, "period": _period()}), ("optouts", {"entity": cast.software.pk, "period": _period()}),
            ("audit_extract", {"entity": cast.software.pk, "period": _period()}), ("processors", {"entity": cast.software.pk}),
            ("programme", {"programme": cast.programme.pk}), ("deletion_run", {"entity": cast.software.pk, "day": "2026-01-05"}),
        ):  # fmt: skip
            text = words(dev.post(f"/reports/new?kind={kind}", data | {"language": "en", "preview": "1"}))
            assert "What it would say now" in text, (kind, text[:3000])


def test_a_preview_that_takes_too_long_is_refused_in_words(cast: Cast, monkeypatch: Any) -> None:
    from datetime import timedelta

    from django.db import connection

    from governance.lib.refusals import Refused
    from governance.reports import kinds, previewing

    def slow(_report: Report) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return {}

    monkeypatch.setattr(previewing, "PATIENCE", timedelta(milliseconds=100))
    monkeypatch.setitem(kinds.KINDS, "register", dataclasses.replace(kinds.KINDS["register"], facts=slow))
    with pytest.raises(Refused) as refused:
        previewing.of("register", cast.software, {}, by=cast.lata, language="en")
    assert refused.value.code == "too_large"


def _period() -> str:
    from governance.lib import clock
    from governance.reports.kinds import period

    return period.recent(clock.now().date())[0]


def test_who_may_not_ask_previews_nothing(cast: Cast) -> None:
    for person in (cast.arun, cast.asha, cast.ira):
        with visit(person) as client:
            answer = client.post(
                "/reports/new?kind=register", {"entity": cast.software.pk, "language": "en", "preview": "1"}
            )
            assert answer.status_code == 403


def test_a_register_and_a_receipt_say_it_in_linked_data_too(cast: Cast, drawn: None) -> None:
    import io

    import pikepdf

    from governance.consents import receipts, signing
    from governance.lib import clock
    from tests.servers import folder

    receipt = make.consent(cast.asha, cast.purpose, "ui_event")
    home = folder() / "receipt-keys-of-reports"
    orders.seal()
    receipts.sign_waiting(clock.now(), sign=signing.signer(home, home, clock.now()))
    made = [
        orders.made("register", cast), orders.made("fiche", cast, {"purpose": str(cast.purpose.pk)}),
        reports.ask_for_receipt(receipt, by=cast.asha),
    ]  # fmt: skip
    orders.finish(made[2])
    for report, word in zip(
        made, ("dpv:RecordsOfActivities", "dpv:RecordsOfActivities", "dpv:ConsentReceipt"), strict=True
    ):
        assert report.state == "ready", report.fault
        with pikepdf.open(io.BytesIO(bytes(report.files.get(kind="pdf").content))) as pdf:
            assert set(pdf.attachments) == {f"{report.number}.json", f"{report.number}.jsonld"}
            body = bytes(pdf.attachments[f"{report.number}.jsonld"].get_file().read_bytes())
            assert {str(one.UF) for one in pdf.Root.AF} == set(pdf.attachments), "associated files of PDF/A-3"
        assert word in body.decode() and "@context" in json.loads(body)
        assert not any(cast.people[name].name in body.decode() for name in ("asha", "omar", "lata"))
