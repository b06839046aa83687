from django.db import migrations

from governance.capture.vault import PERIODS


class Migration(migrations.Migration):
    dependencies = [("capture", "0013_cameras_are_handed_out")]
    operations = [migrations.RunSQL(PERIODS, reverse_sql=migrations.RunSQL.noop)]
