"""A system has a kind, somebody who answers for it, categories and parts, and may leave the register."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("purposes", "0006_translations_know_their_english"),
    ]
    operations = [
        migrations.AddField("datasystem", "kind", models.CharField(default="other", max_length=20)),
        migrations.AddField(
            "datasystem",
            "owner",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "datasystem",
            "categories",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=8), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            "datasystem",
            "parts",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=300), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField("datasystem", "retired_at", models.DateTimeField(null=True)),
        migrations.AddField("datasystem", "retired_because", models.CharField(blank=True, max_length=300)),
        migrations.AddField("datasystem", "created_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("datasystem", "changed_at", models.DateTimeField(db_default=Now())),
    ]
