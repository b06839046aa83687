"""django-gdpr-assist as its documentation shows it, on rows of one person; run by its own Python.

`python gdpr_assist_app.py ROWS` makes its tables, fills them, has the person's rows made anonymous, and prints
{"rows", "seconds", "left"}.
"""

import json
import os
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

url = urlsplit(os.environ["PEER_URL"])
DATABASE = {
    "ENGINE": "django.db.backends.postgresql", "NAME": url.path.lstrip("/"), "USER": url.username,
    "PASSWORD": unquote(url.password or ""), "PORT": url.port or "",
    "HOST": parse_qs(url.query).get("host", [url.hostname or ""])[0],
}  # fmt: skip
settings.configure(
    DATABASES={"default": DATABASE}, GDPR_LOG_DATABASE_NAME="default",  # its log beside the rows: one commit less for it
    INSTALLED_APPS=["django.contrib.contenttypes", "gdpr_assist", __name__], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    SECRET_KEY="a bench has no secrets",
)  # fmt: skip
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402


class Trace(models.Model):
    person_number = models.CharField(max_length=40, db_index=True)
    mood = models.CharField(max_length=40, null=True)
    value = models.FloatField()

    class PrivacyMeta:
        fields = ["person_number", "mood"]
        search_fields = ["person_number"]

    class Meta:
        app_label = __name__


def main(rows: int) -> None:
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Trace)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Trace._meta.db_table} (person_number, mood, value)"
            " SELECT CASE WHEN i <= %s THEN 'X-1' ELSE 'X-2' END, 'good', i FROM generate_series(1, %s) i",
            [rows, 2 * rows],
        )
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    Trace._privacy_meta.search("X-1").anonymise()
    seconds = time.perf_counter() - began
    print(
        json.dumps(
            {"rows": rows, "seconds": seconds, "left": Trace.objects.filter(person_number="X-1").count()}
        )
    )


main(int(sys.argv[1]))
