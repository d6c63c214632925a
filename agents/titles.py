"""What a conversation is called where nobody has named it: by its first question."""

from collections.abc import Iterable
from uuid import UUID

from agents.models import Message, Run, Thread
from netra.core import stream
from netra.core.events import ThreadChanged
from netra.core.models import Event

MAX_TITLE = 200


def title_of(asked: str) -> str:
    return asked.strip().splitlines()[0][:MAX_TITLE]


def forget_title(user_id: UUID, thread_id: UUID, deleted: Iterable[str]) -> None:
    """Name a conversation anew that is called by a question which was deleted, here and where its title was told.

    In a transaction that holds the conversation and the stream.
    """
    thread = Thread.objects.for_user(user_id).get(id=thread_id)
    before = thread.title
    if before not in {title_of(text) for text in deleted}:
        return
    first = Message.objects.for_user(user_id).filter(thread_id=thread_id).order_by("created_at", "id").first()
    thread.title = "" if first is None else title_of(first.text)
    thread.save(update_fields=["title"])
    _forget_told(user_id, thread, before)
    stream.append(user_id, ThreadChanged(thread_id=thread_id, title=thread.title))


def _forget_told(user_id: UUID, thread: Thread, before: str) -> None:
    told = Event.objects.for_user(user_id)
    told.filter(type="thread_changed", payload__thread_id=str(thread.id), payload__title=before).delete()
    runs = Run.objects.for_user(user_id).filter(thread=thread).values("id")
    # These tell more than the title, so they stay, and say what holds now.
    for event in told.filter(type="run_queued", run_id__in=runs, payload__title=before):
        Event.objects.filter(pk=event.pk).update(payload=event.payload | {"title": thread.title})
