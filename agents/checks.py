"""Django's system check of the registered agents: `manage.py check`, and before a server or a migration begins."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register


def check_agents(**_: Any) -> list[CheckMessage]:
    # Imported where it runs: an app's models are not there yet when its checks are registered.
    from agents.catalog import AGENTS  # noqa: PLC0415
    from agents.compliance import validate  # noqa: PLC0415
    from agents.supervisor import SupervisorAgent  # noqa: PLC0415

    messages: list[CheckMessage] = []
    for kind in (SupervisorAgent, *AGENTS.values()):
        found = validate(kind)
        messages += [Error(says, obj=found.agent, id="agents.E001") for says in found.errors]
        messages += [Warning(says, obj=found.agent, id="agents.W001") for says in found.warnings]
    return messages


def register_checks() -> None:
    register(check_agents)
