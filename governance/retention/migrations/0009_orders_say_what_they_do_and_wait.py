import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("purposes", "0009_periods_begin_with_contracts_and_days"),
        ("retention", "0008_who_looked_is_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hold",
            name="a_hold_names_what_it_holds",
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="action",
            field=models.CharField(
                choices=[("erase", "Erase"), ("anonymise", "Anonymise")], default="erase", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="retention.erasureorder",
            ),
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="notice_delivered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="notice_hours",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="notice_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="erasureorder",
            name="rule",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="purposes.retentionrule",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="agreed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="lapsed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="lapses_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="silent",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="hold",
            name="system",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legal_holds",
                to="purposes.datasystem",
            ),
        ),
        migrations.AlterField(
            model_name="erasureorder",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("held", "Held"),
                    ("erasing", "Being erased"),
                    ("partly", "Partly done"),
                    ("needs_attention", "Needs attention"),
                    ("restricted_hold", "Kept locked away"),
                    ("retention_conflict", "Two laws disagree"),
                    ("done", "Done"),
                    ("merged", "Part of another order"),
                    ("called_off", "Called off"),
                ],
                default="waiting",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("person__isnull", False),
                    ("purpose__isnull", False),
                    ("system__isnull", False),
                    _connector="OR",
                ),
                name="a_hold_names_what_it_holds",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_by__isnull", True),
                    models.Q(("agreed_by", models.F("placed_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_lawyers_place_a_hold",
            ),
        ),
    ]
