"""One programme of the demo comes back after an incident: three people at their browsers, once every control is shown.

Nothing is made green here. The papers were filed when the company was founded, after the incident; the self-test runs in a
process of its own and is waited for; what machines check is checked by the eraser's process when Dev presses the button.
"""

from collections.abc import Callable

from governance.capture.models import Programme
from governance.demo.browser import Browser, Page, until
from governance.incidents.models import Probe, Relaunch

NAME = "Hotel bills agent"
SIGNERS = (("Dev", "dpo"), ("Leon", "security"), ("Omar", "owner"))
TRIES = 3  # an erasure under way leaves a stream without its key for a moment: then a check is red, and is asked again

Someone = Callable[[str], Browser]


def waiting() -> Relaunch | None:
    """The way back that somebody has to go; None when it was gone, or the company has no such programme."""
    return (
        Relaunch.objects.filter(programme__name__startswith=NAME, done_at__isnull=True)
        .select_related("programme")
        .first()
    )


def is_probed(relaunch: Relaunch) -> bool:
    """The exposure self-test has run since the incident and was refused everywhere."""
    run = Probe.objects.filter(at__gte=relaunch.opened_at).order_by("-at").first()
    return run is not None and run.tried == run.refused > 0 and not run.findings


def bring_back(relaunch: Relaunch, someone: Someone) -> Programme:
    """Dev has the controls checked, three sign, Omar starts it. Raises LookupError or TimeoutError where a step does not hold."""
    home = f"/incidents/relaunch/{relaunch.programme_id}/"
    for _try in range(TRIES):
        page = someone("Dev").get(home)
        asked = someone("Dev").submit(page, page.form("/check/"))
        _expect(asked, 200, "the check")
        fresh = until(lambda: _checked(relaunch), seconds=120, what="the controls to be checked")
        if all(told["ok"] for told in fresh.results.values()):
            break
    for who, part in SIGNERS:
        page = someone(who).get(home)
        someone(who).submit(page, page.form("/sign/"), part=part)
        if not relaunch.signatures.filter(part=part).exists():
            raise LookupError(f"{who} could not sign as {part}.")
    page = someone("Omar").get(home)
    _expect(someone("Omar").submit(page, page.form("/go/")), 200, "the start")
    programme = Programme.objects.get(pk=relaunch.programme_id)
    if programme.state != "running":
        raise LookupError("It does not run again, though three have signed.")
    return programme


def _checked(relaunch: Relaunch) -> Relaunch | None:
    fresh = Relaunch.objects.get(pk=relaunch.pk)
    done = fresh.checked_at is not None and fresh.asked_at is not None and fresh.checked_at >= fresh.asked_at
    return fresh if done else None


def _expect(page: Page, status: int, what: str) -> None:
    if page.status != status:
        raise LookupError(f"{what} answered {page.status}.")
