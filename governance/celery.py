"""Celery: processes are trust levels, queues carry their names, rows are the truth, messages only nudge."""

import os

from celery import Celery, signals
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

# A page only nudges. A broker that stands still breaks no connection: without this, the page would stand still with it.
PATIENCE = (
    {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
    if settings.PROCESS == "web" and not settings.CELERY_BROKER_URL.startswith("amqp")
    else {}
)
app = Celery("sammati")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    result_backend=None,
    task_ignore_result=True,
    task_default_queue="default",
    task_create_missing_queues=True,
    # A worker killed -9 loses nothing: the message comes back after the visibility time-out, the row is found by the
    # timetable before that (celery's defaults lost 29 of 500 tasks in our measurement).
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 300} | PATIENCE,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_routes={
        "audit.seal": {"queue": "signer"},
        "consents.sign_receipts": {"queue": "signer"},
        "capture.open_streams": {"queue": "eraser"},
        "retention.*": {"queue": "eraser"},
        "capture.drop_periods": {"queue": "eraser"},
        "capture.sweep_clips": {"queue": "eraser"},
        "capture.forget_handouts": {"queue": "eraser"},
        "capture.wind_up": {"queue": "eraser"},
        "capture.reconcile_keys": {"queue": "eraser"},
        "capture.reconcile_objects": {"queue": "eraser"},
        "incidents.check": {"queue": "eraser"},
        "capture.make_kek": {"queue": "exporter"},
        "capture.try_openings": {"queue": "exporter"},
        "exports.pack": {"queue": "exporter"},
        "exports.expire": {"queue": "exporter"},
        "exports.show_own": {"queue": "exporter"},
        "exports.delete_own": {"queue": "eraser"},
        "reports.seal": {"queue": "signer"},
        "reports.sign_parcels": {"queue": "signer"},
        "reports.press_first": {"queue": "default"},
        "reports.*": {"queue": "press"},
    },
    timezone="UTC",
    beat_schedule={
        "audit.seal": {"task": "audit.seal", "schedule": 5.0, "options": {"expires": 10}},
        "consents.sign_receipts": {"task": "consents.sign_receipts", "schedule": 5.0, "options": {"expires": 10}},
        "consents.stopped": {"task": "consents.stopped", "schedule": 30.0, "options": {"expires": 30}},
        "capture.open_streams": {"task": "capture.open_streams", "schedule": 20.0, "options": {"expires": 20}},
        "retention.carry_out": {"task": "retention.carry_out", "schedule": 30.0, "options": {"expires": 30}},
        "retention.look": {"task": "retention.look", "schedule": 30.0, "options": {"expires": 30}},
        "retention.sweep": {"task": "retention.sweep", "schedule": crontab(minute=10)},
        "retention.follow_notices": {"task": "retention.follow_notices", "schedule": 60.0, "options": {"expires": 60}},
        "capture.try_openings": {"task": "capture.try_openings", "schedule": 10.0, "options": {"expires": 10}},
        "capture.wind_up": {"task": "capture.wind_up", "schedule": crontab(minute=12)},
        "purposes.judge": {"task": "purposes.judge", "schedule": crontab(minute=5)},
        "consents.follow": {"task": "consents.follow", "schedule": crontab(minute="*/10")},
        "consents.ask": {"task": "consents.ask", "schedule": 60.0, "options": {"expires": 60}},
        "people.post": {"task": "people.post", "schedule": 60.0, "options": {"expires": 60}},
        "consents.renew_streams": {"task": "consents.renew_streams", "schedule": crontab(minute=40)},
        "capture.count_bands": {"task": "capture.count_bands", "schedule": crontab(minute=15)},
        "capture.count_turned_away": {"task": "capture.count_turned_away", "schedule": 60.0, "options": {"expires": 60}},
        "incidents.check": {"task": "incidents.check", "schedule": 30.0, "options": {"expires": 30}},
        "capture.end_bindings": {"task": "capture.end_bindings", "schedule": 60.0, "options": {"expires": 60}},
        "capture.sweep_clips": {"task": "capture.sweep_clips", "schedule": crontab(minute="*/5")},
        "capture.forget_handouts": {"task": "capture.forget_handouts", "schedule": crontab(minute=25, hour=3)},
        "capture.end_due": {"task": "capture.end_due", "schedule": crontab(minute=2)},
        "capture.drop_periods": {"task": "capture.drop_periods", "schedule": crontab(minute=30, hour=3)},
        "capture.reconcile_keys": {"task": "capture.reconcile_keys", "schedule": crontab(minute=45, hour=2)},
        "capture.reconcile_objects": {"task": "capture.reconcile_objects", "schedule": crontab(minute=55, hour=2)},
        "capture.make_kek": {"task": "capture.make_kek", "schedule": crontab(minute=5, hour=3)},
        "exports.pack": {"task": "exports.pack", "schedule": 30.0, "options": {"expires": 30}},
        "exports.expire": {"task": "exports.expire", "schedule": 60.0, "options": {"expires": 60}},
        "exports.show_own": {"task": "exports.show_own", "schedule": 5.0, "options": {"expires": 5}},
        "exports.delete_own": {"task": "exports.delete_own", "schedule": 30.0, "options": {"expires": 30}},
        "exports.follow": {"task": "exports.follow", "schedule": 60.0, "options": {"expires": 60}},
        "interfaces.deliver": {"task": "interfaces.deliver", "schedule": 10.0, "options": {"expires": 10}},
        "interfaces.forget": {"task": "interfaces.forget", "schedule": crontab(minute=50)},
        "reports.press": {"task": "reports.press", "schedule": 20.0, "options": {"expires": 20}},
        "reports.press_first": {"task": "reports.press_first", "schedule": 20.0, "options": {"expires": 20}},
        "reports.seal": {"task": "reports.seal", "schedule": 30.0, "options": {"expires": 30}},
        "reports.sign_parcels": {"task": "reports.sign_parcels", "schedule": 30.0, "options": {"expires": 30}},
        "reports.schedule": {"task": "reports.schedule", "schedule": crontab(minute="*/15")},
        "reports.expire": {"task": "reports.expire", "schedule": crontab(minute=35, hour=2)},
    },
)  # fmt: skip
app.autodiscover_tasks()


@app.task(name="incidents.check")
def check_controls() -> None:
    """What a relaunch asks of machines; the rights of logins are known on the roof alone."""
    from governance.checks import differences_of_every_login
    from governance.incidents import relaunching

    relaunching.check_waiting({"grants": differences_of_every_login})


@signals.setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would print task arguments and tracebacks; governance.lib.quiet is already set up by the settings."""


@signals.worker_init.connect
def look_at_our_login(**_: object) -> None:
    """A worker whose login could do more than its role does not work."""
    from governance.checks import (
        refuse_a_wrong_login,
        refuse_a_wrong_store_key,
        refuse_broken_packs,
    )  # the apps are ready only now

    refuse_a_wrong_login()
    refuse_broken_packs()
    refuse_a_wrong_store_key()
