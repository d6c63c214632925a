from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, pre_delete


class PolicyConfig(AppConfig):
    """Who may do what: rules, plans, and which of them decides."""

    name = "tools.policy"
    label = "policy"
    verbose_name = "Policies and plans"

    def ready(self) -> None:
        # Imported here: models are not there before.
        from tools.policy.forgetting import forget_words  # noqa: PLC0415
        from tools.policy.shipped import ship_plans  # noqa: PLC0415

        post_migrate.connect(ship_plans, sender=self)
        pre_delete.connect(forget_words, sender=settings.AUTH_USER_MODEL)
