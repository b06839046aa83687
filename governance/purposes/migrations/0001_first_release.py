import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

STAY = """
CREATE FUNCTION approved_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NULL THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
       OR (NEW.purpose_id, NEW.number, NEW.content, NEW.sha256, NEW.author_id, NEW.editors, NEW.submitted_by_id, NEW.approved_by_id, NEW.approved_at)
          IS DISTINCT FROM
          (OLD.purpose_id, OLD.number, OLD.content, OLD.sha256, OLD.author_id, OLD.editors, OLD.submitted_by_id, OLD.approved_by_id, OLD.approved_at)
       OR NEW.state IN ('draft', 'in_review')
       OR (OLD.state IN ('superseded', 'discarded') AND NEW.state <> OLD.state)
    THEN
        RAISE EXCEPTION 'an approved version stays: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purposes_purposeversion_stays BEFORE UPDATE OR DELETE ON purposes_purposeversion
    FOR EACH ROW EXECUTE FUNCTION approved_version_stays();
"""
UNDO = """
DROP TRIGGER purposes_purposeversion_stays ON purposes_purposeversion;
DROP FUNCTION approved_version_stays();
"""


class Migration(migrations.Migration):
    replaces = [
        ("purposes", "0001_the_register"),
        ("purposes", "0002_versions_papers_and_parties"),
        ("purposes", "0003_every_purpose_has_a_version"),
        ("purposes", "0004_columns_that_versions_replace"),
        ("purposes", "0005_approved_versions_stay"),
        ("purposes", "0006_translations_know_their_english"),
        ("purposes", "0007_systems_are_a_register"),
        ("purposes", "0008_two_laws_may_disagree_on_retention"),
        ("purposes", "0009_periods_begin_with_contracts_and_days"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0001_first_release"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.SlugField(max_length=40)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("signer", models.CharField(max_length=200)),
                ("signed_on", models.DateField()),
                ("expires_on", models.DateField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("approved", "Approved"), ("refused", "Refused")],
                        default="approved",
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("file_type", models.CharField(max_length=100)),
                ("file_size", models.PositiveIntegerField()),
                ("file_sha256", models.CharField(max_length=64)),
                ("filed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.TextField(blank=True)),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "-signed_on"],
            },
        ),
        migrations.CreateModel(
            name="DataSystem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("holds", models.TextField()),
                ("country", models.CharField(max_length=2)),
                ("kind", models.CharField(default="other", max_length=20)),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), blank=True, default=list, size=None
                    ),
                ),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), blank=True, default=list, size=None
                    ),
                ),
                ("retired_at", models.DateTimeField(null=True)),
                ("retired_because", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="systems",
                        to="people.entity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="EvidenceFile",
            fields=[
                (
                    "evidence",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="purposes.evidence",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=12, unique=True)),
                ("controller_name", models.CharField(max_length=200)),
                ("controller_contact", models.CharField(max_length=300)),
                ("controller_country", models.CharField(max_length=2)),
                ("representative", models.CharField(blank=True, max_length=300)),
                ("dpo", models.CharField(blank=True, max_length=300)),
                ("categories", models.TextField()),
                ("subprocessors", models.JSONField(blank=True, default=list)),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), blank=True, default=list, size=None
                    ),
                ),
                ("safeguards", models.TextField(blank=True)),
                (
                    "security",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("security_note", models.TextField(blank=True)),
                ("contract", models.CharField(blank=True, max_length=200)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="people.entity",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Processor",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("contact", models.CharField(blank=True, max_length=300)),
                ("country", models.CharField(max_length=2)),
                ("contract", models.CharField(blank=True, max_length=200)),
                ("contract_from", models.DateField(blank=True, null=True)),
                ("contract_until", models.DateField(blank=True, null=True)),
                (
                    "clauses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("subprocessors", models.JSONField(blank=True, default=list)),
                ("tool", models.CharField(blank=True, max_length=20)),
                ("assessed_on", models.DateField(blank=True, null=True)),
                ("security_note", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="processors",
                        to="people.entity",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Purpose",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=12, unique=True)),
                (
                    "ordinal",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.text.Substr("number", 3), models.IntegerField()
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("retired", "Retired"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("asks_from_notice", models.PositiveIntegerField(default=0)),
                ("review_on", models.DateField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("paused_because", models.CharField(blank=True, max_length=300)),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
                ("uses", models.TextField(blank=True)),
                ("kind", models.CharField(default="other", max_length=20)),
                ("function", models.CharField(blank=True, max_length=40)),
                (
                    "people_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                (
                    "jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None
                    ),
                ),
                ("basis_eu", models.CharField(blank=True, max_length=2)),
                ("ground_in", models.CharField(blank=True, max_length=4)),
                ("asks_consent", models.BooleanField(default=False)),
                ("trains_ai", models.BooleanField(default=False)),
                ("item_count", models.PositiveIntegerField(default=0)),
                (
                    "processor_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "recipient_countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                ("longest", models.CharField(blank=True, max_length=8)),
                ("missing", models.JSONField(default=list)),
                ("missing_count", models.PositiveIntegerField(default=0)),
                ("verdict", models.CharField(blank=True, max_length=16)),
                ("verdict_on", models.DateField(null=True)),
                ("verdict_next", models.JSONField(default=list)),
                ("retention_conflicts", models.JSONField(default=list)),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purposes",
                        to="people.entity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purposes_owned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "systems",
                    models.ManyToManyField(blank=True, related_name="purposes", to="purposes.datasystem"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purposes",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "ordering": ["ordinal"],
                "indexes": [
                    models.Index(fields=["ordinal"], name="purposes_pu_ordinal_59c9ec_idx"),
                    models.Index(fields=["entity", "ordinal"], name="purposes_pu_entity__c43d15_idx"),
                    models.Index(fields=["unit", "ordinal"], name="purposes_pu_unit_id_969a66_idx"),
                    models.Index(fields=["owner", "ordinal"], name="purposes_pu_owner_i_9a035b_idx"),
                    models.Index(
                        fields=["entity", "state", "ordinal"], name="purposes_pu_entity__036463_idx"
                    ),
                    models.Index(fields=["review_on", "ordinal"], name="purposes_pu_review__3e2d29_idx"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search"], name="purposes_pu_search_68d3cb_gin"
                    ),
                    models.Index(
                        condition=models.Q(("retention_conflicts", []), _negated=True),
                        fields=["entity", "ordinal"],
                        name="where_two_laws_disagree",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("rule_id", models.CharField(max_length=20)),
                ("signal", models.SlugField(blank=True, max_length=40)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("advice", models.TextField(blank=True)),
                ("advised_on", models.DateField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("decided_on", models.DateField(null=True)),
                ("relaxed", models.BooleanField(null=True)),
                ("until", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "ended_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["rule_id", "asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("purpose", "rule_id", "signal"),
                        name="one_living_override",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("advised_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="who_advises_does_not_decide",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True), ("advised_by__isnull", False), _connector="OR"
                        ),
                        name="advice_comes_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.PositiveIntegerField()),
                ("purpose_version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["purpose", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "version"), name="one_notice_per_version")
                ],
            },
        ),
        migrations.AddField(
            model_name="evidence",
            name="purpose",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="purposes.purpose"
            ),
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("because", models.CharField(max_length=20)),
                ("on", models.DateField()),
                ("outcome", models.CharField(max_length=16)),
                ("by_law", models.JSONField()),
                ("result", models.JSONField()),
                ("facts_sha256", models.CharField(max_length=64)),
                ("pack_version", models.CharField(max_length=40)),
                ("pack_sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["purpose", "-at"],
                "indexes": [
                    models.Index(fields=["purpose", "-at"], name="purposes_ev_purpose_a592f1_idx"),
                    models.Index(fields=["at"], name="purposes_ev_at_436793_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("item", models.SlugField(max_length=40)),
                ("why_needed", models.TextField()),
                ("what_less", models.TextField()),
                ("justified", models.BooleanField()),
                ("decided_on", models.DateField()),
                ("until", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "decided_by",
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
                        related_name="assessments",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["item", "-decided_on"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("purpose", "item"),
                        name="one_living_assessment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("decided_on"))),
                        name="an_assessment_ends_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurposeGroupObjectPermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="purposes.purpose"),
                ),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.group")),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("group", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="PurposeUserObjectPermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="purposes.purpose"),
                ),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.CreateModel(
            name="PurposeVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("in_force", "In force"),
                            ("superseded", "Replaced"),
                            ("discarded", "Given up"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "editors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("submitted_at", models.DateTimeField(null=True)),
                ("sent_back_because", models.TextField(blank=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approval_note", models.TextField(blank=True)),
                ("in_force_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("material", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "author",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="purposes.purpose",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["purpose", "-number"],
                "indexes": [
                    models.Index(fields=["in_force_at", "ended_at"], name="purposes_pu_in_forc_2c2fd8_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "number"), name="one_version_of_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")),
                        fields=("purpose",),
                        name="one_version_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("draft", "in_review", "approved"))),
                        fields=("purpose",),
                        name="one_open_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_approves_their_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("draft", "in_review", "discarded")),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="approved_has_its_approver",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("category", models.CharField(max_length=200)),
                ("jurisdiction", models.CharField(blank=True, max_length=8)),
                (
                    "start_event",
                    models.CharField(
                        choices=[
                            ("collected", "collected"),
                            ("consent_ended", "consent ended"),
                            ("purpose_ended", "purpose ended"),
                            ("employment_ended", "employment ended"),
                            ("last_activity", "last activity"),
                            ("year_ended", "end of the year"),
                            ("decided", "decision"),
                            ("closed", "case closed"),
                            ("contract_ended", "contract ended"),
                            ("fixed_date", "a fixed day"),
                        ],
                        default="collected",
                        max_length=20,
                    ),
                ),
                ("minimum", models.CharField(blank=True, max_length=8)),
                ("maximum", models.CharField(blank=True, max_length=8)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("erase", "Erase"),
                            ("anonymise", "Anonymise"),
                            ("restrict", "Restrict, then erase"),
                        ],
                        default="erase",
                        max_length=12,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=300)),
                ("applies_from", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retention_rules",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["jurisdiction", "category"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("purpose", "category", "jurisdiction", "start_event"),
                        name="one_living_rule_of_a_category",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                ("why", models.TextField()),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "purpose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="purposes.purpose",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "code"), name="a_signal_is_declared_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=300)),
                ("elements", models.JSONField()),
                ("english_sha256", models.CharField(blank=True, max_length=64)),
                ("is_demo", models.BooleanField(default=False)),
                ("reviewed_by", models.CharField(blank=True, max_length=200)),
                ("reviewed_on", models.DateField(null=True)),
                ("sha256", models.CharField(editable=False, max_length=64)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="purposes.notice",
                    ),
                ),
            ],
            options={
                "ordering": ["language"],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "language"), name="one_text_per_language")
                ],
            },
        ),
        migrations.RunSQL(STAY, UNDO),
    ]
