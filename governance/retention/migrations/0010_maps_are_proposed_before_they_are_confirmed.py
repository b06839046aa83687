from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0009_orders_say_what_they_do_and_wait"),
    ]

    operations = [
        migrations.AddField(
            model_name="datamap",
            name="proposal",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="datamap",
            name="proposal_asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="datamap",
            name="proposed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
