from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from tools.base import Category, Effect
from tools.policy.models.plan import Plan


class Policy(models.Model):
    """A rule of the installation. Changed through tools/policy/changing.py only, which keeps every version.

    Where it names a user, it goes with them, and its versions too. A group or plan that a policy names is not deleted:
    a deny would be gone without anybody saying so.
    """

    effect = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Effect])
    tool = models.CharField(max_length=80, blank=True, help_text="Empty, and no category: every tool.")
    category = models.CharField(max_length=40, blank=True, choices=[(each.value, each.value) for each in Category])
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    limits = models.JSONField(
        "argument limits",
        default=dict,
        blank=True,
        help_text='Of allow and ask only, as in {"name": {"max_length": 40}}; see docs/policies.md.',
    )
    valid_from = models.DateTimeField(null=True, blank=True, help_text="UTC; empty: at once.")
    valid_until = models.DateTimeField(null=True, blank=True, help_text="UTC; empty: until it is switched off.")
    priority = models.IntegerField(
        default=0, help_text="Among allow and ask the highest decides. A deny wins whatever its priority."
    )
    enabled = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True, help_text="What the user is told; empty: a plain sentence.")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = "policies"
        ordering: ClassVar = ["-priority", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(group=None, plan=None) | Q(group=None, user=None) | Q(plan=None, user=None),
                name="policy_names_one_at_most",
            )
        ]

    def __str__(self) -> str:
        return f"policy {self.pk}: {self.effect} {self.tool or self.category or 'every tool'}"
