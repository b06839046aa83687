"""Two more programmes of the demo company, so that its pages show what else can become of one: stopped because the
worker representation asked for it, and stopped by an incident, on its way back."""

from datetime import date

from governance.capture import stop_requests
from governance.capture.models import Programme
from governance.demo import company
from governance.incidents import incidents
from governance.lib import clock

WHY = "The travel desk was never in the talks. Stop it there until we have spoken about it with the people who work there."
ANSWER = (
    "You are right, they were not asked. It stops now, and starts again only after we have met with them."
)
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
    stopped, _client, _key, _device = company.capture_programme(
        made.purpose, cast, device="PUNE-0072", on=on, name="Invoice agent"
    )
    incidents.open_incident(
        made.software, WHAT, aware_at=clock.now(), by=cast["dev"], programme=stopped, pause=True
    )
    return Programme.objects.get(pk=paused.pk), Programme.objects.get(pk=stopped.pk)
