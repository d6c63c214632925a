from datetime import datetime

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_delete

from netra.core.waste import Removable


class LegacyConfig(AppConfig):
    """Bringing agents of the old pattern over: bridges, analyser, codemods, rollout."""

    name = "legacy"
    label = "legacy"
    verbose_name = "Legacy"

    def ready(self) -> None:
        # Imported here: models are not there before.
        from legacy.checks import register_checks  # noqa: PLC0415
        from legacy.rollout.forgetting import forget_words  # noqa: PLC0415

        register_checks()
        pre_delete.connect(forget_words, sender=settings.AUTH_USER_MODEL)

    def waste(self, before: datetime) -> tuple[Removable, ...]:
        """What `manage.py prune` may remove (netra.core.waste.Wasteful)."""
        from legacy.past import past  # noqa: PLC0415

        return past(before)
