import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("draft", "Draft"), ("assessed", "Handed in"), ("approved", "Approved"), ("running", "Running"), ("paused", "Paused"),
    ("ended", "Ended"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0005_what_a_choice_turns_away_is_a_weekly_band"),
        ("purposes", "0002_versions_papers_and_parties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField("programme", "state", models.CharField(choices=STATES, default="draft", max_length=10)),
        migrations.AddField("programme", "terms", models.JSONField(default=dict)),
        migrations.AddField("programme", "permissions", models.JSONField(default=dict)),
        migrations.AddField("programme", "population", models.JSONField(default=dict)),
        migrations.AddField("programme", "hours", models.JSONField(default=list)),
        migrations.AddField("programme", "sampling", models.PositiveSmallIntegerField(default=100)),
        migrations.AddField("programme", "relaunch", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "part",
                    models.CharField(
                        choices=[("advice", "Advice"), ("security", "Security"), ("owner", "Owner")], max_length=10
                    ),
                ),
                ("in_favour", models.BooleanField(default=True)),
                ("words", models.TextField(blank=True)),
                ("terms_sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("programme", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="capture.programme")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=100)),
                ("resolution", models.CharField(max_length=200)),
                ("terms", models.JSONField()),
                ("filed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("evidence", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="purposes.evidence")),
                ("filed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("programme", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="capture.programme")),
            ],
            options={"ordering": ["filed_at"]},
        ),
    ]  # fmt: skip
