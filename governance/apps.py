from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The roof: it owns no tables, only the Celery app, the management commands and the start-up checks."""

    name = "governance"
    label = "governance"

    def ready(self) -> None:
        from governance import checks  # noqa: F401  registers the start-up checks
        from governance.celery import app

        app.set_default()
