from typing import ClassVar

from django.db import models

from legacy.models.path import AgentPath
from netra.core.models import Owned


class RunPath(Owned):
    """Which path a run was given for an agent when it was begun; it keeps to that when another worker goes on.

    Stays when the conversation is deleted: it holds nothing of what was said.
    """

    run_id = models.UUIDField()
    agent = models.CharField(max_length=100)
    path = models.CharField(max_length=20, choices=AgentPath)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run_id", "agent"], name="one_path_per_run_and_agent")]
        verbose_name = "path of a run"
        verbose_name_plural = "paths of runs"

    def __str__(self) -> str:
        return f"{self.agent} of run {self.run_id}: {self.path}"
