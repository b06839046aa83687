from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("retention", "0007_a_person_sees_who_looked")]
    operations = [migrations.RunSQL(forbid_changes("retention_choiceread"))]
