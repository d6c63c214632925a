"""The Django app of tools. Registers the system checks of the tools' declarations."""

from django.apps import AppConfig
from django.core.checks import register


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        # Imported here: tools import models, which are not loaded before.
        from tools.checks import check_tools  # noqa: PLC0415

        register(check_tools)
