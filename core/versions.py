"""Rules of an installation whose every version is recorded, with its author and the reason."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models, transaction

from core.exceptions import Defect


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """The author of a change, by id and name, and the reason."""

    actor_id: UUID
    actor: str
    why: str


class VersionedRule(models.Model):
    """Base of rules that are changed by `save_version` only. The model of its versions refers to it as `versions`."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def to_version_content(self) -> dict[str, Any]:
        """Return the rule's content as JSON data."""
        raise NotImplementedError

    def save_version(self, change: RuleChange) -> Any:
        """Store the rule, new or changed, as its next version, and return that."""
        with transaction.atomic():
            self.version = 1 if self._state.adding else self._lock_version() + 1
            self.save()
            versions: Any = getattr(self, "versions")  # noqa: B009  # a relation of the derived models
            return versions.create(
                version=self.version,
                said=self.to_version_content(),
                actor_id=change.actor_id,
                changed_by=change.actor,
                why=change.why,
                at=datetime.now(UTC),
            )

    def _lock_version(self) -> int:
        """Return the stored number. Locked, so that two changes at the same time become two versions."""
        rows: models.QuerySet[Any] = type(self)._default_manager.select_for_update().filter(pk=self.pk)
        number: int = rows.values_list("version", flat=True).get()
        return number


class RuleVersion(models.Model):
    """The content (`said`) of a rule from `at` on, its author and the reason. Rows are added, never changed.

    The actor has no foreign key, as a version outlives them. Their id and name are removed when they are erased
    (accounts/erasure.py).
    """

    version = models.PositiveIntegerField()
    said = models.JSONField()
    actor_id = models.UUIDField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Defect("a version of a rule is never changed")
        super().save(*args, **kwargs)
