import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_first_release")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="outside_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.entity"
            ),
        ),
    ]
