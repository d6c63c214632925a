"""A pause of all runners of an installation: they finish what they have begun, and begin nothing else."""

from datetime import UTC, datetime

from django.db import transaction

from core.models import RunnerPause

PAUSED = "no job begins here until manage.py drain --end"


def is_paused() -> bool:
    return RunnerPause.objects.exists()


def pause() -> None:
    """Let no runner begin a job until `resume`. Runners learn of it within a second."""
    with transaction.atomic():
        RunnerPause.objects.get_or_create(id=1, defaults={"since": datetime.now(UTC)})


def resume() -> None:
    RunnerPause.objects.all().delete()
