import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0006_programmes_are_decided"),
        ("incidents", "0001_what_went_wrong"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Relaunch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("opened_at", models.DateTimeField(db_default=Now())),
                ("asked_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("results", models.JSONField(default=dict)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.OneToOneField(on_delete=PROTECT, related_name="relaunch", to="incidents.incident"),
                ),
                (
                    "programme",
                    models.ForeignKey(on_delete=PROTECT, related_name="relaunches", to="capture.programme"),
                ),
            ],
            options={"ordering": ["-opened_at"]},
        ),
        migrations.CreateModel(
            name="RelaunchSignature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("dpo", "Data protection officer"),
                            ("owner", "Owner"),
                            ("security", "Security"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
                (
                    "person",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "relaunch",
                    models.ForeignKey(on_delete=PROTECT, related_name="signatures", to="incidents.relaunch"),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("relaunch", "part"), name="one_relaunch_signature_per_part"
                    ),
                    models.UniqueConstraint(
                        fields=("relaunch", "person"), name="nobody_signs_a_relaunch_twice"
                    ),
                ],
            },
        ),
    ]
