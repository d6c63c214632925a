"""System checks of the agents that only the roster contains which NETRA_ROSTER names."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning


def check_roster(**_: Any) -> list[CheckMessage]:
    # Imported here, because models are not loaded when checks are registered.
    from agents.framework.registry import AGENTS, load_agent_selector  # noqa: PLC0415
    from agents.framework.validation import validate_agent  # noqa: PLC0415
    from core.exceptions import OperatorError  # noqa: PLC0415
    from legacy.rollout.roster import Rollout  # noqa: PLC0415

    try:
        roster = load_agent_selector(settings.NETRA.roster)
    except OperatorError:
        return []  # reported by netra.checks
    if not isinstance(roster, Rollout):
        return []
    messages: list[CheckMessage] = []
    for kind in (*roster.modern.values(), *roster.legacy.values()):
        if kind in AGENTS.values():
            continue  # checked by agents.checks
        found = validate_agent(kind)
        messages += [Error(says, obj=found.agent, id="legacy.E002") for says in found.errors]
        messages += [CheckWarning(says, obj=found.agent, id="legacy.W002") for says in found.warnings]
    return messages


def register_checks() -> None:
    register(check_roster)
