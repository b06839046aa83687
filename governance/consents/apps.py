from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "governance.consents"
    label = "consents"
    default_auto_field = "django.db.models.BigAutoField"
