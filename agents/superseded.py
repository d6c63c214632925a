"""A model's text takes the place of what was told while it was written, in the log too.

No reader loses anything by it: each state is the whole text so far, and what follows them all is the text itself. So
the stream's floor stays where it is, and a position among them can be gone on from.
"""

from collections.abc import Sequence
from uuid import UUID

from netra.core.events import AgentThinking, Event
from netra.core.models import Event as EventRow


def forget_writing(user_id: UUID, events: Sequence[Event]) -> None:
    """Delete what whole texts among `events` take the place of; in the transaction that stores these, after them."""
    for event in events:
        if isinstance(event, AgentThinking) and event.part is not None:
            _forget(user_id, event, event.part)


def _forget(user_id: UUID, text: AgentThinking, part: int) -> None:
    states = EventRow.objects.for_user(user_id).filter(
        run_id=text.run_id,
        type="agent_writing",
        payload__request_id=str(text.request_id),
        # Former texts too: one that broke off has no whole.
        payload__part__lte=part,
    )
    # Who erases the run at this moment deletes them as well, and is not waited for.
    found = list(states.select_for_update(skip_locked=True).values_list("id", flat=True))
    if found:
        EventRow.objects.for_user(user_id).filter(id__in=found).delete()
