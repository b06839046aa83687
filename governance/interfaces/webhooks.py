"""Set up a webhook, give it another secret, stop and start it, end it, send something again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.interfaces import rules, signing
from governance.interfaces.models import ApiClient, Delivery, Webhook
from governance.lib.nudge import nudge
from governance.lib.refusals import Refused

MOST = 20  # living webhooks of one client


@transaction.atomic
def set_up(client: ApiClient, url: str, *, types: Iterable[str], by: Any) -> tuple[Webhook, str]:
    """It hears what happens from now on. The secret is shown this once. Raises Refused."""
    wanted = frozenset(types)
    if client.ended_at is not None:
        raise Refused(_("This program has been ended. Let a new one in."), code="client_ended")
    if "events" not in client.scopes:
        raise Refused(
            _("This program may not hear events. Let one in that may, then set up its webhook."), code="scope_missing"
        )  # fmt: skip
    rules.target(url, local=settings.WEBHOOK_LOCAL)
    rules.check_types(wanted)
    if client.webhooks.filter(ended_at__isnull=True).count() >= MOST:
        raise Refused(_("A program has at most 20 webhooks. End one first."), code="too_many_webhooks")
    webhook = Webhook.objects.create(client=client, url=url, types=sorted(wanted))
    log.record("webhook.set_up", by=by, about=webhook, client=client.pk, types=webhook.types)
    return webhook, signing.secret(webhook)


@transaction.atomic
def change(webhook: Webhook, url: str, *, by: Any) -> Webhook:
    """Goes there from now on, also with what waits."""
    rules.target(url, local=settings.WEBHOOK_LOCAL)
    Webhook.objects.filter(pk=webhook.pk).update(url=url)
    log.record("webhook.changed", by=by, about=webhook)
    webhook.refresh_from_db()
    return webhook


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: Any) -> str:
    """What is sent from the commit on carries the new signature."""
    Webhook.objects.filter(pk=webhook.pk).update(secret_version=webhook.secret_version + 1)
    webhook.refresh_from_db()
    log.record("webhook.secret_renewed", by=by, about=webhook)
    return signing.secret(webhook)


@transaction.atomic
def stop(webhook: Webhook, *, by: Any, because: str = "by_hand") -> None:
    """Nothing is sent until it is started again; what happens meanwhile waits."""
    changed = Webhook.objects.filter(pk=webhook.pk, stopped_at__isnull=True, ended_at__isnull=True)
    if changed.update(stopped_at=Now(), stopped_because=because):
        log.record("webhook.stopped", by=by, about=webhook, because=because)


@transaction.atomic
def start(webhook: Webhook, *, by: Any) -> None:
    changed = Webhook.objects.filter(pk=webhook.pk, stopped_at__isnull=False, ended_at__isnull=True)
    if changed.update(stopped_at=None, stopped_because=""):
        log.record("webhook.started", by=by, about=webhook)
        nudge("interfaces.deliver")


@transaction.atomic
def end(webhook: Webhook, *, by: Any) -> None:
    """Nothing is sent to it any more; what waited is given up."""
    if Webhook.objects.filter(pk=webhook.pk, ended_at__isnull=True).update(ended_at=Now()):
        Delivery.objects.filter(webhook=webhook, state="waiting").update(state="given_up")
        log.record("webhook.ended", by=by, about=webhook)


@transaction.atomic
def send_again(delivery_id: UUID, *, by: Any) -> Delivery:
    """Waits again from the first try on, under the same webhook-id, so that a receiver can tell it is the same."""
    row = Delivery.objects.select_for_update().get(pk=delivery_id)
    webhook = Webhook.objects.get(pk=row.webhook_id)
    if webhook.ended_at is not None:
        raise Refused(_("This webhook has been ended. Nothing is sent to it."), code="webhook_ended")
    if row.state == "waiting":
        Delivery.objects.filter(pk=row.pk).update(next_at=Now())
    else:
        Delivery.objects.filter(pk=row.pk).update(
            state="waiting", attempts=0, next_at=Now(), delivered_at=None
        )
    log.record("delivery.asked_again", by=by, about=row)
    nudge("interfaces.deliver")
    row.refresh_from_db()
    return row
