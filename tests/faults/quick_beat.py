"""The portal's Celery with a timetable of one line, so that a test need not wait for its half minute."""

from governance.celery import app

app.conf.beat_schedule = {
    "retention.carry_out": {"task": "retention.carry_out", "schedule": 1.0, "options": {"expires": 30}}
}
