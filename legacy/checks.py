"""System checks of the roster that NETRA_ROSTER names, and of the agents that only it contains."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string


def check_roster(**_: Any) -> list[CheckMessage]:
    # Imported here, because models are not loaded when checks are registered.
    from agents.framework.registry import AGENTS  # noqa: PLC0415
    from agents.framework.validation import validate_agent  # noqa: PLC0415
    from core.exceptions import Defect  # noqa: PLC0415
    from legacy.rollout.roster import Rollout  # noqa: PLC0415

    name = settings.NETRA.roster
    try:
        roster = import_string(name)
    except (ImportError, Defect) as error:
        return [Error(f"NETRA_ROSTER={name} cannot be used: {error}", id="legacy.E001")]
    if not isinstance(roster, Rollout):
        return []
    messages: list[CheckMessage] = []
    for kind in (*roster.modern.values(), *roster.legacy.values()):
        if kind in AGENTS.values():
            continue  # checked by agents.checks
        found = validate_agent(kind)
        messages += [Error(says, obj=found.agent, id="legacy.E002") for says in found.errors]
        messages += [Warning(says, obj=found.agent, id="legacy.W002") for says in found.warnings]
    return messages


def register_checks() -> None:
    register(check_roster)
