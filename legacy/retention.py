"""What is known of the migration's former days: uses, paths of runs, results of shadows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from agents.models import Run
from legacy.models import LegacyUse, RunPath, ShadowResult
from netra.core.waste import Waste
from netra.language.text import Text, text


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRecords:
    """Rows of one kind that no figure needs any longer."""

    what: Text
    rows: QuerySet[Any]

    def found(self) -> Waste:
        return Waste(what=self.what, count=self.rows.count())

    def remove(self) -> Waste:
        return Waste(what=self.what, count=self.rows.delete()[0])


def past(before: datetime) -> tuple[PastRecords, ...]:
    """Of before a moment (aware, UTC). A run that has not ended keeps its paths: another worker may go on with it."""
    open_runs = Run.objects.filter(ended_at=None).values("id")
    return (
        PastRecords(
            what=text("uses of the old pattern, by line"), rows=LegacyUse.objects.filter(day__lt=before.date())
        ),
        PastRecords(
            what=text("paths of runs"), rows=RunPath.objects.filter(at__lt=before).exclude(run_id__in=open_runs)
        ),
        PastRecords(what=text("results of shadows"), rows=ShadowResult.objects.filter(at__lt=before)),
    )
