"""What notices say of an entity is changed by two people; an entity has languages in which people are told."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("people", "0004_there_is_a_role_for_security")]
    operations = [
        migrations.AddField(
            "entity",
            "languages",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=12), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField("entity", "changed_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("entity", "told_changed_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "EntityChange",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("said", models.JSONField(default=dict)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(models.CharField(max_length=40), size=None),
                ),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("answered_at", models.DateTimeField(null=True)),
                ("agreed", models.BooleanField(null=True)),
                (
                    "asked_by",
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
                        related_name="changes",
                        to="people.entity",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=~Q(asked_by=F("second")), name="nobody_agrees_to_their_own_change"
                    ),
                    models.UniqueConstraint(
                        fields=["entity"],
                        condition=Q(answered_at__isnull=True),
                        name="one_open_change_of_an_entity",
                    ),
                ],
            },
        ),
    ]
