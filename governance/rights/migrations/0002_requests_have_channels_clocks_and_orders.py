import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0009_orders_say_what_they_do_and_wait"),
        ("rights", "0001_what_is_asked_for"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="request",
            name="channel",
            field=models.CharField(
                choices=[
                    ("portal", "In the portal"),
                    ("letter", "By letter"),
                    ("email", "By e-mail"),
                    ("phone", "By telephone"),
                    ("in_person", "In person"),
                ],
                default="portal",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="extended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="extended_because",
            field=models.CharField(
                blank=True,
                choices=[("complex", "The request is complex"), ("many", "There are many requests")],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="first_due_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="identity_asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="identity_shown_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="logged_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="orders",
            field=models.ManyToManyField(related_name="requests", to="retention.erasureorder"),
        ),
        migrations.AddField(
            model_name="request",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("granted", "Done as asked"),
                    ("partly", "Done in part"),
                    ("refused", "Refused"),
                    ("nothing", "There was nothing to do"),
                ],
                max_length=10,
            ),
        ),
    ]
