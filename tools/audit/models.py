"""The audit's tables: append-only rows, anchors and heads, and the users' subjects.

Ids are texts of 32 hex digits that were drawn for the audit: no column of a row holds a user's id. Digests and MACs are
HMAC-SHA256, 64 hex digits. This code refuses to change a row; the chain shows changes by others."""

from typing import Any, ClassVar, NoReturn, TypeVar

from django.conf import settings
from django.db import models

from core.exceptions import Defect

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class AppendOnlyViolation(Defect):
    """Code tried to change or delete a row of the audit."""

    code = "append_only"


def _refuse_change(*_: Any, **__: Any) -> NoReturn:
    raise AppendOnlyViolation("audit rows are append-only: only tools.audit adds them, and none is changed or deleted")


class AppendOnlyQuerySet(models.QuerySet[M_co]):
    update = delete = bulk_update = update_or_create = _refuse_change
    _update = _raw_delete = _refuse_change


class AppendOnlyModel(models.Model):
    """A table whose rows are only added, by `bulk_create` or plain SQL in the code that chains them."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        # Django itself uses this one for deleting and refreshing.
        base_manager_name = "objects"
        default_permissions = ("view",)

    save = delete = save_base = _refuse_change


class AuditSubject(models.Model):
    """The user of a subject. Deleted with the user: without its key, the rows that stay say nothing about anybody."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    subject = models.CharField(max_length=32, unique=True)
    key = models.CharField(max_length=64)  # of digests, in hex

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"audit subject of {self.owner_id}"


class AuditHead(models.Model):
    """The last row of a subject's chain. Created with the subject, before its first row."""

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
    run = models.CharField(max_length=32, blank=True)  # a digest of the run's id
    agent = models.TextField()
    tool = models.TextField()
    arguments = models.CharField(max_length=64)
    result = models.CharField(max_length=64, blank=True)  # empty without a result
    rule = models.TextField()
    rule_version = models.BigIntegerField()
    outcome = models.CharField(max_length=20)
    code = models.TextField(blank=True)
    duration_ms = models.FloatField()
    cost = models.DecimalField(max_digits=14, decimal_places=8)  # in US dollars
    at = models.DateTimeField()
    key = models.CharField(max_length=8)  # the name of the chain key
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
    """All heads at one moment, under one MAC. `rows` is the number of rows in all chains at that moment."""

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
    """A head that advanced since the anchor before."""

    anchor = models.ForeignKey(AuditAnchor, on_delete=models.PROTECT, related_name="heads", db_index=False)
    subject = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    mac = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["anchor", "subject"], name="anchored_head_unique")]
        indexes: ClassVar = [models.Index(fields=["subject", "seq"], name="anchored_head_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.seq} in anchor {self.anchor_id}"
