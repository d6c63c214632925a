"""The audit as rows. Ids are texts of 32 hex digits that were drawn for the audit: no column holds a user's id.

Digests and macs are HMAC-SHA256, 64 hex digits.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from tools.audit.appendonly import AppendOnlyModel


class AuditSubject(models.Model):
    """Who a subject is. Goes with the user, and with it the key: what rows still hold then tells nothing of anybody."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    subject = models.CharField(max_length=32, unique=True)
    key = models.CharField(max_length=64)  # of digests, in hex

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"audit subject of {self.owner_id}"


class AuditHead(models.Model):
    """How far a subject's chain has come; made with the subject, before its first row."""

    subject = models.CharField(max_length=32, primary_key=True)
    seq = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"audit of {self.subject} up to {self.seq}"


class AuditRow(AppendOnlyModel):
    """One attempt at a tool. `seq` counts the subject's rows from 1; `actor` is the operator's subject, if any."""

    subject = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    actor = models.CharField(max_length=32, blank=True)
    run = models.CharField(max_length=32, blank=True)  # made of the run's id with the subject's key
    agent = models.TextField()
    tool = models.TextField()
    arguments = models.CharField(max_length=64)
    result = models.CharField(max_length=64, blank=True)  # empty where there was none
    rule = models.TextField()
    rule_version = models.BigIntegerField()
    outcome = models.CharField(max_length=20)
    code = models.TextField(blank=True)
    duration_ms = models.FloatField()
    cost = models.DecimalField(max_digits=14, decimal_places=8)  # in US dollars
    at = models.DateTimeField()
    key = models.CharField(max_length=8)  # which chain key made the mac
    previous = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        verbose_name = "audit row"
        constraints: ClassVar = [models.UniqueConstraint(fields=["subject", "seq"], name="audit_row_seq_unique")]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="audit_row_at"),
            models.Index(fields=["tool"], name="audit_row_tool"),
            models.Index(fields=["rule"], name="audit_row_rule"),
        ]

    def __str__(self) -> str:
        return f"row {self.seq} of {self.subject}"


class AuditAnchor(AppendOnlyModel):
    """All heads at one moment, under one mac. `rows` is how many rows there were then, in all chains together."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    rows = models.BigIntegerField()
    key = models.CharField(max_length=8)
    previous = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        verbose_name = "audit anchor"

    def __str__(self) -> str:
        return f"anchor {self.seq}"


class AnchoredHead(AppendOnlyModel):
    """A head that had moved on since the anchor before."""

    anchor = models.ForeignKey(AuditAnchor, on_delete=models.PROTECT, related_name="heads", db_index=False)
    subject = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    mac = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["anchor", "subject"], name="anchored_head_unique")]
        indexes: ClassVar = [models.Index(fields=["subject", "seq"], name="anchored_head_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.seq} in anchor {self.anchor_id}"
