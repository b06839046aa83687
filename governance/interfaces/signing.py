"""Sign what is sent, as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`.

The secret of a webhook is derived from this installation's root key, so that no table holds it; another version of the
webhook has another secret.
"""

import base64
import hashlib
import hmac

from django.conf import settings

from governance.interfaces.models import Webhook


def _key(webhook: Webhook) -> bytes:
    about = f"sammati webhook 1|{webhook.pk}|{webhook.secret_version}".encode()
    return hmac.new(settings.WEBHOOK_KEY.encode(), about, hashlib.sha256).digest()


def secret(webhook: Webhook) -> str:
    """What the receiver is given, once."""
    return "whsec_" + base64.b64encode(_key(webhook)).decode()


def headers(webhook: Webhook, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    said = f"{delivery_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(_key(webhook), said, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
        "content-type": "application/json",
        "user-agent": "Sammati-Webhooks/1",
    }
