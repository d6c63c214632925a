"""The Django app of tools. Registers the system checks of the tools' declarations."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        register(check_declarations)


def check_declarations(**_: Any) -> Sequence[CheckMessage]:
    # Imported here: tools import models, which are not loaded before, and most commands need none of them.
    from tools.checks import check_tools  # noqa: PLC0415

    return check_tools()
