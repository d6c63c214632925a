"""A user's conversations: made, renamed, found again, deleted with all that came of them."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agents.models import Message, Thread
from agents.titles import MAX_TITLE
from netra.core import stream
from netra.core.events import ThreadChanged
from netra.core.exceptions import BadInput, NotFound
from netra.core.jsonable import storable
from netra.core.models import OwnedQuerySet
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.text import counted, text

SEARCH_CHARS = 200
SEARCH_WORDS = 8  # each is looked for in every message


def create(user_id: UUID, title: str = "") -> Thread:
    """A conversation without a message. The first question names it where `title` is empty."""
    title = _title(title)
    with as_user(user_id), transaction.atomic():
        thread = Thread.objects.create(owner_id=user_id, title=title)
        stream.append(user_id, ThreadChanged(thread_id=thread.id, title=title))
    return thread


@retry_on_conflict
def rename(user_id: UUID, thread_id: UUID, title: str) -> Thread:
    """Raises NotFound, or BadInput for an empty or oversized title."""
    title = _title(title)
    if not title:
        raise BadInput(text("The title is empty."))
    with as_user(user_id), transaction.atomic():
        thread: Thread | None = Thread.objects.for_user(user_id).select_for_update().filter(id=thread_id).first()
        if thread is None:
            raise NotFound(text("There is no such conversation among yours."))
        thread.title = title
        thread.save(update_fields=["title"])
        stream.append(user_id, ThreadChanged(thread_id=thread.id, title=title))
    return thread


def found(user_id: UUID, words: str = "") -> OwnedQuerySet[Thread]:
    """The user's conversations, the last asked in first; with `words`, those that hold each of them somewhere.

    Raises BadInput for more words than are looked for.
    """
    threads: OwnedQuerySet[Thread] = Thread.objects.for_user(user_id)
    for word in _sought(words):
        said = Message.objects.for_user(user_id).filter(thread=OuterRef("pk"), text__icontains=word)
        threads = threads.filter(Q(title__icontains=word) | Exists(said))
    return threads.order_by("-updated_at")


def _sought(words: str) -> list[str]:
    if len(words) > SEARCH_CHARS or len(words.split()) > SEARCH_WORDS:
        raise BadInput(
            text(
                "The search is too long: enter at most {words} words and {characters} characters.",
                words=SEARCH_WORDS,
                characters=SEARCH_CHARS,
            )
        )
    return list(dict.fromkeys(storable(words).split()))


def _title(title: str) -> str:
    title = storable(" ".join(title.split()))
    if len(title) > MAX_TITLE:
        raise BadInput(
            counted(
                "The title has {n} character; at most {most} are taken.",
                "The title has {n} characters; at most {most} are taken.",
                n=len(title),
                most=MAX_TITLE,
            )
        )
    return title
