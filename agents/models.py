"""Conversations, their messages, the runs that answer them, and the recorded steps of runs."""

import uuid
from typing import ClassVar

from django.db import models

from core.i18n.text import Text, text
from core.models import Owned
from workloads.models import Workload


class Thread(Owned):
    """A conversation."""

    NOT_FOUND: ClassVar[Text] = text("Conversation not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200, blank=True)
    titled_by = models.UUIDField(null=True)  # the message that the title is from; None: the user named it
    pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)  # time of the last question

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-updated_at"], name="threads_by_activity")]

    def __str__(self) -> str:
        return f"thread {self.id}"


class Message(Owned):
    """A user's message in a thread. Its answer is the terminal event of its run."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    client_id = models.UUIDField(null=True)  # made by the client, so that a message sent twice is stored once
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
"""A thread has at most one run in these states."""


class Run(Owned):
    """The answer to one message. `attempt` counts the attempts at it; only the last may write."""

    NOT_FOUND: ClassVar[Text] = text("Run not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.SET_NULL, null=True, related_name="+")
    request_id = models.UUIDField(default=uuid.uuid4)
    connection_id = models.UUIDField()
    authority = models.CharField(max_length=32, blank=True)  # the owner's credential fingerprint at the start
    locale = models.CharField(max_length=35, default="en")
    assumptions = models.JSONField()  # workloads.pricing.assumptions.Assumptions
    time_zone = models.CharField(max_length=64, default="UTC")  # the reader's, an IANA name

    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by_operator = models.BooleanField(default=False)
    degraded = models.BooleanField(default=False)
    error = models.CharField(max_length=40, blank=True)  # an event's code
    ending = models.JSONField(null=True)  # the terminal event: the answer, what is missing, or the error

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

TRIAGE_AGENT = "triage"
"""The agent whose step holds how the question was read."""

ANALYST_AGENT = "analyst"
"""The agent whose step holds the answer to a question that asks for no report."""


class Step(Owned):
    """One agent's finished part of a run: its output and its model's history. After a crash, the run continues after
    the last step."""

    NOT_FOUND: ClassVar[Text] = text("Report not found.")

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


class Feedback(Owned):
    """The user's opinion of an answer, or of the lever of a report that `lever` names."""

    NOT_FOUND: ClassVar[Text] = text("Feedback not found.")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    lever = models.CharField(max_length=60, blank=True)
    helpful = models.BooleanField()
    reason = models.TextField(blank=True)  # the user's words, which operators read only with consent
    at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name_plural = "feedback"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "lever"], name="one_feedback_per_run_and_lever")
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"
