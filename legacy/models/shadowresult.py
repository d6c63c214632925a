from typing import ClassVar

from django.db import models

from netra.core.models import Owned
from tools.spending.dollars import DollarsField


class Verdict(models.TextChoices):
    """What came of the modern agent beside the legacy one."""

    EQUAL = "equal"
    DIFFERS = "differs"
    FAILED = "failed"


class ShadowResult(Owned):
    """How one modern agent did in the shadow of a run. Names of fields, durations and codes: nothing that was found.

    `fields` are names that the output's class declares, never keys of anybody's data.
    """

    run_id = models.UUIDField()
    agent = models.CharField(max_length=100)
    verdict = models.CharField(max_length=20, choices=Verdict)
    fields = models.JSONField()
    error = models.CharField(max_length=40, blank=True)  # the code of the failure
    legacy_ms = models.PositiveIntegerField()
    modern_ms = models.PositiveIntegerField()
    cost = DollarsField(default=0)  # of language models, as far as prices are known; the user is not charged
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_id", "agent"], name="one_shadow_per_run_and_agent")
        ]
        verbose_name = "result of a shadow"
        verbose_name_plural = "results of shadows"

    def __str__(self) -> str:
        return f"{self.agent} of run {self.run_id}: {self.verdict}"
