"""A user's consent to an operator reading their conversations, and each use of it."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from agents.models import Thread
from core.i18n.text import Text, text
from core.models import Owned


class Consent(Owned):
    """A request of one operator, for one conversation or (without a thread) all, and the answer of its owner.

    It is valid for that operator only, from `given_at` until `expires_at` or `withdrawn_at`. `operator` is None once
    that account is deleted: then nobody may use it.
    """

    NOT_FOUND: ClassVar[Text] = text("Consent request not found.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, null=True, related_name="+")
    why = models.CharField(max_length=300)  # the operator's words
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        permissions: ClassVar = [
            ("use_operations", "Can use /ops"),
            ("inspect_runs", "Can inspect a user's runs"),
            ("cancel_run", "Can cancel a user's run"),
            ("change_grant", "Can change a user's tool permissions"),
            ("stream_health", "Can view stream health"),
            ("engine_health", "Can view worker health"),
            ("prune", "Can prune old data"),
            ("usage_by_user", "Can view usage and spending by user"),
            ("ask_consent", "Can request access to conversations"),
            ("read_conversation", "Can read conversations with the user's consent"),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "-asked_at"], name="consents_by_time")]

    def __str__(self) -> str:
        return f"consent {self.id}"

    def state(self, now: datetime) -> str:
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.declined_at is not None:
            return "declined"
        if self.given_at is None or self.expires_at is None:
            return "asked"
        return "given" if now < self.expires_at else "expired"


class ConsentUse(Owned):
    """One reading of one conversation, stored before any of it is shown."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="+")
    thread_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["consent", "at"], name="consent_uses_by_time")]

    def __str__(self) -> str:
        return f"use of consent {self.consent_id}"
