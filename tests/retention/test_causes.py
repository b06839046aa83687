"""Why an order is there is often what one person chose: only they and the DPO are told it, and they see who looked."""

import json
from typing import Any

import pytest
from django.utils.html import escape

from governance.audit.models import Entry
from governance.consents import optouts
from governance.reports import reports
from governance.reports.kinds import certificate, retention
from governance.reports.models import Report
from governance.retention import reads
from governance.retention.models import ChoiceRead, ErasureOrder
from governance.retention.wording import BECAUSE, UNTOLD
from tests.cast import Cast
from tests.reports import orders
from tests.visits import visit, words

CHOSEN = ("Consent was withdrawn", "The person opted out", "withdrawn", "opted out")


def withdrawn(cast: Cast) -> ErasureOrder:
    return orders.withdrawn(cast, cast.bela, events=0)


@pytest.mark.parametrize(("name", "told"), [("dev", True), ("lata", False), ("arun", False)])
def test_the_cause_is_told_to_the_dpo_and_to_no_other_role(cast: Cast, name: str, told: bool) -> None:
    order = withdrawn(cast)
    with visit(cast.people[name]) as client:
        for address in ("/erasures/", f"/erasures/{order.pk}"):
            page = words(client.get(address))
            assert ("Consent was withdrawn" in page) is told
            assert (str(UNTOLD) in page) is not told
    assert Entry.objects.filter(code=reads.CODE, by_id=cast.people[name].pk).exists() is told
    assert ChoiceRead.objects.filter(person_id=cast.bela.pk, reader_id=cast.people[name].pk).exists() is told


@pytest.mark.parametrize("because", sorted(BECAUSE))
def test_only_what_nobody_chose_is_told_to_legal(cast: Cast, because: str) -> None:
    order = withdrawn(cast)
    ErasureOrder.objects.filter(pk=order.pk).update(because=because)
    with visit(cast.lata) as client:
        page = words(client.get(f"/erasures/{order.pk}"))
    open_ = because in ("rule.due", "employment.ended", "purpose.ended")
    assert (str(BECAUSE[because]) in page) is open_ and (str(UNTOLD) in page) is not open_


def test_the_person_reads_their_own_cause(cast: Cast) -> None:
    order = withdrawn(cast)
    with visit(cast.bela) as client:
        assert str(UNTOLD) not in words(client.get(f"/me/erasures/{order.pk}"))


@pytest.mark.parametrize("name", ["lata", "dev"])
def test_a_certificate_for_others_states_no_choice(cast: Cast, name: str) -> None:
    """It leaves the house: whoever asked for it, anybody may come to hold it."""
    order = withdrawn(cast)
    report = reports.ask("certificate", order.entity, {"order": order.pk}, by=cast.people[name])
    said = json.dumps(certificate.facts(report), default=str)
    assert '"untold"' in said and not any(word in said for word in ("consent.withdrawn", *CHOSEN))


def test_the_persons_own_certificate_tells_the_cause_and_no_role_opens_it(cast: Cast) -> None:
    order = withdrawn(cast)
    report = reports.ask_for_own_certificate(order, by=cast.bela)
    assert certificate.facts(report)["order"]["because"] == "consent.withdrawn"
    for name in ("dev", "lata", "arun"):
        assert not Report.objects.visible_to(cast.people[name]).filter(pk=report.pk).exists()
        with visit(cast.people[name]) as client:
            assert client.get(f"/reports/{report.pk}").status_code == 404
    with visit(cast.bela) as client:
        assert client.get(f"/reports/{report.pk}").status_code == 200


def test_nobody_asks_for_the_persons_own_certificate_in_their_place(cast: Cast) -> None:
    order = withdrawn(cast)
    with pytest.raises(reports.Refused) as refused:
        reports.ask("certificate", order.entity, {"order": order.pk, "for": "person"}, by=cast.lata)
    assert refused.value.code == "personal"


def test_the_retention_report_names_no_choice(cast: Cast) -> None:
    order = withdrawn(cast)
    ErasureOrder.objects.filter(pk=order.pk).update(created_at="2026-09-01T00:00:00Z")
    month = f"{order.created_at:%Y-%m}"
    report = reports.ask("retention", order.entity, {"period": month}, by=cast.lata)
    content = retention.facts(report)
    assert content["late"] and not any(
        word in json.dumps(content, default=str) for word in ("consent.withdrawn", *CHOSEN)
    )


@pytest.mark.parametrize("name", ["arun", "dev"])
def test_the_log_leads_from_nobodys_word_to_an_order(cast: Cast, name: str) -> None:
    order = withdrawn(cast)
    with visit(cast.people[name]) as client:
        for code in ("consent", "order"):
            page = client.get(f"/log/?code={code}").content.decode()
            assert code + "." in page and "because" not in page
            assert escape(str(cast.bela.pk)[:8]) not in page
            if code == "consent":
                assert str(order.pk)[:8] not in page


def test_an_opt_out_register_that_is_taken_away_is_shown_to_those_in_it(cast: Cast) -> None:
    optouts.opt_out(by=cast.bela, purpose=cast.purpose)
    report: Any = reports.ask("optouts", cast.software, {"period": "2026-11"}, by=cast.dev)
    orders.finish(report)
    report.refresh_from_db()
    assert reports.hand_over(report, "json", by=cast.dev) is not None
    assert ChoiceRead.objects.get(person_id=cast.bela.pk).how == "optouts"
    assert not ChoiceRead.objects.filter(person_id=cast.asha.pk).exists()
