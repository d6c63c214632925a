"""The project as a Django app: it owns the project-wide management commands and the system checks."""

from django.apps import AppConfig


class NetraConfig(AppConfig):
    """Installed so that Django finds the management commands and `ready` registers the system checks."""

    name = "netra"
    label = "netra"

    def ready(self) -> None:
        # Imported here: models can be imported only now.
        from netra.checks import register_checks  # noqa: PLC0415
        from netra.row_security_check import register_row_security_check  # noqa: PLC0415

        register_checks()
        register_row_security_check()
