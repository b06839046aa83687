import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0002_numbers_are_counted")]
    operations = [
        migrations.AddField(
            model_name="role",
            name="unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="roles", to="people.unit"
            ),
        ),
        migrations.RemoveConstraint(model_name="role", name="one_role_in_force"),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.UniqueConstraint(
                fields=["person", "name", "entity", "unit"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_role_in_force",
            ),
        ),
    ]
