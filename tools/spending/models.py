from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from tools.spending.dollars import DollarsField


class Period(models.TextChoices):
    RUN = "run", "each run"
    DAY = "day", "a day (UTC)"
    MONTH = "month", "a calendar month (UTC)"


class Budget(models.Model):
    """How much may be spent within a period: by a user, by each or all together of a group, by each or all together of
    everyone; on all that runs do, or on one tool. Every budget that holds for a step holds it."""

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
    period = models.CharField(max_length=20, choices=Period, default=Period.MONTH)
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
