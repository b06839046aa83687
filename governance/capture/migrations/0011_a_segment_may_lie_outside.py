from django.db import migrations

from governance.capture.vault import OUTSIDE


class Migration(migrations.Migration):
    dependencies = [("capture", "0010_a_kept_copy_is_tried")]
    operations = [migrations.RunSQL(OUTSIDE, reverse_sql=migrations.RunSQL.noop)]
