"""Texts that a model is writing, as far as they wait in the writer: of each only the latest state.

That is what bounds memory while the database is slow: how much a model writes makes no difference.
"""

from collections.abc import Iterable
from uuid import UUID

from agents.guard import RunItem
from netra.core.events import AgentWriting
from realtime.commit import Job

Text = tuple[UUID, UUID, int]
"""A run, a turn in it, and the number of the text."""


class Latest:
    def __init__(self) -> None:
        self._waiting: dict[Text, Job] = {}

    def replaced(self, job: Job) -> Job | None:
        """From here on this job waits. Returns the one that has waited in vain: a former state of the same text."""
        text = _text(job.item)
        if text is None:
            return None
        former = self._waiting.get(text)
        self._waiting[text] = job
        return former

    def outdated(self, job: Job) -> bool:
        """Whether a job that must wait again need not: a later state of its text waits already. Else it does."""
        text = _text(job.item)
        return text is not None and self._waiting.setdefault(text, job) is not job

    def gone(self, jobs: Iterable[Job]) -> None:
        """These wait no longer."""
        for job in jobs:
            text = _text(job.item)
            if text is not None and self._waiting.get(text) is job:
                del self._waiting[text]


def _text(item: RunItem) -> Text | None:
    # An emitter gives each event an item of its own.
    event = item.events[0] if len(item.events) == 1 else None
    return (item.run_id, event.request_id, event.part) if type(event) is AgentWriting else None
