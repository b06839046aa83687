import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0008_a_binding_knows_when_it_was_seen"),
        ("purposes", "0001_the_register"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Wiped",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wiped_at", models.DateTimeField()),
                ("events", models.PositiveIntegerField()),
                ("received_at", models.DateTimeField(db_default=Now())),
                ("device", models.ForeignKey(on_delete=PROTECT, related_name="+", to="capture.device")),
                ("person", models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("purpose", models.ForeignKey(on_delete=PROTECT, related_name="+", to="purposes.purpose")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("device", "person", "wiped_at"), name="one_receipt_of_a_wipe")
                ],
                "indexes": [models.Index(fields=["person", "purpose"], name="capture_wip_person_idx")],
            },
        ),
    ]  # fmt: skip
