"""Old records of a migration that `manage.py prune` removes: API uses, run paths, shadow results."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from agents.models import Run
from core.db import as_all_users
from core.i18n.text import Text, text
from core.retention import Garbage
from legacy.models import LegacyUse, RunPath, ShadowResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunableMigrationRecords:
    """Rows of one kind that can be removed."""

    what: Text
    rows: QuerySet[Any]

    @as_all_users()
    def find(self) -> Garbage:
        return Garbage(what=self.what, count=self.rows.count())

    @as_all_users()
    def remove(self) -> Garbage:
        return Garbage(what=self.what, count=self.rows.delete()[0])


def list_prunable(before: datetime) -> tuple[PrunableMigrationRecords, ...]:
    """Return the records from before a moment (UTC). A run that has not ended keeps its paths for later attempts."""
    open_runs = Run.objects.filter(ended_at=None).values("id")
    return (
        PrunableMigrationRecords(
            what=text("legacy API usage records"), rows=LegacyUse.objects.filter(day__lt=before.date())
        ),
        PrunableMigrationRecords(
            what=text("rollout assignments"), rows=RunPath.objects.filter(at__lt=before).exclude(run_id__in=open_runs)
        ),
        PrunableMigrationRecords(what=text("shadow results"), rows=ShadowResult.objects.filter(at__lt=before)),
    )
