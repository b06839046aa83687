"""A person's word: where they stand on each signal of each purpose, every event that led there, opt-outs, receipts."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.consents import rules
from governance.lib.appendonly import AppendOnly
from governance.people.models import Employment, Entity, Person, Site, Unit
from governance.purposes.models import Notice, Purpose


class ConsentRecordQuerySet(models.QuerySet["ConsentRecord"]):
    def on(self) -> "ConsentRecordQuerySet":
        """Switched on by the person and not ended. Whether it counts, counting.py knows."""
        return self.filter(status__in=rules.ENABLING, ended_at__isnull=True)

    def to_renew(self) -> "ConsentRecordQuerySet":
        """Ended by a newer notice; what was recorded waits a while for a new yes."""
        return self.filter(erase_on__isnull=False)


class ConsentRecord(models.Model):
    """Where a person stands on one signal of one purpose. Off is the default: no row, or any state but given/renewed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # C-2026-000123
    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="consents")
    signal = models.SlugField(max_length=40)
    status = models.CharField(max_length=12, choices=rules.STATUSES, default="requested")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    # The job in which it was given: in another one it counts no more (gate G10).
    job = models.ForeignKey(Employment, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=20, blank=True)  # one of rules.BECAUSE, where nobody said so
    warned_at = models.DateTimeField(null=True)  # that it ends soon: told once
    purpose_version = models.PositiveIntegerField(
        null=True
    )  # of the register's entry, when it was last given
    notice_sent_at = models.DateTimeField(null=True)  # DPDP s.5(2), of a yes from before its commencement
    erase_on = models.DateField(null=True)  # earlier data go then, unless the person agrees again before
    objects = ConsentRecordQuerySet.as_manager()

    class Meta:
        ordering = ["purpose", "signal"]
        constraints = [
            # A new grant after a withdrawal is a new record; only one of them is living.
            models.UniqueConstraint(
                fields=["person", "purpose", "signal"],
                condition=Q(ended_at__isnull=True),
                name="one_living_record",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("given", "renewed"))
                | Q(given_at__isnull=False, expires_at__isnull=False, notice__isnull=False),
                name="a_grant_has_moment_end_and_notice",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "purpose"]), models.Index(fields=["status", "expires_at"]),
            models.Index(fields=["erase_on"], condition=Q(erase_on__isnull=False), name="to_erase_unless_renewed"),
        ]  # fmt: skip

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id

    @property
    def is_on(self) -> bool:
        return self.ended_at is None and self.status in rules.ENABLING


class ConsentEvent(AppendOnly):
    """One thing a person (or the system, or the controller) said about one record. Ids and codes only, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(ConsentRecord, models.PROTECT, related_name="events")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    signal = models.SlugField(max_length=40)
    status = models.CharField(max_length=12, choices=rules.STATUSES)
    by_kind = models.CharField(max_length=12)  # person, guardian, nominee, controller, system
    by_id = models.UUIDField(null=True)
    method = models.CharField(max_length=60)  # e.g. portal: switch, then button
    notice_id = models.UUIDField(null=True)
    notice_version = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=12, blank=True)  # in which it was actually shown
    text_sha256 = models.CharField(max_length=64, blank=True)  # of the exact words shown
    purpose_version = models.PositiveIntegerField(
        null=True
    )  # of the register's entry, as it was in force then
    # Programmes that ran for it then, as number@SHA-256 of their terms; null: nobody wrote that down yet.
    programmes = ArrayField(models.CharField(max_length=90), null=True)
    # What shows that it was said, as kind:id. notice_text, pin_slip, opt_out, asking, rule, office, account.
    evidence = models.CharField(max_length=200, blank=True, default="", db_default="")
    # Said before or outside: "legacy" and the day on which; here only written down.
    provenance = models.CharField(max_length=12, blank=True, default="", db_default="")
    said_on = models.DateField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["person", "at"]), models.Index(fields=["record", "at"])]

    @property
    def code(self) -> str:
        return f"consent.{self.status}"

    @property
    def programme_numbers(self) -> str:
        return ", ".join(one.partition("@")[0] for one in self.programmes or [])


class StreamQuerySet(models.QuerySet["Stream"]):
    def waiting(self) -> "StreamQuerySet":
        return self.filter(state="waiting")

    def open(self) -> "StreamQuerySet":
        return self.filter(state="open")


class Stream(models.Model):
    """One key pair: person, purpose, consent event (and so signal), calendar month.

    Made waiting by a grant; a worker that reaches the keys database gives it its public key before anything can be
    admitted. A narrowing verb closes it; its key is destroyed when nothing in it is held.
    """

    STATES = [
        ("waiting", _("Waiting for its key")),
        ("open", _("Open")),
        ("closed", _("Closed")),
        ("destroyed", _("Key destroyed")),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="streams")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="streams")
    event = models.ForeignKey(ConsentEvent, models.PROTECT, related_name="streams")
    signal = models.SlugField(max_length=40)
    month = models.DateField()  # the first of the month whose events it takes
    expires_on = models.DateField()  # by the purpose's retention rule; the vault is partitioned by its month
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    public_key = models.BinaryField(null=True)  # X25519, 32 bytes
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    objects = StreamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "month"], name="one_stream_per_event_and_month"),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(public_key__isnull=False), name="an_open_stream_has_its_key"
            ),
        ]
        indexes = [models.Index(fields=["person", "purpose", "month"]), models.Index(fields=["state"])]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def in_force(self) -> "OptOutQuerySet":
        return self.filter(lifted_at__isnull=True)

    def of_populations(self) -> "OptOutQuerySet":
        return self.filter(person__isnull=True)

    def whole(self) -> "OptOutQuerySet":
        """To all of a purpose, or of all purposes, at every hour."""
        return self.filter(signal="", application="", host="", weekdays=[], from_time__isnull=True)


class OptOut(models.Model):
    """A no that beats every yes: of one person or of a population; for one purpose or all; for one signal or all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="opt_outs")
    entity = models.ForeignKey(Entity, models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    country = models.CharField(max_length=2, blank=True)
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="opt_outs")
    signal = models.SlugField(max_length=40, blank=True)
    application = models.CharField(max_length=100, blank=True)
    # A web site and everything under it: example.org covers mail.example.org.
    host = models.CharField(max_length=253, blank=True, default="", db_default="")
    # Only at these times, in the person's own zone: ISO weekdays 1–7 (none: every day), from … until (null: all day).
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True)
    # Of a population: as what it was said (rules_populations.SPEAKERS), on which act, and why it was taken back.
    said_as = models.CharField(max_length=20, blank=True)
    document = models.CharField(max_length=200, blank=True)
    act_number = models.CharField(max_length=100, blank=True)
    act_on = models.DateField(null=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lifted_because = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)  # everybody concerned was told of it
    told_lifted_at = models.DateTimeField(null=True)
    objects = OptOutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False)
                | Q(entity__isnull=False)
                | Q(site__isnull=False)
                | Q(unit__isnull=False)
                | ~Q(country=""),
                name="an_opt_out_names_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(lifted_at__isnull=True), name="living_opt_outs")
        ]

    @property
    def has_hours(self) -> bool:
        return bool(self.weekdays) or self.from_time is not None

    @property
    def is_narrow(self) -> bool:
        """An application, a site or hours: it takes nothing away, and switches stay as they are."""
        return bool(self.application or self.host or self.has_hours)

    @property
    def is_whole(self) -> bool:
        return not (self.signal or self.is_narrow)

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class PauseQuerySet(models.QuerySet["Pause"]):
    def running(self, now: datetime) -> "PauseQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=now), ended_at__isnull=True)


class Pause(models.Model):
    """A person's own break: nothing of that time is recorded, now or when a client sends it later. Every yes stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="pauses")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")  # null: all
    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)  # null: until the person resumes
    ended_at = models.DateTimeField(null=True)  # resumed
    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("at")), name="a_pause_has_a_length")
        ]  # fmt: skip
        indexes = [models.Index(fields=["person", "at"])]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class Asking(models.Model):
    """Everybody concerned who may be asked about a purpose is asked, once: a waiting row, which a worker carries out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="askings")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    band = models.CharField(
        max_length=40, blank=True
    )  # how many were asked; "" when the rule of ten forbids a figure

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["purpose"], condition=Q(done_at__isnull=True), name="one_asking_at_a_time")
        ]  # fmt: skip

    @property
    def part_of(self) -> Purpose:
        return self.purpose


class Objection(models.Model):
    """Against processing that does not rest on consent; it restricts at once, and is decided with reasons."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="objections")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="objections")
    reasons = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id

    @property
    def part_of(self) -> Purpose:
        return self.purpose


class Receipt(models.Model):
    """What a person is given to keep: of a grant, a refusal, a withdrawal, or of processing that has stopped.

    Written unsigned by whoever carried out the word; the signer's process signs what waits, a moment later.
    """

    KINDS = [
        ("given", _("Consent")), ("refused", _("Refusal")), ("withdrawn", _("Withdrawal")),
        ("stopped", _("Processing stopped")), ("invalid", _("Consent found not valid")),
    ]  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # R-2026-000001
    person = models.ForeignKey(Person, models.PROTECT, related_name="receipts")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS)
    events = ArrayField(models.UUIDField())
    entry_id = models.BigIntegerField()  # of the log; its inclusion proof comes with the next batch
    body = models.JSONField()  # what it says, without names
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())
    kid = models.CharField(max_length=80, blank=True)  # which of our published keys signed it
    jws = models.TextField(
        blank=True
    )  # compact JWS over `body` in its ISO/IEC TS 27560 form; "" until signed
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["at"], condition=Q(jws=""), name="receipts_to_sign")]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class PressureReport(models.Model):
    """Somebody felt pressed into a yes. The DPO and the worker representative are told; a name only if wished."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+"
    )  # null: did not want to be named
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-at"]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class PinSlip(models.Model):
    """A PIN on paper for a person without e-mail: printed once by an office that is not their supervisor's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="pin_slips")
    pin = models.CharField(max_length=128)  # hashed as a password is
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # replaced, or locked after too many wrong tries
    wrong_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="one_living_slip"
            )
        ]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class Representation(models.Model):
    """Who speaks for somebody else, on which paper, seen by whom, from when until when. They can only say no."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="representations")
    holder = models.ForeignKey(Person, models.PROTECT, related_name="represents")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)  # guardian, nominee
    since = models.CharField(max_length=12, blank=True)  # of a nominee: death, incapacity
    document = models.CharField(max_length=200)
    starts_on = models.DateField()
    until_on = models.DateField(null=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    verified_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("holder")), name="nobody_speaks_for_themselves"),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("recorded_by")),
                name="two_have_seen_the_paper",
            ),
        ]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return person_id in (self.person_id, self.holder_id)


from governance.consents.models_running import RunningProgramme  # noqa: E402, F401 - a table of this app too
