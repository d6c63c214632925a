from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from legacy.models.path import AgentPath


class RolloutRule(models.Model):
    """For whom an agent takes a path: for a user, for a group, or for a percentage of all users; one of the three.

    Changed through legacy/rollout/changing.py only, which keeps every version. Where it names a user, it goes with
    them, and its versions too.
    """

    agent = models.CharField(max_length=100)
    path = models.CharField(max_length=20, choices=AgentPath)
    percentage = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of all users, 0 to 100: the same ones, and more of them, as it is raised."
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    enabled = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "rollout rule"

    def __str__(self) -> str:
        return f"{self.agent}: {self.path} (rule {self.pk})"
