import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A report may be made again and again, for one period once; after its time a report ends and leaves its number."""

    dependencies = [
        ("people", "0004_there_is_a_role_for_security"),
        ("reports", "0003_reports_are_sealed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="report", name="expired_at", field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("facts", "Reading the facts"),
                    ("pages", "Making the pages"),
                    ("sealing", "Sealing"),
                    ("signing", "Waiting for its seal"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("expired", "No longer kept"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=30)),
                ("scope", models.JSONField(default=dict)),
                ("language", models.CharField(default="en", max_length=12)),
                (
                    "every",
                    models.CharField(
                        choices=[
                            ("month", "Every month"),
                            ("quarter", "Every quarter"),
                            ("year", "Every year"),
                        ],
                        max_length=10,
                    ),
                ),
                ("next_on", models.DateField()),
                ("fault", models.CharField(blank=True, max_length=64)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to="people.entity",
                    ),
                ),
                ("recipients", models.ManyToManyField(related_name="schedules", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["entity__code", "kind", "made_at"]},
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=10)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="turns", to="reports.report"
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turns",
                        to="reports.schedule",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(fields=("schedule", "period"), name="one_report_of_a_period"),
        ),
    ]
