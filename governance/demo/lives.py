"""Three more programmes of the demo company, so that its pages show what else can become of one: stopped because the
worker representation asked for it; stopped by an incident; and stopped by one and brought back, once all is shown."""

from datetime import date

from governance.capture import stop_requests
from governance.capture.models import Programme
from governance.demo import comeback, company, papers
from governance.incidents import incidents
from governance.lib import clock
from governance.lib.deadlines import add_months
from governance.purposes import evidence

WHY = "The travel desk was never in the talks. Stop it there until we have spoken about it with the people who work there."
ANSWER = (
    "You are right, they were not asked. It stops now, and starts again only after we have met with them."
)
LEFT_OPEN = "The key of this client was sent by mail to two people of the site. It was changed the same day; nothing had come in by it."
CAUSE = [
    "Cause: the key was sent by hand, because nobody knew that a device fetches its own.",
    "Repair: the key was ended and another given; the page that gives keys now says how.",
]
REVIEW = [
    "Impact assessment DPIA-2026-04, looked at again after the incident.",
    "A lost client key lets somebody post, never read. Remaining risk: low. Approved again.",
]
WHAT = "A folder with the keys of this client was readable for everybody at the site for an hour. No content was in it."


def show(made: company.Company, on: date | None = None) -> tuple[Programme, Programme]:
    """(paused, stopped by an incident), each through the same verbs as in earnest."""
    on = on or clock.law_date()
    cast = made.people
    paused, _client, _key, _device = company.capture_programme(
        made.purpose, cast, device="PUNE-0071", on=on, name="Travel desk agent"
    )
    request = stop_requests.ask(paused, WHY, by=cast["rupa"])
    stop_requests.answer(request.pk, ANSWER, stop=True, by=cast["dev"])
    _to_be_brought_back(made, on)
    stopped, _client, _key, _device = company.capture_programme(
        made.purpose, cast, device="PUNE-0072", on=on, name="Invoice agent"
    )
    incidents.open_incident(
        made.software, WHAT, aware_at=clock.now(), by=cast["dev"], programme=stopped, pause=True
    )
    return Programme.objects.get(pk=paused.pk), Programme.objects.get(pk=stopped.pk)


def _to_be_brought_back(made: company.Company, on: date) -> None:
    """Stopped by an incident whose cause is reported and whose assessment was reviewed since. What machines check, and the
    three signatures, come later, at the running portal (comeback.py)."""
    cast = made.people
    programme, _client, _key, _device = company.capture_programme(
        made.purpose, cast, device="PUNE-0073", on=on, name=comeback.NAME
    )
    incidents.open_incident(
        made.software, LEFT_OPEN, aware_at=clock.now(), by=cast["dev"], programme=programme, pause=True
    )
    filed = [
        evidence.Paper(
            "incident_report", papers.pdf("Report on the cause", CAUSE), "cause.pdf", "Leon D’Souza", on, reference="IR-2026-01"
        ),
        evidence.Paper(
            "dpia", papers.pdf("DPIA-2026-04, reviewed", REVIEW), "dpia-reviewed.pdf", "Dev Kulkarni, data protection officer", on,
            expires_on=add_months(on, 36), reference="DPIA-2026-04/2",
        ),
    ]  # fmt: skip
    evidence.file_all(made.purpose, filed, on=on, by=cast["dev"])
