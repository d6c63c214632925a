"""The project as a Django app: it owns the project-wide management commands and the system checks."""

from django.apps import AppConfig


class NetraConfig(AppConfig):
    """The top room as an app: home of the management commands that need the whole house, and of the system checks."""

    name = "netra"
    label = "netra"

    def ready(self) -> None:
        # Imported here: settings are complete only now.
        from netra.checks import register_checks  # noqa: PLC0415

        register_checks()
