import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    replaces = [
        ("consents", "0001_a_persons_word"),
        ("consents", "0002_events_are_written_once"),
        ("consents", "0003_a_yes_belongs_to_a_notice_and_a_job"),
        ("consents", "0004_earlier_yeses_know_their_job"),
        ("consents", "0005_people_pause_and_are_asked"),
        ("consents", "0006_receipts_are_signed_and_the_person_is_heard"),
        ("consents", "0007_a_no_for_many_names_its_act"),
        ("consents", "0008_events_say_version_and_evidence"),
        ("consents", "0009_a_no_may_name_a_site"),
        ("consents", "0010_a_yes_from_before_says_so"),
        ("consents", "0011_somebody_speaks_for_somebody"),
        ("consents", "0012_events_say_which_programmes_ran"),
    ]

    initial = True

    dependencies = [
        ("audit", "0001_first_release"),
        ("people", "0001_first_release"),
        ("purposes", "0001_first_release"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("signal", models.SlugField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unknown", "Unknown"),
                            ("requested", "Asked, not answered"),
                            ("deferred", "Answered: later"),
                            ("refused", "Refused"),
                            ("given", "Given"),
                            ("renewed", "Given again"),
                            ("withdrawn", "Withdrawn"),
                            ("revoked", "Ended by the controller"),
                            ("expired", "Expired"),
                            ("invalidated", "Found invalid"),
                        ],
                        default="requested",
                        max_length=12,
                    ),
                ),
                ("given_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, max_length=20)),
                ("warned_at", models.DateTimeField(null=True)),
                ("purpose_version", models.PositiveIntegerField(null=True)),
                ("notice_sent_at", models.DateTimeField(null=True)),
                ("erase_on", models.DateField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.employment",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.notice",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="consents.consentrecord",
                    ),
                ),
            ],
            options={
                "ordering": ["purpose", "signal"],
                "indexes": [
                    models.Index(fields=["person", "purpose"], name="consents_co_person__74b2d0_idx"),
                    models.Index(fields=["status", "expires_at"], name="consents_co_status_922ed6_idx"),
                    models.Index(
                        condition=models.Q(("erase_on__isnull", False)),
                        fields=["erase_on"],
                        name="to_erase_unless_renewed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("person", "purpose", "signal"),
                        name="one_living_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ("given", "renewed")), _negated=True),
                            models.Q(
                                ("expires_at__isnull", False),
                                ("given_at__isnull", False),
                                ("notice__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_grant_has_moment_end_and_notice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("signal", models.SlugField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unknown", "Unknown"),
                            ("requested", "Asked, not answered"),
                            ("deferred", "Answered: later"),
                            ("refused", "Refused"),
                            ("given", "Given"),
                            ("renewed", "Given again"),
                            ("withdrawn", "Withdrawn"),
                            ("revoked", "Ended by the controller"),
                            ("expired", "Expired"),
                            ("invalidated", "Found invalid"),
                        ],
                        max_length=12,
                    ),
                ),
                ("by_kind", models.CharField(max_length=12)),
                ("by_id", models.UUIDField(null=True)),
                ("method", models.CharField(max_length=60)),
                ("notice_id", models.UUIDField(null=True)),
                ("notice_version", models.PositiveIntegerField(null=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("text_sha256", models.CharField(blank=True, max_length=64)),
                ("purpose_version", models.PositiveIntegerField(null=True)),
                (
                    "programmes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=90), null=True, size=None
                    ),
                ),
                ("evidence", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("provenance", models.CharField(blank=True, db_default="", default="", max_length=12)),
                ("said_on", models.DateField(null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.purpose"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="consents.consentrecord",
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "indexes": [
                    models.Index(fields=["person", "at"], name="consents_co_person__1059d0_idx"),
                    models.Index(fields=["record", "at"], name="consents_co_record__9fff11_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("reasons", models.TextField(blank=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_on", models.DateField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("upheld", models.BooleanField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="purposes.purpose",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("country", models.CharField(blank=True, max_length=2)),
                ("signal", models.SlugField(blank=True, max_length=40)),
                ("application", models.CharField(blank=True, max_length=100)),
                ("host", models.CharField(blank=True, db_default="", default="", max_length=253)),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("from_time", models.TimeField(null=True)),
                ("until_time", models.TimeField(null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lifted_at", models.DateTimeField(null=True)),
                ("said_as", models.CharField(blank=True, max_length=20)),
                ("document", models.CharField(blank=True, max_length=200)),
                ("act_number", models.CharField(blank=True, max_length=100)),
                ("act_on", models.DateField(null=True)),
                ("lifted_because", models.TextField(blank=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("told_lifted_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.entity",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opt_outs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opt_outs",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.site",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=["person"],
                        name="living_opt_outs",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False),
                            ("entity__isnull", False),
                            ("site__isnull", False),
                            ("unit__isnull", False),
                            models.Q(("country", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="an_opt_out_names_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["person", "at"], name="consents_pa_person__0da09b_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), ("until__gt", models.F("at")), _connector="OR"
                        ),
                        name="a_pause_has_a_length",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PinSlip",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("pin", models.CharField(max_length=128)),
                ("issued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pin_slips",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("person",),
                        name="one_living_slip",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PressureReport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("words", models.TextField(blank=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("given", "Consent"),
                            ("refused", "Refusal"),
                            ("withdrawn", "Withdrawal"),
                            ("stopped", "Processing stopped"),
                            ("invalid", "Consent found not valid"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("entry_id", models.BigIntegerField()),
                ("body", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("kid", models.CharField(blank=True, max_length=80)),
                ("jws", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.purpose"
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [
                    models.Index(condition=models.Q(("jws", "")), fields=["at"], name="receipts_to_sign")
                ],
            },
        ),
        migrations.CreateModel(
            name="Representation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=10)),
                ("since", models.CharField(blank=True, max_length=12)),
                ("document", models.CharField(max_length=200)),
                ("starts_on", models.DateField()),
                ("until_on", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("verified_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="represents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="representations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("holder")), _negated=True),
                        name="nobody_speaks_for_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_by__isnull", True),
                            models.Q(("verified_by", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_have_seen_the_paper",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunningProgramme",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12)),
                ("terms_sha256", models.CharField(max_length=64)),
                ("runs", models.BooleanField(default=False)),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.purpose"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("runs", True)), fields=["purpose"], name="running_for_a_purpose"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("signal", models.SlugField(max_length=40)),
                ("month", models.DateField()),
                ("expires_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for its key"),
                            ("open", "Open"),
                            ("closed", "Closed"),
                            ("destroyed", "Key destroyed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("public_key", models.BinaryField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("destroyed_at", models.DateTimeField(null=True)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="streams",
                        to="consents.consentevent",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="streams",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="streams",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["person", "purpose", "month"], name="consents_st_person__523aa3_idx"
                    ),
                    models.Index(fields=["state"], name="consents_st_state_5bbe44_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "month"), name="one_stream_per_event_and_month"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "open"), _negated=True),
                            ("public_key__isnull", False),
                            _connector="OR",
                        ),
                        name="an_open_stream_has_its_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Asking",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(null=True)),
                ("band", models.CharField(blank=True, max_length=40)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.notice"
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="askings",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("purpose",),
                        name="one_asking_at_a_time",
                    )
                ],
            },
        ),
        migrations.RunSQL(forbid_changes("consents_consentevent")),
    ]
