"""Which kinds of waste an operator's tool removes: the rooms' below. Expired sign-ins are left to `manage.py prune`."""

from datetime import datetime, timedelta
from pathlib import Path

from agents.oldevents import OldEvents
from agents.scratch import OrphanedScratch
from netra.core.waste import Removable
from tools.quota.past import PastSlots
from workloads.orphans import OrphanedFiles
from workloads.pastuploads import PastUploads


def prunable(data_dir: Path, days: int, now: datetime) -> tuple[Removable, ...]:
    """Events of runs that ended more than so many days before `now` (aware, UTC), and what nobody owns any more."""
    return (
        OldEvents(ended_before=now - timedelta(days=days)),
        PastUploads(data_dir=data_dir, now=now),
        OrphanedFiles(data_dir=data_dir, now=now),
        OrphanedScratch(data_dir=data_dir, now=now),
        PastSlots(now=now),
    )
