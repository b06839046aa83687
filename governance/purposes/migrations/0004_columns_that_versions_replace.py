from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("purposes", "0003_every_purpose_has_a_version")]

    operations = [
        migrations.RemoveField("purpose", name)
        for name in (
            "assessment", "automated_decisions", "data_items", "grounds", "people_concerned", "recipients", "security",
            "source", "transfers", "works_council",
        )
    ]  # fmt: skip
