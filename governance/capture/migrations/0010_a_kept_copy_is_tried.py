import uuid

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0009_a_client_tells_that_it_wiped"),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("stream", models.UUIDField(unique=True)),
                ("sealed", models.BinaryField()),
                ("kept_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("asked_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("opened", models.BooleanField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("tried_at__isnull", True)),
                        fields=["asked_at"],
                        name="openings_to_try",
                    )
                ],
            },
        ),
    ]
