from typing import ClassVar

from django.db import models

from agents.models.run import Run
from netra.core.models import Owned

REPORTING = "reporting"
"""The agent whose step holds the report."""


class Step(Owned):
    """One agent's finished part of a run: what it hands on and its model's history. A crash resumes after the last."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    agent = models.CharField(max_length=40)
    attempt = models.PositiveIntegerField()
    output = models.JSONField()
    messages = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "agent"], name="one_step_per_agent_and_run")]

    def __str__(self) -> str:
        return f"step {self.agent} of run {self.run_id}"
