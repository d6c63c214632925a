from django.conf import settings
from django.db import models

from tools.policy.models.plan import Plan


class Subscription(models.Model):
    """The plan of one user; without one, the default plan is theirs. Goes with the user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    trial_ends = models.DateTimeField(
        null=True, blank=True, help_text="UTC. From then on the default plan is the user's; empty: no trial."
    )

    def __str__(self) -> str:
        return f"plan of {self.user_id}"
