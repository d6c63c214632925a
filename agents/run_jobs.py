"""The job of a run, for whoever starts or stops one."""

from agents.models import Run
from core.jobs.job import Job

RUN = "run"
"""The kind of the jobs that make runs. Their key is the run's id, and their lock its conversation's."""
RUNS_AT_ONCE = 8
"""Of one user, over all processes."""


def build_run_job(run: Run, *, queue: str = "") -> Job:
    """Return the job that makes a run. With a `queue`, only a runner of that name makes it, until that is lost."""
    return Job(
        kind=RUN, key=str(run.id), owner=run.owner_id, lock=str(run.thread_id), at_once=RUNS_AT_ONCE, queue=queue
    )
