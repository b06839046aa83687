"""Translations from before are taken as made from the English that stood beside them: nothing else is known of them."""

from typing import Any

from django.db import migrations


def know(apps: Any, schema_editor: Any) -> None:
    Text = apps.get_model("purposes", "NoticeText")
    english = dict(Text.objects.filter(language="en").values_list("notice_id", "sha256"))
    for text in Text.objects.filter(english_sha256=""):
        if digest := english.get(text.notice_id):
            Text.objects.filter(pk=text.pk).update(english_sha256=digest)


class Migration(migrations.Migration):
    dependencies = [("purposes", "0005_approved_versions_stay")]

    operations = [migrations.RunPython(know, migrations.RunPython.noop)]
