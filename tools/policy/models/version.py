from typing import Any, ClassVar

from django.db import models

from netra.core.exceptions import Defect
from tools.policy.models.policy import Policy


class PolicyVersion(models.Model):
    """What a policy said from `at` on, and who changed it why. Appended, never changed.

    The actor has no foreign key: a version outlives them; their id and name are taken out when they are erased
    (netra/accounts/mentions.py).
    """

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    said = models.JSONField()
    actor_id = models.UUIDField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "version"], name="policy_version_unique_in_policy")
        ]

    def __str__(self) -> str:
        return f"policy {self.policy_id} version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Defect("a version of a policy is never changed")
        super().save(*args, **kwargs)
