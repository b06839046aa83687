from django.db import migrations


class Migration(migrations.Migration):
    """Nothing asks who did what by the person alone: every entry paid for it, and its places lay as scattered as ids are."""

    dependencies = [("audit", "0001_first_release")]

    operations = [migrations.RemoveIndex(model_name="entry", name="audit_entry_by_id_caeead_idx")]
