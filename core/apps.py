"""The configuration of the app "core"."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Users and events"
    label = "core"

    def ready(self) -> None:
        # Imported here: models can be imported only now.
        from core.checks import register_checks  # noqa: PLC0415

        register_checks()
