"""Django app of the migration kit, and its system checks of the agents that only NETRA_ROSTER names."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.db.models.signals import pre_delete

from core.retention import Prunable


class LegacyConfig(AppConfig):
    """Bridges, codemods and rollout for the migration of legacy agents."""

    name = "legacy"
    label = "legacy"
    verbose_name = "Legacy migration"

    def ready(self) -> None:
        # Imported here, because models are not loaded earlier.
        from legacy.rollout.roster import redact_mentions  # noqa: PLC0415

        register(check_roster)
        pre_delete.connect(redact_mentions, sender=settings.AUTH_USER_MODEL)

    def list_prunable(self, before: datetime) -> tuple[Prunable, ...]:
        """Return what `manage.py prune` may remove (core.retention.HasPrunable)."""
        from legacy.retention import list_prunable  # noqa: PLC0415

        return list_prunable(before)


def check_roster(**_: Any) -> list[CheckMessage]:
    """Check the agents of a rollout's roster that the product's own registry does not contain."""
    # Imported here, because models are not loaded when this module is imported.
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
    for agent_class in (*roster.modern.values(), *roster.legacy.values()):
        if agent_class in AGENTS.values():
            continue  # checked by agents.apps
        result = validate_agent(agent_class)
        messages += [Error(error, obj=result.agent, id="legacy.E002") for error in result.errors]
        messages += [CheckWarning(warning, obj=result.agent, id="legacy.W002") for warning in result.warnings]
    return messages
