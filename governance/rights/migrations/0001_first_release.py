import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("rights", "0001_what_is_asked_for"),
        ("rights", "0002_requests_have_channels_clocks_and_orders"),
        ("rights", "0003_nominees_speak_for_people"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_first_release"),
        ("retention", "0001_first_release"),
    ]

    operations = [
        migrations.CreateModel(
            name="Nominee",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("contact", models.CharField(max_length=200)),
                ("named_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                ("representation_id", models.UUIDField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["named_at"],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("access", "See my data"),
                            ("correction", "Correct my data"),
                            ("erasure", "Erase my data"),
                            ("objection", "Object"),
                            ("grievance", "Complain"),
                            ("nomination", "Nominate somebody"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("law", models.CharField(max_length=120)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_on", models.DateField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "In the portal"),
                            ("letter", "By letter"),
                            ("email", "By e-mail"),
                            ("phone", "By telephone"),
                            ("in_person", "In person"),
                            ("guardian", "By their guardian"),
                            ("nominee", "By their nominee"),
                        ],
                        default="portal",
                        max_length=10,
                    ),
                ),
                ("representation_id", models.UUIDField(null=True)),
                ("first_due_on", models.DateField(null=True)),
                (
                    "extended_because",
                    models.CharField(
                        blank=True,
                        choices=[("complex", "The request is complex"), ("many", "There are many requests")],
                        max_length=10,
                    ),
                ),
                ("extended_at", models.DateTimeField(null=True)),
                ("identity_asked_at", models.DateTimeField(null=True)),
                ("identity_shown_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
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
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="people.entity",
                    ),
                ),
                (
                    "logged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("orders", models.ManyToManyField(related_name="requests", to="retention.erasureorder")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_on"],
            },
        ),
    ]
