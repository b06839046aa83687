from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0011_a_name_opens_for_two")]
    operations = [
        migrations.CreateModel(
            name="ReadingProgram",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("entity_id", models.UUIDField()),
                ("name", models.CharField(max_length=100)),
                ("operator", models.CharField(blank=True, max_length=200)),
            ],
        ),
    ]
