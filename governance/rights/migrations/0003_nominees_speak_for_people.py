from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_requests_have_channels_clocks_and_orders")]
    operations = [
        migrations.AlterModelOptions("nominee", options={"ordering": ["named_at"]}),
        migrations.AddField("nominee", "representation_id", models.UUIDField(null=True)),
        migrations.AddField("request", "representation_id", models.UUIDField(null=True)),
        migrations.AlterField(
            "request",
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
    ]
