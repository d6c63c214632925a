from typing import ClassVar

from django.conf import settings
from django.db import models

from netra.core.models import Owned
from tools.spending.dollars import DollarsField


class Kind(models.TextChoices):
    MODEL = "model"
    TOOL = "tool"


class Spend(Owned):
    """One step and what it cost. Rows are appended, never changed; they stay when the conversation is deleted."""

    # No foreign key: runs live in a room above this one.
    run_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=Kind)
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
    """What one user spent on one thing within one UTC day, as far as prices are known: what budgets add up.

    Told by no budget, so a budget that is made in the middle of its month knows the whole month.
    """

    # No index of its own: the constraint's begins with it.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateTimeField(db_index=True)  # its first moment
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    cost = DollarsField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "day", "kind", "name"], name="one_day_spend_per_user_and_name")
        ]

    def __str__(self) -> str:
        return f"spend of a day {self.pk}"
