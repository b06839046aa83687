import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    replaces = [("audit", "0001_what_happened_is_written_down"), ("audit", "0002_entries_are_written_once")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("first", models.PositiveBigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("kid", models.CharField(blank=True, max_length=64)),
                ("signature", models.BinaryField(default=b"")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("code", models.CharField(max_length=64)),
                ("by_id", models.UUIDField(null=True)),
                ("about_kind", models.CharField(blank=True, max_length=40)),
                ("about_id", models.UUIDField(null=True)),
                ("facts", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["code", "id"], name="audit_entry_code_c7915b_idx"),
                    models.Index(fields=["about_id", "id"], name="audit_entry_about_i_0cd6c4_idx"),
                    models.Index(fields=["by_id", "id"], name="audit_entry_by_id_caeead_idx"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="audit.checkpoint",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaf", to="audit.entry"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunSQL(forbid_changes("audit_entry")),
        migrations.RunSQL(forbid_changes("audit_leaf")),
        migrations.RunSQL(forbid_changes("audit_checkpoint")),
    ]
