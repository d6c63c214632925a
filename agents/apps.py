"""The Django app of conversations, runs and agents."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Conversations"

    def ready(self) -> None:
        # Imported here, because the settings are complete only now.
        from agents.checks import register_checks  # noqa: PLC0415

        register_checks()
