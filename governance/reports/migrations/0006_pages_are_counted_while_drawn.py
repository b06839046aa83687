from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever waits for a long document sees how many pages are drawn, of about how many."""

    dependencies = [("reports", "0005_several_reports_leave_in_one_parcel")]

    operations = [
        migrations.AddField(
            model_name="report", name="pages_about", field=models.PositiveIntegerField(null=True)
        )
    ]
