"""The sign at a door as a document: one sheet in each language of the notice, for whoever may see programmes."""

import pytest
from django.urls import reverse

from governance.capture.models import Programme
from governance.demo.factory import Line
from governance.lib.refusals import Refused
from governance.reports import press, reports
from governance.reports.models import Report
from tests.capture import worn
from tests.cast import Cast
from tests.reports import orders
from tests.reports.conftest import said
from tests.visits import visit, words


@pytest.fixture
def line(cast: Cast) -> Line:
    return worn.line(cast)


def test_the_steward_gets_it_as_a_document_in_each_language_of_the_notice(
    cast: Cast, line: Line, undrawn: None
) -> None:
    address = reverse("reports:door_sign", args=[line.programme.pk])
    with visit(line.steward) as client:
        page = client.get(reverse("capture:sign", args=[line.programme.pk]))
        assert address in page.text and "As a PDF to print" in words(page)
        answer = client.post(address, {"zone": "press-2"})
    report = Report.objects.get(kind="door_sign")
    assert answer["Location"] == reverse("reports:report", args=[report.pk])
    press.make(report.pk)
    text = said(Report.objects.get(pk=report.pk))
    assert "films tasks here: Filming the change of a press tool" in text and "Press line 2" in text
    assert "पहने हुए कैमरे" in text and "If you do not want to be near it, tell me, and I stop." in text
    with visit(line.steward) as client:
        assert client.get(reverse("reports:report", args=[report.pk])).status_code == 200
        assert client.get(reverse("reports:read", args=[report.pk])).status_code == 200
        assert client.get(reverse("reports:library")).status_code == 403
    with visit(cast.bela) as client:
        assert client.post(address, {"zone": "press-2"}).status_code == 404
        assert client.get(reverse("reports:report", args=[report.pk])).status_code == 404


def test_a_zone_that_is_none_and_a_programme_without_zones_are_refused(cast: Cast, line: Line) -> None:
    for programme, zone in ((line.programme, "canteen"), (line.programme, ""), (cast.programme, "press-2")):
        with pytest.raises(Refused) as refused:
            reports.ask_for_door_sign(programme, zone, by=cast.omar)
        assert refused.value.code == "scope_missing"
    with pytest.raises(Refused):
        reports.ask("door_sign", cast.gmbh, {"programme": line.programme.pk, "zone": "press-2"}, by=cast.omar)


def test_a_sign_of_terms_that_changed_since_is_not_made_with_the_old_zone(
    cast: Cast, line: Line, undrawn: None
) -> None:
    report = reports.ask_for_door_sign(line.programme, "press-2", by=cast.omar)
    Programme.objects.filter(pk=line.programme.pk).update(terms={})
    press.make(report.pk)
    report.refresh_from_db()
    assert report.state in ("waiting", "failed") and report.facts is None


def test_the_works_council_reads_zones_and_shifts_in_its_pack(cast: Cast, line: Line, undrawn: None) -> None:
    scope = {"programme": line.programme.pk}
    report = reports.ask("works_pack", line.programme.entity, scope, by=cast.dev)
    orders.finish(report)
    text = said(report)
    assert "Press line 2 (press-2)" in text and "day: Monday" in text and "at any hour" not in text
