"""Other systems that ask and tell: their keys and scopes, answers given once, webhooks and what was delivered."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.interfaces import rules
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose


class ApiClientQuerySet(models.QuerySet["ApiClient"]):
    def to_open(self) -> "ApiClientQuerySet":
        return self.select_related("entity", "made_by").prefetch_related("purposes")

    def living(self) -> "ApiClientQuerySet":
        return self.filter(ended_at__isnull=True)


class ApiClient(models.Model):
    """A program that may ask about and act for the people of one entity, for these purposes, within these scopes.

    Only the hash of its key is kept; the key is shown once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="api_clients")
    name = models.CharField(max_length=100)
    operator = models.CharField(max_length=200, blank=True)  # the company that runs it; "": the entity itself
    purposes = models.ManyToManyField(Purpose, related_name="api_clients")
    scopes = ArrayField(models.CharField(max_length=20), default=list)
    per_minute = models.PositiveIntegerField(default=600)
    key_sha256 = models.CharField(max_length=64, unique=True)  # of a 256-bit random key: no salt needed
    key_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    used_on = models.DateField(null=True)  # the last day on which it asked anything
    ended_at = models.DateTimeField(null=True)
    objects = ApiClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "name"],
                condition=Q(ended_at__isnull=True),
                name="one_living_client_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Answered(models.Model):
    """A write that was carried out, by the key its client gave it: the same request hears the same answer for a day."""

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="+")
    key_sha256 = models.CharField(max_length=64)  # the client chose it: what it says is not kept
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)  # opaque ids and codes
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key_sha256"], name="a_key_is_answered_once")
        ]
        indexes = [models.Index(fields=["at"])]


class Webhook(models.Model):
    """Where a client is told what happened. Its secret is derived, not stored: see signing.py."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    types = ArrayField(models.CharField(max_length=40), default=list)  # of rules.TYPES
    secret_version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=20, blank=True)  # of rules.STOPPED
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at"]

    @property
    def part_of(self) -> ApiClient:
        return self.client

    @property
    def is_on(self) -> bool:
        return self.stopped_at is None and self.ended_at is None


class Delivery(models.Model):
    """One thing that happened, for one webhook: a waiting row, sent until it is taken or given up. Ids only."""

    STATES = [("waiting", _("Waiting")), ("delivered", _("Delivered")), ("given_up", _("Given up"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    position = models.PositiveBigIntegerField()  # of the log's leaf
    type = models.CharField(max_length=40)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    attempts = models.PositiveSmallIntegerField(
        default=0
    )  # also the fence: who claimed it with an older one is late
    next_at = models.DateTimeField(db_default=Now())
    tries = models.JSONField(default=list)  # [{"at", "status", "code", "ms"}], the last ten
    made_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-position"]
        constraints = [models.UniqueConstraint(fields=["webhook", "position"], name="a_webhook_is_told_once")]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="deliveries_to_send")]

    @property
    def part_of(self) -> ApiClient:
        return self.webhook.client

    @property
    def last(self) -> dict[str, Any]:
        return self.tries[-1] if self.tries else {}


class Cursor(models.Model):
    """How far the log has been read for webhooks."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.PositiveBigIntegerField(default=0)


STATE_WORDS = dict(Delivery.STATES)
SCOPE_WORDS = rules.SCOPES
