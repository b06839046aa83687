import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    replaces = [
        ("retention", "0001_what_must_go"),
        ("retention", "0002_proofs_are_written_once"),
        ("retention", "0003_orders_know_when_processing_ended"),
        ("retention", "0004_what_is_erased_by_hand"),
        ("retention", "0005_orders_are_seen_before_they_act"),
        ("retention", "0006_tombstones_are_written_once"),
        ("retention", "0007_a_person_sees_who_looked"),
        ("retention", "0008_who_looked_is_written_once"),
        ("retention", "0009_orders_say_what_they_do_and_wait"),
        ("retention", "0010_maps_are_proposed_before_they_are_confirmed"),
        ("retention", "0011_a_name_opens_for_two"),
        ("retention", "0012_programs_that_read_have_names"),
    ]

    initial = True

    dependencies = [
        ("audit", "0001_first_release"),
        ("people", "0001_first_release"),
        ("purposes", "0001_first_release"),
    ]

    operations = [
        migrations.CreateModel(
            name="ManualTask",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("before", models.DateTimeField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_on", models.DateField()),
                ("found", models.PositiveIntegerField(null=True)),
                ("file_type", models.CharField(blank=True, max_length=100)),
                ("file_size", models.PositiveIntegerField(null=True)),
                ("file_sha256", models.CharField(blank=True, max_length=64)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "sent_back",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("other_system", "It does not show this system."),
                            ("other_scope", "It shows another person, purpose or day."),
                            ("still_there", "It still shows the data."),
                            ("not_readable", "It cannot be read."),
                        ],
                        max_length=20,
                    ),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
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
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("system", "person", "purpose", "before"),
                        name="one_task_per_scope",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", True),
                            models.Q(
                                ("filed_by__isnull", False),
                                ("second_by__isnull", False),
                                models.Q(("filed_by", models.F("second_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_second_person_looked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadingProgram",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("entity_id", models.UUIDField()),
                ("name", models.CharField(max_length=100)),
                ("operator", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="ChoiceRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.UUIDField()),
                ("entity_id", models.UUIDField()),
                ("reader_id", models.UUIDField()),
                ("role", models.CharField(blank=True, max_length=20)),
                ("how", models.CharField(max_length=20)),
                ("about_id", models.UUIDField(null=True)),
                ("day", models.DateField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["person_id", "-at"], name="retention_c_person__42a774_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person_id", "reader_id", "how", "about_id", "day"),
                        name="one_read_a_day",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "streams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("before", models.DateTimeField()),
                ("because", models.CharField(max_length=64)),
                ("because_id", models.UUIDField()),
                (
                    "jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None
                    ),
                ),
                ("law_on", models.DateField()),
                ("processed_until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("held", "Held"),
                            ("erasing", "Being erased"),
                            ("partly", "Partly done"),
                            ("needs_attention", "Needs attention"),
                            ("restricted_hold", "Kept locked away"),
                            ("retention_conflict", "Two laws disagree"),
                            ("done", "Done"),
                            ("merged", "Part of another order"),
                            ("called_off", "Called off"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("kept_until", models.DateField(null=True)),
                ("not_searched", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("try_after", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("approval_wanted_at", models.DateTimeField(null=True)),
                ("look_asked_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("looked", models.JSONField(default=list)),
                (
                    "action",
                    models.CharField(
                        choices=[("erase", "Erase"), ("anonymise", "Anonymise")],
                        default="erase",
                        max_length=10,
                    ),
                ),
                ("notice_hours", models.PositiveSmallIntegerField(default=0)),
                ("notice_id", models.BigIntegerField(null=True)),
                ("notice_delivered_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="people.entity"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="retention.erasureorder",
                    ),
                ),
                (
                    "paused_by",
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
                        related_name="orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.retentionrule",
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
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(fields=["state", "try_after"], name="retention_e_state_c2f406_idx"),
                    models.Index(fields=["person", "purpose"], name="retention_e_person__135b72_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("because_id", "person", "purpose"),
                        name="an_event_orders_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", False),
                            models.Q(("state", "done"), _negated=True),
                            _connector="OR",
                        ),
                        name="done_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by__isnull", True),
                            models.Q(
                                ("approved_by__isnull", False),
                                models.Q(("approved_by", models.F("second_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="an_approval_needs_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ManualEvidence",
            fields=[
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="evidence",
                        serialize=False,
                        to="retention.manualtask",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="people.entity",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("silent", models.BooleanField(default=False)),
                ("lapses_at", models.DateTimeField(null=True)),
                ("lapsed_at", models.DateTimeField(null=True)),
                ("placed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
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
                        related_name="legal_holds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
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
                        related_name="legal_holds",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "system",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legal_holds",
                        to="purposes.datasystem",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="retention.matter",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False),
                            ("purpose__isnull", False),
                            ("system__isnull", False),
                            _connector="OR",
                        ),
                        name="a_hold_names_what_it_holds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True),
                            models.Q(("agreed_by", models.F("placed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_lawyers_place_a_hold",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_at__isnull", True),
                            models.Q(
                                ("released_by__isnull", False),
                                ("second_by__isnull", False),
                                models.Q(("released_by", models.F("second_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_release_needs_two_lawyers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NameOpening",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("reason", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("agreed_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="retention.matter"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            models.Q(
                                ("agreed_at__isnull", False),
                                ("second_by__isnull", False),
                                models.Q(("second_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="an_open_name_has_two_who_opened_it",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("found_before", models.PositiveBigIntegerField()),
                ("erased", models.PositiveBigIntegerField()),
                ("found_after", models.PositiveBigIntegerField()),
                ("not_erased", models.JSONField(default=list)),
                ("looked_at", models.JSONField(default=list)),
                ("connector", models.CharField(max_length=80)),
                ("method", models.CharField(max_length=200)),
                ("erased_at", models.DateTimeField()),
                ("read_back_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="retention.erasureorder",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "system"), name="exactly_one_proof_per_system"),
                    models.CheckConstraint(
                        condition=models.Q(("found_after", 0)), name="a_proof_says_nothing_was_found"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("law", models.CharField(blank=True, max_length=8)),
                ("period", models.CharField(max_length=8)),
                ("applies_from", models.DateField(null=True)),
                ("on", models.DateField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("result", models.JSONField(null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulations",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chunk", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("erasing", "Being erased"),
                            ("erased", "Erased"),
                            ("verified", "Read back, nothing found"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("found_before", models.PositiveBigIntegerField(null=True)),
                ("erased", models.PositiveBigIntegerField(default=0)),
                ("kept", models.JSONField(default=list)),
                ("method", models.CharField(blank=True, max_length=200)),
                ("found_after", models.PositiveBigIntegerField(null=True)),
                ("residue", models.JSONField(default=list)),
                ("fault", models.CharField(blank=True, max_length=200)),
                ("began_at", models.DateTimeField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="retention.erasureorder",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "ordering": ["system__name", "chunk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "system", "chunk"), name="one_journal_row_per_chunk"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before", models.DateTimeField()),
                ("kind", models.CharField(max_length=10)),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tombstones",
                        to="retention.erasureorder",
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
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tombstones",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "system", "kind"), name="one_tombstone_of_a_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("options", models.JSONField(default=dict)),
                ("from_time", models.TimeField(null=True)),
                ("until_time", models.TimeField(null=True)),
                ("per_hour", models.PositiveIntegerField(null=True)),
                (
                    "system",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="connection",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("from_time__isnull", True), ("until_time__isnull", True)),
                            models.Q(("from_time__isnull", False), ("until_time__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_window_has_two_ends",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DataMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("spec", models.JSONField(default=dict)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("proposal_asked_at", models.DateTimeField(null=True)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("proposal", models.JSONField(default=dict)),
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
                    "purpose",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="maps",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="maps",
                        to="purposes.datasystem",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("system", "purpose"), name="one_map_per_purpose", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.RunSQL(forbid_changes("retention_proof")),
        migrations.RunSQL(forbid_changes("retention_tombstone")),
        migrations.RunSQL(forbid_changes("retention_choiceread")),
    ]
