from django.db import migrations

from governance.lib.numbers import create_sequences


class Migration(migrations.Migration):
    dependencies = [("people", "0001_who_there_is")]
    operations = [migrations.RunSQL(create_sequences())]
