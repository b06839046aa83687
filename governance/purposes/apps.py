from django.apps import AppConfig


class PurposesConfig(AppConfig):
    name = "governance.purposes"
    label = "purposes"
    default_auto_field = "django.db.models.BigAutoField"
