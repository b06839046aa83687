"""Let a program in, give it another key, end it."""

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.interfaces import rules
from governance.interfaces.callers import PREFIX, hashed
from governance.interfaces.models import ApiClient, Delivery
from governance.lib.access import may
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose
from governance.retention import reads

MANAGE = "interfaces.manage_clients"


def let_in(
    entity: Entity, name: str, *, purposes: Iterable[Purpose], scopes: Iterable[str], by: Person, per_minute: int = 600, operator: str = "",
) -> tuple[ApiClient, str]:  # fmt: skip
    """A client and its key; the key is shown this once, only its hash is kept. Raises Refused.

    `operator` is the company that runs it, "" for the entity itself: people whose choices it reads find both names.
    """
    wanted, name, operator = list(purposes), name.strip(), operator.strip()
    rules.check_client(
        rules.ClientFacts(
            name=name,
            scopes=frozenset(scopes),
            purposes=len(wanted),
            all_of_the_entity=all(purpose.entity_id == entity.pk for purpose in wanted),
            by_may=may(by, MANAGE, entity),
            name_is_free=not ApiClient.objects.living().filter(entity=entity, name=name).exists(),
        )
    )
    key = new_key()
    with transaction.atomic():
        client = ApiClient.objects.create(
            entity=entity, name=name, scopes=sorted(frozenset(scopes)), key_sha256=hashed(key), made_by=by, per_minute=per_minute,
            operator=operator,
        )  # fmt: skip
        client.purposes.set(wanted)
        reads.know_program(client.pk, entity=entity.pk, name=name, operator=operator)
        log.record(
            "client.let_in", by=by, about=client, scopes=client.scopes, purposes=[purpose.pk for purpose in wanted]
        )  # fmt: skip
    return client, key


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def renew_key(client: ApiClient, *, by: Person) -> str:
    """Another key; the old one opens nothing from the commit on."""
    key = new_key()
    with transaction.atomic():
        ApiClient.objects.living().filter(pk=client.pk).update(key_sha256=hashed(key), key_at=Now())
        log.record("client.key_renewed", by=by, about=client)
    return key


def end(client: ApiClient, *, by: Person) -> None:
    """Its key opens nothing any more, and nothing is sent to it. A second call changes nothing."""
    with transaction.atomic():
        if ApiClient.objects.living().filter(pk=client.pk).update(ended_at=Now()):
            client.webhooks.filter(ended_at__isnull=True).update(ended_at=Now())
            Delivery.objects.filter(webhook__client=client, state="waiting").update(state="given_up")
            log.record("client.ended", by=by, about=client)
