from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_proofs_are_written_once")]
    operations = [
        migrations.AddField("erasureorder", "not_searched", models.JSONField(default=list)),
        migrations.AddField("erasureorder", "processed_until", models.DateField(null=True)),
        migrations.RunSQL(
            "UPDATE retention_erasureorder SET processed_until = law_on", migrations.RunSQL.noop
        ),
        migrations.AlterField("erasureorder", "processed_until", models.DateField()),
    ]
