"""Django app of the migration kit."""

from datetime import datetime

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_delete

from core.retention import Prunable


class LegacyConfig(AppConfig):
    """Bridges, codemods and rollout for the migration of legacy agents."""

    name = "legacy"
    label = "legacy"
    verbose_name = "Legacy"

    def ready(self) -> None:
        # Imported here, because models are not loaded earlier.
        from legacy.checks import register_checks  # noqa: PLC0415
        from legacy.rollout.changes import redact_mentions  # noqa: PLC0415

        register_checks()
        pre_delete.connect(redact_mentions, sender=settings.AUTH_USER_MODEL)

    def list_prunable(self, before: datetime) -> tuple[Prunable, ...]:
        """Return what `manage.py prune` may remove (core.retention.HasPrunable)."""
        from legacy.retention import list_prunable  # noqa: PLC0415

        return list_prunable(before)
