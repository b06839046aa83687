"""Programmes, who may send, what came in. Captured content itself lies in schema `vault`: see vault.py."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.people.models import Entity, Person
from governance.purposes.models import Evidence, Purpose


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, person: Person) -> "ProgrammeQuerySet":
        return self.filter(entity_id__in=person.entities_where("capture.view_programmes"))


class Programme(models.Model):
    """One capture programme: a purpose, where it runs, and whether it runs now."""

    STATES = [
        ("draft", _("Draft")),
        ("assessed", _("Handed in")),
        ("approved", _("Approved")),
        ("running", _("Running")),
        ("paused", _("Paused")),
        ("ended", _("Ended")),
    ]
    ASSIGNABLE = {"capture.view_programmes": "view_programme", "capture.stop": "change_programme"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)  # CP-0001
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="programmes")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="programmes")
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    applications = ArrayField(
        models.CharField(max_length=100), default=list
    )  # allow-list, by the client's name of them
    terms = models.JSONField(
        default=dict
    )  # what is decided: see terms.py; the next five are its projection for the gate
    permissions = models.JSONField(default=dict)  # application of a client → id of their permission, or ""
    population = models.JSONField(default=dict)
    hours = models.JSONField(default=list)
    sampling = models.PositiveSmallIntegerField(default=100)
    relaunch = models.BooleanField(default=False)  # an incident stopped it: only the relaunch starts it again
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(db_default=Now())
    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def stands(self) -> str:
        """What its pages show: a running programme whose purpose does not run takes nothing, so it is "held"."""
        return "held" if self.state == "running" and self.purpose.state != "active" else self.state

    @property
    def stands_word(self) -> str:
        """`stands` in words."""
        return (
            str(_("Stands still: its purpose does not run"))
            if self.stands == "held"
            else str(self.get_state_display())
        )


class ProgrammeUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Programme, models.CASCADE)


class ProgrammeGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Programme, models.CASCADE)


class Signature(models.Model):
    """One part of the decision on a programme, by one person, for the terms of this hash. Never edited."""

    PARTS = [("advice", _("Advice")), ("security", _("Security")), ("owner", _("Owner"))]

    id = models.BigAutoField(primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="signatures")
    part = models.CharField(max_length=10, choices=PARTS)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    in_favour = models.BooleanField(default=True)
    words = models.TextField(blank=True)
    terms_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]


class Act(models.Model):
    """What a worker representation resolved about a programme: a paper on file, and the terms that it agreed to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="acts")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")  # document, hash, signer, date
    number = models.CharField(max_length=100)  # of the act
    resolution = models.CharField(max_length=200)  # when and how the body resolved it
    terms = models.JSONField()
    filed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["filed_at"]


class StopRequest(models.Model):
    """The worker representation asks that a programme stops; it is answered in writing by a set day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="stop_requests")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    words = models.TextField()
    due_on = models.DateField()
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    stopped = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"], condition=Q(answered_at__isnull=True), name="one_stop_request_at_a_time"
            )
        ]

    @property
    def part_of(self) -> Programme:
        return self.programme


class Client(models.Model):
    """A program that may send batches for one programme. Only the hash of its key is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="clients")
    name = models.CharField(max_length=100)
    key_sha256 = models.CharField(max_length=64, unique=True)  # of a 256-bit random key: no salt needed
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now())

    @property
    def part_of(self) -> Programme:
        return self.programme


class Device(models.Model):
    """A machine that a client runs on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="devices")
    number = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="one_device_of_a_number")]

    @property
    def part_of(self) -> Programme:
        return self.client.programme


class Binding(models.Model):
    """Which person is at which device, from, to. Without a living one nothing from that device is taken for them."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="bindings")
    device = models.ForeignKey(Device, models.PROTECT, related_name="bindings")
    from_at = models.DateTimeField(db_default=Now())
    to_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # the last batch of theirs from there, to the minute

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at__isnull=True) | Q(to_at__gte=F("from_at")),
                name="a_binding_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["person", "device"], condition=Q(to_at__isnull=True), name="one_living_binding"
            ),
        ]
        indexes = [models.Index(fields=["device", "person"])]

    @property
    def part_of(self) -> Programme:
        return self.device.client.programme


class HandOutQuerySet(models.QuerySet["HandOut"]):
    def living(self) -> "HandOutQuerySet":
        return self.filter(back_at__isnull=True)


class HandOut(models.Model):
    """Who handed which worn camera to whom, for which shift. It says nothing of whether that person agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="hand_outs")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    shift = models.CharField(max_length=40)  # its code in the terms
    begins_at = models.DateTimeField()  # of the shift
    ends_at = models.DateTimeField()
    given_at = models.DateTimeField(db_default=Now())
    back_at = models.DateTimeField(null=True)
    back_to = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+"
    )  # null: the shift was over
    objects = HandOutQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(back_at__isnull=True), name="a_camera_is_with_one_person"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("given_by")), name="nobody_hands_a_camera_to_themselves"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="capture_handout_person_idx")]

    @property
    def part_of(self) -> Programme:
        return self.device.client.programme


class Wiped(models.Model):
    """A client's receipt: it has destroyed what it held back of one person. Shown on their certificate of erasure."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    wiped_at = models.DateTimeField()  # by the clock of the client
    events = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())

    only_for_its_person = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "person", "wiped_at"], name="one_receipt_of_a_wipe")
        ]
        indexes = [models.Index(fields=["person", "purpose"], name="capture_wip_person_idx")]


class Intake(models.Model):
    """One batch as the gate answered it: counts and codes, no person, no content. The same batch gets the same answer."""

    id = models.BigAutoField(primary_key=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    batch_id = models.UUIDField()
    body_sha256 = models.BinaryField()
    answer = models.JSONField(null=True)
    excess = models.JSONField(null=True)  # what arrived beyond what is declared: see excess.py
    counted = models.BooleanField(db_default=False)  # its counts stand in TurnedAway and Excess
    at = models.DateTimeField(db_default=Now())  # when it was answered, a moment before its commit

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(counted=False), name="intake_to_count")]
        constraints = [
            models.UniqueConstraint(fields=["client", "batch_id"], name="a_batch_is_answered_once")
        ]


class TurnedAway(models.Model):
    """How much was turned away, per client, programme, code and day: never per person."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="turned_away")
    code = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "programme", "code", "day"], name="one_count_per_code_and_day"
            )
        ]


class Excess(models.Model):
    """Over-collection: how many events brought a signal or a field that is not declared, per programme and day."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="excess")
    signal = models.CharField(max_length=40)  # of the catalogue, or "unknown"
    field = models.CharField(
        max_length=40, blank=True
    )  # of the catalogue, or "unknown"; "": the whole signal
    day = models.DateField()
    events = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "signal", "field", "day"], name="one_excess_per_field_and_day"
            )
        ]
        indexes = [models.Index(fields=["day", "programme"])]


class Arrival(models.Model):
    """That one sealed segment went in: what the web process, which cannot read the vault, may know and show of it."""

    segment = models.UUIDField(primary_key=True)
    stream = models.UUIDField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="arrivals")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    signal = models.SlugField(max_length=40)
    day = models.DateField()
    events = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    applications = models.JSONField(default=dict)  # application → events
    last_at = models.DateTimeField()
    admitted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "day"]), models.Index(fields=["stream"])]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class Clip(models.Model):
    """A clip of a worn camera that was let in by what was said of it. Its content comes in chunks, each an Arrival."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    clip = models.UUIDField()  # as the client names it
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    stream = models.UUIDField()
    said = models.JSONField()  # what was said of it: zone, times, size, hashes
    permit_until = models.DateTimeField()
    whole_at = models.DateTimeField(null=True)  # the last chunk came
    at = models.DateTimeField(db_default=Now())

    only_for_its_person = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "clip"], name="a_clip_is_let_in_once")]
        indexes = [
            models.Index(fields=["stream"], name="capture_clip_stream_idx"),
            models.Index(fields=["permit_until"], condition=Q(whole_at__isnull=True), name="clips_to_sweep"),
        ]


class Chunk(models.Model):
    """Which part of which clip a sealed segment of the vault is: it opens only as that part."""

    segment = models.UUIDField(primary_key=True)
    clip = models.ForeignKey(Clip, models.CASCADE, related_name="chunks")
    number = models.PositiveSmallIntegerField()  # from 0

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "number"], name="one_chunk_of_a_number")]


class Opening(models.Model):
    """A sealed nothing under a stream's key, which must not open any more once the key is destroyed. No content, no person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.UUIDField(unique=True)
    sealed = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True)  # the key is destroyed
    tried_at = models.DateTimeField(null=True)  # by the exporter, who alone could open it
    opened = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(tried_at__isnull=True), name="openings_to_try")
        ]


class Band(models.Model):
    """How many take part, as a weekly band; made by the timetable, so that a withdrawal overnight shows nobody."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="bands")
    week = models.DateField()  # its Monday
    text = models.CharField(max_length=40)  # "10 to 19", or "" when the rule of ten forbids a figure
    not_permitted = models.CharField(
        max_length=40, blank=True
    )  # events of the week before, in tenfold steps; "": as above

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "week"], name="one_band_per_week")]
