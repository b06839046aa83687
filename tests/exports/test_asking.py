"""Content leaves by three voices besides the asker's, each another person; and never by fewer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from governance.audit.models import Entry
from governance.exports import asking, packing, recipients
from governance.exports.models import Export
from governance.lib import clock, sealing
from governance.lib.refusals import Refused
from governance.people.models import Message
from tests.exports.conftest import Scene, again


def code(refused: "pytest.ExceptionInfo[Refused]") -> str:
    return refused.value.code


def test_a_request_goes_from_asker_to_advice_to_two_agreements(rolled_back: Scene) -> None:
    cast, export = rolled_back.cast, rolled_back.asked()
    assert (export.state, export.number[:2]) == ("asked", "X-")
    assert Message.objects.filter(person=cast.dev, code="export_to_advise").exists()
    with pytest.raises(Refused):
        asking.agree(export.pk, by=again(cast.omar))  # not before the advice
    asking.advise(export.pk, "Needed.", favourable=True, by=again(cast.dev))
    assert Message.objects.filter(person=cast.omar, code="export_to_agree").exists()
    assert asking.agree(export.pk, by=again(cast.lata)).state == "advised"
    export = asking.agree(export.pk, by=again(cast.omar))
    assert export.state == "waiting" and export.pack_before is not None
    said = Entry.objects.filter(about_id=export.pk).order_by("id").values_list("code", flat=True)
    assert list(said) == ["export.asked", "export.advised", "export.agreed", "export.agreed"]


@pytest.mark.parametrize("who", ["asha", "meera", "ira", "arun", "rupa", "dev", "lata", "omar"])
def test_only_an_exporter_asks(rolled_back: Scene, who: str) -> None:
    with pytest.raises(Refused) as refused:
        rolled_back.asked(by=again(getattr(rolled_back.cast, who)))
    assert code(refused) == "not_an_exporter"


def test_nobody_speaks_twice(rolled_back: Scene) -> None:
    cast, export = rolled_back.cast, rolled_back.asked()
    with pytest.raises(Refused):
        asking.advise(export.pk, "I asked myself.", favourable=True, by=again(cast.bela))
    asking.advise(export.pk, "Needed.", favourable=True, by=again(cast.dev))
    asking.agree(export.pk, by=again(cast.lata))
    with pytest.raises(Refused) as refused:
        asking.agree(export.pk, by=again(cast.lata))
    assert code(refused) == "spoken_already"
    with pytest.raises(Refused) as refused:
        asking.agree(export.pk, by=again(cast.leon))  # legal has agreed; the owner is missing
    assert code(refused) == "place_taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(owner_by=cast.lata)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state="waiting")


def test_against_the_advice_the_owner_needs_reasons(rolled_back: Scene) -> None:
    cast, export = rolled_back.cast, rolled_back.asked()
    asking.advise(export.pk, "Synthetic data would do.", favourable=False, by=again(cast.dev))
    with pytest.raises(Refused) as refused:
        asking.agree(export.pk, by=again(cast.omar))
    assert code(refused) == "reasons_missing"
    asking.agree(export.pk, by=again(cast.omar), reasons="Tried for three months without success.")
    assert Export.objects.get(pk=export.pk).against_advice


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"why": "  "}, "why_missing"),
        ({"fields": {}}, "nothing_chosen"),
        ({"fields": {"typed_text": ["text"]}}, "not_declared"),
        ({"fields": {"ui_event": ["text"]}}, "not_declared"),
        ({"until": clock.now().date() + timedelta(days=2)}, "bad_period"),
        ({"since": clock.now().date() - timedelta(days=400)}, "bad_period"),
    ],
)
def test_what_may_not_be_asked_for(rolled_back: Scene, more: dict[str, object], expected: str) -> None:
    with pytest.raises(Refused) as refused:
        rolled_back.asked(**more)
    assert code(refused) == expected


def test_a_key_that_nobody_compared_opens_nothing(rolled_back: Scene) -> None:
    cast = rolled_back.cast
    fresh = recipients.register(cast.software, "Another team", sealing.new_pair().public, by=again(cast.bela))
    rolled_back.recipient = fresh
    with pytest.raises(Refused) as refused:
        rolled_back.asked()
    assert code(refused) == "recipient_not_confirmed"
    with pytest.raises(Refused):
        recipients.confirm(fresh.pk, by=again(cast.bela))
    with pytest.raises(Refused):
        recipients.confirm(fresh.pk, by=again(cast.lata))
    recipients.confirm(fresh.pk, by=again(cast.dev))
    recipients.end(fresh.pk, by=again(cast.dev))
    with pytest.raises(Refused):
        rolled_back.asked()


def test_a_refusal_ends_it_at_any_time_before_it_is_ready(rolled_back: Scene) -> None:
    export = rolled_back.agreed()
    assert asking.refuse(export.pk, by=again(rolled_back.cast.dev)).state == "refused"
    assert packing.pack(export.pk) is None
    with pytest.raises(Refused):
        asking.refuse(export.pk, by=again(rolled_back.cast.dev))


def test_an_agreement_that_nobody_carried_out_in_time_ends(rolled_back: Scene) -> None:
    export = rolled_back.agreed()
    Export.objects.filter(pk=export.pk).update(pack_before=clock.now() - timedelta(seconds=1))
    assert packing.pack(export.pk) is None
    export.refresh_from_db()
    assert (export.state, export.ended_because) == ("expired", "too_late")
