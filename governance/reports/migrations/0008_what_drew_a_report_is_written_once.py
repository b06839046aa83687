from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_what_drew_a_report_is_kept")]
    operations = [migrations.RunSQL(forbid_changes("reports_edition"))]
