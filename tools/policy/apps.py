"""The Django app of policies and plans."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, pre_delete


class PolicyConfig(AppConfig):
    name = "tools.policy"
    label = "policy"
    verbose_name = "Policies and plans"

    def ready(self) -> None:
        # Imported here: models are not loaded before.
        from tools.policy.models import redact_mentions  # noqa: PLC0415
        from tools.policy.plans import create_initial_plans  # noqa: PLC0415

        post_migrate.connect(create_initial_plans, sender=self)
        pre_delete.connect(redact_mentions, sender=settings.AUTH_USER_MODEL)
