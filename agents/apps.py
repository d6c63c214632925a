"""The Django app of conversations, runs and agents, with the system check of the registered agents."""

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Conversations"

    def ready(self) -> None:
        register(check_agents)


def check_agents(**_: Any) -> list[CheckMessage]:
    # Imported here, because models are not loaded yet when apps are.
    from agents.framework.registry import AGENTS  # noqa: PLC0415
    from agents.framework.validation import validate_agent  # noqa: PLC0415
    from agents.team.supervisor import SupervisorAgent  # noqa: PLC0415

    messages: list[CheckMessage] = []
    for kind in (SupervisorAgent, *AGENTS.values()):
        report = validate_agent(kind)
        messages += [Error(message, obj=report.agent, id="agents.E001") for message in report.errors]
        messages += [CheckWarning(message, obj=report.agent, id="agents.W001") for message in report.warnings]
    return messages
