"""Trying a period, the map of retention, an order that two people have to agree to: clear to axe-core, wide and narrow.

SAMMATI_PICTURES names a folder into which pictures of the pages are put.
"""

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.demo import systems as demo
from governance.lib.connectors import Scope
from governance.people.models import Person
from governance.purposes.models import RetentionRule
from governance.retention import orders, rules_simulating, simulating
from governance.retention.models import ErasureOrder, Simulation
from tests.browser.conftest import Portal


@pytest.fixture
def there(portal: Portal, django_db_blocker: Any) -> dict[str, str]:
    """Dev has tried a month; an order of a rule waits for two people."""
    cast = portal.cast
    with django_db_blocker.unblock():
        portal.world.sign_in("owner")
        dev = Person.objects.get(pk=cast.dev.pk)
        made = demo.register(cast)
        RetentionRule.objects.filter(purpose=cast.purpose, jurisdiction="IN").update(applies_from=None)
        row = simulating.ask(cast.purpose, law="IN", period="P30D", applies_from=None, by=dev)
        store, vault, files = (str(made[code].pk) for code in ("feature-store", "vault", "team-files"))
        now = [0, 0, 2, 0, 4, 1, 0, 0, 3, 6, 2, 0, 1]
        then = [11, 3, 2, 4, 1, 0, 0, 2, 0, 0, 1, 0, 0]
        Simulation.objects.filter(pk=row.pk).update(
            ready_at=timezone.now(),
            result={
                "days": [day.isoformat() for day in rules_simulating.days(row.on)],
                "systems": [
                    {"system": store, "state": "seen", "now": now, "then": then, "rows": 1430},
                    {"system": vault, "state": "seen", "now": now[::-1], "then": [5, 4, 0, 6, 0, 0, 1, 2, 0, 0, 0, 3, 0], "rows": 88},
                    {"system": files, "state": "no_times", "now": [], "then": [], "rows": 97},
                ],
                "people": {"now": now, "then": then, "sooner": 11}, "outcomes": {"waiting": 9, "restricted_hold": 2}, "counted": 11,
            },
        )  # fmt: skip
        scope = Scope(cast.emil.pk, cast.purpose.pk, (), timezone.now())
        order = orders.raise_order(scope, because="rule.due", because_id=uuid4())
        parts = [
            {"part": "sessions", "count": 3, "named": ["11", "12", "13"]},
            {"part": "features", "count": 14000, "named": [str(i) for i in range(200)]},
        ]
        own = [{"part": "own files", "count": 1, "named": ["people/{number}.json"]}]
        ErasureOrder.objects.filter(pk=order.pk).update(
            approval_wanted_at=timezone.now(), looked_at=timezone.now(), paused_at=timezone.now(), paused_by=dev,
            looked=[{"system": store, "state": "seen", "parts": parts}, {"system": files, "state": "seen", "parts": own}, {"system": vault, "state": "away", "parts": []}],
        )  # fmt: skip
    return {
        "/erasures/map": "map", f"/erasures/tried/{row.pk}": "tried", f"/register/{cast.purpose.pk}/try-a-period": "try",
        f"/erasures/{order.pk}": "order", f"/erasures/systems/{made['vault'].pk}/pace": "pace",
    }  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_clear(walk: Any, there: dict[str, str], width: int) -> None:
    with walk("dev", width=width) as at:
        for path, name in there.items():
            at.go(path)
            folder = os.environ.get("SAMMATI_PICTURES")
            for theme in ("light", "dark") if folder else ():
                at.page.emulate_media(color_scheme=theme)
                at.page.screenshot(path=Path(folder or "") / f"{name}-{width}-{theme}.png", full_page=True)
            for fold in at.page.locator("details.unfold").all():
                fold.locator("> summary").click()
            at.is_clear(name=f"{name} {width}")
