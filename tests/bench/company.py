"""The company of the bench: founded once, with Asha's consent standing and her stream open."""

from functools import cache
from pathlib import Path

from governance.capture import streams
from governance.capture.client.action_logger import read_action_logger
from governance.capture.client.events import for_user
from governance.consents.models import ConsentRecord
from governance.demo.company import Company
from governance.people.models import Person
from tests import make
from tests.conftest import World

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "ui-logs" / "reimbursement.csv"
OWN = Path(__file__).parents[2] / "governance" / "demo" / "logs" / "expenses.csv"


@cache
def _founded(key: str) -> Company:
    return make.cast(colleagues=0)


def company(world: World) -> Company:
    world.sign_in("web")
    made = _founded(world.main)
    if not ConsentRecord.objects.filter(person=made.asha, ended_at=None, status="given").exists():
        make.consent(
            Person.objects.get(pk=made.asha.pk), made.purpose, "ui_event", "app_usage", open_streams=False
        )
        world.sign_in("eraser")
        streams.open_waiting()
        world.sign_in("web")
    return made


def events(number: str) -> list[dict]:
    """A real UI log as wire events without their time: the shared one if it is there, else our small one."""
    import msgspec

    source = SHARED if SHARED.exists() else OWN
    rows = for_user(read_action_logger(source, on_unreadable=lambda row: None), number)
    kept = []
    for event in rows:
        plain = msgspec.to_builtins(event)
        kept.append(
            {
                k: v
                for k, v in plain.items()
                if k not in ("person", "row", "moment") and v not in (None, "", ())
            }
        )
    return kept


def log_name() -> str:
    return "the shared UI log" if SHARED.exists() else "our small UI log"
