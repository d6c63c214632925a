from typing import ClassVar

from django.db import models

from tools.base import Category


class Plan(models.Model):
    """What its users may use, and how much of it. An upgrade is to a plan of a higher rank."""

    slug = models.SlugField(max_length=40, unique=True, help_text="Its short name, in the records of what decided.")
    name = models.CharField(max_length=80, unique=True, help_text="As users read it.")
    rank = models.PositiveSmallIntegerField(unique=True, help_text="A higher one is an upgrade.")
    is_default = models.BooleanField(
        "default", default=False, help_text="Of everybody without a subscription, or whose trial is over."
    )
    stored_mb = models.PositiveIntegerField(
        "storage (MiB)",
        null=True,
        blank=True,
        help_text="Mebibytes that a user's logs may take, uploads under way included; empty: NETRA_STORED_BYTES.",
    )

    class Meta:
        ordering: ClassVar = ["rank"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="policy_one_default_plan"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanAllowance(models.Model):
    """A category of tools that a plan includes, with bounds on each tool of it. What it does not include has no row."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="allowances")
    category = models.CharField(max_length=40, choices=[(each.value, each.value) for each in Category])
    per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Calls of one tool that a user may begin in a minute; empty: no bound."
    )
    at_once = models.PositiveIntegerField(
        null=True, blank=True, help_text="Calls of one tool that a user may have under way; empty: no bound."
    )

    class Meta:
        ordering: ClassVar = ["plan", "category"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "category"], name="policy_one_allowance_per_category")
        ]

    def __str__(self) -> str:
        return f"{self.category} in {self.plan_id}"
