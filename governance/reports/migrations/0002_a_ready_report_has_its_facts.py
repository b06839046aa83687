from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Facts, not the PDF: a machine without Pango makes reports too, as page and JSON."""

    dependencies = [("reports", "0001_what_is_reported")]

    operations = [
        migrations.RemoveConstraint(model_name="report", name="a_ready_report_has_its_hash"),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(facts_sha256=""), name="a_ready_report_has_its_facts"
            ),
        ),
    ]
