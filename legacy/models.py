"""Tables of a migration: rollout rules and their versions, run paths, shadow results, uses of the legacy API."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from core.exceptions import Defect
from core.models import Owned
from core.versions import RuleVersion, VersionedRule
from tools.spending.dollars import DollarsField

if not apps.is_installed("legacy"):
    raise Defect("the migration kit is not loaded: set NETRA_LEGACY=warn (docs/migration.md)")


class AgentPath(models.TextChoices):
    """The form of an agent in a run. On `shadow` the legacy one works, and the modern one runs for comparison."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    MODERN = "modern"


class RolloutRule(VersionedRule):
    """The path of an agent for a user, a group or a percentage of all users: one of the three.

    It is only changed by `save_version`, which stores each version. A rule for a user is deleted with
    the user, and so are its versions.
    """

    agent = models.CharField(max_length=100)
    path = models.CharField(max_length=20, choices=AgentPath)
    percentage = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of all users, 0 to 100: the same ones, and more of them, as it is raised."
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    enabled = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0, editable=False)  # the default of the table from the beginning

    class Meta:
        verbose_name = "rollout rule"

    def __str__(self) -> str:
        return f"{self.agent}: {self.path} (rule {self.pk})"

    def to_version_content(self) -> dict[str, Any]:
        return {
            "agent": self.agent,
            "path": str(self.path),
            "percentage": self.percentage,
            "group_id": self.group_id,
            "user_id": str(self.user_id) if self.user_id else None,
            "enabled": self.enabled,
        }


class RolloutVersion(RuleVersion):
    """One version of a rollout rule."""

    rule = models.ForeignKey(RolloutRule, on_delete=models.CASCADE, related_name="versions")

    class Meta(RuleVersion.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="rollout_version_unique_in_rule")
        ]
        verbose_name = "rollout rule version"
        verbose_name_plural = "rollout rule versions"

    def __str__(self) -> str:
        return f"rule {self.rule_id} version {self.version}"


class RunPath(Owned):
    """The path of an agent that was chosen when a run began. Later attempts at the run keep it.

    It stays when the conversation is deleted, because it contains nothing of it.
    """

    run_id = models.UUIDField()
    agent = models.CharField(max_length=100)
    path = models.CharField(max_length=20, choices=AgentPath)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run_id", "agent"], name="one_path_per_run_and_agent")]
        verbose_name = "rollout assignment"
        verbose_name_plural = "rollout assignments"

    def __str__(self) -> str:
        return f"{self.agent} of run {self.run_id}: {self.path}"


class ShadowVerdict(models.TextChoices):
    """How the modern agent's output compares with the legacy one's."""

    EQUAL = "equal"
    DIFFERS = "differs"
    FAILED = "failed"


class ShadowResult(Owned):
    """The result of one shadow of a run: names of fields, durations and codes, but no values.

    `fields` are names that the output's class declares, never keys of a user's data.
    """

    run_id = models.UUIDField()
    agent = models.CharField(max_length=100)
    verdict = models.CharField(max_length=20, choices=ShadowVerdict)
    fields = models.JSONField()
    error = models.CharField(max_length=40, blank=True)  # the code of the failure
    legacy_ms = models.PositiveIntegerField()
    modern_ms = models.PositiveIntegerField()
    cost = DollarsField(default=0)  # of language models, as far as prices are known; the user is not charged
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_id", "agent"], name="one_shadow_per_run_and_agent")
        ]
        verbose_name = "shadow result"
        verbose_name_plural = "shadow results"

    def __str__(self) -> str:
        return f"{self.agent} of run {self.run_id}: {self.verdict}"


class LegacyUse(models.Model):
    """How often an agent used a part of the legacy API on a day (UTC), by line of its code.

    It belongs to no user and names none.
    """

    day = models.DateField()
    agent = models.CharField(max_length=100)
    what = models.CharField(max_length=100)
    file = models.CharField(max_length=250)
    line = models.PositiveIntegerField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "agent", "what", "file", "line"], name="legacy_use_once")
        ]
        verbose_name = "legacy API use"
        verbose_name_plural = "legacy API usage"

    def __str__(self) -> str:
        return f"{self.agent}: {self.what} at {self.file}:{self.line}"
