"""The demo shows what left the vault: asked, agreed, packed by the exporter's login, trained on, and followed after a withdrawal."""

import base64
import io
from pathlib import Path

from governance.capture import streams
from governance.demo import company, leaving
from governance.exports import asking, following, packing
from governance.exports.client import package
from governance.exports.models import Exclusion, Export
from governance.people.models import Person
from governance.retention.models import ErasureOrder
from tests import make
from tests.conftest import World
from tests.visits import visit, words


def test_an_export_leaves_and_is_followed_when_somebody_in_it_withdraws(world: World, tmp_path: Path) -> None:
    world.sign_in("web")
    cast = world.company()
    pune = cast.asha.employments.get()
    for number in (*leaving.IN_IT, leaving.EXPORTER):
        person = Person.objects.register(number=number, name=f"Colleague {number}", language="en")
        company.employ(person, cast.software, pune.site, pune.unit, "IN", cast.meera)
    uma = leaving.prepare(cast, tmp_path)
    assert leaving.go_on() == "", "nothing has come yet, so nothing can be asked for"
    people = [Person.objects.get(number=number) for number in leaving.IN_IT]
    for person in people:
        make.consent(person, cast.purpose, "ui_event", open_streams=False)
    world.sign_in("eraser")
    streams.open_waiting()
    world.sign_in("web")
    events = [
        make.event(number, element={"role": "input", "id": "a", "type": "text"}) for number in leaving.IN_IT
    ]
    assert make.post(cast, *events)["admitted"] == 2
    assert leaving.go_on() == "agreed"
    assert leaving.go_on() == "", "not before the exporter has packed it"
    world.sign_in("exporter")
    assert packing.pack(Export.objects.get().pk) == "ready"
    world.sign_in("web")
    assert (leaving.go_on(), leaving.go_on(), leaving.go_on()) == ("registered", "withdrawn", "")

    export = asking.take(Export.objects.get().pk, by=uma)
    key = base64.b64decode((tmp_path / leaving.KEY).read_text())
    rows = list(package.check(package.unseal(key, io.BytesIO(b"".join(asking.sealed(export))))))
    assert sum("role" in str(row) for row in rows) >= 2
    assert ErasureOrder.objects.filter(person=people[1]).exists()
    world.sign_in("worker")
    assert following.follow() == 1
    world.sign_in("web")
    assert Exclusion.objects.get().about.person == people[1]
    with visit(uma) as browser:
        assert leaving.ADVICE in words(browser.get(f"/exports/{export.pk}/"))
    chetan, divya = (Person.objects.get(email=f"{key}@nirmaan.example") for key in ("chetan", "divya"))
    for person in (chetan, divya):
        with visit(person) as browser:
            page = words(browser.get("/me/where/"))
        assert (
            leaving.TEAM in page
            and "Steps of reimbursements, first set" in page
            and "Reimbursement agent 0.3" in page
        )
        assert ("It has to come out of this dataset by" in page) == (person == divya)
