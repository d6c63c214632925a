"""Conversations, their messages, the runs that answer them, and the recorded steps of runs."""

import uuid
from typing import ClassVar

from django.db import models

from core.models import Owned
from workloads.models import Workload


class Thread(Owned):
    """A conversation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)  # when it was last asked in

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-updated_at"], name="threads_by_activity")]

    def __str__(self) -> str:
        return f"thread {self.id}"


class Message(Owned):
    """What a person said in a thread. Answers are the terminal events of runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    client_id = models.UUIDField(null=True)  # made by the client, so that a message sent twice is one
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "client_id"], name="one_message_per_client_id")
        ]

    def __str__(self) -> str:
        return f"message {self.id}"


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING_APPROVAL = "waiting_approval"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATES = (RunState.RUNNING, RunState.WAITING_APPROVAL)
"""States in which a run holds its thread."""


class Run(Owned):
    """One answer to one message. `attempt` counts the workers that took it up; only the last may write."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.SET_NULL, null=True, related_name="+")
    request_id = models.UUIDField(default=uuid.uuid4)
    connection_id = models.UUIDField()
    authority = models.CharField(max_length=32, blank=True)  # core.authority.stamp of its owner when it was asked for
    locale = models.CharField(max_length=35, default="en")
    assumptions = models.JSONField()  # workloads.pricing.prices.Assumptions

    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by_operator = models.BooleanField(default=False)
    degraded = models.BooleanField(default=False)
    error = models.CharField(max_length=40, blank=True)  # an event's code
    ending = models.JSONField(null=True)  # the terminal event: answer, what is missing, or what went wrong

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["thread"], condition=models.Q(state__in=OPEN_STATES), name="one_open_run_per_thread"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="run_queue")]

    def __str__(self) -> str:
        return f"run {self.id}"


REPORTING_AGENT = "reporting"
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
