from typing import Any, ClassVar

from django.db import models

from legacy.models.rule import RolloutRule
from netra.core.exceptions import Defect


class RolloutVersion(models.Model):
    """What a rule of the rollout said from `at` on, and who changed it why. Appended, never changed.

    The actor has no foreign key: a version outlives them; their id and name are taken out when they are erased
    (netra/accounts/mentions.py).
    """

    rule = models.ForeignKey(RolloutRule, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    said = models.JSONField()
    actor_id = models.UUIDField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="rollout_version_unique_in_rule")
        ]
        verbose_name = "version of a rollout rule"
        verbose_name_plural = "versions of rollout rules"

    def __str__(self) -> str:
        return f"rule {self.rule_id} version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Defect("a version of a rollout rule is never changed")
        super().save(*args, **kwargs)
