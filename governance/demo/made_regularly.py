"""What the demo company has on the schedule of reports: the register every month, the steering pack every quarter."""

from governance.demo import company
from governance.reports import schedules
from governance.reports.models import Schedule


def put(made: company.Company) -> tuple[Schedule, Schedule]:
    """(register, steering pack), put there by legal, for those whose work it is to read them."""
    cast = made.people
    register = schedules.make(
        "register", made.software, {}, every="month", recipients=[cast["dev"], cast["arun"]], by=cast["lata"]
    )
    steering = schedules.make(
        "steering",
        made.software,
        {},
        every="quarter",
        recipients=[cast["lata"], cast["dev"]],
        by=cast["lata"],
    )
    return register, steering
