"""Django system check of the registered agents."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register


def check_agents(**_: Any) -> list[CheckMessage]:
    # Imported where it runs: an app's models are not there yet when its checks are registered.
    from agents.framework.registry import AGENTS  # noqa: PLC0415
    from agents.framework.validation import validate_agent  # noqa: PLC0415
    from agents.team.supervisor import SupervisorAgent  # noqa: PLC0415

    messages: list[CheckMessage] = []
    for kind in (SupervisorAgent, *AGENTS.values()):
        found = validate_agent(kind)
        messages += [Error(says, obj=found.agent, id="agents.E001") for says in found.errors]
        messages += [Warning(says, obj=found.agent, id="agents.W001") for says in found.warnings]
    return messages


def register_checks() -> None:
    register(check_agents)
