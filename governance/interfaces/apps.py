from django.apps import AppConfig


class InterfacesConfig(AppConfig):
    name = "governance.interfaces"
    label = "interfaces"
