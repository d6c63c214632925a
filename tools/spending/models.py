"""The tables of budgets, of money on hold, and of spending by step and by day."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from core.models import Owned
from tools.spending.dollars import DollarsField


class BudgetPeriod(models.TextChoices):
    RUN = "run", "each run"
    DAY = "day", "a day (UTC)"
    MONTH = "month", "a calendar month (UTC)"


class Budget(models.Model):
    """How much may be spent within a period, on all that runs do or on one tool.

    It is a user's, or it is for the users of a group or for everyone: one budget each, or one that they share. A step
    must be within every budget that applies to it.
    """

    name = models.CharField(max_length=80, unique=True, help_text="Users read it when it is used up.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    together = models.BooleanField(
        default=False, help_text="One budget that all of them share. Otherwise each of them has one of their own."
    )
    tool = models.CharField(
        max_length=100, blank=True, help_text="Empty: all that a run does, language models included."
    )
    period = models.CharField(max_length=20, choices=BudgetPeriod, default=BudgetPeriod.MONTH)
    limit = DollarsField(help_text="US dollars. At 0 nothing that the budget holds for is done at all.")
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(group=None), name="budget_of_a_user_or_of_a_group"
            ),
            models.CheckConstraint(condition=models.Q(limit__gte=0), name="budget_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Hold(Owned):
    """Money reserved for a call under way, until its cost is recorded or the reservation expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run_id = models.UUIDField()
    tool = models.CharField(max_length=200)
    cost = DollarsField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="hold_expires")]

    def __str__(self) -> str:
        return f"hold {self.id}"


class SpendKind(models.TextChoices):
    MODEL = "model"
    TOOL = "tool"


class Spend(Owned):
    """A step and its cost. Rows are added, never changed, and stay when the conversation is deleted."""

    # No foreign key: runs are in agents, which this package does not import.
    run_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=SpendKind)
    name = models.CharField(max_length=200)  # of the model or the tool
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    cost = DollarsField(null=True)  # null: the price is not known
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run_id"], name="spend_of_run")]
        verbose_name_plural = "spending"

    def __str__(self) -> str:
        return f"spend {self.pk}"


class DaySpend(Owned):
    """What one user spent on one model or tool within one UTC day, as far as prices are known. Budgets add these up.

    It is recorded without any budget, so a budget that is created within a month counts the whole month.
    """

    # No index of its own: the one of the constraint begins with it.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateTimeField(db_index=True)  # its first moment
    kind = models.CharField(max_length=20, choices=SpendKind)
    name = models.CharField(max_length=200)
    cost = DollarsField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "day", "kind", "name"], name="one_day_spend_per_user_and_name")
        ]

    def __str__(self) -> str:
        return f"spend of a day {self.pk}"
