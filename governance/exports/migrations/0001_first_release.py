import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("exports", "0001_what_leaves_the_vault")]

    initial = True

    dependencies = [
        ("capture", "0001_first_release"),
        ("people", "0001_first_release"),
        ("purposes", "0001_first_release"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("why", models.TextField()),
                ("fields", models.JSONField()),
                ("since", models.DateField()),
                ("until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for advice"),
                            ("advised", "Waits for agreement"),
                            ("waiting", "Agreed, waits to be packed"),
                            ("packing", "Being packed"),
                            ("ready", "Ready"),
                            ("expired", "Expired"),
                            ("refused", "Refused"),
                            ("failed", "Nothing was packed"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("advice", models.TextField(blank=True)),
                ("favourable", models.BooleanField(null=True)),
                ("advised_at", models.DateTimeField(null=True)),
                ("owner_at", models.DateTimeField(null=True)),
                ("against_advice", models.TextField(blank=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("pack_before", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("ended_because", models.CharField(blank=True, max_length=40)),
                ("packed_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("manifest", models.JSONField(null=True)),
                ("package_sha256", models.CharField(blank=True, max_length=64)),
                ("package_size", models.PositiveBigIntegerField(default=0)),
                (
                    "advised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "owner_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="capture.programme",
                    ),
                ),
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
            },
        ),
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("package", "Package"),
                            ("manifest", "Manifest"),
                            ("exclusions", "List of exclusions"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="exports.export",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Dataset",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="datasets",
                        to="exports.export",
                    ),
                ),
            ],
            options={
                "ordering": ["-registered_at"],
            },
        ),
        migrations.CreateModel(
            name="ExportedPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("subject", models.CharField(max_length=32)),
                ("events", models.PositiveBigIntegerField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="exports.export",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exported",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("export", "person"), name="one_name_per_export_and_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "segments",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                (
                    "because",
                    models.CharField(
                        choices=[("ended", "the consent ended"), ("erased", "it was erased")], max_length=10
                    ),
                ),
                ("ended_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_on", models.DateField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("removed_from_data", models.BooleanField(null=True)),
                (
                    "models_done",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "No model was trained with it"),
                            ("retrained", "The models were trained again without it"),
                            ("retired", "The models are not used any more"),
                            ("not_possible", "It cannot be taken out of the models"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "why_not",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("trained", "it only formed weights, and cannot be found in them"),
                            ("anonymous", "the dataset no longer shows whose it was"),
                            ("by_law", "a law wants it kept"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusions",
                        to="exports.dataset",
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusions",
                        to="exports.exportedperson",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=["due_on"],
                        name="exclusions_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportedSegment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("segment", models.UUIDField()),
                ("stream", models.UUIDField()),
                ("consent_event", models.UUIDField()),
                ("notice_version", models.PositiveIntegerField(null=True)),
                ("signal", models.SlugField(max_length=40)),
                ("events", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("leaf", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to="exports.export",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to="exports.exportedperson",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(fields=["stream"], name="exports_exp_stream_894c59_idx"),
                    models.Index(fields=["segment"], name="exports_exp_segment_d7fb1f_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("export", "position"), name="one_line_per_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("version", models.CharField(max_length=100)),
                ("trained_at", models.DateTimeField()),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="exports.dataset"
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-trained_at"],
            },
        ),
        migrations.CreateModel(
            name="OwnDeletion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "span",
                    models.CharField(
                        choices=[
                            ("hour", "the last hour"),
                            ("day", "the last 24 hours"),
                            ("everything", "everything"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("held", "Held"),
                            ("restricted_hold", "Restricted, kept by law"),
                            ("retention_conflict", "Retention conflict"),
                            ("done", "Done"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("kept_until", models.DateField(null=True)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "segments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("events", models.PositiveBigIntegerField(default=0)),
                ("found_after", models.PositiveBigIntegerField(null=True)),
                ("read_back_at", models.DateTimeField(null=True)),
                ("followed", models.BooleanField(db_default=False)),
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
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("found_after", 0), ("read_back_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="deleted_means_read_back",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("public_key", models.BinaryField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("events", models.PositiveIntegerField(null=True)),
                ("sealed", models.BinaryField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
            },
        ),
        migrations.CreateModel(
            name="PackagePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="exports.export"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("export", "position"), name="one_part_per_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("public_key", models.BinaryField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
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
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("registered_by", models.F("confirmed_by")), _negated=True),
                        name="nobody_confirms_their_own_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("entity", "fingerprint"),
                        name="one_recipient_of_a_key",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="export",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="exports.recipient"
            ),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["state"], name="exports_exp_state_3faf4b_idx"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("since"))), name="an_export_has_a_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_by", models.F("advised_by")), _negated=True),
                    models.Q(("asked_by", models.F("owner_by")), _negated=True),
                    models.Q(("asked_by", models.F("second_by")), _negated=True),
                    models.Q(("advised_by", models.F("owner_by")), _negated=True),
                    models.Q(("advised_by", models.F("second_by")), _negated=True),
                    models.Q(("owner_by", models.F("second_by")), _negated=True),
                ),
                name="nobody_speaks_twice_about_an_export",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("waiting", "packing", "ready")), _negated=True),
                    models.Q(
                        ("advised_by__isnull", False),
                        ("owner_by__isnull", False),
                        ("pack_before__isnull", False),
                        ("second_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_export_has_its_three_voices",
            ),
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS number_x; CREATE SEQUENCE IF NOT EXISTS number_d;",
            "DROP SEQUENCE IF EXISTS number_x, number_d;",
        ),
    ]
