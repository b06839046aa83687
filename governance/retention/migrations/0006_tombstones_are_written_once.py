from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("retention", "0005_orders_are_seen_before_they_act")]
    operations = [migrations.RunSQL(forbid_changes("retention_tombstone"))]
