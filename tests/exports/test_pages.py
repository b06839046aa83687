"""The pages of an export from asking to the package, as each sees them; and who sees none of it."""

from datetime import timedelta

import pytest

from governance.exports import rules
from governance.exports.models import Export
from governance.lib import clock
from tests.exports.conftest import Scene
from tests.visits import visit, words


def test_the_whole_way_by_the_pages(rolled_back: Scene) -> None:
    scene, cast = rolled_back, rolled_back.cast
    today = clock.now().date()
    with visit(scene.bela) as client:
        assert "CP-0001" in words(client.get("/exports/"))
        form = {
            "recipient": scene.recipient.pk,
            "why": "To train.",
            "fields_chosen": ["ui_event.role"],
            "since": today - timedelta(days=1),
            "until": today,
        }
        assert client.post(f"/exports/ask/{cast.programme.pk}/", form | {"why": ""}).status_code == 400
        assert client.post(f"/exports/ask/{cast.programme.pk}/", form).status_code == 302
    assert timedelta(days=1) == rules.TIME_BOX and timedelta(days=3) == rules.LINK, "as the page says"
    export = Export.objects.get()
    address = f"/exports/{export.pk}/"
    with visit(cast.dev) as client:
        assert "Give this advice" in words(client.get(address))
        assert client.post(f"{address}advise/", {"favourable": "yes"}).status_code == 400
        client.post(f"{address}advise/", {"favourable": "yes", "advice": "Needed."})
    for person in (cast.omar, cast.lata):
        with visit(person) as client:
            page = words(client.get(address))
            assert (
                "I agree" in page and "within a day or not at all" in page and "there for three days" in page
            )
            client.post(f"{address}agree/", {})
    export.refresh_from_db()
    assert export.state == "waiting"
    from governance.exports import packing

    assert packing.pack(export.pk) == "ready"
    with visit(scene.bela) as client:
        page = words(client.get(address))
        assert "Take the sealed package" in page and "no figure is shown" in page
        whole = b"".join(client.post(f"{address}package/").streaming_content)  # type: ignore[attr-defined]
        assert len(whole) == Export.objects.get().package_size
        lines = b"".join(client.post(f"{address}manifest/").streaming_content).decode()  # type: ignore[attr-defined]
        assert len(lines.splitlines()) == 2 and "Asha" not in lines
    for person in (cast.dev, cast.omar, cast.rupa):
        with visit(person) as client:
            assert "Take the sealed package" not in words(client.get(address))
            assert client.post(f"{address}package/").status_code == 404
    with visit(cast.asha) as client:
        page = words(client.get("/me/where/"))
        assert "Model team, Pune" in page and "2 events about you" in page and "To train." in page
    with visit(cast.meera) as client:
        assert "Nothing went anywhere" in words(client.get("/me/where/"))


@pytest.mark.parametrize("who", ["asha", "meera", "ira", "emil"])
def test_who_has_nothing_to_do_with_it_sees_no_export(rolled_back: Scene, who: str) -> None:
    export = rolled_back.asked()
    with visit(getattr(rolled_back.cast, who)) as client:
        assert client.get("/exports/").status_code == 403
        assert client.get(f"/exports/{export.pk}/").status_code == 404
        for door in ("advise", "agree", "refuse", "package", "manifest"):
            assert client.post(f"/exports/{export.pk}/{door}/").status_code == 404, door
