"""The tables of policies with their versions, of plans with their allowances, of subscriptions and of role grants;
and the changes of policies that no form makes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import Q

from core.models import User
from core.users import ERASED_NAME, compile_mentions
from core.versions import RuleChange, RuleVersion, VersionedRule
from tools.base import Category, PolicyEffect


class Plan(models.Model):
    """The tools and the storage that users of a plan may use. An upgrade is a plan with a higher rank."""

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
    """A category of tools that a plan includes, with the quota of each tool. A category that it lacks has no row."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="allowances")
    category = models.CharField(max_length=40, choices=[(category.value, category.value) for category in Category])
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


class Subscription(models.Model):
    """The plan of one user, who otherwise has the default plan. Deleted with the user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    trial_ends = models.DateTimeField(
        null=True, blank=True, help_text="UTC. From then on the default plan is the user's; empty: no trial."
    )

    def __str__(self) -> str:
        return f"plan of {self.user_id}"


VERSIONED_FIELDS = (
    *("effect", "tool", "category", "group_id", "plan_id", "user_id"),
    *("limits", "valid_from", "valid_until", "priority", "enabled", "reason"),
)


class Policy(VersionedRule):
    """A rule of the installation. It is changed only by `save_version`, which records every version.

    A policy that names a user is deleted with them, and so are its versions. A group or plan that a policy names cannot
    be deleted: a deny would disappear without a decision.
    """

    effect = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PolicyEffect])
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
        return f"policy {self.pk}: {self.effect} {self.tool or self.category or 'all tools'}"

    def to_version_content(self) -> dict[str, Any]:
        return {name: _to_plain(getattr(self, name)) for name in VERSIONED_FIELDS}


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


class PolicyVersion(RuleVersion):
    """One version of a policy."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")

    class Meta(RuleVersion.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "version"], name="policy_version_unique_in_policy")
        ]

    def __str__(self) -> str:
        return f"policy {self.policy_id} version {self.version}"


class RoleGrant(models.Model):
    """Records that a role was given a permission ("app.codename"), or with none that its group was created.

    It is given only once, so that an installation can take it away for good (accounts/roles.py).
    """

    role = models.CharField(max_length=150)
    permission = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "permission"], name="policy_granted_once_to_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"


def disable_policy(policy: Policy, change: RuleChange) -> None:
    """Disable a policy as a new version. Its versions stay readable."""
    with transaction.atomic():
        row = Policy.objects.select_for_update().get(pk=policy.pk)
        if not row.enabled:
            return
        row.enabled = False
        row.save_version(change)


def redact_mentions(instance: User, **_: Any) -> None:
    """Remove a user's id, name and address from policies and their versions, before the user is deleted."""
    word = compile_mentions(instance)
    for policy in Policy.objects.exclude(reason="").iterator():
        if word.search(policy.reason):
            Policy.objects.filter(pk=policy.pk).update(reason=word.sub(ERASED_NAME, policy.reason)[:300])
    for row in PolicyVersion.objects.iterator():
        why, reason = word.sub(ERASED_NAME, row.why), str(row.said.get("reason", ""))
        content = row.said | {"reason": word.sub(ERASED_NAME, reason)} if reason else row.said
        if (why, content) != (row.why, row.said):
            PolicyVersion.objects.filter(pk=row.pk).update(why=why, said=content)
