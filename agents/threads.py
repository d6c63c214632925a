"""Create, rename, pin and search a user's conversations, and update their titles: by what was understood of the first
question, unless the user has named the conversation."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef, Q

from agents.locks import lock_user
from agents.models import Message, Run, Thread
from core.db import as_user, retry_on_conflict, to_params, to_uuid, to_uuid_param
from core.events import ThreadChanged
from core.exceptions import BadInput, NotFound
from core.i18n.text import plural_text, text
from core.json_data import to_storable
from core.models import Event, OwnedQuerySet
from core.stream import append
from core.stream.append import Publish

MAX_TITLE = 200  # characters
SEARCH_CHARS = 200
SEARCH_WORDS = 8  # each is searched for in every message
MAX_ALIKE, TITLE_NUMBER = 100, 8  # titles that are looked at, and what " (100)" and more take of one
MAX_PINNED = 20  # conversations of one user: a snapshot has all of them

FIGURE_KINDS, SCOPE_KINDS = ("measure", "by"), ("compare", "filter", "period")


def create_thread(user_id: UUID, title: str = "", *, publish: Publish) -> Thread:
    """Create a conversation without messages. If `title` is empty, the first question becomes the title."""
    title = _clean_title(title)
    with as_user(user_id, atomic=True):
        thread = Thread.objects.create(owner_id=user_id, title=title)
        append.append_events(user_id, ThreadChanged(thread_id=thread.id, title=title), publish=publish)
    return thread


@retry_on_conflict
def rename_thread(user_id: UUID, thread_id: UUID, title: str, *, publish: Publish) -> Thread:
    """Rename a conversation. Raises NotFound, or BadInput for an empty or oversized title."""
    title = _clean_title(title)
    if not title:
        raise BadInput(text("Enter a title."))
    with as_user(user_id, atomic=True):
        thread: Thread = Thread.objects.select_for_update().get_for(user_id, thread_id)
        thread.title, thread.titled_by = title, None
        thread.save(update_fields=["title", "titled_by"])
        append.append_events(user_id, describe_thread(thread), publish=publish)
    return thread


@retry_on_conflict
def pin_thread(user_id: UUID, thread_id: UUID, pinned: bool, *, publish: Publish) -> Thread:
    """Pin a conversation to the top of the list, or unpin it. Raises NotFound, and BadInput beyond MAX_PINNED."""
    with as_user(user_id, atomic=True):
        lock_user(user_id)  # another process may be pinning another conversation
        thread: Thread = Thread.objects.select_for_update().get_for(user_id, thread_id)
        others = Thread.objects.for_user(user_id).filter(pinned=True).exclude(id=thread_id)
        if pinned and others.count() >= MAX_PINNED:
            message = plural_text(
                "You can pin {n} conversation. Unpin it first.",
                "You can pin {n} conversations. Unpin another one first.",
                n=MAX_PINNED,
            )
            raise BadInput(message)
        thread.pinned = pinned
        thread.save(update_fields=["pinned"])
        append.append_events(user_id, describe_thread(thread), publish=publish)
    return thread


def update_thread(user_id: UUID, thread_id: UUID, title: str, message_id: UUID) -> str:
    """Lock the conversation of a new question, update its time, and give it the title unless it has one.
    Return its title. Raises NotFound.

    `message_id` is that of the question. Plain SQL, as it is executed for each follow-up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Thread._meta.db_table} SET updated_at = %s, title = CASE title WHEN '' THEN %s ELSE title END, "
            "titled_by = CASE title WHEN '' THEN %s ELSE titled_by END WHERE id = %s AND owner_id = %s RETURNING title",
            to_params((datetime.now(UTC), title, message_id, thread_id, user_id)),
        )
        found = cursor.fetchone()
    if found is None:
        raise NotFound(Thread.NOT_FOUND)
    return str(found[0])


def title_conversation(user_id: UUID, run_id: UUID, answer: Any) -> ThreadChanged | None:
    """Title the conversation that a run's question has begun by the figure that it was understood to ask for, and
    return the event to append. Call it in the transaction that stores the answer.

    A title that the user gave stays, and so does the question where the answer is not about one figure. Nor is one
    changed that somebody else has locked: they are renaming or deleting it.
    """
    title = build_title(answer) if isinstance(answer, Mapping) else ""
    if not title:
        return None
    wait = "FOR UPDATE OF t SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with as_user(user_id), connection.cursor() as cursor:  # the writer itself can't read conversations
        cursor.execute(
            f"SELECT t.id, t.pinned FROM {Thread._meta.db_table} t JOIN {Run._meta.db_table} r ON r.thread_id = t.id "
            f"WHERE r.id = %s AND t.owner_id = %s AND t.titled_by = r.message_id AND t.title <> %s {wait}",
            [to_uuid_param(run_id), to_uuid_param(user_id), title],
        )
        found = cursor.fetchone()
        if found is None:
            return None
        title = _make_distinct(cursor, user_id, title, found[0])
        cursor.execute(f"UPDATE {Thread._meta.db_table} SET title = %s WHERE id = %s", [title, found[0]])
    return ThreadChanged(thread_id=to_uuid(found[0]), title=title, pinned=bool(found[1]))


def _make_distinct(cursor: CursorWrapper, user_id: UUID, title: str, thread_id: Any) -> str:
    """Return the title, with a number if another conversation of the user has it: "Spend by team (2)".

    `thread_id` is its own, as the database has it. Plain SQL, as it is executed for each answer.
    """
    start = title[: MAX_TITLE - TITLE_NUMBER]
    cursor.execute(
        f"SELECT title FROM {Thread._meta.db_table} "
        "WHERE owner_id = %s AND id <> %s AND substr(title, 1, %s) = %s LIMIT %s",
        [to_uuid_param(user_id), thread_id, len(start), start, MAX_ALIKE],
    )
    taken = {each for (each,) in cursor.fetchall()}
    numbered = (f"{title[: MAX_TITLE - TITLE_NUMBER]} ({number})" for number in range(2, MAX_ALIKE + 2))
    return next((each for each in (title, *numbered) if each not in taken), title)


def build_title(answer: Mapping[str, Any]) -> str:
    """Return a title such as "Spend by team, 2026-10-01 to 2026-10-31" from an answer's JSON; "" without a figure."""
    chips = [(chip["kind"], chip["label"]) for chip in answer.get("understood") or ()]
    figure = " ".join(label for kind in FIGURE_KINDS for found, label in chips if found == kind)
    if answer.get("kind") != "answer" or not any(kind == FIGURE_KINDS[0] for kind, _ in chips):
        return ""
    scope = [label for kind in SCOPE_KINDS for found, label in chips if found == kind]
    return " ".join(", ".join((figure, *scope)).split())[:MAX_TITLE]


def search_threads(user_id: UUID, words: str = "") -> OwnedQuerySet[Thread]:
    """Return the user's conversations, most recently used first; with `words`, those that contain every word.

    Raises BadInput for too many words.
    """
    threads: OwnedQuerySet[Thread] = Thread.objects.for_user(user_id)
    for word in _parse_search_words(words):
        messages = Message.objects.for_user(user_id).filter(thread=OuterRef("pk"), text__icontains=word)
        threads = threads.filter(Q(title__icontains=word) | Exists(messages))
    return threads.order_by("-updated_at")


def derive_title(question: str) -> str:
    return question.strip().splitlines()[0][:MAX_TITLE]


def replace_deleted_title(user_id: UUID, thread_id: UUID, deleted: Iterable[str], *, publish: Publish) -> None:
    """Rename a conversation whose title is from a deleted question, in its row and in the events that name it.

    Call it in a transaction that has locked the conversation and the stream.
    """
    thread = Thread.objects.for_user(user_id).get(id=thread_id)
    questions = {derive_title(text) for text in deleted}
    messages = Message.objects.for_user(user_id).filter(thread_id=thread_id)
    is_gone = thread.titled_by is not None and not messages.filter(id=thread.titled_by).exists()
    if not is_gone and thread.title not in questions:
        return
    before = {thread.title, *questions}
    first = messages.order_by("created_at", "id").first()
    thread.title, thread.titled_by = ("", None) if first is None else (derive_title(first.text), first.id)
    thread.save(update_fields=["title", "titled_by"])
    _replace_title_in_events(user_id, thread, before)
    append.append_events(user_id, describe_thread(thread), publish=publish)


def describe_thread(thread: Thread) -> ThreadChanged:
    """Return the event that tells a conversation's title and whether it is pinned."""
    return ThreadChanged(thread_id=thread.id, title=thread.title, pinned=thread.pinned)


def _replace_title_in_events(user_id: UUID, thread: Thread, before: Collection[str]) -> None:
    events = Event.objects.for_user(user_id)
    events.filter(type="thread_changed", payload__thread_id=str(thread.id), payload__title__in=list(before)).delete()
    runs = Run.objects.for_user(user_id).filter(thread=thread).values("id")
    # These events hold more than the title, so they stay and get the new one.
    for event in events.filter(type="run_queued", run_id__in=runs, payload__title__in=list(before)):
        Event.objects.filter(pk=event.pk).update(payload=event.payload | {"title": thread.title})


def _parse_search_words(words: str) -> list[str]:
    if len(words) > SEARCH_CHARS or len(words.split()) > SEARCH_WORDS:
        raise BadInput(
            text(
                "The search is too long: enter at most {words} words and {characters} characters.",
                words=SEARCH_WORDS,
                characters=SEARCH_CHARS,
            )
        )
    return list(dict.fromkeys(to_storable(words).split()))


def _clean_title(title: str) -> str:
    title = to_storable(" ".join(title.split()))
    if len(title) > MAX_TITLE:
        raise BadInput(
            plural_text(
                "The title has {n} character; the limit is {most}.",
                "The title has {n} characters; the limit is {most}.",
                n=len(title),
                most=MAX_TITLE,
            )
        )
    return title
