"""A person's own content: a look at it by one browser for ten minutes, and deleting some of it while the yes stays."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client
from django.utils import timezone, translation

from governance.audit.models import Entry
from governance.capture.models import Arrival
from governance.consents.models import Stream
from governance.exports import own, own_shown, packing
from governance.exports.models import OwnDeletion, OwnView
from governance.lib import clock, sealing
from governance.retention.models import ErasureOrder, Hold, Matter
from tests import make
from tests.exports.conftest import Scene, again
from tests.visits import BACKEND, words


def browser(scene: Scene, person: object) -> Client:
    client = Client()
    client.force_login(again(person), backend=BACKEND)  # type: ignore[arg-type]
    return client


def test_one_browser_sees_it_for_ten_minutes_and_nobody_else(scene: Scene) -> None:
    client = browser(scene, scene.cast.asha)
    make.post(scene.cast, *[make.event("N-1001")] * 60)
    client.post("/me/content/look/")
    assert "It is being fetched" in words(client.get("/me/content/"))
    scene.sign_in("eraser")
    with pytest.raises(ProgrammingError):
        own.seal_waiting()
    scene.sign_in("exporter")
    assert own.seal_waiting() == 1
    scene.sign_in("web")
    answer = client.get("/me/content/")
    page = words(answer)
    assert "click" in page and "field-7" in page and "Open until" in page and "13 older events" in page
    kept_at = timezone.localtime(
        Arrival.objects.filter(signal="ui_event").latest("last_at").last_at, ZoneInfo("Asia/Kolkata")
    )
    assert f"{kept_at:%H:%M:%S}" in page and "quarter of an hour" not in page, "in her time, as on every page"
    assert "no-store" in answer["Cache-Control"]
    view = OwnView.objects.get()
    assert b"click" not in bytes(view.sealed or b"")
    # Another browser of the same person has no key; another person has no view, even with the cookie.
    assert "click" not in words(browser(scene, scene.cast.asha).get("/me/content/"))
    thief = browser(scene, scene.cast.bela)
    thief.cookies["sammati_own"] = client.cookies["sammati_own"].value
    assert "field-7" not in words(thief.get("/me/content/"))
    assert own.read(view, sealing.new_pair().private) is None
    OwnView.objects.filter(pk=view.pk).update(expires_at=clock.now())
    assert "field-7" not in words(client.get("/me/content/"))
    scene.sign_in("exporter")
    assert own.forget_views() == 1 and OwnView.objects.get().sealed is None
    said = Entry.objects.filter(about_id=view.pk).order_by("id").values_list("code", flat=True)
    assert list(said) == ["own_content.asked", "own_content.sealed", "own_content.shown"]
    assert not any("click" in str(entry.facts) for entry in Entry.objects.filter(about_id=view.pk))


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ({"at": "2026-11-30T07:04:02.5Z", "action": "click"}, "30 Nov 2026, 12:34:02"),
        ({"at": "2026-11-30", "quarter": "07:00"}, "30 Nov 2026, 12:30–12:45"),
        ({"at": "2026-11-29", "quarter": "20:45"}, "30 Nov 2026, 02:15–02:30"),  # in Pune it is the next day
        ({"at": "2026-11-30"}, "30 Nov 2026"),
        ({"at": "once"}, "once"),
    ],
)
def test_what_was_kept_is_shown_in_the_time_of_the_person(kept: dict[str, str], says: str) -> None:
    with timezone.override("Asia/Kolkata"), translation.override("en"):
        assert own_shown.when(kept) == says


def test_the_newest_come_first_also_where_only_a_quarter_was_kept() -> None:
    kept = [
        {"at": "2026-11-30", "quarter": "07:15"},
        {"at": "2026-11-30T07:16:00Z"},
        {"at": "2026-11-30T07:14:00Z"},
    ]
    assert sorted(kept, key=own_shown.order, reverse=True) == [kept[1], kept[0], kept[2]]


def in_vault() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault.segment")
        return int(cursor.fetchone()[0])


def test_the_last_hour_goes_and_the_rest_and_the_yes_stay(scene: Scene) -> None:
    cast = scene.cast
    scene.sign_in("owner")
    old = Arrival.objects.filter(signal="app_usage").get()
    Arrival.objects.filter(pk=old.pk).update(admitted_at=clock.now() - timedelta(hours=5))
    with connection.cursor() as cursor:
        cursor.execute(
            "SET ROLE vault_owner; UPDATE vault.segment SET admitted_at = now() - interval '5 hours' WHERE signal = 'app_usage'; RESET ROLE"
        )
    scene.sign_in("web")
    deletion = own.delete(cast.purpose, "hour", by=again(cast.asha))
    assert deletion.state == "waiting", deletion.reasons
    with pytest.raises(ProgrammingError):
        own.carry_out_deletions()  # the web cannot
    scene.sign_in("eraser")
    assert own.carry_out_deletions() == 1
    assert in_vault() == 1 and list(Arrival.objects.values_list("signal", flat=True)) == ["app_usage"]
    done = OwnDeletion.objects.get()
    assert (done.state, done.events, done.found_after, len(done.segments)) == ("done", 2, 0, 1)
    assert Stream.objects.filter(state="open", signal="ui_event").exists()  # deleted, not "key destroyed"
    scene.sign_in("web")
    assert make.post(cast, make.event("N-1001"))["admitted"] == 1  # the yes stays, recording goes on
    assert not ErasureOrder.objects.exists()


def test_everything_reaches_the_connected_systems_too(scene: Scene) -> None:
    deletion = own.delete(scene.cast.purpose, "everything", by=again(scene.cast.asha))
    order = ErasureOrder.objects.get()
    assert (order.because, order.because_id, order.streams) == ("own_content.deleted", deletion.pk, [])
    scene.sign_in("eraser")
    assert own.carry_out_deletions() == 1 and in_vault() == 0
    scene.sign_in("web")
    assert "3 events deleted; read back on" in words(browser(scene, scene.cast.asha).get("/me/content/"))


def test_what_is_held_is_not_deleted_says_so_and_is_handed_out_to_nobody(scene: Scene) -> None:
    cast = scene.cast
    matter = Matter.objects.create(number="M-0001", entity=cast.software, title="Dispute")
    Hold.objects.create(matter=matter, person=cast.asha, placed_by=cast.lata)
    export = scene.agreed()
    assert own.delete(cast.purpose, "day", by=again(cast.asha)).state == "held"
    scene.sign_in("eraser")
    assert own.carry_out_deletions() == 0 and in_vault() == 2
    scene.sign_in("exporter")
    assert packing.pack(export.pk) == "failed"  # nobody uses it meanwhile
    scene.sign_in("web")
    assert "Held" in words(browser(scene, cast.asha).get("/me/content/"))


def test_another_persons_purpose_or_span_is_not_found(rolled_back: Scene) -> None:
    client = browser(rolled_back, rolled_back.cast.asha)
    assert (
        client.post(f"/me/content/{rolled_back.cast.purpose_de.pk}/delete/", {"span": "day"}).status_code
        == 404
    )
    client.post(f"/me/content/{rolled_back.cast.purpose.pk}/delete/", {"span": "century"})
    assert not OwnDeletion.objects.exists()
