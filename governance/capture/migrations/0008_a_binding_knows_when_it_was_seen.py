from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("capture", "0007_a_stop_can_be_asked_for")]

    operations = [migrations.AddField("binding", "seen_at", models.DateTimeField(null=True))]
