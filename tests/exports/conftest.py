"""An exporter and a recipient with a confirmed key, made through the same verbs as in earnest."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from governance.capture import streams
from governance.exports import asking, packing, recipients
from governance.exports.models import Export, Recipient
from governance.lib import clock, sealing
from governance.people import roles
from governance.people.models import Person
from tests import make
from tests.cast import Cast
from tests.conftest import World
from tests.visits import reading


def again(person: Person) -> Person:
    """Roles are read once per request: this one reads them anew."""
    return Person.objects.get(pk=person.pk)


@dataclass
class Scene:
    """Asha has consented and something of hers lies in the vault; Bela is the exporter. `world`: real logins."""

    cast: Cast
    world: World | None
    bela: Person
    recipient: Recipient
    private: bytes

    def asked(self, **more: Any) -> Export:
        today = clock.now().date()
        wanted = {
            "why": "To train the reimbursement agent; synthetic data did not suffice.", "fields": {"ui_event": ["role", "kind"]},
            "since": today - timedelta(days=3), "until": today, "by": again(self.bela),
        }  # fmt: skip
        return asking.ask(self.cast.programme, self.recipient, **(wanted | more))

    def agreed(self, **more: Any) -> Export:
        export = self.asked(**more)
        asking.advise(export.pk, "Needed, and the least that does.", favourable=True, by=again(self.cast.dev))
        asking.agree(export.pk, by=again(self.cast.omar))
        return asking.agree(export.pk, by=again(self.cast.lata))

    def packed(self, **more: Any) -> Export:
        """Agreed to and packed: with a world by the exporter's real login, and back to the web's."""
        export = self.agreed(**more)
        self.sign_in("exporter")
        packing.pack(export.pk)
        self.sign_in("web")
        return Export.objects.to_open().get(pk=export.pk)

    def sign_in(self, login: str) -> None:
        if self.world:
            self.world.sign_in(login)

    def consents(self, person: Person, *signals: str) -> None:
        make.consent(person, self.cast.purpose, *signals, open_streams=False)
        self.sign_in("eraser")
        streams.open_waiting()
        self.sign_in("web")


def set_scene(cast: Cast, world: World | None) -> Scene:
    roles.grant(cast.bela, "exporter", cast.software, by=again(cast.ira), second=cast.dara)
    pair = sealing.new_pair()
    recipient = recipients.register(cast.software, "Model team, Pune", pair.public, by=again(cast.bela))
    recipient = recipients.confirm(recipient.pk, by=again(cast.dara))
    scene = Scene(cast, world, again(cast.bela), recipient, pair.private)
    reading(cast.asha, "en")
    scene.consents(cast.asha, "ui_event", "app_usage")
    element = {"role": "input", "id": "field-7", "type": "text"}
    events = [
        make.event("N-1001", element=element),
        make.event("N-1001", element=element),
        make.event("N-1001", signal="app_usage"),
    ]
    assert make.post(cast, *events)["admitted"] == 3
    return scene


@pytest.fixture
def scene(world: World) -> Scene:
    """In fresh databases, signed in as the web process."""
    world.sign_in("web")
    return set_scene(world.company(), world)


@pytest.fixture
def rolled_back(cast: Cast) -> Scene:
    """Inside one transaction, as owner: fast, for what needs no other login."""
    return set_scene(cast, None)
