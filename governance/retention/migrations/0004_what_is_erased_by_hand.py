import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


def to(model, name="+", **more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model, **more)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("purposes", "0001_the_register"),
        ("retention", "0003_orders_know_when_processing_ended"),
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
                ("made_at", models.DateTimeField(db_default=Now())),
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
                ("system", to("purposes.datasystem")),
                ("person", to(settings.AUTH_USER_MODEL)),
                ("purpose", to("purposes.purpose", null=True)),
                ("owner", to(settings.AUTH_USER_MODEL)),
                ("filed_by", to(settings.AUTH_USER_MODEL, null=True)),
                ("second_by", to(settings.AUTH_USER_MODEL, null=True)),
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
                        condition=models.Q(accepted_at__isnull=True)
                        | (
                            models.Q(filed_by__isnull=False)
                            & models.Q(second_by__isnull=False)
                            & ~models.Q(filed_by=models.F("second_by"))
                        ),
                        name="a_second_person_looked",
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
    ]
