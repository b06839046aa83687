from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0004_what_arrives_in_excess_is_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="band",
            name="not_permitted",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
