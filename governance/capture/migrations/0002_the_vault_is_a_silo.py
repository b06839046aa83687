from django.db import migrations

from governance.capture.vault import CREATE


class Migration(migrations.Migration):
    dependencies = [("capture", "0001_what_comes_in")]
    operations = [migrations.RunSQL(CREATE, reverse_sql="DROP SCHEMA vault CASCADE")]
